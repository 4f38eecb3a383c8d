// Numbers as text: the digits of the C library, and numbers that come back.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "shared/core/random.h"
#include "shared/core/text.h"

namespace lc {
namespace {

std::string real(double value, std::size_t digits) {
  std::string text;
  append_real(text, value, digits);
  return text;
}

std::vector<double> doubles() {
  std::vector<double> values = {0,
                                1,
                                -1,
                                0.1,
                                1e-4,
                                1e-5,
                                123456,
                                999999.5,
                                1e15,
                                1e16,
                                1e17,
                                9.5,
                                0.5,
                                5e-324,
                                std::numeric_limits<double>::max(),
                                std::numeric_limits<double>::min(),
                                -2e235};
  std::vector<float> random(4000);
  fill_normal(3, Stream::test, 0, random);
  for (std::size_t i = 0; i + 1 < random.size(); i += 2) {
    values.push_back(double(random[i]) * std::pow(10.0, std::floor(100 * double(random[i + 1]))));
  }
  return values;
}

TEST(CoreText, RealNumbersHaveTheDigitsThatPrintfGives) {
  for (const double value : doubles()) {
    for (const int digits : {1, 6, 9, 15, 17}) {
      char expected[64];
      std::snprintf(expected, sizeof expected, "%.*g", digits, value);
      EXPECT_EQ(real(value, std::size_t(digits)), expected) << digits << " digits";
    }
  }
}

TEST(CoreText, SeventeenDigitsBringBackTheDoubleAndNineTheFloat) {
  for (const double value : doubles()) {
    EXPECT_EQ(std::strtod(real(value, 17).c_str(), nullptr), value);
    const float single = static_cast<float>(value);
    if (std::isfinite(single)) {
      EXPECT_EQ(std::strtof(real(double(single), 9).c_str(), nullptr), single);
    }
  }
}

TEST(CoreText, WhatIsNoNumberIsSaidSo) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(real(infinity, 6), "inf");
  EXPECT_EQ(real(-infinity, 6), "-inf");
  EXPECT_EQ(real(std::nan(""), 6), "nan");
}

TEST(CoreText, APhraseHasItsPiecesInTheGaps) {
  const std::string owned = "owned";
  EXPECT_EQ(phrase("a {}{}{}, {}, {}, {}", owned, std::string_view(" view "), 3u, -4, 0.5, 0.1f),
            "a owned view 3, -4, 0.5, 0.1");
  EXPECT_EQ(
      phrase("{} {}", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::uint64_t>::max()),
      "-9223372036854775808 18446744073709551615");
  EXPECT_EQ(phrase("{}{}", "{}", 1), "{}1");
  EXPECT_EQ(phrase("{}"), "{}");
  EXPECT_EQ(phrase(""), "");
}

TEST(CoreText, QuotedTextIsAJsonString) {
  std::string text = "[";
  append_quoted(text, std::string_view("a \"b\" \\ \n\x1f\0 \xC3\xA9", 14));
  EXPECT_EQ(text, "[\"a \\\"b\\\" \\\\ \\u000a\\u001f\\u0000 \xC3\xA9\"");
}

}  // namespace
}  // namespace lc
