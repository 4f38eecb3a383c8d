// The generator is Philox, its numbers depend on (seed, stream, index) alone, and the normals are normal.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "shared/core/random.h"

namespace {

using lc::Stream;

std::vector<float> normals(std::uint64_t seed, std::uint64_t first, std::size_t count) {
  std::vector<float> out(count);
  lc::fill_normal(seed, Stream::test, first, out);
  return out;
}

std::uint64_t hash_of(const std::vector<float>& values) {  // FNV-1a over the bits
  std::uint64_t hash = 14695981039346656037ull;
  for (const float value : values) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ ((bits >> shift) & 0xff)) * 1099511628211ull;
  }
  return hash;
}

// The largest distance between the sorted sample's steps and the distribution function (Kolmogorov and
// Smirnov).
template <class Cdf>
double ks_distance(std::vector<float> sample, Cdf cdf) {
  std::sort(sample.begin(), sample.end());
  const double n = static_cast<double>(sample.size());
  double worst = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double expected = cdf(sample[i]);
    worst = std::max({worst, std::abs(expected - static_cast<double>(i) / n),
                      std::abs(expected - static_cast<double>(i + 1) / n)});
  }
  return worst;
}

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

// From Random123's kat_vectors, published with the paper.
TEST(Philox, GivesThePublishedAnswers) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(lc::philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(lc::philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(lc::philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, AnyPartOfAStreamIsThatPartOfTheWhole) {
  const std::vector<float> whole = normals(42, 0, 64);
  for (std::size_t first = 0; first < 12; ++first) {
    for (std::size_t count = 0; count < 14; ++count) {
      const std::vector<float> part = normals(42, first, count);
      ASSERT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first)))
          << first << ' ' << count;
    }
  }
  const std::uint64_t far = (1ull << 34) - 2;  // the block number passes 32 bits
  EXPECT_EQ(normals(42, far, 8)[3], normals(42, far + 3, 1)[0]);
  EXPECT_NE(normals(42, far, 8), normals(42, far - (1ull << 34) + (1ull << 33), 8));
}

TEST(Random, SeedsAndStreamsAreApart) {
  std::vector<std::uint32_t> a(256), b(256), c(256), d(256);
  lc::fill_words(1, Stream::latent, 0, a);
  lc::fill_words(2, Stream::latent, 0, b);
  lc::fill_words(1, Stream::label, 0, c);
  lc::fill_words(1 + (1ull << 32), Stream::latent, 0, d);
  int same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += (a[i] == b[i]) + (a[i] == c[i]) + (a[i] == d[i]);
  EXPECT_EQ(same, 0);
}

// One number for every machine: the same constant holds natively and in wasm.
TEST(Random, TenThousandNormalsHaveTheSameBitsEverywhere) {
  const std::uint64_t hash = hash_of(normals(7, 0, 10000));
  std::printf("hash of 10,000 normals: 0x%016llx\n", static_cast<unsigned long long>(hash));
  EXPECT_EQ(hash, 0x5fd7ab5ade95cec4ull);
}

// The same definition through the C library's log, cos and sin, in double: a reader can repeat it in any
// language.
TEST(Random, NormalsAgreeWithTheTextbookFormula) {
  constexpr std::size_t kCount = 200000;
  std::vector<std::uint32_t> words(kCount);
  lc::fill_words(3, Stream::test, 0, words);
  const std::vector<float> ours = normals(3, 0, kCount);
  double worst = 0;
  for (std::size_t i = 0; i < kCount; i += 2) {
    const double radius = std::sqrt(-2 * std::log((words[i] + 1.0) / 4294967296.0));
    const double angle = 2 * 3.14159265358979323846 * (words[i + 1] / 4294967296.0);
    worst = std::max({worst, std::abs(ours[i] - radius * std::cos(angle)),
                      std::abs(ours[i + 1] - radius * std::sin(angle))});
  }
  std::printf("largest difference from libm: %.3g\n", worst);
  EXPECT_LT(worst, 2.5e-7);  // half a unit in the last place of a float below 8
}

TEST(Random, NormalsHaveTheMomentsTailsAndShapeOfANormal) {
  constexpr std::size_t kCount = 1000000;
  const std::vector<float> sample = normals(2024, 0, kCount);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, neighbours = 0;
  std::size_t beyond3 = 0, beyond4 = 0;
  float largest = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    const double x = sample[i];
    m1 += x, m2 += x * x, m3 += x * x * x, m4 += x * x * x * x;
    if (i > 0) neighbours += x * sample[i - 1];
    beyond3 += std::abs(x) > 3, beyond4 += std::abs(x) > 4;
    largest = std::max(largest, std::abs(sample[i]));
  }
  const double n = kCount;
  m1 /= n, m2 /= n, m3 /= n, m4 /= n, neighbours /= n;
  const double ks = ks_distance(sample, normal_cdf);
  std::printf(
      "mean %.5f variance %.5f third %.5f fourth %.5f neighbours %.5f beyond 3: %zu, 4: %zu, largest %.3f, "
      "KS %.5f\n",
      m1, m2, m3, m4, neighbours, beyond3, beyond4, static_cast<double>(largest), ks);
  // Five standard errors each: 1, sqrt 2, sqrt 15, sqrt 96 and 1 over the root of n.
  EXPECT_NEAR(m1, 0, 5e-3);
  EXPECT_NEAR(m2, 1, 7.1e-3);
  EXPECT_NEAR(m3, 0, 1.94e-2);
  EXPECT_NEAR(m4, 3, 4.9e-2);
  EXPECT_NEAR(neighbours, 0, 5e-3);
  EXPECT_NEAR(static_cast<double>(beyond3), 2699.8, 5 * 51.9);
  EXPECT_NEAR(static_cast<double>(beyond4), 63.3, 5 * 8.0);
  EXPECT_GT(largest, 4.4f);
  EXPECT_LT(largest, 6.67f);           // the smallest u is 2^-32
  EXPECT_LT(ks, 1.95 / std::sqrt(n));  // one in a thousand seeds would be over
}

TEST(Random, UniformsLieInZeroToOneAndAreEven) {
  constexpr std::size_t kCount = 1000000;
  std::vector<float> sample(kCount);
  lc::fill_uniform(5, Stream::test, 0, sample);
  const auto [low, high] = std::minmax_element(sample.begin(), sample.end());
  EXPECT_GE(*low, 0.0f);
  EXPECT_LT(*high, 1.0f);
  for (const float x : sample) ASSERT_EQ(x * 16777216.0f, std::floor(x * 16777216.0f));
  const double ks = ks_distance(sample, [](double x) { return x; });
  std::printf("uniform: %.8f .. %.8f, KS %.5f\n", static_cast<double>(*low), static_cast<double>(*high), ks);
  EXPECT_LT(ks, 1.95 / std::sqrt(static_cast<double>(kCount)));
}

}  // namespace
