// The selected picture, large, and its latent vector: sliders for numbers, buttons for one-hot parts.
#include <algorithm>
#include <cmath>

#include "shared/ui/panels.h"
#include "shared/ui/paths.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr float kSliderReach = 3;           // sliders of a normal latent cover three standard deviations
constexpr std::size_t kSlidersFolded = 12;  // sliders before the rest is asked for

void preview(const Panel& panel) {
  App& app = panel.app;
  const auto index = static_cast<std::uint32_t>(panel.state.selected);
  const bool changed = app.shows_edit();
  Atlas& atlas = changed ? app.edited : app.grid.atlas;
  const std::uint32_t cell = changed ? 0 : index;
  if (cell >= atlas.count) return;
  const ImVec2 at = ImGui::GetCursorScreenPos(), size = crisp(panel, atlas, {112, 112});
  draw_picture(panel, atlas, cell, at, size);
  Mark mark;
  mark.name = "preview";
  mark.role = Role::image;
  mark.label =
      "Picture " + std::to_string(index + 1) + (panel.state.latent.empty() ? ", as drawn" : ", changed");
  app.mark(std::move(mark), at, {at.x + size.x, at.y + size.y});
  ImGui::Dummy(size);
  ImGui::SameLine(0, kSpace3);
  ImGui::BeginGroup();
  text("Picture " + std::to_string(index + 1), Font::strong, panel.theme.text);
  const std::int32_t label = label_of(panel.state, *panel.model, index);
  space(kSpace1);
  text(label < 0 ? std::to_string(panel.model->latent_size) + " numbers"
                 : app.class_name(static_cast<std::uint32_t>(label)),
       Font::small, panel.theme.muted);
  space(kSpace3);
  if (button(panel, "latent.reset", "As drawn", ButtonKind::plain, 96, !panel.state.latent.empty())) {
    panel.state.latent.clear();
  }
  ImGui::EndGroup();
}

// A one-hot part as a row of choices.
bool choices(const Panel& panel, const format::PriorPart& part, std::size_t first,
             std::vector<float>& values) {
  caption(panel, part.name);
  bool changed = false;
  for (std::uint32_t i = 0; i < part.size; ++i) {
    const std::string label = std::to_string(i);
    if (i > 0) flow(label);
    const bool chosen = values[first + i] > 0.5f;
    if (!chip(panel, "latent." + std::to_string(first + i), label, chosen)) continue;
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(first), part.size, 0.0f);
    values[first + i] = 1;
    changed = true;
  }
  space(kSpace3);
  return changed;
}

bool number_slider(const Panel& panel, const format::PriorPart& part, std::uint32_t i, float drawn,
                   float& value) {
  const bool uniform = part.kind == format::PriorKind::uniform;
  // A mixture's codes have a scale of their own: the range grows to hold what was drawn.
  const float reach = std::max(kSliderReach, std::ceil(std::fabs(drawn)));
  const std::string label = latent_name(*panel.model->header, i), shown = fixed(value);
  SliderLook look;
  look.label = label.c_str();
  look.spoken = "Latent number " + std::to_string(i + 1);
  look.value = shown;
  look.low = uniform ? part.low : -reach;
  look.high = uniform ? part.high : reach;
  look.fresh = look.origin = (look.low + look.high) / 2;
  look.compact = true;
  return slider(panel, "latent." + std::to_string(i), look, value);
}

}  // namespace

void latent_panel(const Panel& panel) {
  heading(panel, "Latent vector");
  const float* drawn = panel.app.selected_latent();
  if (panel.state.selected < 0 || drawn == nullptr) {
    text_wrapped("Choose a picture to take hold of its latent vector.", Font::small, panel.theme.muted);
    return;
  }
  if (panel.tab == Tab::explore) {
    // The picture itself stands beside the controls.
    if (button(panel, "latent.reset", "As drawn", ButtonKind::plain, 0, !panel.state.latent.empty()))
      panel.state.latent.clear();
  } else {
    preview(panel);
  }
  space(kSpace3);
  const format::Header& header = *panel.model->header;
  std::vector<float> values(drawn, drawn + panel.model->latent_size);
  std::vector<const format::PriorPart*> part_of(values.size());
  bool changed = false;
  each_part(header, [&](const format::PriorPart& part, std::size_t first) {
    std::fill_n(part_of.begin() + static_cast<std::ptrdiff_t>(first), part.size, &part);
    if (part.kind == format::PriorKind::categorical) changed |= choices(panel, part, first, values);
  });
  // Those that change the picture most come first, once that is measured.
  const Insight* insight = panel.tab == Tab::explore ? panel.app.insight(*panel.model) : nullptr;
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    const std::uint32_t number = insight != nullptr && i < insight->order.size() ? insight->order[i] : i;
    if (part_of[number]->kind != format::PriorKind::categorical) order.push_back(number);
  }
  if (insight != nullptr && !insight->effect.empty() && order.size() > 2)
    caption(panel, "Those that change the picture most come first");
  bool& all = panel.app.scratch.all_latents;
  const std::size_t shown = all ? order.size() : std::min(order.size(), kSlidersFolded);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) space(0);
    changed |= number_slider(panel, *part_of[order[i]], order[i], drawn[order[i]], values[order[i]]);
  }
  if (changed) panel.state.latent = std::move(values);
  if (order.size() <= kSlidersFolded) return;
  space(kSpace2);
  const std::string label = all ? "Show fewer" : "Show all " + std::to_string(order.size());
  if (button(panel, "latent.all", label, ButtonKind::plain)) all = !all;
}

}  // namespace lc::ui
