// What panels remember from frame to frame that is no part of the State: what plays, what is being dragged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/ui/state.h"
#include "shared/ui/view.h"

namespace lc::ui {

// A block of pictures of the latent plane; `slot` names its question.
struct PlaneTile {
  std::int32_t level = 0, column = 0, row = 0;
  std::uint64_t plane = 0;  // which plane it was asked for
  std::uint64_t used = 0;
  bool taken = false;
};

// What was measured on samples, as the numbered frame holds them.
struct Measured {
  std::uint64_t of = 0;  // the frame; 0: nothing yet
  std::uint32_t model = 0;
  std::vector<std::uint64_t> histogram;  // of the classes that were seen
  double asked = -1;                     // share of samples of the asked class; negative: none was asked
  double distance = -1;                  // Fréchet distance; negative: not known
};

struct Scratch {
  Tab tab_shown = Tab::models;  // its tab was scrolled into sight
  std::string card_shown;       // the model whose card was brought into sight
  bool all_models = false;      // the list is unfolded
  bool details = false;         // of a model's file
  bool all_latents = false;     // every slider, not only those that matter most
  std::uint32_t png_scale = 4;
  std::string pressed;        // the button that was pressed last
  std::string told, told_by;  // a short confirmation, "Copied", and the button that says it
  float told_seconds = 0;

  // Random walk: from one latent vector to the next.
  bool walking = false;
  std::vector<float> walk_from, walk_to;
  float walk_along = 0;
  std::uint64_t walk_steps = 0;

  bool comparing = false;   // training plays
  float compare_waits = 0;  // seconds until the next moment

  bool morphing = false;        // plays
  std::int32_t morph_end = -1;  // that waits for a sample: 0 from, 1 to
  bool backwards = false;

  std::vector<float> plane_base;  // where the plane lies, in standard deviations
  std::uint64_t plane_number = 0;
  std::uint32_t plane_model = 0, plane_moment = 0;
  std::int32_t plane_axes[2] = {-2, -2};
  std::int32_t plane_label = -2;
  std::uint64_t plane_frame = 0;
  std::vector<PlaneTile> tiles;

  int seed_field = 0;   // which of its kind, since a number was set from elsewhere
  bool stroke = false;  // a line is being drawn
  float stroke_x = 0, stroke_y = 0;
  bool erasing = false;
  std::uint32_t next_example = 0;
  Atlas drawn;                  // the drawing, or the example, as a texture
  std::vector<float> drawn_is;  // what it shows
  Atlas difference[4];
  std::vector<float> difference_is[4];

  bool measuring = false;
  std::uint64_t looked_at = 0;  // the frame that the classifier was given
  Measured measured;

  std::vector<bool> guesses;  // pictures that the person takes for real
  bool revealed = false;
  std::uint64_t critic_round = 0;
  Atlas judged;
  std::uint64_t judged_is = 0;
};

}  // namespace lc::ui
