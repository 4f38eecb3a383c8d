// Reads a PNG file back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lc::test {

struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  // rows from top to bottom
  const std::uint8_t* at(int x, int y) const {
    return &rgb[3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                     static_cast<std::size_t>(x))];
  }
};

Image read_png(const std::string& path);  // of size 0 x 0 when it is none

}  // namespace lc::test
