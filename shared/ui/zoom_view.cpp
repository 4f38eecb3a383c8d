// One picture of a model that has no resolution of its own: any number of pixels, any part of the plane.
#include <algorithm>
#include <cmath>

#include "shared/ui/panels.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {

void zoom_view(const Panel& panel) {
  App& app = panel.app;
  const float* now = app.selected_latent();
  if (now == nullptr) return;
  View& view = panel.state.zoom;
  const float scale = view.scale > 0 ? view.scale : 1;
  session::Request request;
  request.model = panel.model->model;
  request.moment = panel.state.moment;
  request.latents.assign(now, now + panel.model->latent_size);
  if (panel.model->classes > 0)
    request.labels = {
        label_of(panel.state, *panel.model, static_cast<std::uint32_t>(std::max(0, panel.state.selected)))};
  request.view.width = request.view.height = panel.state.resolution;
  request.view.centre_x = view.x;
  request.view.centre_y = view.y;
  request.view.scale = scale;
  Slot& slot = app.ask("zoom", request);

  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const float dpr = panel.input.dpr;
  const float side = std::floor(std::min(room.x, room.y) * dpr) / dpr;
  const ImVec2 low{std::round((at.x + (room.x - side) / 2) * dpr) / dpr,
                   std::round((at.y + (room.y - side) / 2) * dpr) / dpr};
  ImGui::SetCursorScreenPos(low);
  Mark mark;
  mark.name = "zoom";
  mark.role = Role::image;
  mark.label = "One picture at " + std::to_string(panel.state.resolution) + " pixels a side";
  mark.drags = mark.zooms = true;
  hit(panel, std::move(mark), {side, side});
  draw_picture(panel, slot.atlas, 0, low, {side, side});
  const ImGuiIO& io = ImGui::GetIO();
  if (ImGui::IsItemHovered()) {
    app.scrollable_hovered = true;
    if (io.MouseWheel != 0) {
      const float next = std::clamp(scale * std::exp2(-io.MouseWheel / kNotchesToDouble), 1.0f / 64, 2.0f);
      const float dx = 2 * (io.MousePos.x - low.x) / side - 1, dy = 2 * (io.MousePos.y - low.y) / side - 1;
      view = {view.x + dx * (scale - next), view.y + dy * (scale - next), next};
    }
  }
  if (ImGui::IsItemActive() && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
    view = {view.x - io.MouseDelta.x * 2 * scale / side, view.y - io.MouseDelta.y * 2 * scale / side, scale};
  }
}

}  // namespace lc::ui
