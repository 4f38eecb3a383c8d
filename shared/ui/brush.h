// A soft round brush on a square of grey levels. Plain arithmetic.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/session/session.h"
#include "shared/ui/state.h"

namespace lc::ui {

// Draws a line from (x0, y0) to (x1, y1), in pixels of the drawing; `drawing` is made where it is empty.
void stroke(std::vector<std::uint8_t>& drawing, float x0, float y0, float x1, float y1, bool erase);

// The drawing as a picture of the model's size and channels, values in [0, 1]: in the middle, on black;
// scaled down by whole pixels' averages where the model's pictures are smaller.
std::vector<float> picture_of(const std::vector<std::uint8_t>& drawing, const format::ImageSpec& image);

// An example of a strip (bytes, [channels][height][width]) as a drawing.
std::vector<std::uint8_t> drawing_of(const std::uint8_t* pixels, const format::ImageSpec& image);

}  // namespace lc::ui
