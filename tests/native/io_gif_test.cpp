// GIF files read again by a small reader of the test's own.
#include <gtest/gtest.h>

#include <cstdlib>

#include "native/io/gif.h"
#include "shared/core/random.h"

namespace lc::io {
namespace {

struct Reader {
  const std::vector<std::uint8_t>& bytes;
  std::size_t at = 0;
  std::uint32_t byte() { return at < bytes.size() ? bytes[at++] : 0xffffffffu; }
  std::uint32_t word() {
    const std::uint32_t low = byte();
    return low | byte() << 8;
  }
};

// Strings as they are, no tricks: appendix F read literally.
std::vector<std::uint8_t> unpack(const std::vector<std::uint8_t>& packed) {
  std::vector<std::uint8_t> out;
  std::vector<std::vector<std::uint8_t>> table;
  std::uint32_t bits = 9;
  const auto clear = [&] {
    table.clear();
    for (std::uint32_t i = 0; i < 256; ++i) table.push_back({static_cast<std::uint8_t>(i)});
    table.resize(258);
    bits = 9;
  };
  clear();
  std::vector<std::uint8_t> before;
  std::size_t position = 0;
  for (;;) {
    std::uint32_t code = 0;
    for (std::uint32_t i = 0; i < bits; ++i, ++position) {
      if (position / 8 >= packed.size()) return out;
      code |= (packed[position / 8] >> (position % 8) & 1u) << i;
    }
    if (code == 257) return out;
    if (code == 256) {
      clear();
      before.clear();
      continue;
    }
    std::vector<std::uint8_t> entry;
    if (code < table.size()) {
      entry = table[code];
    } else {
      EXPECT_EQ(code, table.size()) << "a code that no reader knows";
      entry = before;
      entry.push_back(before.empty() ? 0 : before[0]);
    }
    out.insert(out.end(), entry.begin(), entry.end());
    if (!before.empty() && table.size() < 4096) {
      before.push_back(entry[0]);
      table.push_back(before);
      if (table.size() == (1u << bits) && bits < 12) ++bits;
    }
    before = entry;
  }
}

// The frames' palette indices.
std::vector<std::vector<std::uint8_t>> frames_of(const std::vector<std::uint8_t>& gif, std::uint32_t width,
                                                 std::uint32_t height) {
  std::vector<std::vector<std::uint8_t>> frames;
  Reader reader{gif};
  EXPECT_EQ(std::string(gif.begin(), gif.begin() + 6), "GIF89a");
  reader.at = 6;
  EXPECT_EQ(reader.word(), width);
  EXPECT_EQ(reader.word(), height);
  reader.at += 3 + 768;
  for (;;) {
    const std::uint32_t kind = reader.byte();
    if (kind == 0x3b) break;
    if (kind != 0x21 && kind != 0x2c) {
      ADD_FAILURE() << "block " << kind << " at " << reader.at;
      break;
    }
    reader.at += kind == 0x21 ? 1 : 10;
    std::vector<std::uint8_t> packed;
    for (std::uint32_t size = reader.byte(); size != 0 && reader.at < gif.size(); size = reader.byte()) {
      for (std::uint32_t i = 0; i < size; ++i) packed.push_back(static_cast<std::uint8_t>(reader.byte()));
    }
    if (kind == 0x2c) frames.push_back(unpack(packed));
  }
  EXPECT_EQ(reader.at, gif.size());
  return frames;
}

Picture picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels, std::uint64_t seed,
                std::uint32_t levels) {
  Picture out;
  out.width = width;
  out.height = height;
  out.channels = channels;
  std::vector<std::uint32_t> words(std::size_t{width} * height * channels);
  fill_words(seed, Stream::test, 0, Span<std::uint32_t>(words));
  for (const std::uint32_t word : words)
    out.pixels.push_back(static_cast<std::uint8_t>(word % levels * (255 / levels)));
  return out;
}

TEST(Gif, GreyFramesComeBackByteForByte) {
  // Few levels make long strings, many make every width of code and several clears.
  for (const std::uint32_t levels : {1u, 2u, 5u, 255u}) {
    const std::vector<Picture> pictures = {picture(161, 97, 1, 1, levels), picture(161, 97, 1, 2, levels)};
    const Result<std::vector<std::uint8_t>> gif = encode_gif(pictures);
    ASSERT_TRUE(gif.ok()) << gif.status().message;
    const auto frames = frames_of(gif.value(), 161, 97);
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0], pictures[0].pixels) << levels << " levels";
    EXPECT_EQ(frames[1], pictures[1].pixels) << levels << " levels";
  }
}

TEST(Gif, EverySizeOfAPictureEndsWell) {
  for (std::uint32_t width = 1; width < 300; width += 7) {
    const std::vector<Picture> pictures = {picture(width, 3, 1, width, 40)};
    const Result<std::vector<std::uint8_t>> gif = encode_gif(pictures);
    ASSERT_TRUE(gif.ok());
    const auto frames = frames_of(gif.value(), width, 3);
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0], pictures[0].pixels) << "width " << width;
  }
}

TEST(Gif, ColoursComeBackWithinOneLevel) {
  const std::vector<Picture> pictures = {picture(40, 30, 3, 3, 256)};
  const Result<std::vector<std::uint8_t>> gif = encode_gif(pictures);
  ASSERT_TRUE(gif.ok());
  const auto frames = frames_of(gif.value(), 40, 30);
  ASSERT_EQ(frames.size(), 1u);
  int worst = 0;
  for (std::size_t i = 0; i < frames[0].size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const int palette = gif.value()[13 + 3 * std::size_t{frames[0][i]} + c];
      worst = std::max(worst, std::abs(palette - int{pictures[0].pixels[3 * i + c]}));
    }
  }
  std::printf("largest difference of a channel: %d\n", worst);
  EXPECT_LT(worst, 51);
}

TEST(Gif, PicturesOfTwoSizesAreRefused) {
  const Result<std::vector<std::uint8_t>> gif = encode_gif({picture(4, 4, 1, 1, 2), picture(4, 5, 1, 1, 2)});
  EXPECT_EQ(gif.status().code, Code::bad_argument);
  EXPECT_EQ(encode_gif({}).status().code, Code::bad_argument);
}

}  // namespace
}  // namespace lc::io
