// Kept samples: a row of small pictures that morphs and sums start from.
#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr float kThumb = 44;

// A kept sample becomes the selected picture; of a model with classes, one of its class.
void take(const Panel& panel, const Pick& pick) {
  const float* latent = panel.app.pick_latent(pick);
  if (latent == nullptr) return;
  if (panel.state.selected < 0 || pick.label >= 0) panel.state.selected = std::max(0, pick.label);
  if (panel.state.selected >= static_cast<std::int32_t>(panel.state.count)) panel.state.selected = 0;
  panel.state.latent.assign(latent, latent + panel.model->latent_size);
}

}  // namespace

void tray_panel(const Panel& panel) {
  State& state = panel.state;
  heading(panel, "Kept samples");
  const bool can_keep = state.selected >= 0 && state.picks.size() < kMaxPicks;
  const float width = ImGui::GetContentRegionAvail().x;
  float x = 0;
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  float y = 0;
  for (std::size_t i = 0; i < state.picks.size(); ++i) {
    Slot* slot = panel.app.pick_slot(state.picks[i]);
    if (slot == nullptr) break;
    if (x + kThumb > width) {
      x = 0;
      y += kThumb + kSpace2 - 2;
    }
    ImGui::SetCursorScreenPos({origin.x + x, origin.y + y});
    const std::string number = std::to_string(i + 1);
    if (picture_button(panel, "pick." + number, "Kept sample " + number, slot->atlas, 0, {kThumb, kThumb})) {
      const Pick pick = state.picks[i];
      if (!set_morph_end(panel, pick)) take(panel, pick);
    }
    x += kThumb + kSpace2 - 2;
  }
  if (!state.picks.empty()) {
    ImGui::SetCursorScreenPos({origin.x, origin.y + y});
    ImGui::Dummy({width, kThumb});
    space(kSpace2);
  } else {
    text_wrapped("Press a sample twice to keep it: morphs and sums start from kept samples.", Font::small,
                 panel.theme.muted);
    space(kSpace2);
  }
  if (button(panel, "pick.keep", "Keep this one", ButtonKind::plain, 0, can_keep))
    panel.app.keep(static_cast<std::uint32_t>(state.selected));
  if (state.picks.empty()) return;
  ImGui::SameLine(0, kSpace2);
  if (button(panel, "pick.drop", "Drop last", ButtonKind::plain)) state.picks.pop_back();
  ImGui::SameLine(0, kSpace2);
  if (button(panel, "pick.clear", "Clear", ButtonKind::plain)) state.picks.clear();
}

}  // namespace lc::ui
