// Moving pictures as GIF files: one palette, LZW with codes of 9 to 12 bits (GIF89a specification, appendix
// F).
#include "native/io/gif.h"

#include <algorithm>
#include <map>
#include <string>

namespace lc::io {
namespace {

constexpr std::uint32_t kClear = 256, kEnd = 257, kFirst = 258, kMaxCodes = 4096;
constexpr std::uint32_t kLevels = 6;  // of a colour channel
constexpr std::uint32_t kMaxSide = 65535;

using Bytes = std::vector<std::uint8_t>;

void put_word(Bytes& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

// Codes of a growing number of bits, the lowest first.
class BitWriter {
 public:
  void put(std::uint32_t code, std::uint32_t bits) {
    held_ |= code << used_;
    for (used_ += bits; used_ >= 8; used_ -= 8, held_ >>= 8)
      bytes_.push_back(static_cast<std::uint8_t>(held_));
  }
  Bytes finish() {
    if (used_ > 0) bytes_.push_back(static_cast<std::uint8_t>(held_));
    return std::move(bytes_);
  }

 private:
  Bytes bytes_;
  std::uint32_t held_ = 0, used_ = 0;
};

Bytes compress(const Bytes& indices) {
  BitWriter writer;
  std::map<std::uint32_t, std::uint32_t> known;  // (code of a string) << 8 | the next index -> code of both
  std::uint32_t bits = 9, next = kFirst, current = indices[0];
  writer.put(kClear, bits);
  for (std::size_t i = 1; i < indices.size(); ++i) {
    const std::uint32_t key = current << 8 | indices[i];
    const auto found = known.find(key);
    if (found != known.end()) {
      current = found->second;
      continue;
    }
    writer.put(current, bits);
    current = indices[i];
    if (next < kMaxCodes) {
      known[key] = next;
      // The reader is one code behind: it widens when it has made the code before this one.
      if (next++ == 1u << bits) ++bits;
      continue;
    }
    writer.put(kClear, bits);
    known.clear();
    bits = 9;
    next = kFirst;
  }
  writer.put(current, bits);
  // The reader makes one more code on reading that one.
  if (next == 1u << bits && bits < 12) ++bits;
  writer.put(kEnd, bits);
  return writer.finish();
}

// Palette index of a coloured pixel: rounding spread by a 4 x 4 Bayer pattern.
std::uint8_t colour_index(const std::uint8_t* pixel, std::uint32_t x, std::uint32_t y) {
  constexpr std::uint32_t kBayer[16] = {0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5};
  constexpr std::uint32_t kStep = 255 / (kLevels - 1);
  const std::uint32_t threshold = kBayer[y % 4 * 4 + x % 4] * kStep / 16;
  std::uint32_t index = 0;
  for (int c = 0; c < 3; ++c) index = index * kLevels + std::min(255u, pixel[c] + threshold) / kStep;
  return static_cast<std::uint8_t>(index);
}

Bytes indices_of(const Picture& picture) {
  if (picture.channels == 1) return picture.pixels;
  Bytes indices(std::size_t{picture.width} * picture.height);
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      const std::size_t at = std::size_t{y} * picture.width + x;
      indices[at] = colour_index(picture.pixels.data() + 3 * at, x, y);
    }
  }
  return indices;
}

void put_palette(Bytes& out, bool grey) {
  for (std::uint32_t i = 0; i < 256; ++i) {
    for (const std::uint32_t level : {i / (kLevels * kLevels) % kLevels, i / kLevels % kLevels, i % kLevels})
      out.push_back(static_cast<std::uint8_t>(grey ? i : level * 255 / (kLevels - 1)));
  }
}

void put_picture(Bytes& out, const Picture& picture, std::uint32_t hundredths) {
  out.insert(out.end(), {0x21, 0xf9, 4, 0});  // graphic control: how long it stays
  put_word(out, hundredths);
  out.insert(out.end(), {0, 0, 0x2c, 0, 0, 0, 0});  // image descriptor, at the corner
  put_word(out, picture.width);
  put_word(out, picture.height);
  out.insert(out.end(), {0, 8});  // no palette of its own; root codes of 8 bits
  const Bytes bytes = compress(indices_of(picture));
  for (std::size_t at = 0; at < bytes.size(); at += 255) {
    const std::size_t size = std::min<std::size_t>(255, bytes.size() - at);
    out.push_back(static_cast<std::uint8_t>(size));
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
               bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  out.push_back(0);
}

}  // namespace

Result<std::vector<std::uint8_t>> encode_gif(const std::vector<Picture>& pictures,
                                             const GifOptions& options) {
  if (pictures.empty()) return fail(Code::bad_argument, "a GIF needs at least one picture.");
  const Picture& first = pictures[0];
  for (const Picture& picture : pictures) {
    const bool same =
        picture.width == first.width && picture.height == first.height && picture.channels == first.channels;
    if (!same || picture.width == 0 || picture.height == 0 || picture.width > kMaxSide ||
        picture.height > kMaxSide ||
        picture.pixels.size() != std::size_t{picture.width} * picture.height * picture.channels) {
      return fail(Code::bad_argument,
                  "the pictures of a GIF have one size, 1 to " + std::to_string(kMaxSide) +
                      " a side; found " + std::to_string(picture.width) + " x " +
                      std::to_string(picture.height) + " beside " + std::to_string(first.width) + " x " +
                      std::to_string(first.height) + ".");
    }
  }
  Bytes out = {'G', 'I', 'F', '8', '9', 'a'};
  put_word(out, first.width);
  put_word(out, first.height);
  out.insert(out.end(), {0xf7, 0, 0});  // a palette of 256 colours
  put_palette(out, first.channels == 1);
  const char loop[] = "\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00";  // with the final zero, which ends the block
  out.insert(out.end(), loop, loop + sizeof loop);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    put_picture(out, pictures[i], i + 1 == pictures.size() ? options.last_hundredths : options.hundredths);
  }
  out.push_back(0x3b);
  return out;
}

}  // namespace lc::io
