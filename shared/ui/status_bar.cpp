// What the last answer cost, and what went wrong in words.
#include <algorithm>
#include <cstdio>

#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {
constexpr float kShortestMs = 0.5f;  // browsers' clocks tick in tenths: shorter times would give no rate

// What the pictures on show cost: in short, and all of it.
struct Cost {
  std::string line, detail;
};
Cost cost_of(const App& app, const session::ModelInfo& model) {
  const bool one = app.measured_count == 1;
  Cost out;
  out.line = grouped(app.measured_count) + (one ? " picture in " : " pictures in ");
  if (app.milliseconds < kShortestMs) {
    out.line += "under " + fixed(kShortestMs, 1) + " ms";
    return out;
  }
  const double rate = app.measured_count / app.milliseconds * 1000;
  out.line += fixed(static_cast<float>(app.milliseconds), app.milliseconds < 10 ? 1 : 0) + " ms";
  out.detail = short_number(rate) + " pictures/s";
  if (model.multiply_adds > 0)
    out.detail +=
        " \xc2\xb7 " + short_number(2 * static_cast<double>(model.multiply_adds) * rate / 1e9) + " GFLOP/s";
  out.detail += " \xc2\xb7 " + std::to_string(app.measured_workers) +
                (app.measured_workers == 1 ? " worker" : " workers");
  return out;
}

// Elsewhere other pictures are shown than those that were timed.
bool times(const Panel& panel) {
  return panel.tab == Tab::sample || panel.tab == Tab::models || panel.tab == Tab::about;
}
}  // namespace

void status_bar(const Panel& panel) {
  const App& app = panel.app;
  const Theme& theme = panel.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetContentRegionAvail().y, width = ImGui::GetContentRegionAvail().x;
  const float middle = at.y + height / 2;
  const bool busy = panel.session.busy();
  Cost cost;
  if (panel.model == nullptr) {
    cost.line = panel.session.workers() > 0 ? "Ready" : "Starting";
  } else if (app.measured_count == 0) {
    cost.line = panel.model->can_sample ? "Waiting for the first pictures" : "Ready";
  } else if (times(panel) && panel.model->figure == session::Figure::picture && panel.model->can_sample) {
    cost = cost_of(app, *panel.model);
  }
  const std::string spoken = cost.line;
  // What no button says is said here.
  if (app.scratch.told_seconds > 0 && app.scratch.told_by.empty()) cost = {app.scratch.told, ""};
  ImGui::Dummy({width, height});
  if (ImGui::IsItemHovered() && !cost.detail.empty()) cost.line += " \xc2\xb7 " + cost.detail;
  if (busy || !cost.line.empty())
    ImGui::GetWindowDrawList()->AddCircleFilled({at.x + 4, middle}, 4, busy ? theme.accent : theme.track, 16);
  Mark mark;
  mark.name = "status";
  mark.role = Role::status;
  mark.label = app.scratch.told_seconds > 0 ? app.scratch.told + ". " + spoken : spoken;
  panel.app.begin_group("");
  panel.app.mark(std::move(mark), at, {at.x + width, at.y + height});
  text_at({at.x + kSpace4, middle - text_size(cost.line, Font::small).y / 2}, cost.line, Font::small,
          theme.muted, width - kSpace4);
}

void error_banner(const Panel& panel) {
  std::vector<Error>& errors = panel.app.errors;
  if (errors.empty()) return;
  const Theme& theme = panel.theme;
  const Error error = errors.back();
  const float width = ImGui::GetContentRegionAvail().x;
  const float close = control_height(), room = width - 3 * kSpace3 - close;
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
  ImGui::SetCursorScreenPos({at.x + width - close - kSpace2, at.y + kSpace2});
  if (button(panel, "error.close", "\xc3\x97", ButtonKind::plain, close, true, "Close the message"))
    errors.pop_back();
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, height});
  space(kSpace3);
  ImGui::Dummy({0, 0});
}

}  // namespace lc::ui
