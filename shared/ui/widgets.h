// The controls that panels are made of, drawn in the theme.
#pragma once

#include <string>

#include "imgui.h"
#include "shared/ui/app.h"

namespace lc::ui {

// One line of text in a font and colour, shortened with an ellipsis at `width` (0: what is left of the line).
void text(const std::string& text, Font which, ImU32 colour, float width = 0);
// Draws into the current window's list at a place, without taking room.
void text_at(ImVec2 at, const std::string& text, Font which, ImU32 colour, float width = 0);
void text_wrapped(const std::string& text, Font which, ImU32 colour);
ImVec2 text_size(const std::string& text, Font which);
// `text` with its lines broken at spaces, and nowhere else, to fit in a width; ImGui would part "0.05" too.
std::string broken(const std::string& text, Font which, float width);
// As text_wrapped, within the wrap position that the caller has set.
void text_block(const Panel& panel, const std::string& text);
void space(float height);
// A control's size in CSS pixels: where fingers press (a touch screen, or a narrow one) 40 at the least.
float for_hand(float size);
float control_height();  // of a button

// A hit area with its mark; true when it was pressed, by hand or by an act.
bool hit(const Panel& panel, Mark mark, ImVec2 size);
// Around what has the keyboard's focus; scrolls it into sight when the focus comes.
void focus_ring(const Panel& panel, const std::string& name, ImVec2 low, ImVec2 high);

// Ends a child window; where the mouse is over what scrolls, the wheel is the canvas's.
void end_child(const Panel& panel);

void heading(const Panel& panel, const std::string& text);
// A name on the left and a value on the right of one line; a long value wraps under it.
void key_value(const Panel& panel, const std::string& key, const std::string& value);

enum class ButtonKind { primary, plain };
// `name` is the id and the mark. Width 0: as wide as its text. `spoken`: the label in words, where it is a
// sign.
bool button(const Panel& panel, const std::string& name, const std::string& label, ButtonKind kind,
            float width = 0, bool enabled = true, const char* spoken = nullptr);
// One of several choices; flows to the next line when there is no room.
bool chip(const Panel& panel, const std::string& name, const std::string& label, bool chosen,
          bool enabled = true, Role role = Role::radio, const char* spoken = nullptr);
ImVec2 chip_size(const std::string& label);
// One of the views of a column.
bool tab(const Panel& panel, const std::string& name, const std::string& label, bool chosen);
// Call before each chip after the first: keeps it in the line when it fits.
void flow(const std::string& label);

struct SliderLook {
  const char* label = "";
  std::string value;   // text at the right
  std::string spoken;  // the label in full, where `label` is short
  float step = 0;      // of an arrow key; 0: a hundredth of the range
  float low = 0, high = 1;
  float fresh = 0;       // where a double click puts it
  float origin = 0;      // where the filled part of the track begins
  bool compact = false;  // label, track and value in one line
  bool enabled = true;
};
// True while it changes the value.
bool slider(const Panel& panel, const std::string& name, const SliderLook& look, float& value);

// Whole device pixels a picture's pixel, the largest that fit in `room`; at least one.
ImVec2 crisp(const Panel& panel, const Atlas& atlas, ImVec2 room);
// Draws picture i of an atlas at a place; takes no room.
void draw_picture(const Panel& panel, Atlas& atlas, std::uint32_t i, ImVec2 low, ImVec2 size);
// A picture that can be pressed, at the cursor. `label` tells what is seen.
bool picture_button(const Panel& panel, const std::string& name, const std::string& label, Atlas& atlas,
                    std::uint32_t i, ImVec2 size, bool chosen = false);
// In the middle of the region: what is missing here and how it comes.
void nothing_here(const Panel& panel, const std::string& title, const std::string& detail);
// A short confirmation, for two seconds in the place of the label of the button that was pressed.
void tell(const Panel& panel, const std::string& words);
// A small line above controls.
void caption(const Panel& panel, const std::string& text);
// A name of the file in words: "frechet_distance" is "Fréchet distance".
std::string words_of(const std::string& name);
// "0.85"
std::string fixed(float value, int digits = 2);

std::string grouped(std::uint64_t number);                // 12,345
std::string short_number(double number, int digits = 3);  // 3 significant digits: 0.0123, 4.56, 123, 4.56 k
std::string bytes_text(std::uint64_t bytes);              // 912 KB

// Lines of a loss curve over its iterations, with a legend; a line at `at_iteration` where that is not 0.
// With a `name` it can be dragged: true while it is, and then `to` is the iteration under the mouse.
bool plot(const Panel& panel, const format::Curve& curve, float height, std::uint64_t at_iteration = 0,
          const std::string& name = "", double* to = nullptr);
// Columns of heights in [0, 1] with a name under each, in the accent colour from `bright` on. Takes its room.
void columns(const Panel& panel, const std::vector<float>& heights, const std::vector<std::string>& names,
             float width, float bright);
// The same lying, with each share in words: for names of more than two letters.
void bars(const Panel& panel, const std::vector<float>& shares, const std::vector<std::string>& names,
          float width, float bright);
// A row of small pictures that shows as many as fit in the width.
void strip(const Panel& panel, StripView& strip);

}  // namespace lc::ui
