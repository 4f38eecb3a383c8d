// Each metric of native/eval on cases whose answer is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "native/eval/classes.h"
#include "native/eval/coverage.h"
#include "native/eval/kernel_distance.h"
#include "native/eval/pictures.h"
#include "shared/core/random.h"

namespace lc::eval {
namespace {

constexpr double kTight = 1e-9;  // double arithmetic on a few numbers
constexpr double kFloat = 1e-5;  // distances and products in float

Matrix matrix(std::size_t columns, std::vector<float> values) {
  Matrix m;
  m.columns = columns;
  m.rows = values.size() / columns;
  m.values = std::move(values);
  return m;
}

Matrix random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  Matrix m(rows, columns);
  fill_normal(seed, Stream::test, 0, Span<float>(m.values));
  return m;
}

TEST(Products, BlocksAndThreadsGiveWhatTwoLoopsGive) {
  const Matrix a = random_matrix(131, 7, 1), b = random_matrix(67, 7, 2);
  std::vector<double> worst(a.rows, -1);
  squared_distances(a, b, 3, [&](std::size_t i, Span<const float> row) {
    worst[i] = 0;
    for (std::size_t j = 0; j < b.rows; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < 7; ++k) {
        const double d = static_cast<double>(a.row(i)[k]) - static_cast<double>(b.row(j)[k]);
        sum += d * d;
      }
      worst[i] = std::max(worst[i], std::abs(sum - static_cast<double>(row[j])));
    }
  });
  EXPECT_GE(*std::min_element(worst.begin(), worst.end()), 0) << "a row was not visited";
  EXPECT_LT(*std::max_element(worst.begin(), worst.end()), kFloat);
}

TEST(KernelDistance, TwoPointsEachByHand) {
  // k(x, y) = (xy + 1)^3 in one dimension: k(1, 2) = 27, k(0, 1) = 1; across k(1, 0) = 1, k(1, 1) = 8,
  // k(2, 0) = 1, k(2, 1) = 27.
  const double expected = 27 + 1 - 2 * (1 + 8 + 1 + 27) / 4.0;
  EXPECT_NEAR(kernel_distance(matrix(1, {1, 2}), matrix(1, {0, 1}), 1), expected, kFloat);
}

TEST(Coverage, PointsOnALineByHand) {
  // k = 1. Real 0, 1, 3, 10 reach 1, 1, 2, 7. Generated 0.5, 4.5, 30, 31 reach 4, 4, 1, 1.
  const Coverage c = coverage(matrix(1, {0, 1, 3, 10}), matrix(1, {0.5f, 4.5f, 30, 31}), 1, 1);
  // 0.5 lies in the balls of 0 and 1, 4.5 in those of 3 and 10, 30 and 31 in none.
  EXPECT_DOUBLE_EQ(c.precision, 0.5);
  EXPECT_DOUBLE_EQ(c.density, 4.0 / 4);
  // 0, 1 and 3 lie in a generated ball, 10 does not; each real ball holds a generated point.
  EXPECT_DOUBLE_EQ(c.recall, 0.75);
  EXPECT_DOUBLE_EQ(c.coverage, 1);
}

TEST(Coverage, CollapseKeepsPrecisionAndLosesTheRest) {
  const Matrix real = random_matrix(400, 3, 5);
  Matrix fake = random_matrix(400, 3, 6);
  for (float& value : fake.values) value *= 0.05f;
  const Coverage c = coverage(real, fake, 5, 2);
  std::printf("precision %.3f recall %.3f density %.3f coverage %.3f\n", c.precision, c.recall, c.density,
              c.coverage);
  EXPECT_GT(c.precision, 0.99);
  EXPECT_LT(c.recall, 0.1);
  EXPECT_LT(c.coverage, 0.2);
}

TEST(Classes, CountedByHand) {
  EXPECT_NEAR(kl_to_uniform({5, 5, 5, 5}), 0, kTight);
  EXPECT_NEAR(kl_to_uniform({0, 9, 0, 0}), std::log(4.0), kTight);
  EXPECT_EQ(class_histogram({2, 0, 2}, 3), (std::vector<std::uint64_t>{1, 0, 2}));
  EXPECT_EQ(predicted_classes(matrix(3, {0, 2, 1, 5, 4, 3})), (std::vector<std::uint32_t>{1, 0}));
  EXPECT_DOUBLE_EQ(agreement({1, 2, 3, 4}, {1, 0, 3, 4}), 0.75);
}

TEST(Classes, TheBestMatchingIsThatOfAllPermutations) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    constexpr std::size_t n = 6;
    std::vector<std::uint32_t> words(n * n);
    fill_words(seed, Stream::test, 0, Span<std::uint32_t>(words));
    std::vector<std::vector<std::uint64_t>> table(n, std::vector<std::uint64_t>(n));
    double total = 0;
    for (std::size_t i = 0; i < n * n; ++i) {
      table[i / n][i % n] = words[i] % 10;
      total += static_cast<double>(table[i / n][i % n]);
    }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    double best = 0;
    do {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(table[i][order[i]]);
      best = std::max(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_NEAR(matched_share(table), best / total, kTight) << "seed " << seed;
  }
}

TEST(Pictures, SharpnessOfOneBrightPixelByHand) {
  PictureShape shape;
  shape.height = shape.width = 5;
  Matrix picture(1, 25);
  EXPECT_DOUBLE_EQ(sharpness(picture, shape), 0);
  picture.values[12] = 1;
  // The nine inner values: -4 in the middle, 1 beside it four times, 0 at the corners; their mean is 0.
  EXPECT_NEAR(sharpness(picture, shape), (16 + 4) / 9.0, kTight);
  for (const std::size_t i : {7, 11, 13, 17}) picture.values[i] = 0.5f;
  EXPECT_LT(sharpness(picture, shape), (16 + 4) / 9.0) << "a blurred spot";
}

TEST(Pictures, GreyIsTheMeanOfTheChannels) {
  PictureShape one, three;
  one.height = one.width = three.height = three.width = 6;
  three.channels = 3;
  const Matrix grey = random_matrix(1, 36, 9);
  Matrix colour(1, 108);
  for (std::size_t i = 0; i < 36; ++i) colour.values[36 + i] = 3 * grey.values[i];
  EXPECT_NEAR(sharpness(colour, three), sharpness(grey, one), kFloat);
}

TEST(Pictures, ACopyOfATrainingPictureLiesAtDistanceZero) {
  const Matrix training = random_matrix(50, 20, 4);
  Matrix pictures = training.part(17, 2);
  pictures.values[20] += 3;  // the second picture moves away by 3
  const std::vector<double> distances = nearest_distances(pictures, training, 1);
  EXPECT_NEAR(distances[0], 0, 0.01);
  EXPECT_NEAR(distances[1], 3, 0.01);
}

TEST(Pictures, OneWindowIsAGaussian) {
  const Matrix sample = matrix(2, {1, 2}), test = matrix(2, {2, 4});
  const Parzen p = parzen(sample, test, test, {0.1, 1.5, 40}, 1);
  EXPECT_DOUBLE_EQ(p.sigma, 1.5) << "nearest to the best, sqrt(5 / 2)";
  EXPECT_NEAR(p.mean, -5 / (2 * 1.5 * 1.5) - std::log(2 * M_PI * 1.5 * 1.5), kFloat);
}

TEST(Pictures, WindowsAreAveragedNotTheirLogarithms) {
  const Matrix samples = matrix(1, {0, 2}), test = matrix(1, {1.5f, -300});
  const Parzen p = parzen(samples, test, test, {1}, 1);
  const auto density = [](double x) {
    const double a = std::exp(-x * x / 2), b = std::exp(-(x - 2) * (x - 2) / 2);
    return std::log((a + b) / 2) - 0.5 * std::log(2 * M_PI);
  };
  // Far away the sum underflows in plain arithmetic; the nearest window alone counts.
  const double far = -300.0 * 300 / 2 - std::log(2.0) - 0.5 * std::log(2 * M_PI);
  EXPECT_NEAR(p.mean, (density(1.5) + far) / 2, 0.05);
}

}  // namespace
}  // namespace lc::eval
