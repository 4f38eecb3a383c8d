// PNG: rows filtered by "up" where it repeats, then runs of equal bytes with deflate's fixed codes.
#include "shared/ui/png.h"

#include <algorithm>

namespace lc::ui {
namespace {

std::uint32_t crc_of(const std::uint8_t* bytes, std::size_t size) {
  std::uint32_t crc = 0xffffffffu;
  for (std::size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1)));
  }
  return ~crc;
}

void big_endian(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void chunk(std::vector<std::uint8_t>& out, const char* name, const std::vector<std::uint8_t>& data) {
  big_endian(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t start = out.size();
  out.insert(out.end(), name, name + 4);
  out.insert(out.end(), data.begin(), data.end());
  big_endian(out, crc_of(out.data() + start, out.size() - start));
}

// Bits from the lowest up, as deflate packs them.
class Bits {
 public:
  explicit Bits(std::vector<std::uint8_t>& out) : out_(out) {}
  void put(std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) {
      held_ |= ((value >> i) & 1) << used_;
      if (++used_ == 8) flush();
    }
  }
  // Huffman codes go from the highest bit down.
  void code(std::uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) put((value >> i) & 1, 1);
  }
  void flush() {
    if (used_ > 0) out_.push_back(static_cast<std::uint8_t>(held_));
    held_ = 0;
    used_ = 0;
  }

 private:
  std::vector<std::uint8_t>& out_;
  std::uint32_t held_ = 0;
  int used_ = 0;
};

// The fixed code of a literal or length symbol (RFC 1951, 3.2.6).
void symbol(Bits& bits, std::uint32_t s) {
  if (s < 144) {
    bits.code(0x30 + s, 8);
  } else if (s < 256) {
    bits.code(0x190 + s - 144, 9);
  } else if (s < 280) {
    bits.code(s - 256, 7);
  } else {
    bits.code(0xc0 + s - 280, 8);
  }
}

// A run of `length` (3 to 258) copies of the byte before it.
void run(Bits& bits, std::uint32_t length) {
  std::uint32_t base = 3, s = 257;
  int extra = 0;
  if (length == 258) {
    symbol(bits, 285);
  } else {
    while (true) {  // 8 symbols without extra bits, then four for each number of them
      extra = s < 265 ? 0 : static_cast<int>((s - 261) / 4);
      if (length < base + (1u << extra)) break;
      base += 1u << extra;
      ++s;
    }
    symbol(bits, s);
    bits.put(length - base, extra);
  }
  bits.code(0, 5);  // distance 1
}

std::vector<std::uint8_t> deflate(const std::vector<std::uint8_t>& data) {
  std::vector<std::uint8_t> out = {0x78, 0x01};
  Bits bits(out);
  bits.put(1, 1);  // the last block
  bits.put(1, 2);  // fixed codes
  std::uint32_t a = 1, b = 0;
  for (const std::uint8_t byte : data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  for (std::size_t i = 0; i < data.size();) {
    std::size_t same = 0;
    while (i > 0 && same < 258 && i + same < data.size() && data[i + same] == data[i - 1]) ++same;
    if (same >= 3) {
      run(bits, static_cast<std::uint32_t>(same));
      i += same;
    } else {
      symbol(bits, data[i++]);
    }
  }
  symbol(bits, 256);
  bits.flush();
  big_endian(out, (b << 16) | a);
  return out;
}

bool is_grey(const Picture& picture) {
  for (std::size_t i = 0; i + 3 < picture.rgba.size(); i += 4) {
    if (picture.rgba[i] != picture.rgba[i + 1] || picture.rgba[i] != picture.rgba[i + 2]) return false;
  }
  return true;
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Picture& picture, std::uint32_t scale) {
  const bool grey = is_grey(picture);
  const std::size_t channels = grey ? 1 : 3, width = std::size_t{picture.width} * scale;
  std::vector<std::uint8_t> raw;
  raw.reserve((width * channels + 1) * picture.height * scale);
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    raw.push_back(0);
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      const std::uint8_t* pixel = &picture.rgba[4 * (std::size_t{y} * picture.width + x)];
      for (std::uint32_t i = 0; i < scale; ++i) raw.insert(raw.end(), pixel, pixel + channels);
    }
    for (std::uint32_t i = 1; i < scale; ++i) {  // the same row again: no difference from the one above
      raw.push_back(2);
      raw.insert(raw.end(), width * channels, 0);
    }
  }
  std::vector<std::uint8_t> out = {0x89, 'P', 'N', 'G', 13, 10, 26, 10}, head;
  big_endian(head, static_cast<std::uint32_t>(width));
  big_endian(head, picture.height * scale);
  const std::uint8_t kind[] = {8, static_cast<std::uint8_t>(grey ? 0 : 2), 0, 0, 0};
  head.insert(head.end(), kind, kind + 5);
  chunk(out, "IHDR", head);
  chunk(out, "IDAT", deflate(raw));
  chunk(out, "IEND", {});
  return out;
}

Picture contact_sheet(const Picture& atlas, std::uint32_t count, std::uint32_t atlas_columns,
                      std::uint32_t width, std::uint32_t height, std::uint32_t columns, std::uint32_t gap,
                      std::uint32_t background) {
  columns = std::max(1u, std::min(columns, count));
  const std::uint32_t rows = (count + columns - 1) / columns;
  Picture out;
  out.width = columns * (width + gap) - gap;
  out.height = rows * (height + gap) - gap;
  out.rgba.resize(std::size_t{4} * out.width * out.height);
  for (std::size_t i = 0; i < out.rgba.size(); i += 4) {
    for (std::size_t c = 0; c < 4; ++c) out.rgba[i + c] = static_cast<std::uint8_t>(background >> (8 * c));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t y = 0; y < height; ++y) {
      const std::size_t from =
          std::size_t{i / atlas_columns * height + y} * atlas.width + i % atlas_columns * width;
      const std::size_t to =
          std::size_t{i / columns * (height + gap) + y} * out.width + i % columns * (width + gap);
      std::copy_n(&atlas.rgba[4 * from], std::size_t{4} * width, &out.rgba[4 * to]);
    }
  }
  return out;
}

}  // namespace lc::ui
