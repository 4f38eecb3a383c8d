// Pictures and links to take along.
#include <cstdio>

#include "shared/ui/panels.h"
#include "shared/ui/png.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kScales[] = {1, 2, 4, 8};
constexpr std::uint32_t kGap = 1;  // pixels between the pictures of a saved grid, before it is scaled

// The command that draws the very same pictures.
std::string command_of(const State& state, const session::ModelInfo& model) {
  std::string out = "latent-canvas sample --weights " + model.name + " --seed " + std::to_string(state.seed) +
                    " --count " + std::to_string(state.count);
  if (state.temperature != 1) {
    char text[48];
    std::snprintf(text, sizeof text, " --temperature %.7g", static_cast<double>(state.temperature));
    out += text;
  }
  if (model.classes > 0 && state.label >= 0) out += " --label " + std::to_string(state.label);
  if (state.moment != kLastMoment) out += " --moment " + std::to_string(state.moment);
  return out;
}

}  // namespace

void share_panel(const Panel& panel) {
  App& app = panel.app;
  heading(panel, "Take along");
  const bool ready = app.grid.atlas.count > 0;
  if (app.actions.save) {
    if (button(panel, "save.png", "Save PNG", ButtonKind::plain, 0, ready)) {
      const Atlas& atlas = app.grid.atlas;
      const std::uint32_t columns =
          app.grid_layout.empty() ? atlas.columns : static_cast<std::uint32_t>(app.grid_layout[2]);
      const std::uint32_t gap_colour = panel.theme.page;
      const Picture sheet = contact_sheet(atlas.texture.picture(), atlas.count, atlas.columns, atlas.width,
                                          atlas.height, columns, kGap, gap_colour);
      app.actions.save(panel.model->name + "-seed" + std::to_string(panel.state.seed) + ".png", "image/png",
                       encode_png(sheet, app.scratch.png_scale));
      tell(panel, "Saved");
    }
    for (const std::uint32_t scale : kScales) {
      ImGui::SameLine(0, scale == 1 ? kSpace2 : kSpace1);
      const std::string label = std::to_string(scale) + "\xc3\x97";
      if (chip(panel, "save.scale." + std::to_string(scale), label, app.scratch.png_scale == scale))
        app.scratch.png_scale = scale;
    }
    space(kSpace2);
  }
  if (app.actions.copy_link) {
    if (button(panel, "copy.link", "Copy link", ButtonKind::plain)) {
      app.actions.copy_link(to_text(panel.state));
      tell(panel, "Link copied");
    }
    ImGui::SameLine(0, kSpace2);
  }
  if (button(panel, "copy.command", "Copy command", ButtonKind::plain, 0,
             static_cast<bool>(app.actions.copy_text))) {
    app.actions.copy_text(command_of(panel.state, *panel.model));
    tell(panel, "Command copied");
  }
}

}  // namespace lc::ui
