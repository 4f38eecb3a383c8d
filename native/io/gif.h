// Moving pictures as GIF files.
#pragma once

#include <cstdint>
#include <vector>

#include "native/io/images.h"
#include "shared/core/status.h"

namespace lc::io {

struct GifOptions {
  std::uint32_t hundredths = 20;        // of a second that each picture stays
  std::uint32_t last_hundredths = 150;  // that the last one stays before it begins again
};

// GIF89a that begins again for ever. All pictures have one size and number of channels; grey ones keep their
// 256 levels, coloured ones have 6 levels a channel, dithered in a fixed pattern so that still parts stand
// still.
Result<std::vector<std::uint8_t>> encode_gif(const std::vector<Picture>& pictures,
                                             const GifOptions& options = {});

}  // namespace lc::io
