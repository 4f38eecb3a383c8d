// A soft round brush on a square of grey levels.
#include "shared/ui/brush.h"

#include <algorithm>
#include <cmath>

namespace lc::ui {
namespace {
// About the width of a pen on the digits of MNIST: full within the core, gone beyond the edge.
constexpr float kCore = 0.75f, kEdge = 1.75f;
constexpr std::size_t kPixels = std::size_t{kDrawingSide} * kDrawingSide;
}  // namespace

void stroke(std::vector<std::uint8_t>& drawing, float x0, float y0, float x1, float y1, bool erase) {
  drawing.resize(kPixels);
  const float dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
  for (std::uint32_t y = 0; y < kDrawingSide; ++y) {
    for (std::uint32_t x = 0; x < kDrawingSide; ++x) {
      const float px = static_cast<float>(x) + 0.5f - x0, py = static_cast<float>(y) + 0.5f - y0;
      const float t = length > 0 ? std::clamp((px * dx + py * dy) / length, 0.0f, 1.0f) : 0;
      const float distance = std::hypot(px - t * dx, py - t * dy);
      const float ink = std::clamp((kEdge - distance) / (kEdge - kCore), 0.0f, 1.0f);
      const auto level = static_cast<std::uint8_t>(std::lround(ink * kDrawingLevels));
      std::uint8_t& pixel = drawing[std::size_t{y} * kDrawingSide + x];
      pixel = erase ? std::min<std::uint8_t>(pixel, static_cast<std::uint8_t>(kDrawingLevels - level))
                    : std::max(pixel, level);
    }
  }
  if (std::all_of(drawing.begin(), drawing.end(), [](std::uint8_t v) { return v == 0; })) drawing.clear();
}

std::vector<float> picture_of(const std::vector<std::uint8_t>& drawing, const format::ImageSpec& image) {
  const std::size_t plane = std::size_t{image.width} * image.height;
  std::vector<float> out(plane * image.channels);
  if (drawing.size() != kPixels) return out;
  const auto side = static_cast<std::int32_t>(kDrawingSide);
  // Pictures that are smaller see the drawing from further away; larger ones by a whole factor nearer.
  const std::uint32_t least = std::min(image.width, image.height);
  const std::int32_t times = std::max(1, static_cast<std::int32_t>(least) / side);
  const std::int32_t shrink =
      least < kDrawingSide ? (side + static_cast<std::int32_t>(least) - 1) / static_cast<std::int32_t>(least)
                           : 1;
  const std::int32_t shown = side * times / shrink;
  const std::int32_t left = (static_cast<std::int32_t>(image.width) - shown) / 2,
                     top = (static_cast<std::int32_t>(image.height) - shown) / 2;
  for (std::int32_t y = 0; y < shown; ++y) {
    for (std::int32_t x = 0; x < shown; ++x) {
      float sum = 0;
      for (std::int32_t j = 0; j < shrink; ++j) {
        for (std::int32_t i = 0; i < shrink; ++i) {
          const std::int32_t dx = (x * shrink + i) / times, dy = (y * shrink + j) / times;
          sum += drawing[static_cast<std::size_t>(dy * side + dx)];
        }
      }
      const float value =
          sum / static_cast<float>(shrink * shrink * static_cast<std::int32_t>(kDrawingLevels));
      const std::int32_t px = left + x, py = top + y;
      if (px < 0 || py < 0 || px >= static_cast<std::int32_t>(image.width) ||
          py >= static_cast<std::int32_t>(image.height))
        continue;
      for (std::size_t c = 0; c < image.channels; ++c)
        out[c * plane + static_cast<std::size_t>(py) * image.width + static_cast<std::size_t>(px)] = value;
    }
  }
  return out;
}

std::vector<std::uint8_t> drawing_of(const std::uint8_t* pixels, const format::ImageSpec& image) {
  std::vector<std::uint8_t> out(kPixels);
  const auto side = static_cast<std::int32_t>(kDrawingSide);
  const std::int32_t left = (static_cast<std::int32_t>(image.width) - side) / 2,
                     top = (static_cast<std::int32_t>(image.height) - side) / 2;
  const std::size_t plane = std::size_t{image.width} * image.height;
  for (std::int32_t y = 0; y < side; ++y) {
    for (std::int32_t x = 0; x < side; ++x) {
      const std::int32_t px = left + x, py = top + y;
      if (px < 0 || py < 0 || px >= static_cast<std::int32_t>(image.width) ||
          py >= static_cast<std::int32_t>(image.height))
        continue;
      std::uint32_t sum = 0;
      for (std::size_t c = 0; c < image.channels; ++c)
        sum += pixels[c * plane + static_cast<std::size_t>(py) * image.width + static_cast<std::size_t>(px)];
      const std::uint32_t grey = sum / std::max(1u, image.channels);
      out[static_cast<std::size_t>(y * side + x)] =
          static_cast<std::uint8_t>((grey * kDrawingLevels + 127) / 255);
    }
  }
  return out;
}

}  // namespace lc::ui
