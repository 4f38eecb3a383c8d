// Gaussians, their Fréchet distance and eigenvalues against closed forms.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "shared/core/pictures.h"
#include "shared/core/random.h"
#include "shared/core/statistics.h"

namespace {

using lc::Gaussian;

constexpr double kTight = 1e-9;  // a few operations in double
constexpr double kPi = 3.141592653589793;

std::vector<float> normals(std::uint64_t seed, std::size_t count) {
  std::vector<float> out(count);
  lc::fill_normal(seed, lc::Stream::test, 0, out);
  return out;
}

TEST(Frechet, GaussiansWithDiagonalCovarianceHaveAClosedForm) {
  // |m1 - m2|^2 + sum of (sqrt(a) - sqrt(b))^2 = 1 + 4 + (2 - 3)^2 + (1 - 0)^2
  const Gaussian a = {{1, 2}, {4, 0, 0, 1}}, b = {{0, 4}, {9, 0, 0, 0}};
  EXPECT_NEAR(lc::frechet_distance(a, b), 7, kTight);
  EXPECT_NEAR(lc::frechet_distance(b, a), 7, kTight);
  EXPECT_NEAR(lc::frechet_distance(a, a), 0, kTight);
}

TEST(Frechet, TwoByTwoCovariancesThatDoNotCommute) {
  const Gaussian a = {{0, 0}, {2, 1, 1, 3}}, b = {{0, 0}, {5, -2, -2, 1}};
  // For 2 x 2 matrices trace(M^(1/2)) = sqrt(trace M + 2 sqrt(det M)).
  const double trace = 2 * 5 + 2 * (1 * -2) + 3 * 1, determinant = (2 * 3 - 1) * (5 * 1 - 4);
  const double expected = 2 + 3 + 5 + 1 - 2 * std::sqrt(trace + 2 * std::sqrt(determinant));
  EXPECT_NEAR(lc::frechet_distance(a, b), expected, kTight);
  EXPECT_NEAR(lc::frechet_distance(b, a), expected, kTight);
}

TEST(Frechet, AFeatureThatNeverMovesAddsTheDistanceOfItsMeansAlone) {
  std::vector<float> samples = normals(1, 60), wider;
  for (std::size_t i = 0; i < 20; ++i) {
    wider.insert(wider.end(), samples.begin() + static_cast<std::ptrdiff_t>(3 * i),
                 samples.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
    wider.push_back(2);
  }
  const std::vector<float> other = normals(2, 60);
  std::vector<float> other_wider;
  for (std::size_t i = 0; i < 20; ++i) {
    other_wider.insert(other_wider.end(), other.begin() + static_cast<std::ptrdiff_t>(3 * i),
                       other.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
    other_wider.push_back(5);
  }
  const double narrow = lc::frechet_distance(lc::fit_gaussian(samples, 3), lc::fit_gaussian(other, 3));
  EXPECT_NEAR(lc::frechet_distance(lc::fit_gaussian(wider, 4), lc::fit_gaussian(other_wider, 4)), narrow + 9,
              kTight);
}

TEST(Pictures, TheMiddleOfLargerOnesByHand) {
  const lc::PictureShape from = {2, 4, 3}, to = {2, 2, 1};
  std::vector<float> numbers(2 * from.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  ASSERT_TRUE(lc::has_middle(from, to));
  EXPECT_EQ(lc::middle(numbers, from, to), (std::vector<float>{4, 7, 16, 19, 28, 31, 40, 43}));
  EXPECT_EQ(lc::middle(numbers, from, from), numbers);
  EXPECT_FALSE(lc::has_middle(to, from));
  EXPECT_FALSE(lc::has_middle(from, {1, 2, 1}));
}

TEST(Statistics, MeanAndCovarianceOfFourPoints) {
  const Gaussian g = lc::fit_gaussian(std::vector<float>{0, 0, 2, 0, 0, 4, 2, 4}, 2);
  EXPECT_EQ(g.mean, (std::vector<double>{1, 2}));
  EXPECT_NEAR(g.covariance[0], 4.0 / 3, kTight);
  EXPECT_NEAR(g.covariance[1], 0, kTight);
  EXPECT_NEAR(g.covariance[3], 16.0 / 3, kTight);
}

TEST(Statistics, EigenvaluesOfThePathMatrixAreCosines) {
  // 2 on the diagonal, -1 beside it: 2 - 2 cos(k pi / (n + 1)).
  for (const std::size_t n : {1, 2, 3, 8, 33}) {
    std::vector<double> m(n * n);
    for (std::size_t i = 0; i < n; ++i) {
      m[i * n + i] = 2;
      if (i > 0) m[i * n + i - 1] = m[(i - 1) * n + i] = -1;
    }
    const std::vector<double> values = lc::symmetric_eigenvalues(m, n);
    ASSERT_EQ(values.size(), n);
    for (std::size_t k = 0; k < n; ++k) {
      const double expected = 2 - 2 * std::cos(static_cast<double>(k + 1) * kPi / static_cast<double>(n + 1));
      EXPECT_NEAR(values[k], expected, 1e-14) << "of " << n;
    }
  }
}

TEST(Statistics, EigenvaluesOfAFullMatrixKeepTraceAndNorm) {
  for (const std::size_t n : {2, 5, 17, 64}) {
    const Gaussian g = lc::fit_gaussian(normals(n, 40 * n), n);
    double trace = 0, square = 0, sum = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i) trace += g.covariance[i * n + i];
    for (const double x : g.covariance) square += x * x;
    const std::vector<double> values = lc::symmetric_eigenvalues(g.covariance, n);
    for (const double x : values) {
      sum += x;
      squares += x * x;
    }
    std::printf("%zu: trace %.3g, squares %.3g off\n", n, std::abs(sum - trace), std::abs(squares - square));
    EXPECT_NEAR(sum, trace, 1e-12 * trace);
    EXPECT_NEAR(squares, square, 1e-12 * square);
    EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
  }
}

TEST(Statistics, TheFactorTimesItselfIsTheMatrixAlsoWithoutFullRank) {
  const std::size_t n = 9;
  for (const std::size_t rows : {30, 5}) {  // 5 points span 4 dimensions
    const Gaussian g = lc::fit_gaussian(normals(rows, rows * n), n);
    const std::vector<double> l = lc::cholesky(g.covariance, n);
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < n; ++k) sum += l[i * n + k] * l[j * n + k];
        worst = std::max(worst, std::abs(sum - g.covariance[i * n + j]));
        EXPECT_TRUE(j <= i || l[i * n + j] == 0);
      }
    }
    EXPECT_LT(worst, 1e-9) << rows << " points";
  }
}

TEST(Statistics, EntropyOfAnEvenAndOfACollapsedHistogram) {
  EXPECT_NEAR(lc::entropy({5, 5, 5, 5}), std::log(4.0), kTight);
  EXPECT_NEAR(lc::entropy({0, 9, 0, 0}), 0, kTight);
  EXPECT_NEAR(lc::entropy({1, 3}), 0.25 * std::log(4.0) + 0.75 * std::log(4.0 / 3), kTight);
  EXPECT_EQ(lc::entropy({0, 0}), 0);
}

}  // namespace
