// The pictures that the interface saves, decoded by stb_image: nothing of ours reads them back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "shared/ui/png.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#include <stb/stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace lc::ui {
namespace {

// A step of a channel's six levels: what a coloured GIF rounds to.
constexpr int kLevel = 51;

// Soft shapes and noise, so that runs, literals and long codes all occur.
Picture pattern(std::uint32_t width, std::uint32_t height, bool grey, std::uint32_t seed) {
  Picture out;
  out.width = width;
  out.height = height;
  std::uint32_t state = seed * 747796405u + 1;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      state = state * 1664525u + 1013904223u;
      const auto noise = static_cast<std::uint8_t>(x > width / 2 ? state >> 24 : 0);
      const auto slope = static_cast<std::uint8_t>(255 * y / height);
      out.rgba.insert(out.rgba.end(), {noise, grey ? noise : slope,
                                       grey ? noise : static_cast<std::uint8_t>(255 - slope), 255});
    }
  }
  return out;
}

TEST(ViewerFiles, a_png_holds_the_very_pixels_at_any_scale) {
  for (const std::uint32_t scale : {1u, 2u, 5u}) {
    for (const bool grey : {true, false}) {
      for (const std::uint32_t width : {1u, 7u, 28u, 257u}) {
        const Picture picture = pattern(width, 31, grey, width);
        const std::vector<std::uint8_t> bytes = encode_png(picture, scale);
        int w = 0, h = 0, channels = 0;
        stbi_uc* pixels =
            stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &w, &h, &channels, 4);
        ASSERT_NE(pixels, nullptr) << stbi_failure_reason();
        EXPECT_EQ(static_cast<std::uint32_t>(w), width * scale);
        EXPECT_EQ(static_cast<std::uint32_t>(h), 31 * scale);
        int worst = 0;
        for (int y = 0; y < h; ++y) {
          for (int x = 0; x < 4 * w; ++x) {
            const std::size_t from =
                4 * (static_cast<std::size_t>(y) / scale * width + static_cast<std::size_t>(x / 4) / scale) +
                static_cast<std::size_t>(x % 4);
            worst = std::max(worst, std::abs(pixels[y * 4 * w + x] - picture.rgba[from]));
          }
        }
        EXPECT_EQ(worst, 0) << width << " at " << scale;
        stbi_image_free(pixels);
      }
    }
  }
}

TEST(ViewerFiles, an_empty_grid_compresses_well) {
  Picture black;
  black.width = black.height = 256;
  black.rgba.assign(256 * 256 * 4, 0);
  const std::size_t size = encode_png(black, 4).size();
  std::printf("1024 x 1024 black pixels: %zu bytes\n", size);
  EXPECT_LT(size, 20000u);
}

TEST(ViewerFiles, a_gif_holds_every_picture) {
  for (const bool grey : {true, false}) {
    std::vector<Picture> film;
    for (std::uint32_t i = 0; i < 5; ++i) film.push_back(pattern(61, 47, grey, i + 3));
    const std::uint32_t scale = 3;
    const std::vector<std::uint8_t> bytes = encode_gif(film, scale, 6);
    int *delays = nullptr, w = 0, h = 0, frames = 0, channels = 0;
    stbi_uc* pixels = stbi_load_gif_from_memory(bytes.data(), static_cast<int>(bytes.size()), &delays, &w, &h,
                                                &frames, &channels, 4);
    ASSERT_NE(pixels, nullptr) << stbi_failure_reason();
    ASSERT_EQ(frames, 5);
    EXPECT_EQ(w, 61 * 3);
    EXPECT_EQ(h, 47 * 3);
    EXPECT_EQ(delays[1], 60) << "milliseconds";
    int worst = 0;
    for (int frame = 0; frame < frames; ++frame) {
      for (int y = 0; y < h; ++y) {
        for (int x = 0; x < w; ++x) {
          const stbi_uc* found = pixels + 4 * ((static_cast<std::ptrdiff_t>(frame) * h + y) * w + x);
          const std::uint8_t* expected =
              &film[static_cast<std::size_t>(frame)].rgba[4 * static_cast<std::size_t>(y / 3 * 61 + x / 3)];
          for (int c = 0; c < 3; ++c) worst = std::max(worst, std::abs(found[c] - expected[c]));
        }
      }
    }
    std::printf("%s: %zu bytes, max difference %d\n", grey ? "grey" : "colour", bytes.size(), worst);
    EXPECT_LE(worst, grey ? 0 : kLevel);
    stbi_image_free(pixels);
    std::free(delays);
  }
}

TEST(ViewerFiles, a_contact_sheet_keeps_order_and_gaps) {
  Picture atlas = pattern(8, 8, true, 1);  // four pictures of 4 x 4, two a row
  const Picture sheet = contact_sheet(atlas, 3, 2, 4, 4, 3, 1, 0xff102030u);
  EXPECT_EQ(sheet.width, 14u);
  EXPECT_EQ(sheet.height, 4u);
  EXPECT_EQ(sheet.rgba[4 * 4], 0x30) << "the gap";
  EXPECT_EQ(sheet.rgba[4 * 5], atlas.rgba[4 * 4]) << "the second picture";
  EXPECT_EQ(sheet.rgba[4 * 10], atlas.rgba[4 * 4 * 8]) << "the third is the first of the second row";
}

}  // namespace
}  // namespace lc::ui
