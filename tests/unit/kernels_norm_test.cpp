// Sums and norms: the plain set against the definition, the SIMD sets against the plain one, over odd sizes.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/unit/kernels_reference.h"

namespace lc::test {
namespace {

// Sums of a few thousand float32 numbers in another order, over a spread of the size of 1.
constexpr double kTolerance = 1e-5;

std::vector<const kernels::Kernels*> all_sets() {
  std::vector<const kernels::Kernels*> sets = simd_sets();
  sets.push_back(&kernels::plain());
  return sets;
}

double largest_difference(const std::vector<float>& a, const std::vector<double>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double here = std::fabs(double(a[i]) - b[i]);
    if (!(here <= worst)) worst = std::isnan(here) ? INFINITY : here;
  }
  return worst;
}

// The n numbers at `first`, `step` apart.
void normalize(std::vector<double>& v, std::size_t first, std::size_t n, std::size_t step, bool centred,
               double eps) {
  double mean = 0, square = 0;
  for (std::size_t i = 0; centred && i < n; ++i) mean += v[first + i * step] / double(n);
  for (std::size_t i = 0; i < n; ++i) square += std::pow(v[first + i * step] - mean, 2) / double(n);
  for (std::size_t i = 0; i < n; ++i)
    v[first + i * step] = (v[first + i * step] - mean) / std::sqrt(square + eps);
}

// Away from 0, so that a mean that is lost shows.
std::vector<float> shifted_floats(std::size_t n, std::uint64_t seed) {
  std::vector<float> values = random_floats(n, seed);
  for (float& v : values) v = 3 * v + 2;
  return values;
}

TEST(KernelsNorm, RowsOfEveryLengthAreNormalised) {
  for (const kernels::Kernels* set : all_sets()) {
    double worst = 0;
    for (const std::size_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67, 1000, 4099}) {
      for (const bool centred : {false, true}) {
        auto values = shifted_floats(3 * n, n);
        std::vector<double> expected(values.begin(), values.end());
        for (std::size_t i = 0; i < 3; ++i) normalize(expected, i * n, n, 1, centred, 1e-5);
        set->normalize_rows(values.data(), 3, n, centred, 1e-5f);
        worst = std::max(worst, largest_difference(values, expected));
        ASSERT_LE(worst, kTolerance) << set->name << ", rows of " << n << (centred ? ", centred" : "");
      }
    }
    std::printf("%s: rows, max abs %.2e\n", set->name, worst);
  }
}

TEST(KernelsNorm, ColumnsOfEveryWidthAreNormalised) {
  for (const kernels::Kernels* set : all_sets()) {
    double worst = 0;
    for (std::size_t channels = 1; channels <= 67; channels += channels < 20 ? 1 : 13) {
      // Two rows may lie so near that eps alone decides.
      for (const std::size_t rows : {1, 9, 784}) {
        auto values = shifted_floats(rows * channels, channels);
        std::vector<double> expected(values.begin(), values.end());
        for (std::size_t c = 0; c < channels; ++c) normalize(expected, c, rows, channels, true, 1e-5);
        set->normalize_columns(values.data(), rows, channels, 1e-5f);
        worst = std::max(worst, largest_difference(values, expected));
        ASSERT_LE(worst, kTolerance) << set->name << ", " << rows << " rows of " << channels;
      }
    }
    std::printf("%s: columns, max abs %.2e\n", set->name, worst);
  }
}

TEST(KernelsNorm, NumbersWithoutSpreadBecomeZero) {
  for (const kernels::Kernels* set : all_sets()) {
    std::vector<float> values(35, 0.75f);
    set->normalize_rows(values.data(), 1, 35, true, 1e-5f);
    EXPECT_EQ(values, std::vector<float>(35, 0.0f)) << set->name;
    values.assign(35, 0.75f);
    set->normalize_columns(values.data(), 5, 7, 1e-5f);
    EXPECT_EQ(values, std::vector<float>(35, 0.0f)) << set->name;
  }
}

TEST(KernelsNorm, OneRowOrAsManyAreAddedAndNothingBehindThem) {
  for (const kernels::Kernels* set : all_sets()) {
    for (std::size_t channels = 1; channels <= 67; ++channels) {
      const std::size_t rows = 3, n = rows * channels;
      for (const std::size_t step : {std::size_t{0}, channels}) {
        auto values = random_floats(n + 40, channels);
        const auto before = values, other = random_floats(n, 100 + channels);
        set->add(values.data(), rows, channels, other.data(), step);
        for (std::size_t i = 0; i < values.size(); ++i) {
          const float added = i < n ? other[i / channels * step + i % channels] : 0;
          ASSERT_EQ(values[i], before[i] + added) << set->name << ", " << channels << " channels, at " << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lc::test
