// A row of small pictures that shows as many as fit in the width.
#include <algorithm>
#include <cmath>

#include "shared/ui/widgets.h"

namespace lc::ui {

void strip(const Panel& panel, StripView& strip) {
  if (strip.atlas.count == 0) return;
  constexpr float kGap = 2;
  const float width = ImGui::GetContentRegionAvail().x, dpr = panel.input.dpr;
  // Whole device pixels a picture's pixel, near 36 CSS pixels a picture.
  const float picture = static_cast<float>(strip.atlas.width);
  const float scale = std::max(1.0f, std::floor(36 * dpr / picture)) / dpr;
  const ImVec2 size{picture * scale, static_cast<float>(strip.atlas.height) * scale};
  const auto fits = static_cast<std::uint32_t>(std::max(1.0f, std::floor((width + kGap) / (size.x + kGap))));
  const std::uint32_t shown = std::min(strip.atlas.count, fits);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImTextureID texture = panel.app.texture(strip.atlas.texture);
  for (std::uint32_t i = 0; i < shown; ++i) {
    const ImVec2 low{at.x + static_cast<float>(i) * (size.x + kGap), at.y};
    ImGui::GetWindowDrawList()->AddImage(texture, low, {low.x + size.x, low.y + size.y}, strip.atlas.uv0(i),
                                         strip.atlas.uv1(i));
  }
  ImGui::Dummy({width, size.y});
}

}  // namespace lc::ui
