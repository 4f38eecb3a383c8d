// Shapes of pictures as rows of numbers.
#include "shared/core/pictures.h"

namespace lc {

std::vector<float> middle(Span<const float> pictures, const PictureShape& from, const PictureShape& to) {
  const std::size_t top = (from.height - to.height) / 2, left = (from.width - to.width) / 2;
  const std::size_t planes = pictures.size / (std::size_t{from.height} * from.width);
  std::vector<float> out;
  out.reserve(planes * to.height * to.width);
  for (std::size_t plane = 0; plane < planes; ++plane) {
    for (std::size_t y = 0; y < to.height; ++y) {
      const float* row = pictures.data + (plane * from.height + y + top) * from.width + left;
      out.insert(out.end(), row, row + to.width);
    }
  }
  return out;
}

}  // namespace lc
