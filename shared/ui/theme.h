// Colours, spacing and fonts of the interface, in two palettes. Lengths are CSS pixels.
#pragma once

#include "imgui.h"

namespace lc::ui {

// The one spacing scale.
constexpr float kSpace1 = 4, kSpace2 = 8, kSpace3 = 12, kSpace4 = 16, kSpace5 = 24, kSpace6 = 32;
constexpr float kRadius = 6;
constexpr float kControlHeight = 32;

// Text contrasts with page and panel at 7:1 or more, muted and accent at 4.5:1 or more (WCAG 2.2, 1.4.3);
// tested.
struct Theme {
  bool dark;
  ImU32 page;    // behind the pictures
  ImU32 panel;   // the control column
  ImU32 raised;  // cards, chips, fields
  ImU32 raised_hover;
  ImU32 line;   // hairlines
  ImU32 track;  // of a slider
  ImU32 text, muted, disabled;
  ImU32 accent, accent_hover, on_accent;
  ImU32 accent_soft;  // behind a chosen card
  ImU32 error, error_soft;
  ImU32 series[4];  // lines of a plot
};

const Theme& theme(bool dark);

enum class Font { body, small, strong, label, title };
constexpr int kFonts = 5;

// Empties the current context's atlas and fills it with the fonts of the interface, rasterised for `dpr`
// device pixels per CSS pixel.
void build_fonts(float dpr);
ImFont* font(Font which);

// Sets the current context's style to the theme.
void apply_theme(const Theme& theme);

}  // namespace lc::ui
