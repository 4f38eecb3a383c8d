// Text in pictures: the page's typeface, drawn with stb_truetype.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "native/io/images.h"

namespace lc::cli {

using Ink = std::array<std::uint8_t, 3>;

// Pixels from the first letter's left to the last one's right; UTF-8, letters that the font lacks are
// skipped. `size` is the font's height in pixels.
std::uint32_t text_width(const std::string& text, float size, bool bold = false);

// Draws into an RGB picture, (x, y) the corner of the line's box at the top left; what lies outside is cut
// off.
void draw_text(io::Picture& picture, std::uint32_t x, std::uint32_t y, const std::string& text, float size,
               Ink ink, bool bold = false);

}  // namespace lc::cli
