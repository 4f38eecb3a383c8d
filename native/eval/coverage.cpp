// Precision, recall, density and coverage.
#include "native/eval/coverage.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace lc::eval {

std::vector<float> ball_radii(const Matrix& samples, std::size_t k, unsigned threads) {
  std::vector<float> radii(samples.rows);
  squared_distances(samples, samples, threads, [&](std::size_t i, Span<const float> distances) {
    // The k smallest so far as a heap, the largest of them in front: few of many numbers enter it.
    std::vector<float> nearest(k, std::numeric_limits<float>::infinity());
    for (std::size_t j = 0; j < distances.size; ++j) {
      if (j == i || distances[j] >= nearest.front()) continue;
      std::pop_heap(nearest.begin(), nearest.end());
      nearest.back() = distances[j];
      std::push_heap(nearest.begin(), nearest.end());
    }
    radii[i] = nearest.front();
  });
  return radii;
}

Coverage coverage(const Matrix& real, const Matrix& fake, std::size_t k, unsigned threads) {
  const std::vector<float> real_radii = ball_radii(real, k, threads);
  const std::vector<float> fake_radii = ball_radii(fake, k, threads);
  std::vector<std::uint32_t> hits(fake.rows);  // real balls that hold the fake sample
  squared_distances(fake, real, threads, [&](std::size_t j, Span<const float> distances) {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < distances.size; ++i) count += distances[i] < real_radii[i] ? 1u : 0u;
    hits[j] = count;
  });
  std::vector<char> recalled(real.rows), covered(real.rows);
  squared_distances(real, fake, threads, [&](std::size_t i, Span<const float> distances) {
    bool in_a_fake_ball = false;
    float nearest = std::numeric_limits<float>::infinity();
    for (std::size_t j = 0; j < distances.size; ++j) {
      in_a_fake_ball |= distances[j] < fake_radii[j];
      nearest = std::min(nearest, distances[j]);
    }
    recalled[i] = in_a_fake_ball;
    covered[i] = nearest < real_radii[i];
  });
  Coverage result;
  double all_hits = 0, inside = 0;
  for (const std::uint32_t count : hits) {
    all_hits += count;
    inside += count > 0 ? 1 : 0;
  }
  const double fakes = static_cast<double>(fake.rows), reals = static_cast<double>(real.rows);
  result.precision = inside / fakes;
  result.density = all_hits / (static_cast<double>(k) * fakes);
  result.recall = static_cast<double>(std::count(recalled.begin(), recalled.end(), 1)) / reals;
  result.coverage = static_cast<double>(std::count(covered.begin(), covered.end(), 1)) / reals;
  return result;
}

}  // namespace lc::eval
