// How to move through the latent space: sliders, a map, a sum of samples, a closer look; and a walk by
// itself.
#include <algorithm>
#include <cmath>

#include "shared/ui/panels.h"
#include "shared/ui/paths.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr float kStepSeconds = 2.5f;  // of a walk, from one sample to the next
constexpr std::uint32_t kStops = 64;  // samples that a walk visits
constexpr float kPlaneReach = 6;      // standard deviations that the plane's sliders cover

bool has_plane(const Panel& panel) {
  return panel.model->latent_size >= 2 && panel.model->latent_size <= kMaxMeasured;
}
bool has_zoom(const Panel& panel) {
  return panel.model->any_resolution;
}
bool yes(const Panel&) {
  return true;
}

struct Mode {
  Explore mode;
  const char* name;
  const char* label;
  bool (*offered)(const Panel&);
  void (*view)(const Panel&);
};
constexpr Mode kModes[] = {{Explore::sliders, "explore.sliders", "Sliders", yes, sweep_view},
                           {Explore::plane, "explore.plane", "Plane", has_plane, plane_view},
                           {Explore::sum, "explore.sum", "a \xe2\x88\x92 b + c", yes, sum_view},
                           {Explore::zoom, "explore.zoom", "Zoom", has_zoom, zoom_view}};

// Of two numbers the plane shows everything at once.
const Mode& mode_of(const Panel& panel) {
  const Explore suited = panel.model->latent_size == 2 ? Explore::plane : Explore::sliders;
  const Explore wanted = panel.state.explore == Explore::suited ? suited : panel.state.explore;
  for (const Mode& row : kModes) {
    if (row.mode == wanted && row.offered(panel)) return row;
  }
  return kModes[0];
}

// Where the walk goes next: samples of the prior, in turn.
const float* stop(const Panel& panel) {
  session::Request request;
  request.model = panel.model->model;
  request.count = kStops;
  request.seed = 11;
  const Slot& slot = panel.app.ask("walk", request);
  if (!slot.current() || slot.frame.latents.size() != std::size_t{kStops} * panel.model->latent_size)
    return nullptr;
  return slot.frame.latents.data() + panel.app.scratch.walk_steps % kStops * panel.model->latent_size;
}

void walk(const Panel& panel) {
  Scratch& scratch = panel.app.scratch;
  const float* now = panel.app.selected_latent();
  const float* to = stop(panel);
  panel.app.redraw();
  if (now == nullptr || to == nullptr) return;
  const std::size_t size = panel.model->latent_size;
  if (scratch.walk_from.size() != size) {
    scratch.walk_from.assign(now, now + size);
    scratch.walk_along = 0;
  }
  scratch.walk_along += ImGui::GetIO().DeltaTime / kStepSeconds;
  const float t = std::min(1.0f, scratch.walk_along), eased = t * t * (3 - 2 * t);
  panel.app.set_latent(between(*panel.model->header, scratch.walk_from.data(), to, eased, false));
  if (t < 1) return;
  scratch.walk_from.clear();
  ++scratch.walk_steps;
}

void walk_row(const Panel& panel) {
  Scratch& scratch = panel.app.scratch;
  // Who asked for less motion goes in single steps.
  if (panel.input.reduced_motion) {
    scratch.walking = false;
    if (!button(panel, "walk", "Step to another sample", ButtonKind::primary)) return;
    const float* to = stop(panel);
    if (to != nullptr) panel.app.set_latent({to, to + panel.model->latent_size});
    ++scratch.walk_steps;
    return;
  }
  if (button(panel, "walk", scratch.walking ? "Stop" : "Random walk", ButtonKind::primary)) {
    scratch.walking = !scratch.walking;
    scratch.walk_from.clear();
  }
  if (scratch.walking) walk(panel);
}

void axis_row(const Panel& panel, int which, const char* title) {
  State& state = panel.state;
  const auto size = static_cast<std::int32_t>(panel.model->latent_size);
  const std::string shown =
      state.axes[which] < 0 ? "strongest"
                            : latent_name(*panel.model->header, static_cast<std::size_t>(state.axes[which]));
  SliderLook look;
  look.label = title;
  look.value = shown;
  look.high = static_cast<float>(size);
  look.fresh = 0;
  look.step = 1;
  // 0 stands for the direction in which pictures change most; then the numbers themselves.
  auto value = static_cast<float>(state.axes[which] + 1);
  if (!slider(panel, which == 0 ? "plane.across" : "plane.down", look, value)) return;
  const auto to = static_cast<std::int32_t>(std::lround(value)) - 1;
  const int other = 1 - which;
  if (to < 0) {
    state.axes[0] = state.axes[1] = -1;
    return;
  }
  state.axes[which] = std::min(to, size - 1);
  if (state.axes[other] < 0 || state.axes[other] == state.axes[which])
    state.axes[other] = state.axes[which] == 0 ? 1 : 0;
}

void plane_controls(const Panel& panel) {
  State& state = panel.state;
  if (panel.model->latent_size > 2) {
    axis_row(panel, 0, "Across");
    space(kSpace2);
    axis_row(panel, 1, "Down");
    space(kSpace3);
  }
  const struct {
    const char* name;
    const char* label;
    float* value;
  } rows[] = {{"plane.x", "Middle, across", &state.plane.x}, {"plane.y", "Middle, down", &state.plane.y}};
  for (const auto& row : rows) {
    const std::string shown = fixed(*row.value);
    SliderLook look;
    look.label = row.label;
    look.value = shown;
    look.low = -kPlaneReach;
    look.high = kPlaneReach;
    look.step = 0.1f;
    if (slider(panel, row.name, look, *row.value) && state.plane.scale <= 0) state.plane.scale = kPlaneStep;
    space(kSpace2);
  }
  const float scale = state.plane.scale > 0 ? state.plane.scale : kPlaneStep;
  float zoom = -std::log2(scale);
  const std::string shown = fixed(scale, 3) + " \xcf\x83 a picture";
  SliderLook look;
  look.label = "Zoom";
  look.value = shown;
  look.low = 0;
  look.high = 10;
  look.step = 0.5f;
  look.fresh = -std::log2(kPlaneStep);
  if (slider(panel, "plane.zoom", look, zoom)) state.plane.scale = std::exp2(-zoom);
  space(kSpace3);
  if (button(panel, "plane.reset", "Whole plane", ButtonKind::plain, 0, state.plane.scale > 0))
    state.plane = View();
}

void sum_controls(const Panel& panel) {
  constexpr const char* kTerms[] = {"a", "b", "c"};
  const float thumb = for_hand(36);
  const std::vector<Pick> picks = panel.app.picks(kSumChoices);
  if (panel.state.picks.size() < 3) {
    text_wrapped(
        "Press samples twice in Sample to keep them, and the sum is made of them. Until then: the first of "
        "the seed.",
        Font::small, panel.theme.muted);
    space(kSpace3);
  }
  const float width = ImGui::GetContentRegionAvail().x;
  for (int term = 0; term < 3; ++term) {
    caption(panel, kTerms[term]);
    float used = 0;
    for (std::uint32_t i = 0; i < picks.size(); ++i) {
      Slot* slot = panel.app.pick_slot(picks[i]);
      if (slot == nullptr) continue;
      if (i > 0) {
        used += thumb + kSpace2 - 2;
        if (used + thumb <= width) {
          ImGui::SameLine(0, kSpace2 - 2);
        } else {
          used = 0;
          space(kSpace1);
        }
      }
      const bool chosen = panel.state.terms[term] % picks.size() == i;
      if (picture_button(panel, std::string("term.") + kTerms[term] + "." + std::to_string(i + 1),
                         std::string(kTerms[term]) + ": sample " + std::to_string(i + 1), slot->atlas, 0,
                         {thumb, thumb}, chosen))
        panel.state.terms[term] = i;
    }
    space(kSpace3);
  }
}

void zoom_controls(const Panel& panel) {
  constexpr std::uint32_t kSides[] = {28, 64, 128, 256, 512, 1024};
  caption(panel, "Pixels a side");
  bool first = true;
  for (const std::uint32_t side : kSides) {
    const std::string label = std::to_string(side);
    if (!first) flow(label);
    first = false;
    if (chip(panel, "resolution." + label, label, panel.state.resolution == side))
      panel.state.resolution = side;
  }
  space(kSpace3);
  State& state = panel.state;
  float zoom = state.zoom.scale > 0 ? -std::log2(state.zoom.scale) : 0;
  const std::string shown = fixed(std::exp2(zoom), zoom < 3 ? 1 : 0) + "\xc3\x97";
  SliderLook look;
  look.label = "Magnified";
  look.value = shown;
  look.low = -1;
  look.high = 6;
  look.step = 0.25f;
  if (slider(panel, "zoom.scale", look, zoom)) state.zoom.scale = std::exp2(-zoom);
  space(kSpace3);
  if (button(panel, "zoom.reset", "Whole picture", ButtonKind::plain, 0, state.zoom.scale > 0))
    state.zoom = View();
}

}  // namespace

void explore_panel(const Panel& panel) {
  heading(panel, "Explore");
  const Mode& now = mode_of(panel);
  bool first = true;
  for (const Mode& row : kModes) {
    if (!row.offered(panel)) continue;
    if (!first) flow(row.label);
    first = false;
    if (chip(panel, row.name, row.label, &row == &now)) panel.state.explore = row.mode;
  }
  space(kSpace3);
  if (now.mode == Explore::plane) plane_controls(panel);
  if (now.mode == Explore::sum) sum_controls(panel);
  if (now.mode == Explore::zoom) zoom_controls(panel);
  if (now.mode == Explore::sum) return;
  if (now.mode != Explore::sliders) ImGui::SameLine(0, kSpace2);
  walk_row(panel);
}

void explore_view(const Panel& panel) {
  // Something is always in hand here: the first picture, unless another was chosen.
  if (panel.state.selected < 0 && panel.app.grid.atlas.count > 0) panel.app.select(0);
  if (panel.app.scratch.walking) panel.app.redraw();
  mode_of(panel).view(panel);
}

}  // namespace lc::ui
