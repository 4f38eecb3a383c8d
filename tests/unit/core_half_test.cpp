// Every half converts there and back, and rounding goes to nearest, ties to even.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "shared/core/half.h"

namespace {

using lc::float_from_half;
using lc::half_from_float;

TEST(Half, All65536ValuesRoundTrip) {
  int nans = 0;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = float_from_half(half);
    const std::uint16_t back = half_from_float(value);
    if ((bits & 0x7fff) > 0x7c00) {
      ++nans;
      ASSERT_TRUE(std::isnan(value)) << bits;
      ASSERT_EQ(back, half | 0x200) << bits;  // quiet, payload and sign kept
    } else {
      ASSERT_EQ(back, half) << bits;
    }
  }
  EXPECT_EQ(nans, 2 * 1023);
}

TEST(Half, ValuesFollowTheDefinition) {
  for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
    const std::uint32_t exponent = bits >> 10, mantissa = bits & 0x3ff;
    const double expected = exponent == 0 ? std::ldexp(static_cast<double>(mantissa), -24)
                                          : std::ldexp(1024.0 + mantissa, static_cast<int>(exponent) - 25);
    ASSERT_EQ(static_cast<double>(float_from_half(static_cast<std::uint16_t>(bits))), expected) << bits;
    ASSERT_EQ(static_cast<double>(float_from_half(static_cast<std::uint16_t>(bits | 0x8000))), -expected)
        << bits;
  }
}

// Between any two neighbours: the midpoint goes to the even one, a nudge to either side to the nearer one.
TEST(Half, TiesGoToEvenAndTheRestToTheNearest) {
  for (std::uint32_t bits = 0; bits < 0x7bff; ++bits) {
    const float low = float_from_half(static_cast<std::uint16_t>(bits));
    const float high = float_from_half(static_cast<std::uint16_t>(bits + 1));
    const float middle = low + (high - low) / 2;  // exact: binary32 has 13 more bits
    ASSERT_EQ(half_from_float(middle), bits + (bits & 1)) << bits;
    ASSERT_EQ(half_from_float(std::nextafter(middle, 0.0f)), bits) << bits;
    ASSERT_EQ(half_from_float(std::nextafter(middle, 1e9f)), bits + 1) << bits;
    ASSERT_EQ(half_from_float(-middle), 0x8000 + bits + (bits & 1)) << bits;
  }
}

TEST(Half, TheEndsOfTheRangeAreRight) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(half_from_float(65504.0f), 0x7bff);
  EXPECT_EQ(half_from_float(65519.996f), 0x7bff);
  EXPECT_EQ(half_from_float(65520.0f), 0x7c00);
  EXPECT_EQ(half_from_float(1e30f), 0x7c00);
  EXPECT_EQ(half_from_float(kInfinity), 0x7c00);
  EXPECT_EQ(half_from_float(-kInfinity), 0xfc00);
  EXPECT_EQ(half_from_float(0.0f), 0);
  EXPECT_EQ(half_from_float(-0.0f), 0x8000);
  EXPECT_EQ(half_from_float(std::ldexp(1.0f, -24)), 1);
  EXPECT_EQ(half_from_float(std::ldexp(1.0f, -25)), 0);
  EXPECT_EQ(half_from_float(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_TRUE(std::isnan(float_from_half(half_from_float(std::numeric_limits<float>::quiet_NaN()))));
}

}  // namespace
