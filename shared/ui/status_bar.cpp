// What the last answer cost, and what went wrong in words.
#include <algorithm>
#include <cstdio>

#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {
constexpr float kShortestMs = 0.5f;  // browsers' clocks tick in tenths: shorter times would give no rate
}  // namespace

void status_bar(const Panel& panel) {
  const App& app = panel.app;
  const Theme& theme = panel.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetContentRegionAvail().y, width = ImGui::GetContentRegionAvail().x;
  const bool busy = panel.session.busy();
  const float middle = at.y + height / 2;
  ImGui::GetWindowDrawList()->AddCircleFilled({at.x + 4, middle}, 4, busy ? theme.accent : theme.track, 16);
  std::string line;
  if (panel.model == nullptr) {
    line = panel.session.workers() > 0 ? "Ready" : "Starting";
  } else if (app.measured_count == 0) {
    line = panel.model->can_sample ? "Waiting for the first pictures" : "Ready";
  } else if (app.milliseconds < kShortestMs) {
    line = grouped(app.measured_count) + " in under " + fixed(kShortestMs, 1) + " ms";
  } else {
    char out[160];
    const double ms = std::max(app.milliseconds, 1e-3);
    const double rate = app.measured_count / ms * 1000;
    const double gflops = 2 * static_cast<double>(panel.model->multiply_adds) * rate / 1e9;
    std::snprintf(out, sizeof out, "%.*f ms", ms < 10 ? 2 : 1, ms);
    line = out;
    line += " \xc2\xb7 " + short_number(rate) + " images/s";
    if (gflops > 0) {
      std::snprintf(out, sizeof out, " \xc2\xb7 %.*f GFLOP/s", gflops < 10 ? 1 : 0, gflops);
      line += out;
    }
    line += " \xc2\xb7 " + std::to_string(app.measured_workers) +
            (app.measured_workers == 1 ? " worker" : " workers");
  }
  float room = width - kSpace4;
  if (app.scratch.told_seconds > 0) {
    const ImVec2 told = text_size(app.scratch.told, Font::label);
    text_at({at.x + width - told.x, middle - told.y / 2}, app.scratch.told, Font::label, theme.accent);
    room -= told.x + kSpace3;
  }
  Mark mark;
  mark.name = "status";
  mark.role = Role::status;
  mark.label = app.scratch.told_seconds > 0 ? app.scratch.told + ". " + line : line;
  panel.app.begin_group("");
  panel.app.mark(std::move(mark), at, {at.x + width, at.y + height});
  const float line_height = text_size(line, Font::small).y;
  text_at({at.x + kSpace4, middle - line_height / 2}, line, Font::small, theme.muted, room);
}

void error_banner(const Panel& panel) {
  std::vector<Error>& errors = panel.app.errors;
  if (errors.empty()) return;
  const Theme& theme = panel.theme;
  const Error error = errors.back();
  const float width = ImGui::GetContentRegionAvail().x;
  const float room = width - 3 * kSpace3 - kControlHeight;
  const std::string title = errors.size() > 1
                                ? "Something went wrong (1 of " + std::to_string(errors.size()) + ")"
                                : std::string("Something went wrong");
  ImGui::PushFont(font(Font::small));
  const ImVec2 body =
      ImGui::CalcTextSize(error.message.c_str(), error.message.c_str() + error.message.size(), false, room);
  ImGui::PopFont();
  const float height = body.y + 2 * kSpace3 + 22;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(at, {at.x + width, at.y + height}, theme.error_soft, kRadius);
  list->AddRectFilled(at, {at.x + 3, at.y + height}, theme.error, kRadius, ImDrawFlags_RoundCornersLeft);
  Mark mark;
  mark.name = "error";
  mark.role = Role::alert;
  mark.label = error.message;
  panel.app.mark(std::move(mark), at, {at.x + width, at.y + height});
  text_at({at.x + kSpace4, at.y + kSpace3}, title, Font::strong, theme.error, room);
  ImGui::SetCursorScreenPos({at.x + kSpace4, at.y + kSpace3 + 22});
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + room);
  ImGui::PushFont(font(Font::small));
  ImGui::PushStyleColor(ImGuiCol_Text, theme.text);
  ImGui::TextUnformatted(error.message.c_str(), error.message.c_str() + error.message.size());
  ImGui::PopStyleColor();
  ImGui::PopFont();
  ImGui::PopTextWrapPos();
  ImGui::SetCursorScreenPos({at.x + width - kControlHeight - kSpace2, at.y + kSpace2});
  if (button(panel, "error.close", "\xc3\x97", ButtonKind::plain, kControlHeight, true, "Close the message"))
    errors.pop_back();
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, height});
  space(kSpace3);
  ImGui::Dummy({0, 0});
}

}  // namespace lc::ui
