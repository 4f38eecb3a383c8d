// Turns frames and strips into textures.
#include "shared/ui/view.h"

#include <algorithm>
#include <cmath>

namespace lc::ui {
namespace {

std::uint8_t byte_of(float value) {
  if (!(value > 0)) return 0;  // NaN too
  return static_cast<std::uint8_t>(std::min(value, 1.0f) * 255 + 0.5f);
}
std::uint8_t byte_of(std::uint8_t value) {
  return value;
}

template <class T>
void lay_out(Atlas& atlas, Span<const T> values, std::uint32_t count, std::uint32_t channels,
             std::uint32_t height, std::uint32_t width) {
  atlas.count = count;
  atlas.width = width;
  atlas.height = height;
  atlas.columns = std::max(1u, static_cast<std::uint32_t>(std::ceil(std::sqrt(static_cast<float>(count)))));
  atlas.rows = std::max(1u, (count + atlas.columns - 1) / atlas.columns);
  Picture picture;
  picture.width = atlas.columns * width;
  picture.height = atlas.rows * height;
  picture.rgba.assign(std::size_t{4} * picture.width * picture.height, 0);
  const std::size_t plane = std::size_t{width} * height;
  for (std::uint32_t i = 0; i < count; ++i) {
    const T* source = values.data + i * plane * channels;
    for (std::uint32_t y = 0; y < height; ++y) {
      const std::size_t row = std::size_t{i / atlas.columns} * height + y;
      std::uint8_t* out = &picture.rgba[4 * (row * picture.width + std::size_t{i % atlas.columns} * width)];
      for (std::uint32_t x = 0; x < width; ++x, out += 4) {
        const T* pixel = source + std::size_t{y} * width + x;
        for (std::uint32_t c = 0; c < 3; ++c) out[c] = byte_of(pixel[channels == 3 ? c * plane : 0]);
        out[3] = 255;
      }
    }
  }
  atlas.texture.set(std::move(picture));
}

}  // namespace

void Texture::set(Picture picture) {
  picture_ = std::move(picture);
  fresh_ = true;
}

void Texture::clear(TextureSink& sink) {
  if (id_ && generation_ == sink.generation()) sink.release(id_);
  *this = Texture();
}

ImTextureID Texture::id(TextureSink& sink) {
  const bool lost = generation_ != sink.generation();
  if (lost) id_ = {};
  if (fresh_ || lost || !id_) id_ = sink.upload(id_, picture_);
  generation_ = sink.generation();
  fresh_ = false;
  return id_;
}

void Atlas::set(Span<const float> values, std::uint32_t n, std::uint32_t c, std::uint32_t h,
                std::uint32_t w) {
  lay_out(*this, values, n, c, h, w);
}
void Atlas::set(Span<const std::uint8_t> values, std::uint32_t n, std::uint32_t c, std::uint32_t h,
                std::uint32_t w) {
  lay_out(*this, values, n, c, h, w);
}

ImVec2 Atlas::uv0(std::uint32_t i) const {
  return {static_cast<float>(i % columns) / static_cast<float>(columns),
          static_cast<float>(i / columns) / static_cast<float>(rows)};
}

ImVec2 Atlas::uv1(std::uint32_t i) const {
  return {static_cast<float>(i % columns + 1) / static_cast<float>(columns),
          static_cast<float>(i / columns + 1) / static_cast<float>(rows)};
}

}  // namespace lc::ui
