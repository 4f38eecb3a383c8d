// Lays pictures out in a grid and writes PNG.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"

namespace lc::io {

// Bytes in row-major order, channels last: [height][width][channels], 0 black to 255 white.
struct Picture {
  std::uint32_t width = 0, height = 0, channels = 1;  // 1 grey, 3 RGB
  std::vector<std::uint8_t> pixels;
};

struct GridOptions {
  std::uint32_t columns = 0;      // 0: the nearest to a square
  std::uint32_t padding = 2;      // pixels around and between pictures, not scaled
  std::uint32_t scale = 1;        // each pixel becomes scale x scale
  std::uint8_t background = 255;  // of the padding and of empty places
};

constexpr std::uint64_t kMaxPictureBytes = 1u << 28;  // over them: too_much_asked

// Shape of a batch: [count][channels][height][width], as every float array of pictures here.
struct BatchShape {
  std::uint32_t count = 0, channels = 1, height = 0, width = 0;
};

// round(255 * value), values outside [0, 1] clamped, NaN as 0.
std::uint8_t byte_from_unit(float value);

// One picture of all; values in [0, 1], or bytes. Channels 1 or 3. `values.size` must be the shape's product.
Result<Picture> grid(Span<const float> values, const BatchShape& shape, const GridOptions& options = {});
Result<Picture> grid(Span<const std::uint8_t> values, const BatchShape& shape,
                     const GridOptions& options = {});

Result<std::vector<std::uint8_t>> encode_png(const Picture& picture);
Status save_png(const std::string& path,
                const Picture& picture);  // as save_file: atomic, "-" is standard output

}  // namespace lc::io
