// Pictures and links to take along.
#include <algorithm>

#include "shared/core/text.h"
#include "shared/ui/catalogue.h"
#include "shared/ui/png.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kScales[] = {1, 2, 4, 8};
constexpr std::uint32_t kSavedGap = 1;  // pixels between the pictures of a saved grid, before it is scaled

// The command that draws the very same pictures.
std::string command_of(const State& state, const session::ModelInfo& model) {
  std::string out = "latent-canvas sample --weights " + model.name + " --seed " + std::to_string(state.seed) +
                    " --count " + std::to_string(state.count);
  if (state.temperature != 1) {
    out += " --temperature ";
    append_real(out, static_cast<double>(state.temperature), 7);
  }
  if (model.classes > 0 && state.label >= 0) out += " --label " + std::to_string(state.label);
  if (state.moment != kLastMoment) out += " --moment " + std::to_string(state.moment);
  if (state.selected >= 0 && !state.latent.empty()) {
    out += " --edit " + std::to_string(state.selected) + "=";
    for (std::size_t i = 0; i < state.latent.size(); ++i) {
      if (i > 0) out += ',';
      append_real(out, static_cast<double>(state.latent[i]), 9);
    }
  }
  return out;
}

// The pictures as they stand on the screen: an edited one in its place.
Picture shown(const App& app, const State& state) {
  const Atlas& atlas = app.grid.atlas;
  Picture out = atlas.texture.picture();
  const auto index = static_cast<std::uint32_t>(state.selected);
  if (!app.shows_edit() || index >= atlas.count) return out;
  const Picture& edited = app.edited.texture.picture();
  if (edited.width != atlas.width || edited.height != atlas.height) return out;
  const std::size_t row_bytes = std::size_t{4} * atlas.width, x = index % atlas.columns * atlas.width;
  for (std::size_t y = 0; y < atlas.height; ++y) {
    const std::size_t row = std::size_t{index / atlas.columns} * atlas.height + y;
    std::copy_n(edited.rgba.begin() + static_cast<std::ptrdiff_t>(y * row_bytes), row_bytes,
                out.rgba.begin() + static_cast<std::ptrdiff_t>(4 * (row * out.width + x)));
  }
  return out;
}

}  // namespace

void share_panel(const Panel& panel) {
  App& app = panel.app;
  heading(panel, "Save and share");
  const bool grid = panel.tab == Tab::sample && abilities_of(*panel.model).draws;
  const bool ready = app.grid.atlas.count > 0;
  if (app.actions.save && grid) {
    if (button(panel, "save.png", "Save PNG", ButtonKind::plain, 0, ready)) {
      const Atlas& atlas = app.grid.atlas;
      const std::uint32_t columns =
          app.grid_layout.empty() ? atlas.columns : static_cast<std::uint32_t>(app.grid_layout[2]);
      const std::uint32_t gap_colour = panel.theme.page;
      const Picture sheet = contact_sheet(shown(app, panel.state), atlas.count, atlas.columns, atlas.width,
                                          atlas.height, columns, kSavedGap, gap_colour);
      app.actions.save(panel.model->name + "-seed" + std::to_string(panel.state.seed) + ".png", "image/png",
                       encode_png(sheet, app.scratch.png_scale));
      tell(panel, "Saved");
    }
    for (const std::uint32_t scale : kScales) {
      ImGui::SameLine(0, scale == 1 ? kSpace2 : kSpace1);
      const std::string times = std::to_string(scale), label = times + "\xc3\x97",
                        spoken = "PNG enlarged " + times + " times";
      if (chip(panel, "save.scale." + times, label, app.scratch.png_scale == scale, true, Role::radio,
               spoken.c_str()))
        app.scratch.png_scale = scale;
    }
    space(kSpace2);
  }
  if (app.actions.copy_link) {
    if (button(panel, "copy.link", "Copy link", ButtonKind::plain)) {
      app.actions.copy_link(to_text(panel.state));
      tell(panel, "Copied");
    }
    if (grid) ImGui::SameLine(0, kSpace2);
  }
  if (grid && button(panel, "copy.command", "Copy CLI command", ButtonKind::plain, 0,
                     static_cast<bool>(app.actions.copy_text))) {
    app.actions.copy_text(command_of(panel.state, *panel.model));
    tell(panel, "Copied");
  }
}

}  // namespace lc::ui
