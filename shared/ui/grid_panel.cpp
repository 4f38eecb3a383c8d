// The pictures, as large as they fit in whole device pixels; click one to take hold of it.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "shared/ui/panels.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr float kBadge = 8;      // CSS pixels, half its size
constexpr float kSmallest = 40;  // CSS pixels; below it the grid scrolls instead of shrinking

struct Layout {
  std::uint32_t columns = 1;
  float cell_width = 0, cell_height = 0, gap = 0;
  float width(std::uint32_t n) const { return static_cast<float>(n) * (cell_width + gap) - gap; }
  float height(std::uint32_t n) const { return static_cast<float>(n) * (cell_height + gap) - gap; }
};

// The largest whole number of device pixels a picture's pixel at which all pictures fit; near-square grids
// win, since for a scale the fewest rows that fit are spread evenly.
Layout lay_out(const Atlas& atlas, ImVec2 room, float dpr) {
  const auto at_scale = [&](float scale) {
    Layout layout;
    layout.cell_width = static_cast<float>(atlas.width) * scale / dpr;
    layout.cell_height = static_cast<float>(atlas.height) * scale / dpr;
    layout.gap = std::max(1.0f, std::round(std::min(3.0f, layout.cell_width / 24) * dpr)) / dpr;
    const float fits = std::floor((room.x + layout.gap) / (layout.cell_width + layout.gap));
    layout.columns = static_cast<std::uint32_t>(std::clamp(fits, 1.0f, static_cast<float>(atlas.count)));
    return layout;
  };
  const auto rows = [&](const Layout& l) { return (atlas.count + l.columns - 1) / l.columns; };
  const float smallest = std::max(1.0f, std::ceil(kSmallest * dpr / static_cast<float>(atlas.width)));
  const float widest = std::max(smallest, std::floor(room.x * dpr / static_cast<float>(atlas.width)));
  Layout best = at_scale(smallest);
  for (float scale = widest; scale > smallest; --scale) {
    const Layout layout = at_scale(scale);
    if (layout.height(rows(layout)) <= room.y) {
      best = layout;
      break;
    }
  }
  if (best.height(rows(best)) > room.y) return best;
  // A square number of pictures makes a square when there is room for it.
  const auto side =
      static_cast<std::uint32_t>(std::lround(std::ceil(std::sqrt(static_cast<double>(atlas.count)))));
  if (side < best.columns && best.height((atlas.count + side - 1) / side) <= room.y) best.columns = side;
  return best;
}

float snap(float value, float dpr) {
  return std::round(value * dpr) / dpr;
}

}  // namespace

// A press takes hold of a picture or lets it go; the second of two keeps it.
void grid_panel(const Panel& panel) {
  const std::int32_t pressed = sample_grid(panel);
  if (pressed < 0) return;
  App& app = panel.app;
  if (ImGui::GetIO().MouseClickedLastCount[0] != 2) {
    app.select(pressed == panel.state.selected ? -1 : pressed);
    return;
  }
  if (pressed != panel.state.selected) app.select(pressed);
  app.scratch.pressed.clear();
  if (app.keep(static_cast<std::uint32_t>(pressed)))
    tell(panel, "Kept for Morph: " + std::to_string(panel.state.picks.size()));
}

std::int32_t sample_grid(const Panel& panel) {
  App& app = panel.app;
  Atlas& atlas = app.grid.atlas;
  app.hovered = -1;
  app.grid_layout.clear();
  if (panel.model == nullptr) {
    if (app.offers().empty()) {
      nothing_here(panel, "No model yet", "Drop a .lcw file onto this window.");
    } else {
      nothing_here(panel, "Loading", "The first model is on its way.");
    }
    return -1;
  }
  if (atlas.count == 0) return -1;

  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float dpr = panel.input.dpr;
  const Layout layout = lay_out(atlas, room, dpr);
  const std::uint32_t rows = (atlas.count + layout.columns - 1) / layout.columns;
  const ImVec2 size{layout.width(layout.columns), layout.height(rows)};
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 origin{snap(at.x + std::max(0.0f, (room.x - size.x) / 2), dpr),
                      snap(at.y + std::max(0.0f, (room.y - size.y) / 2), dpr)};
  app.grid_layout = {origin.x,
                     origin.y,
                     static_cast<float>(layout.columns),
                     static_cast<float>(rows),
                     layout.cell_width,
                     layout.cell_height,
                     layout.gap};

  ImGui::SetCursorScreenPos(origin);
  // For the keyboard and a mirror the grid is a slider over its pictures; 0: none.
  Mark mark;
  mark.name = "grid";
  mark.role = Role::slider;
  mark.label = std::to_string(atlas.count) + " samples, the chosen one";
  mark.text = panel.state.selected < 0 ? "none" : "picture " + std::to_string(panel.state.selected + 1);
  mark.high = static_cast<float>(atlas.count);
  mark.now = static_cast<float>(panel.state.selected + 1);
  mark.step = 1;
  const bool pressed = hit(panel, std::move(mark), size);
  if (const Act* act = app.acted("grid"); act != nullptr && act->action == "set") {
    const long to = std::strtol(act->value.c_str(), nullptr, 10);
    app.select(static_cast<std::int32_t>(std::clamp<long>(to, 0, atlas.count)) - 1);
  }
  const float step_x = layout.cell_width + layout.gap, step_y = layout.cell_height + layout.gap;
  if (ImGui::IsItemHovered()) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const float column = std::floor((mouse.x - origin.x) / step_x),
                row = std::floor((mouse.y - origin.y) / step_y);
    const auto index =
        static_cast<std::uint32_t>(std::max(0.0f, row)) * layout.columns +
        static_cast<std::uint32_t>(std::clamp(column, 0.0f, static_cast<float>(layout.columns - 1)));
    if (index < atlas.count) app.hovered = static_cast<std::int32_t>(index);
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 clip_low = list->GetClipRectMin(), clip_high = list->GetClipRectMax();
  const ImTextureID texture = app.texture(atlas.texture);
  for (std::uint32_t i = 0; i < atlas.count; ++i) {
    const ImVec2 low{origin.x + static_cast<float>(i % layout.columns) * step_x,
                     origin.y + static_cast<float>(i / layout.columns) * step_y};
    const ImVec2 high{low.x + layout.cell_width, low.y + layout.cell_height};
    if (high.y < clip_low.y || low.y > clip_high.y) continue;
    const bool chosen = static_cast<std::int32_t>(i) == panel.state.selected;
    if (chosen && app.shows_edit()) {
      list->AddImage(app.texture(app.edited.texture), low, high, app.edited.uv0(0), app.edited.uv1(0));
    } else {
      list->AddImage(texture, low, high, atlas.uv0(i), atlas.uv1(i));
    }
  }
  // Frames lie in the gaps, so that they hide no pixel of a picture.
  const auto frame = [&](std::int32_t index, ImU32 colour, float width) {
    if (index < 0 || index >= static_cast<std::int32_t>(atlas.count)) return;
    const auto i = static_cast<std::uint32_t>(index);
    const ImVec2 low{origin.x + static_cast<float>(i % layout.columns) * step_x,
                     origin.y + static_cast<float>(i / layout.columns) * step_y};
    list->AddRect({low.x - width / 2, low.y - width / 2},
                  {low.x + layout.cell_width + width / 2, low.y + layout.cell_height + width / 2}, colour, 0,
                  0, width);
  };
  if (app.hovered != panel.state.selected) frame(app.hovered, panel.theme.muted, std::max(1.0f, layout.gap));
  frame(panel.state.selected, panel.theme.accent, 3);
  // Kept ones bear their number, on a corner.
  for (std::size_t i = 0; i < panel.state.picks.size(); ++i) {
    const std::uint32_t index = panel.state.picks[i].index;
    if (index >= atlas.count || !(panel.state.picks[i] == pick_of(panel.state, *panel.model, index)))
      continue;
    const ImVec2 middle{origin.x + static_cast<float>(index % layout.columns) * step_x + kBadge,
                        origin.y + static_cast<float>(index / layout.columns) * step_y + kBadge};
    const std::string number = std::to_string(i + 1);
    const ImVec2 text = text_size(number, Font::label);
    list->AddCircleFilled(middle, kBadge, panel.theme.accent, 20);
    text_at({middle.x - text.x / 2, middle.y - text.y / 2}, number, Font::label, panel.theme.on_accent);
  }
  return pressed ? app.hovered : -1;
}

}  // namespace lc::ui
