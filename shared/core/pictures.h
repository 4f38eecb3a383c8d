// Shapes of pictures as rows of numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "shared/core/span.h"

namespace lc {

// [channels][height][width]
struct PictureShape {
  std::uint32_t channels = 1, height = 28, width = 28;
  std::size_t size() const { return std::size_t{channels} * height * width; }
};
inline bool operator==(const PictureShape& a, const PictureShape& b) {
  return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

// Whether pictures of shape `to` are the middle of those of shape `from`: as many channels, no longer sides.
inline bool has_middle(const PictureShape& from, const PictureShape& to) {
  return from.channels == to.channels && from.height >= to.height && from.width >= to.width;
}

// The middles of pictures [n] of shape `from`, as has_middle allows.
std::vector<float> middle(Span<const float> pictures, const PictureShape& from, const PictureShape& to);

}  // namespace lc
