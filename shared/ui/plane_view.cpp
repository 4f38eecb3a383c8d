// A map of the latent space: pictures on a lattice of two directions, asked for in square blocks that fill in
// from the middle, at the step that fits the zoom. Drag moves, the wheel zooms, a click takes hold of a
// point.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "shared/ui/panels.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::int32_t kTile = 8;      // pictures a side of a block
constexpr std::size_t kMaxTiles = 64;  // kept
constexpr int kMaxWaiting = 4;         // blocks asked for at a time
constexpr float kPlaneReach = 6;       // standard deviations that are shown at first
constexpr float kCell = 30;            // CSS pixels of a picture, about
constexpr float kSamePlane = 1e-3f;    // standard deviations; a plane's base is computed with rounding
constexpr float kClickSlop = 4;

std::string slot_name(std::size_t tile) {
  return "plane." + std::to_string(tile);
}

// The two directions in standard deviations; false while they are not known yet.
bool directions(const Panel& panel, const Insight& insight, std::vector<float> (&out)[2]) {
  const std::int32_t* axes = panel.state.axes;
  const std::uint32_t size = panel.model->latent_size;
  std::int32_t chosen[2] = {axes[0], axes[1]};
  if (size == 2) {
    chosen[0] = 0;
    chosen[1] = 1;
  }
  for (int k = 0; k < 2; ++k) {
    if (chosen[k] >= static_cast<std::int32_t>(size)) chosen[k] = -1;
    out[k] = insight.principal[k];
    if (chosen[k] >= 0 && chosen[1 - k] >= 0) {
      out[k].assign(size, 0);
      out[k][static_cast<std::size_t>(chosen[k])] = 1;
    }
    if (out[k].size() != size) return false;
  }
  return true;
}

struct Plane {
  const Insight* insight = nullptr;
  std::vector<float> axis[2];
  float u = 0, v = 0;  // where the selected picture is
  std::int32_t label = -1;
  float cell = 0;   // CSS pixels of a picture at this zoom
  float scale = 0;  // standard deviations a nominal picture
  std::int32_t level = 0;
  ImVec2 middle;
  float nominal = 0;
};

float step_of(std::int32_t level) {
  return std::exp2(static_cast<float>(level));
}

// The latent vector of a point, appended to `out`.
void append_latent(const Plane& plane, const std::vector<float>& base, float u, float v,
                   std::vector<float>& out) {
  for (std::size_t i = 0; i < base.size(); ++i) {
    const float w = base[i] + u * plane.axis[0][i] + v * plane.axis[1][i];
    // One-hot parts have no spread: their numbers stand in the base as they are.
    const float sigma = plane.insight->sigma[i];
    out.push_back(sigma > 0 ? plane.insight->mean[i] + sigma * w : base[i]);
  }
}

// The plane goes through the selected picture: finds where that is, and starts anew when it left the plane.
void place(const Panel& panel, const float* now, Plane& plane) {
  Scratch& scratch = panel.app.scratch;
  const std::size_t size = panel.model->latent_size;
  std::vector<float> base(size);
  for (std::size_t i = 0; i < size; ++i) {
    const float sigma = plane.insight->sigma[i];
    base[i] = sigma > 0 ? (now[i] - plane.insight->mean[i]) / sigma : now[i];
    plane.u += base[i] * plane.axis[0][i];
    plane.v += base[i] * plane.axis[1][i];
  }
  for (std::size_t i = 0; i < size; ++i) base[i] -= plane.u * plane.axis[0][i] + plane.v * plane.axis[1][i];
  bool same = scratch.plane_base.size() == size && scratch.plane_model == panel.model->model &&
              scratch.plane_moment == panel.state.moment && scratch.plane_axes[0] == panel.state.axes[0] &&
              scratch.plane_axes[1] == panel.state.axes[1] && scratch.plane_label == plane.label;
  for (std::size_t i = 0; same && i < size; ++i)
    same = std::fabs(base[i] - scratch.plane_base[i]) < kSamePlane;
  if (same) return;
  scratch.plane_base = std::move(base);
  scratch.plane_model = panel.model->model;
  scratch.plane_moment = panel.state.moment;
  scratch.plane_axes[0] = panel.state.axes[0];
  scratch.plane_axes[1] = panel.state.axes[1];
  scratch.plane_label = plane.label;
  ++scratch.plane_number;
}

PlaneTile* find(Scratch& scratch, std::int32_t level, std::int32_t column, std::int32_t row) {
  for (PlaneTile& tile : scratch.tiles) {
    if (tile.taken && tile.plane == scratch.plane_number && tile.level == level && tile.column == column &&
        tile.row == row)
      return &tile;
  }
  return nullptr;
}

// Draws the part of a coarser block that covers this one, as long as it has to.
bool draw_coarser(const Panel& panel, std::int32_t level, std::int32_t column, std::int32_t row, ImVec2 low,
                  ImVec2 high) {
  Scratch& scratch = panel.app.scratch;
  for (std::int32_t up = 1; up <= 3; ++up) {
    PlaneTile* tile = find(scratch, level + up, column >> up, row >> up);
    if (tile == nullptr) continue;
    Slot* slot = panel.app.slot(slot_name(static_cast<std::size_t>(tile - scratch.tiles.data())));
    if (slot == nullptr || !slot->current()) continue;
    const float part = 1.0f / static_cast<float>(1 << up);
    const std::int32_t within = (1 << up) - 1;  // bits, so that negative tiles count from the left too
    const ImVec2 uv{static_cast<float>(column & within) * part, static_cast<float>(row & within) * part};
    ImGui::GetWindowDrawList()->AddImage(panel.app.texture(slot->atlas.texture), low, high, uv,
                                         {uv.x + part, uv.y + part});
    return true;
  }
  return false;
}

void ask_for(const Panel& panel, const Plane& plane, std::int32_t column, std::int32_t row) {
  Scratch& scratch = panel.app.scratch;
  std::size_t free = scratch.tiles.size();
  if (free < kMaxTiles) {
    scratch.tiles.emplace_back();
  } else {
    free = 0;
    for (std::size_t i = 0; i < scratch.tiles.size(); ++i) {
      if (scratch.tiles[i].used < scratch.tiles[free].used) free = i;
    }
  }
  PlaneTile& tile = scratch.tiles[free];
  tile = {plane.level, column, row, scratch.plane_number, scratch.plane_frame, true};
  session::Request request;
  request.model = panel.model->model;
  request.moment = panel.state.moment;
  request.count = kTile * kTile;
  if (plane.label >= 0) request.labels = {plane.label};
  const float step = step_of(plane.level);
  for (std::int32_t y = 0; y < kTile; ++y) {
    for (std::int32_t x = 0; x < kTile; ++x) {
      append_latent(plane, scratch.plane_base, static_cast<float>(column * kTile + x) * step,
                    static_cast<float>(row * kTile + y) * step, request.latents);
    }
  }
  panel.app.ask(slot_name(free), request);
}

void draw_tiles(const Panel& panel, const Plane& plane, ImVec2 low, ImVec2 high) {
  App& app = panel.app;
  Scratch& scratch = app.scratch;
  ++scratch.plane_frame;
  const View& view = panel.state.plane;
  const float step = step_of(plane.level), block = plane.cell * kTile, block_step = step * kTile;
  // A picture stands in the middle of its cell.
  const ImVec2 origin{plane.middle.x - view.x / step * plane.cell - plane.cell / 2,
                      plane.middle.y - view.y / step * plane.cell - plane.cell / 2};
  (void)block_step;
  struct Missing {
    float distance;
    std::int32_t column, row;
  };
  std::vector<Missing> missing;
  int waiting = 0;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const auto first = [&](float edge, float from) {
    return static_cast<std::int32_t>(std::floor((edge - from) / block));
  };
  for (std::int32_t row = first(low.y, origin.y); row <= first(high.y, origin.y); ++row) {
    for (std::int32_t column = first(low.x, origin.x); column <= first(high.x, origin.x); ++column) {
      const ImVec2 at{origin.x + static_cast<float>(column) * block,
                      origin.y + static_cast<float>(row) * block},
          end{at.x + block, at.y + block};
      PlaneTile* tile = find(scratch, plane.level, column, row);
      Slot* slot = tile == nullptr
                       ? nullptr
                       : app.slot(slot_name(static_cast<std::size_t>(tile - scratch.tiles.data())));
      if (tile != nullptr) tile->used = scratch.plane_frame;
      if (slot != nullptr && slot->current()) {
        list->AddImage(app.texture(slot->atlas.texture), at, end, {0, 0}, {1, 1});
        continue;
      }
      if (slot != nullptr && slot->waiting) ++waiting;
      if (!draw_coarser(panel, plane.level, column, row, at, end))
        list->AddRectFilled({at.x + 1, at.y + 1}, {end.x - 1, end.y - 1}, panel.theme.raised);
      if (tile == nullptr) {
        const float dx = (at.x + end.x) / 2 - plane.middle.x, dy = (at.y + end.y) / 2 - plane.middle.y;
        missing.push_back({dx * dx + dy * dy, column, row});
      }
    }
  }
  std::sort(missing.begin(), missing.end(),
            [](const Missing& a, const Missing& b) { return a.distance < b.distance; });
  for (const Missing& each : missing) {
    if (waiting++ >= kMaxWaiting) break;
    ask_for(panel, plane, each.column, each.row);
  }
  if (!missing.empty()) app.unsettle();  // the rest is asked for when these have come
}

void handle_mouse(const Panel& panel, const Plane& plane, bool released) {
  App& app = panel.app;
  View& view = panel.state.plane;
  const ImGuiIO& io = ImGui::GetIO();
  const float per_pixel = plane.scale / plane.nominal;
  if (ImGui::IsItemHovered()) {
    app.scrollable_hovered = true;
    if (io.MouseWheel != 0) {
      const float next = std::clamp(plane.scale * std::exp2(-io.MouseWheel / kNotchesToDouble), 1e-3f, 2.0f);
      // The point under the mouse stays where it is.
      const float dx = (io.MousePos.x - plane.middle.x) / plane.nominal,
                  dy = (io.MousePos.y - plane.middle.y) / plane.nominal;
      view = {view.x + dx * (plane.scale - next), view.y + dy * (plane.scale - next), next};
    }
  }
  if (ImGui::IsItemActive() && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
    view = {view.x - io.MouseDelta.x * per_pixel, view.y - io.MouseDelta.y * per_pixel, plane.scale};
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
  }
  const ImVec2 dragged = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
  if (!released || std::fabs(dragged.x) + std::fabs(dragged.y) > kClickSlop || !ImGui::IsItemHovered())
    return;
  std::vector<float> latent;
  append_latent(plane, app.scratch.plane_base, view.x + (io.MousePos.x - plane.middle.x) * per_pixel,
                view.y + (io.MousePos.y - plane.middle.y) * per_pixel, latent);
  app.set_latent(std::move(latent));
}

}  // namespace

void plane_view(const Panel& panel) {
  App& app = panel.app;
  const float* now = app.selected_latent();
  Plane plane;
  plane.insight = app.insight(*panel.model);
  if (now == nullptr || plane.insight == nullptr || app.grid.atlas.count == 0) return;
  if (!directions(panel, *plane.insight, plane.axis)) return;
  plane.label =
      label_of(panel.state, *panel.model, static_cast<std::uint32_t>(std::max(0, panel.state.selected)));
  place(panel, now, plane);

  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const ImVec2 end{at.x + room.x, at.y + room.y};
  plane.middle = {std::floor(at.x + room.x / 2), std::floor(at.y + room.y / 2)};
  // At first whole device pixels a picture's pixel, and a power of two that shows the bulk of the prior.
  const float picture = static_cast<float>(app.grid.atlas.width);
  plane.nominal = std::max(1.0f, std::round(kCell * panel.input.dpr / picture)) * picture / panel.input.dpr;
  plane.scale = panel.state.plane.scale;
  if (plane.scale <= 0)
    plane.scale =
        std::exp2(std::ceil(std::log2(kPlaneReach * plane.nominal / std::min(room.x, room.y)) - 0.2f));
  plane.level = static_cast<std::int32_t>(std::lround(std::log2(plane.scale)));
  plane.cell = plane.nominal * step_of(plane.level) / plane.scale;

  Mark mark;
  mark.name = "plane";
  mark.role = Role::image;
  mark.label = "Plane of latent space: a picture for each point, the chosen one at " + fixed(plane.u) + ", " +
               fixed(plane.v);
  mark.drags = mark.zooms = true;
  const bool released = hit(panel, std::move(mark), room);
  handle_mouse(panel, plane, released);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect(at, end, true);
  draw_tiles(panel, plane, at, end);
  const View& view = panel.state.plane;
  const ImVec2 dot{plane.middle.x + (plane.u - view.x) / plane.scale * plane.nominal,
                   plane.middle.y + (plane.v - view.y) / plane.scale * plane.nominal};
  list->AddCircle(dot, plane.cell * 0.75f, panel.theme.page, 32, 5);
  list->AddCircle(dot, plane.cell * 0.75f, panel.theme.accent, 32, 2.5f);
  list->PopClipRect();
}

}  // namespace lc::ui
