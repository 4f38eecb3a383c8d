// The selected picture, large, and its latent vector as sliders.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "shared/ui/panels.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr float kReach = 3;  // sliders of a normal latent cover three standard deviations

void preview(const Panel& panel) {
  App& app = panel.app;
  const auto index = static_cast<std::uint32_t>(panel.state.selected);
  const bool changed = app.shows_edit();
  Atlas& atlas = changed ? app.edited : app.grid.atlas;
  const std::uint32_t cell = changed ? 0 : index;
  if (cell >= atlas.count) return;
  const float scale =
      std::max(1.0f, std::floor(112 * panel.input.dpr / static_cast<float>(atlas.width))) / panel.input.dpr;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 size{static_cast<float>(atlas.width) * scale, static_cast<float>(atlas.height) * scale};
  ImGui::GetWindowDrawList()->AddImage(app.texture(atlas.texture), at, {at.x + size.x, at.y + size.y},
                                       atlas.uv0(cell), atlas.uv1(cell));
  app.mark("preview", at, {at.x + size.x, at.y + size.y});
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

struct Range {
  float low, high, fresh;
};

// The range of each number of the latent vector, from the part of the prior that it belongs to.
std::vector<Range> ranges_of(const format::Header& header) {
  std::vector<Range> out;
  for (const format::PriorPart& part : header.prior) {
    Range range{-kReach, kReach, 0};
    if (part.kind == format::PriorKind::uniform) range = {part.low, part.high, (part.low + part.high) / 2};
    if (part.kind == format::PriorKind::categorical) range = {0, 1, 0};
    out.insert(out.end(), part.size, range);
  }
  return out;
}

}  // namespace

void latent_panel(const Panel& panel) {
  heading(panel, "Latent vector");
  const float* drawn = panel.app.selected_latent();
  if (panel.state.selected < 0 || drawn == nullptr) {
    text_wrapped("Choose a picture to take hold of its latent vector.", Font::small, panel.theme.muted);
    return;
  }
  preview(panel);
  space(kSpace3);
  const std::vector<Range> ranges = ranges_of(panel.model->header);
  std::vector<float> values(drawn, drawn + panel.model->latent_size);
  bool changed = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    // A mixture's codes have a scale of their own: the range grows to hold what was drawn.
    const float reach = std::max(0.0f, std::ceil(std::fabs(drawn[i])));
    const Range range = ranges[i];
    const std::string label = "z" + std::to_string(i + 1), name = "latent." + std::to_string(i);
    char value[16];
    std::snprintf(value, sizeof value, "%.2f", static_cast<double>(values[i]));
    SliderLook look;
    look.label = label.c_str();
    look.spoken = "Latent number " + std::to_string(i + 1);
    look.value = value;
    look.low = std::min(range.low, -reach);
    look.high = std::max(range.high, reach);
    if (range.low >= 0) look.low = range.low;
    look.fresh = look.origin = range.fresh;
    look.compact = true;
    if (i > 0) space(0);
    changed |= slider(panel, name, look, values[i]);
  }
  if (changed) panel.state.latent = std::move(values);
}

}  // namespace lc::ui
