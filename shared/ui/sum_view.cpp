// Arithmetic with latent vectors: a - b + c, as a row of pictures.
#include <algorithm>

#include "shared/ui/panels.h"
#include "shared/ui/paths.h"
#include "shared/ui/widgets.h"

namespace lc::ui {

void sum_view(const Panel& panel) {
  App& app = panel.app;
  const std::vector<Pick> picks = app.picks(kSumChoices);
  const Pick* terms[3];
  const float* latents[3];
  bool ready = true;
  for (int i = 0; i < 3; ++i) {
    terms[i] = &picks[panel.state.terms[i] % picks.size()];
    latents[i] = app.pick_latent(*terms[i]);
    ready = ready && latents[i] != nullptr;
  }
  if (!ready) return;
  session::Request request;
  request.model = panel.model->model;
  request.moment = panel.state.moment;
  request.latents = sum_of(*panel.model->header, latents[0], latents[1], latents[2]);
  if (panel.model->classes > 0) request.labels = {std::max(0, terms[2]->label)};
  const std::vector<float> result = request.latents;
  Slot& sum = app.ask("sum", request);

  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  constexpr float kSign = 36;
  const float each = std::min((room.x - 3 * kSign) / 4, 224.0f);
  const ImVec2 size = crisp(panel, app.grid.atlas, {each, each});
  const float width = 4 * size.x + 3 * kSign, left = at.x + std::max(0.0f, (room.x - width) / 2),
              top = at.y + std::max(24.0f, (room.y - size.y) / 2 - 24);
  constexpr const char* kSigns[] = {"\xe2\x88\x92", "+", "="};
  constexpr const char* kNames[] = {"a", "b", "c", "a \xe2\x88\x92 b + c"};
  for (int i = 0; i < 4; ++i) {
    const ImVec2 low{left + static_cast<float>(i) * (size.x + kSign), top};
    Slot* slot = i < 3 ? app.pick_slot(*terms[i]) : &sum;
    draw_picture(panel, slot->atlas, 0, low, size);
    Mark mark;
    mark.name = "sum." + std::to_string(i);
    mark.role = Role::image;
    mark.label = kNames[i];
    app.mark(std::move(mark), low, {low.x + size.x, low.y + size.y});
    const float name = text_size(kNames[i], Font::small).x;
    text_at({low.x + (size.x - name) / 2, low.y - 22}, kNames[i], Font::small, panel.theme.muted);
    if (i == 3) {
      ImGui::GetWindowDrawList()->AddRect({low.x - 2, low.y - 2}, {low.x + size.x + 2, low.y + size.y + 2},
                                          panel.theme.accent, 0, 0, 2);
      continue;
    }
    const ImVec2 sign = text_size(kSigns[i], Font::title);
    text_at({low.x + size.x + (kSign - sign.x) / 2, low.y + (size.y - sign.y) / 2}, kSigns[i], Font::title,
            panel.theme.text);
  }
  const std::string label = "Take the result";
  const float button_width = text_size(label, Font::strong).x + 2 * kSpace4;
  ImGui::SetCursorScreenPos({at.x + (room.x - button_width) / 2, top + size.y + kSpace5});
  if (button(panel, "sum.take", label, ButtonKind::primary, button_width, sum.current())) {
    if (terms[2]->label >= 0) panel.state.selected = terms[2]->label;
    app.set_latent(result);
    panel.state.explore = Explore::sliders;
  }
}

}  // namespace lc::ui
