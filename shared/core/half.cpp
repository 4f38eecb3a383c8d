// Converts between binary16 and binary32 by integer arithmetic on their bits.
#include "shared/core/half.h"

#include <cstring>

namespace lc {

namespace {

// A right shift by 1..31 that rounds to nearest, ties to even.
std::uint32_t shift_round(std::uint32_t value, std::uint32_t by) {
  const std::uint32_t kept = value >> by;
  const std::uint32_t lost = value & ((1u << by) - 1);
  const std::uint32_t half = 1u << (by - 1);
  return kept + (lost > half || (lost == half && (kept & 1)) ? 1 : 0);
}

}  // namespace

std::uint16_t half_from_float(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {  // NaN: its upper payload is kept, and it stays a quiet NaN
    return static_cast<std::uint16_t>(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu));
  }
  if (magnitude >= 0x477ff000u)
    return static_cast<std::uint16_t>(sign | 0x7c00u);  // 65520 and more round to infinity
  if (magnitude >=
      0x38800000u) {  // normal: the carry of the rounding may run into the exponent, as it should
    return static_cast<std::uint16_t>(sign | shift_round(magnitude - 0x38000000u, 13));
  }
  if (magnitude <= 0x33000000u) return static_cast<std::uint16_t>(sign);  // 2^-25 and less round to zero
  const std::uint32_t exponent = magnitude >> 23;
  return static_cast<std::uint16_t>(sign | shift_round((magnitude & 0x7fffffu) | 0x800000u, 126 - exponent));
}

float float_from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t mantissa = half & 0x3ffu;
  std::uint32_t bits = 0;
  if (exponent == 0x1f) {
    bits = 0x7f800000u | (mantissa << 13);
  } else if (exponent != 0) {
    bits = ((exponent + 112) << 23) | (mantissa << 13);
  } else {  // zero or subnormal: mantissa * 2^-24, exact in binary32
    const float value = static_cast<float>(mantissa) * (1.0f / 16777216.0f);
    std::memcpy(&bits, &value, sizeof bits);
  }
  bits |= sign;
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace lc
