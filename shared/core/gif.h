// Moving pictures as GIF files, from plain bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/core/span.h"

namespace lc {

struct GifPicture {
  const std::uint8_t* pixels = nullptr;  // [height][width][channels]
  std::uint32_t hundredths = 0;          // of a second that it stays
};

// GIF89a that begins again for ever. All pictures have `width` x `height` pixels of 1 (grey) or 3 channels,
// at least one each; a pixel becomes `scale` x `scale` ones, of which no side may pass 65535. Grey keeps its
// 256 levels, colours have 6 levels a channel, dithered in a fixed pattern so that still parts stand still.
std::vector<std::uint8_t> encode_gif(Span<const GifPicture> pictures, std::uint32_t width,
                                     std::uint32_t height, std::uint32_t channels, std::uint32_t scale = 1);

}  // namespace lc
