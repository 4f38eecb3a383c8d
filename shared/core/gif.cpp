// GIF89a: one palette for all pictures, LZW with codes of 9 to 12 bits (GIF89a specification, appendix F).
#include "shared/core/gif.h"

#include <algorithm>

namespace lc {
namespace {

constexpr int kRootBits = 8;
constexpr std::uint32_t kClear = 256, kEnd = 257, kFirst = 258, kMaxCodes = 4096;
constexpr std::uint32_t kColourLevels = 6;

void little_endian(std::vector<std::uint8_t>& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

class Codes {
 public:
  void put(std::uint32_t code, int bits) {
    held_ |= code << used_;
    used_ += bits;
    while (used_ >= 8) {
      bytes.push_back(static_cast<std::uint8_t>(held_));
      held_ >>= 8;
      used_ -= 8;
    }
  }
  void flush() {
    if (used_ > 0) bytes.push_back(static_cast<std::uint8_t>(held_));
    held_ = 0;
    used_ = 0;
  }
  std::vector<std::uint8_t> bytes;

 private:
  std::uint32_t held_ = 0;
  int used_ = 0;
};

// The strings known so far: (code of all but the last pixel, last pixel) -> code, in an open table.
class Strings {
 public:
  void clear() { std::fill(std::begin(keys_), std::end(keys_), 0u); }
  // The code, or 0 after it was added as `next`.
  std::uint32_t find_or_add(std::uint32_t prefix, std::uint8_t pixel, std::uint32_t next) {
    const std::uint32_t key = (prefix << 8 | pixel) + 1;
    std::uint32_t at = (key * 2654435761u) >> 19;
    while (keys_[at] != 0 && keys_[at] != key) at = (at + 1) % kSlots;
    if (keys_[at] == key) return codes_[at];
    keys_[at] = key;
    codes_[at] = static_cast<std::uint16_t>(next);
    return 0;
  }

 private:
  static constexpr std::uint32_t kSlots = 1u << 13;
  std::uint32_t keys_[kSlots] = {};
  std::uint16_t codes_[kSlots] = {};
};

std::vector<std::uint8_t> compress(const std::vector<std::uint8_t>& pixels, Strings& strings) {
  Codes codes;
  strings.clear();
  std::uint32_t next = kFirst, prefix = pixels[0];
  int bits = kRootBits + 1;
  codes.put(kClear, bits);
  for (std::size_t i = 1; i < pixels.size(); ++i) {
    const std::uint32_t longer = strings.find_or_add(prefix, pixels[i], next);
    if (longer != 0) {
      prefix = longer;
      continue;
    }
    codes.put(prefix, bits);
    if (next == (1u << bits) && bits < 12) ++bits;
    if (++next == kMaxCodes) {
      codes.put(kClear, bits);
      strings.clear();
      next = kFirst;
      bits = kRootBits + 1;
    }
    prefix = pixels[i];
  }
  codes.put(prefix, bits);
  if (next == (1u << bits) && bits < 12) ++bits;
  codes.put(kEnd, bits);
  codes.flush();
  return codes.bytes;
}

// Palette index of a coloured pixel: 6 levels a channel, the rounding spread by a 4 x 4 Bayer pattern.
std::uint8_t colour_index(const std::uint8_t* pixel, std::uint32_t x, std::uint32_t y) {
  constexpr int kBayer[16] = {0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5};
  const int threshold = kBayer[y % 4 * 4 + x % 4] * 51 / 16;
  std::uint32_t index = 0;
  for (int c = 0; c < 3; ++c)
    index = index * kColourLevels + static_cast<std::uint32_t>(std::min(255, pixel[c] + threshold) / 51);
  return static_cast<std::uint8_t>(index);
}

}  // namespace

std::vector<std::uint8_t> encode_gif(Span<const GifPicture> pictures, std::uint32_t width,
                                     std::uint32_t height, std::uint32_t channels, std::uint32_t scale) {
  std::vector<std::uint8_t> out = {'G', 'I', 'F', '8', '9', 'a'};
  const bool grey = channels == 1;
  const std::uint32_t wide = width * scale, high = height * scale;
  little_endian(out, wide);
  little_endian(out, high);
  out.insert(out.end(), {0xf7, 0, 0});  // a palette of 256 colours
  for (std::uint32_t i = 0; i < 256; ++i) {
    const std::uint32_t levels[] = {i / 36 % 6, i / 6 % 6, i % 6};
    for (const std::uint32_t level : levels) out.push_back(static_cast<std::uint8_t>(grey ? i : level * 51));
  }
  const char loop[] = "\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00";  // with the final zero, which ends the block
  out.insert(out.end(), loop, loop + sizeof loop);
  Strings strings;
  std::vector<std::uint8_t> indices(std::size_t{wide} * high);
  for (const GifPicture& picture : pictures) {
    for (std::uint32_t y = 0; y < high; ++y) {
      for (std::uint32_t x = 0; x < wide; ++x) {
        const std::uint8_t* from = picture.pixels + channels * (std::size_t{y / scale} * width + x / scale);
        indices[std::size_t{y} * wide + x] = grey ? from[0] : colour_index(from, x / scale, y / scale);
      }
    }
    out.insert(out.end(), {0x21, 0xf9, 4, 0});  // graphic control: how long it stays
    little_endian(out, picture.hundredths);
    out.insert(out.end(), {0, 0, 0x2c, 0, 0, 0, 0});  // image descriptor, at the corner
    little_endian(out, wide);
    little_endian(out, high);
    out.insert(out.end(), {0, kRootBits});  // no palette of its own
    const std::vector<std::uint8_t> bytes = compress(indices, strings);
    for (std::size_t at = 0; at < bytes.size(); at += 255) {
      const std::size_t size = std::min<std::size_t>(255, bytes.size() - at);
      out.push_back(static_cast<std::uint8_t>(size));
      out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
    }
    out.push_back(0);
  }
  out.push_back(0x3b);
  return out;
}

}  // namespace lc
