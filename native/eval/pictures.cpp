// Measures on the pixels themselves: sharpness, the nearest training picture, Parzen windows.
#include "native/eval/pictures.h"

#include <algorithm>
#include <cmath>

namespace lc::eval {

namespace {

constexpr double kTau = 6.283185307179586;

std::vector<double> grey(Span<const float> picture, const PictureShape& shape) {
  const std::size_t pixels = std::size_t{shape.height} * shape.width;
  std::vector<double> out(pixels);
  for (std::size_t i = 0; i < picture.size; ++i) out[i % pixels] += static_cast<double>(picture[i]);
  for (double& value : out) value /= shape.channels;
  return out;
}

double laplacian_variance(const std::vector<double>& g, std::size_t height, std::size_t width) {
  double sum = 0, squares = 0, count = 0;
  for (std::size_t y = 1; y + 1 < height; ++y) {
    for (std::size_t x = 1; x + 1 < width; ++x) {
      const std::size_t i = y * width + x;
      const double value = g[i - 1] + g[i + 1] + g[i - width] + g[i + width] - 4 * g[i];
      sum += value;
      squares += value * value;
      count += 1;
    }
  }
  return squares / count - (sum / count) * (sum / count);
}

// log of the mean over j of N(x; sample j, sigma^2 I), from squared distances in `columns` dimensions.
double log_density(Span<const float> distances, std::size_t columns, double sigma) {
  const float nearest = *std::min_element(distances.begin(), distances.end());
  const float scale = static_cast<float>(1 / (2 * sigma * sigma));
  constexpr float kNothing = 80;  // exp(-80) is no part of a sum that has a 1, and smaller ones are slow
  double sum = 0;
  for (const float d : distances) {
    const float power = (d - nearest) * scale;
    if (power < kNothing) sum += static_cast<double>(std::exp(-power));
  }
  return std::log(sum / static_cast<double>(distances.size)) -
         static_cast<double>(nearest) / (2 * sigma * sigma) -
         0.5 * static_cast<double>(columns) * std::log(kTau * sigma * sigma);
}

}  // namespace

double sharpness(const Matrix& pictures, const PictureShape& shape) {
  double sum = 0;
  for (std::size_t i = 0; i < pictures.rows; ++i) {
    sum += laplacian_variance(grey(pictures.row(i), shape), shape.height, shape.width);
  }
  return sum / static_cast<double>(pictures.rows);
}

std::vector<double> nearest_distances(const Matrix& pictures, const Matrix& training, unsigned threads) {
  std::vector<double> distances(pictures.rows);
  squared_distances(pictures, training, threads, [&](std::size_t i, Span<const float> row) {
    distances[i] = std::sqrt(static_cast<double>(*std::min_element(row.begin(), row.end())));
  });
  return distances;
}

Parzen parzen(const Matrix& samples, const Matrix& validation, const Matrix& test,
              const std::vector<double>& sigmas, unsigned threads) {
  std::vector<std::vector<double>> densities(sigmas.size(), std::vector<double>(validation.rows));
  squared_distances(validation, samples, threads, [&](std::size_t i, Span<const float> row) {
    for (std::size_t s = 0; s < sigmas.size(); ++s) {
      densities[s][i] = log_density(row, samples.columns, sigmas[s]);
    }
  });
  Parzen result;
  double best = 0;
  for (std::size_t s = 0; s < sigmas.size(); ++s) {
    double sum = 0;
    for (const double value : densities[s]) sum += value;
    if (s > 0 && sum <= best) continue;
    best = sum;
    result.sigma = sigmas[s];
  }
  std::vector<double> of_test(test.rows);
  squared_distances(test, samples, threads, [&](std::size_t i, Span<const float> row) {
    of_test[i] = log_density(row, samples.columns, result.sigma);
  });
  const double n = static_cast<double>(test.rows);
  double sum = 0, squares = 0;
  for (const double value : of_test) sum += value;
  result.mean = sum / n;
  for (const double value : of_test) squares += (value - result.mean) * (value - result.mean);
  result.standard_error = test.rows > 1 ? std::sqrt(squares / (n - 1) / n) : 0;
  return result;
}

}  // namespace lc::eval
