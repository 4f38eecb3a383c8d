// A grid puts every pixel where it belongs, and a PNG holds exactly those pixels.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "native/io/files.h"
#include "native/io/images.h"

namespace lc::io {
namespace {

std::uint32_t big_endian(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

// A PNG reader of its own (8 bits, no interlacing), so that the writer is not judged by itself.
bool decode_png(const std::vector<std::uint8_t>& png, Picture& out) {
  const std::string signature("\x89PNG\r\n\x1a\n", 8);
  if (png.size() < 8 || std::string(png.begin(), png.begin() + 8) != signature) return false;
  std::vector<std::uint8_t> packed;
  bool ended = false;
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const std::size_t length = big_endian(&png[at]);
    if (at + 12 + length > png.size()) return false;
    const std::string kind(png.begin() + static_cast<long>(at) + 4, png.begin() + static_cast<long>(at) + 8);
    if (crc32(0, &png[at + 4], static_cast<uInt>(length + 4)) != big_endian(&png[at + 8 + length]))
      return false;
    const std::uint8_t* data = &png[at + 8];
    if (kind == "IHDR") {
      out.width = big_endian(data);
      out.height = big_endian(data + 4);
      if (data[8] != 8 || (data[9] != 0 && data[9] != 2) || data[12] != 0) return false;
      out.channels = data[9] == 0 ? 1 : 3;
    }
    if (kind == "IDAT") packed.insert(packed.end(), data, data + length);
    ended = kind == "IEND";
    at += 12 + length;
  }
  const std::size_t row = std::size_t{out.width} * out.channels;
  std::vector<std::uint8_t> raw((row + 1) * out.height);
  uLongf size = raw.size();
  if (uncompress(raw.data(), &size, packed.data(), packed.size()) != Z_OK || size != raw.size()) return false;
  out.pixels.assign(row * out.height, 0);
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < row; ++x) {
      const int left = x >= out.channels ? out.pixels[y * row + x - out.channels] : 0;
      const int up = y > 0 ? out.pixels[(y - 1) * row + x] : 0;
      const int corner = y > 0 && x >= out.channels ? out.pixels[(y - 1) * row + x - out.channels] : 0;
      const int by_left = std::abs(up - corner), by_up = std::abs(left - corner),
                by_corner = std::abs(left + up - 2 * corner);
      const int paeth = by_left <= by_up && by_left <= by_corner ? left : by_up <= by_corner ? up : corner;
      const int guesses[] = {0, left, up, (left + up) / 2, paeth};
      const std::uint8_t filter = raw[y * (row + 1)];
      if (filter > 4) return false;
      out.pixels[y * row + x] = static_cast<std::uint8_t>(raw[y * (row + 1) + 1 + x] + guesses[filter]);
    }
  }
  return ended;
}

TEST(Bytes, AreTheNearestOfTheUnitInterval) {
  EXPECT_EQ(byte_from_unit(0), 0);
  EXPECT_EQ(byte_from_unit(1), 255);
  EXPECT_EQ(byte_from_unit(-3), 0);
  EXPECT_EQ(byte_from_unit(7), 255);
  EXPECT_EQ(byte_from_unit(std::numeric_limits<float>::quiet_NaN()), 0);
  EXPECT_EQ(byte_from_unit(std::numeric_limits<float>::infinity()), 255);
  for (int i = 0; i < 256; ++i) EXPECT_EQ(byte_from_unit(static_cast<float>(i) / 255.0f), i);
}

TEST(Grid, PutsEveryPixelInItsPlace) {
  BatchShape shape;
  shape.count = 5, shape.channels = 3, shape.height = 2, shape.width = 3;
  GridOptions options;
  options.padding = 1, options.scale = 2, options.columns = 2, options.background = 9;
  std::vector<std::uint8_t> values(5 * 3 * 2 * 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(100 + i);
  const Result<Picture> made = grid(Span<const std::uint8_t>(values), shape, options);
  ASSERT_TRUE(made.ok()) << made.status().message;
  const Picture& picture = made.value();
  ASSERT_EQ(picture.width, 2 * 6 + 3u);
  ASSERT_EQ(picture.height, 3 * 4 + 4u);
  std::size_t painted = 0;
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      const bool inside = x % 7 != 0 && y % 5 != 0;
      const std::uint32_t number = (y / 5) * 2 + x / 7;
      for (std::uint32_t c = 0; c < 3; ++c) {
        std::uint8_t expected = 9;
        if (inside && number < 5) {
          expected = values[((number * 3 + c) * 2 + (y % 5 - 1) / 2) * 3 + (x % 7 - 1) / 2];
          ++painted;
        }
        ASSERT_EQ(picture.pixels[(y * picture.width + x) * 3 + c], expected) << x << "," << y;
      }
    }
  }
  EXPECT_EQ(painted, values.size() * 4);
}

TEST(Grid, OfFloatsIsTheGridOfTheirBytes) {
  BatchShape shape;
  shape.count = 3, shape.height = 4, shape.width = 5;
  std::vector<float> values(60);
  std::vector<std::uint8_t> bytes(60);
  for (std::size_t i = 0; i < 60; ++i) bytes[i] = byte_from_unit(values[i] = static_cast<float>(i) / 59.0f);
  const Result<Picture> a = grid(Span<const float>(values), shape);
  const Result<Picture> b = grid(Span<const std::uint8_t>(bytes), shape);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_TRUE(a.value().pixels == b.value().pixels);
}

TEST(Grid, RefusesWhatMakesNoSense) {
  const std::vector<float> values(64);
  const auto code = [&](std::uint32_t n, std::uint32_t c, std::uint32_t h, std::uint32_t w,
                        std::uint32_t scale) {
    BatchShape shape;
    shape.count = n, shape.channels = c, shape.height = h, shape.width = w;
    GridOptions options;
    options.scale = scale;
    return grid(Span<const float>(values), shape, options).status().code;
  };
  EXPECT_EQ(code(1, 1, 8, 8, 1), Code::ok);
  EXPECT_EQ(code(0, 1, 8, 8, 1), Code::bad_argument);
  EXPECT_EQ(code(1, 2, 8, 4, 1), Code::bad_argument);
  EXPECT_EQ(code(1, 1, 0, 8, 1), Code::bad_argument);
  EXPECT_EQ(code(1, 1, 8, 8, 0), Code::bad_argument);
  EXPECT_EQ(code(1, 1, 8, 9, 1), Code::bad_argument);
  EXPECT_EQ(code(1, 1, 8, 8, 4000), Code::too_much_asked);
  EXPECT_EQ(code(1, 1, 8, 8, UINT32_MAX), Code::too_much_asked);
  EXPECT_EQ(code(UINT32_MAX, 3, UINT32_MAX, UINT32_MAX, UINT32_MAX), Code::too_much_asked);
}

TEST(Png, HoldsExactlyThePixels) {
  for (const std::uint32_t channels : {1u, 3u}) {
    for (const std::uint32_t side : {1u, 2u, 7u, 64u, 251u}) {
      Picture picture;
      picture.width = side, picture.height = side + 1, picture.channels = channels;
      picture.pixels.resize(std::size_t{side} * (side + 1) * channels);
      for (std::size_t i = 0; i < picture.pixels.size(); ++i)
        picture.pixels[i] = static_cast<std::uint8_t>(i * i >> 4);
      const Result<std::vector<std::uint8_t>> png = encode_png(picture);
      ASSERT_TRUE(png.ok()) << png.status().message;
      Picture back;
      ASSERT_TRUE(decode_png(png.value(), back)) << side << " x " << channels;
      EXPECT_EQ(back.width, side);
      EXPECT_EQ(back.height, side + 1);
      EXPECT_EQ(back.channels, channels);
      EXPECT_TRUE(back.pixels == picture.pixels) << side << " x " << channels;
    }
  }
}

TEST(Png, RefusesAPictureWhosePixelsDoNotFit) {
  Picture picture;
  EXPECT_EQ(encode_png(picture).status().code, Code::bad_argument);
  picture.width = picture.height = 4;
  picture.pixels.resize(15);
  EXPECT_EQ(encode_png(picture).status().code, Code::bad_argument);
  picture.pixels.resize(16);
  EXPECT_TRUE(encode_png(picture).ok());
  picture.channels = 2, picture.pixels.resize(32);
  EXPECT_EQ(encode_png(picture).status().code, Code::bad_argument);
  EXPECT_EQ(save_png("/dev/full", Picture{4, 4, 1, std::vector<std::uint8_t>(16)}).code, Code::io_disk_full);
}

}  // namespace
}  // namespace lc::io
