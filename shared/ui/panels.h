// Every panel: a function that draws itself at the cursor and changes the State. A new one is a file and a
// row in app.cpp.
#pragma once

#include "shared/ui/app.h"

namespace lc::ui {

constexpr float kNarrow = 720;  // below this width the controls stand under the pictures

void layout(const Panel& panel);  // all of them, in a window of the screen's size

void models_panel(const Panel& panel);    // which model
void sample_panel(const Panel& panel);    // seed, count, temperature, class
void timeline_panel(const Panel& panel);  // which moment of training
void latent_panel(const Panel& panel);    // the selected picture and its latent vector
void info_panel(const Panel& panel);      // where the model comes from and how good it is
void grid_panel(const Panel& panel);      // the pictures; fills the window it is drawn in
void status_bar(const Panel& panel);      // what the last answer cost
void error_banner(const Panel& panel);    // what went wrong, in words

}  // namespace lc::ui
