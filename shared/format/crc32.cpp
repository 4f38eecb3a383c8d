// CRC-32 as in zlib, eight bytes a step ("slicing by 8", Kounavis and Berry, 2005).
#include <array>
#include <cstring>

#include "shared/format/format.h"

namespace lc::format {

namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

// Table k: what a byte does to the checksum once k more bytes have followed it.
Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
    tables[0][byte] = crc;
  }
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (std::size_t k = 1; k < 8; ++k) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

// Made at run time: 8 KB of them would be a tenth of what a page waits for, and they do not compress.
const Tables& tables() {
  static const Tables made = make_tables();
  return made;
}

}  // namespace

std::uint32_t crc32(Bytes bytes) {
  const Tables& table = tables();
  std::uint32_t crc = ~0u;
  std::size_t at = 0;
  for (; bytes.size - at >= 8; at += 8) {
    std::uint32_t low = 0, high = 0;
    std::memcpy(&low, bytes.data + at, 4);
    std::memcpy(&high, bytes.data + at + 4, 4);
    low ^= crc;
    crc = table[7][low & 0xff] ^ table[6][(low >> 8) & 0xff] ^ table[5][(low >> 16) & 0xff] ^
          table[4][low >> 24] ^ table[3][high & 0xff] ^ table[2][(high >> 8) & 0xff] ^
          table[1][(high >> 16) & 0xff] ^ table[0][high >> 24];
  }
  for (; at < bytes.size; ++at) crc = (crc >> 8) ^ table[0][(crc ^ bytes[at]) & 0xff];
  return ~crc;
}

}  // namespace lc::format
