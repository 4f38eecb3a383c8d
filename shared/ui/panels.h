// Every panel: a function that draws itself at the cursor and changes the State. A new one is a file and a
// row in app.cpp.
#pragma once

#include "shared/ui/app.h"

namespace lc::ui {

constexpr float kNarrow = 720;  // below this width the controls stand under the pictures

constexpr std::size_t kSumChoices = 4;  // samples to choose the terms of a sum from, at the least
constexpr float kHelpWidth = 352;
constexpr float kPlaneStep = 0.25f;  // standard deviations from picture to picture of the latent plane

void layout(const Panel& panel);  // all of them, in a window of the screen's size

// In the control column.
void models_panel(const Panel& panel);    // which model
void sample_panel(const Panel& panel);    // seed, count, temperature, class
void timeline_panel(const Panel& panel);  // which moment of training
void tray_panel(const Panel& panel);      // kept samples
void latent_panel(const Panel& panel);    // the selected picture and its latent vector
void share_panel(const Panel& panel);     // pictures and links to take along
void explore_panel(const Panel& panel);   // how to move through the latent space
void morph_panel(const Panel& panel);     // from sample to sample
void compare_panel(const Panel& panel);   // which models beside each other, when in training
void draw_panel(const Panel& panel);      // a picture of the person's own, and its code
void critic_panel(const Panel& panel);    // which of these is real
void measure_panel(const Panel& panel);   // classes, and distance to the data, of 1,000 samples
void run_panel(const Panel& panel);       // a training run that is watched
void info_panel(const Panel& panel);      // where the model comes from and how good it is

// Beside it; each fills the region it is drawn in.
void sample_view(const Panel& panel);  // the pictures, or the figure that fits what the model makes
void grid_panel(const Panel& panel);
std::int32_t sample_grid(const Panel& panel);  // the pictures alone: the one that is pressed, or -1
void explore_view(const Panel& panel);
void sweep_view(const Panel& panel);  // each latent number from low to high
void plane_view(const Panel& panel);  // a map of two directions
void sum_view(const Panel& panel);    // a - b + c
void zoom_view(const Panel& panel);   // one picture at any resolution
void morph_view(const Panel& panel);
void compare_view(const Panel& panel);
void draw_view(const Panel& panel);
void critic_view(const Panel& panel);
void run_view(const Panel& panel);

void status_bar(const Panel& panel);    // what the last answer cost
void error_banner(const Panel& panel);  // what went wrong, in words
void help_button(const Panel& panel);
void help_card(const Panel& panel, Tab tab, ImVec2 at, ImVec2 size);

// The model whose discriminator judges pictures: the chosen one, or the first loaded one of its picture size
// that has one; null without any. And whether any loaded model takes pictures.
const session::ModelInfo* can_judge(const Panel& panel);
bool any_sees(const Panel& panel);
// Whether the chosen model was trained against a critic that can be asked, and that critic: its own, or where
// its own wants to be told the class, another one of its data set. Null while it is on its way: asks for it.
bool has_critic(const Panel& panel);
const session::ModelInfo* critic_of(const Panel& panel);
// The end of the morph that waits for a sample becomes this one; false when none waits.
bool set_morph_end(const Panel& panel, const Pick& pick);
// Whether there is a feature network of the chosen model's data set, loaded or on offer.
bool can_measure(const Panel& panel);

}  // namespace lc::ui
