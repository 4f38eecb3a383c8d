// Lays pictures out in a grid and writes PNG.
#include "native/io/images.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "native/io/files.h"
#include "shared/core/checked.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

namespace lc::io {
namespace {

std::uint8_t as_byte(float value) {
  return byte_from_unit(value);
}
std::uint8_t as_byte(std::uint8_t value) {
  return value;
}

std::string text_of(const BatchShape& shape) {
  return std::to_string(shape.count) + " x " + std::to_string(shape.channels) + " x " +
         std::to_string(shape.height) + " x " + std::to_string(shape.width);
}

// Side of the whole picture: `places` pictures of `size` scaled pixels, padding around each.
bool side(std::uint64_t places, std::uint64_t size, const GridOptions& options, std::uint64_t& out) {
  std::uint64_t scaled = 0, step = 0, total = 0;
  if (!checked_mul(size, options.scale, scaled) || !checked_add(scaled, options.padding, step)) return false;
  if (!checked_mul(step, places, total) || !checked_add(total, options.padding, out)) return false;
  return out <= kMaxPictureBytes;
}

template <class T>
Result<Picture> lay_out(Span<const T> values, const BatchShape& shape, const GridOptions& options) {
  if (shape.count == 0 || shape.height == 0 || shape.width == 0 ||
      (shape.channels != 1 && shape.channels != 3)) {
    return fail(Code::bad_argument,
                "pictures of shape " + text_of(shape) +
                    ": a grid needs at least one, with 1 or 3 channels and no empty side.");
  }
  if (options.scale == 0) return fail(Code::bad_argument, "a grid's scale of 0: expected 1 or more.");
  const std::uint64_t columns = options.columns != 0
                                    ? std::min(options.columns, shape.count)
                                    : static_cast<std::uint64_t>(std::ceil(std::sqrt(shape.count)));
  const std::uint64_t rows = (shape.count + columns - 1) / columns;
  std::uint64_t width = 0, height = 0;
  const bool fits = side(columns, shape.width, options, width) && side(rows, shape.height, options, height) &&
                    width * height * shape.channels <= kMaxPictureBytes;
  if (!fits) {
    return fail(Code::too_much_asked, "a grid of " + text_of(shape) + " pictures, scaled by " +
                                          std::to_string(options.scale) + ": larger than " +
                                          std::to_string(kMaxPictureBytes >> 20) +
                                          " MiB. Ask for fewer or smaller ones.");
  }
  const std::uint64_t plane = std::uint64_t{shape.height} * shape.width;
  std::uint64_t expected = 0;  // the grid fits, so that count * channels * plane does
  if (!checked_mul(plane, std::uint64_t{shape.count} * shape.channels, expected) || expected != values.size) {
    return fail(Code::bad_argument, "pictures of shape " + text_of(shape) + " need " +
                                        std::to_string(expected) + " values, found " +
                                        std::to_string(values.size) + ".");
  }
  Picture picture;
  picture.width = static_cast<std::uint32_t>(width);
  picture.height = static_cast<std::uint32_t>(height);
  picture.channels = shape.channels;
  picture.pixels.assign(width * height * shape.channels, options.background);
  const std::uint64_t step_x = std::uint64_t{shape.width} * options.scale + options.padding;
  const std::uint64_t step_y = std::uint64_t{shape.height} * options.scale + options.padding;
  for (std::uint64_t i = 0; i < shape.count; ++i) {
    const T* source = values.data + i * shape.channels * plane;
    const std::uint64_t left = options.padding + (i % columns) * step_x;
    const std::uint64_t top = options.padding + (i / columns) * step_y;
    for (std::uint64_t y = 0; y < std::uint64_t{shape.height} * options.scale; ++y) {
      std::uint8_t* row = picture.pixels.data() + ((top + y) * width + left) * shape.channels;
      for (std::uint64_t x = 0; x < std::uint64_t{shape.width} * options.scale; ++x) {
        const std::uint64_t at = (y / options.scale) * shape.width + x / options.scale;
        for (std::uint64_t c = 0; c < shape.channels; ++c) *row++ = as_byte(source[c * plane + at]);
      }
    }
  }
  return picture;
}

// stb calls C code of ours, which must not throw through it.
struct Sink {
  std::vector<std::uint8_t> bytes;
  bool out_of_memory = false;
};

void append(void* context, void* data, int size) {
  auto* sink = static_cast<Sink*>(context);
  const auto* first = static_cast<const std::uint8_t*>(data);
  try {
    sink->bytes.insert(sink->bytes.end(), first, first + size);
  } catch (const std::bad_alloc&) {
    sink->out_of_memory = true;
  }
}

}  // namespace

std::uint8_t byte_from_unit(float value) {
  if (!(value > 0)) return 0;
  return value >= 1 ? 255 : static_cast<std::uint8_t>(value * 255.0f + 0.5f);
}

Result<Picture> grid(Span<const float> values, const BatchShape& shape, const GridOptions& options) {
  return lay_out(values, shape, options);
}

Result<Picture> grid(Span<const std::uint8_t> values, const BatchShape& shape, const GridOptions& options) {
  return lay_out(values, shape, options);
}

Result<std::vector<std::uint8_t>> encode_png(const Picture& picture) {
  const std::uint64_t row = std::uint64_t{picture.width} * picture.channels;
  const bool sound = picture.width != 0 && picture.height != 0 &&
                     (picture.channels == 1 || picture.channels == 3) && row <= kMaxPictureBytes &&
                     row * picture.height <= kMaxPictureBytes &&
                     row * picture.height == picture.pixels.size();
  if (!sound) {
    return fail(Code::bad_argument, "a picture of " + std::to_string(picture.width) + " x " +
                                        std::to_string(picture.height) + " x " +
                                        std::to_string(picture.channels) + " with " +
                                        std::to_string(picture.pixels.size()) + " bytes cannot be a PNG.");
  }
  Sink sink;
  const int done = stbi_write_png_to_func(
      append, &sink, static_cast<int>(picture.width), static_cast<int>(picture.height),
      static_cast<int>(picture.channels), picture.pixels.data(), static_cast<int>(row));
  if (done == 0 || sink.out_of_memory) return fail(Code::out_of_memory, "not enough memory to write a PNG.");
  return std::move(sink.bytes);
}

Status save_png(const std::string& path, const Picture& picture) {
  const Result<std::vector<std::uint8_t>> bytes = encode_png(picture);
  if (!bytes.ok()) return bytes.status();
  return save_file(path, bytes.value());
}

}  // namespace lc::io
