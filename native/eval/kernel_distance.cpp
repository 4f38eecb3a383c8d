// The kernel distance between two sets of features.
#include "native/eval/kernel_distance.h"

namespace lc::eval {

namespace {

// Mean of the kernel over all pairs of rows; without the pairs (i, i) when `same`.
double mean_kernel(const Matrix& a, const Matrix& b, bool same, unsigned threads) {
  const double scale = 1 / static_cast<double>(a.columns);
  std::vector<double> sums(a.rows);
  dot_products(a, b, threads, [&](std::size_t i, Span<const float> dots) {
    double sum = 0;
    for (std::size_t j = 0; j < dots.size; ++j) {
      const double base = static_cast<double>(dots[j]) * scale + 1;
      sum += same && i == j ? 0 : base * base * base;
    }
    sums[i] = sum;
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total / (static_cast<double>(a.rows) * static_cast<double>(same ? b.rows - 1 : b.rows));
}

}  // namespace

double kernel_distance(const Matrix& a, const Matrix& b, unsigned threads) {
  return mean_kernel(a, a, true, threads) + mean_kernel(b, b, true, threads) -
         2 * mean_kernel(a, b, false, threads);
}

}  // namespace lc::eval
