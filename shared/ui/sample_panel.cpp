// Seed, count, temperature and class of the pictures.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kCounts[] = {16, 36, 64, 144, 256, 1024};

// A sign would wrap round to a number of twenty digits.
int digits_alone(ImGuiInputTextCallbackData* data) {
  return data->EventChar >= '0' && data->EventChar <= '9' ? 0 : 1;
}

void seed_row(const Panel& panel) {
  text("Seed", Font::small, panel.theme.muted);
  space(kSpace1);
  const float width = ImGui::GetContentRegionAvail().x;
  constexpr float kReroll = 96;
  const float height = control_height();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float field = width - kReroll - 2 * (height + kSpace1) - kSpace2;
  ImGui::PushFont(font(Font::body));
  ImGui::SetNextItemWidth(field);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {kSpace3, (height - ImGui::GetFontSize()) / 2});
  // A field that is being edited would write its own text over a number that was set from elsewhere: another
  // one takes its place.
  if (const Act* act = panel.app.acted("seed"); act != nullptr && act->action == "set") {
    from_text("seed=" + act->value, panel.state);
    ++panel.app.scratch.seed_field;
  }
  if (panel.app.focus_came("seed")) ImGui::SetKeyboardFocusHere();
  ImGui::PushID(panel.app.scratch.seed_field);
  char digits[24];
  std::snprintf(digits, sizeof digits, "%llu", static_cast<unsigned long long>(panel.state.seed));
  if (ImGui::InputText("##seed", digits, sizeof digits,
                       ImGuiInputTextFlags_AutoSelectAll | ImGuiInputTextFlags_CallbackCharFilter,
                       digits_alone))
    from_text("seed=" + std::string(digits), panel.state);
  ImGui::PopID();
  ImGui::PopStyleVar();
  ImGui::PopFont();
  const ImVec2 end{at.x + field, at.y + height};
  Mark mark;
  mark.name = "seed";
  mark.role = Role::textbox;
  mark.label = "Seed";
  mark.text = std::to_string(panel.state.seed);
  mark.visible = ImGui::IsItemVisible();
  focus_ring(panel, mark.name, at, end);
  panel.app.mark(std::move(mark), at, end);
  ImGui::SameLine(0, kSpace1);
  if (button(panel, "seed.less", "\xe2\x88\x92", ButtonKind::plain, height, panel.state.seed > 0,
             "Seed down by one"))
    --panel.state.seed;
  ImGui::SameLine(0, kSpace1);
  if (button(panel, "seed.more", "+", ButtonKind::plain, height, panel.state.seed < UINT64_MAX,
             "Seed up by one"))
    ++panel.state.seed;
  ImGui::SameLine(0, kSpace2);
  if (button(panel, "seed.reroll", "New seed", ButtonKind::primary, kReroll)) panel.app.reroll();
}

void count_row(const Panel& panel) {
  const session::Figure figure = panel.model->figure;
  text(figure == session::Figure::density ? "Points"
       : figure == session::Figure::curve ? "Curves"
                                          : "Pictures",
       Font::small, panel.theme.muted);
  space(kSpace1);
  bool first = true;
  for (const std::uint32_t count : kCounts) {
    const std::string label = std::to_string(count);
    if (!first) flow(label);
    first = false;
    if (chip(panel, "count." + label, label, panel.state.count == count)) panel.state.count = count;
  }
}

void temperature_row(const Panel& panel) {
  const auto& prior = panel.model->header->prior;
  const bool scales = std::any_of(prior.begin(), prior.end(), [](const format::PriorPart& part) {
    return part.kind == format::PriorKind::normal || part.kind == format::PriorKind::mixture;
  });
  char value[16];
  std::snprintf(value, sizeof value, "%.2f", static_cast<double>(panel.state.temperature));
  SliderLook look;
  look.label = "Temperature";
  look.value = scales ? value : "fixed range";
  look.high = kMaxTemperature;
  look.fresh = 1;
  look.enabled = scales;
  if (slider(panel, "temperature", look, panel.state.temperature)) {
    panel.state.temperature = std::round(panel.state.temperature * 100) / 100;
  }
}

void class_row(const Panel& panel) {
  text("Class", Font::small, panel.theme.muted);
  space(kSpace1);
  if (chip(panel, "class.all", "All", panel.state.label < 0)) panel.state.label = -1;
  for (std::uint32_t i = 0; i < panel.model->classes; ++i) {
    const std::string label = panel.app.class_name(i);
    flow(label);
    const auto index = static_cast<std::int32_t>(i);
    if (chip(panel, "class." + std::to_string(i), label, panel.state.label == index))
      panel.state.label = index;
  }
}

}  // namespace

void sample_panel(const Panel& panel) {
  heading(panel, "Sample");
  seed_row(panel);
  space(kSpace3);
  count_row(panel);
  space(kSpace3);
  temperature_row(panel);
  if (panel.model->classes > 0) {
    space(kSpace3);
    class_row(panel);
  }
}

}  // namespace lc::ui
