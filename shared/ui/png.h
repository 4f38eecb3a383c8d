// Pictures as PNG files and moving ones as GIF files, small enough for the page to carry. No GUI.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/ui/view.h"

namespace lc::ui {

// A PNG of 8 bits a channel; grey where every pixel is grey. Each pixel becomes scale x scale.
std::vector<std::uint8_t> encode_png(const Picture& picture, std::uint32_t scale = 1);

// An endless GIF. All pictures have one size; grey ones keep their 256 levels, coloured ones have 6 levels a
// channel, dithered in a fixed pattern so that still parts stand still.
std::vector<std::uint8_t> encode_gif(const std::vector<Picture>& pictures, std::uint32_t scale,
                                     std::uint32_t hundredths_a_picture);

// Pictures [first, first + count) of an atlas' layout in rows of `columns`, with a gap between them in
// pixels.
Picture contact_sheet(const Picture& atlas, std::uint32_t count, std::uint32_t atlas_columns,
                      std::uint32_t width, std::uint32_t height, std::uint32_t columns, std::uint32_t gap,
                      std::uint32_t background);

}  // namespace lc::ui
