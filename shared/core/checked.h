// Arithmetic on sizes from untrusted files that reports overflow instead of wrapping.
#pragma once

#include <cstdint>

namespace lc {

// True and the product/sum in `out`, or false on overflow of 64 bits.
inline bool checked_mul(std::uint64_t a, std::uint64_t b, std::uint64_t& out) {
  return !__builtin_mul_overflow(a, b, &out);
}
inline bool checked_add(std::uint64_t a, std::uint64_t b, std::uint64_t& out) {
  return !__builtin_add_overflow(a, b, &out);
}

}  // namespace lc
