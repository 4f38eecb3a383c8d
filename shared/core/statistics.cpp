// Numbers about samples.
#include "shared/core/statistics.h"

#include <algorithm>
#include <cmath>

namespace lc {

namespace {

// In place: diagonal and subdiagonal of a symmetric tridiagonal matrix with the same eigenvalues, by
// Householder's reflections (Golub & Van Loan, "Matrix computations", section 8.3.1).
void tridiagonalise(std::vector<double>& m, std::size_t n, std::vector<double>& diagonal,
                    std::vector<double>& below) {
  std::vector<double> v(n), w(n);
  for (std::size_t k = 0; k + 2 < n; ++k) {
    double norm = 0;
    for (std::size_t i = k + 1; i < n; ++i) norm += m[i * n + k] * m[i * n + k];
    norm = std::sqrt(norm);
    if (norm == 0) continue;
    for (std::size_t i = k + 1; i < n; ++i) v[i] = m[i * n + k];
    const double alpha = v[k + 1] > 0 ? -norm : norm;
    v[k + 1] -= alpha;
    double square = 0, along = 0;
    for (std::size_t i = k + 1; i < n; ++i) square += v[i] * v[i];
    for (std::size_t i = k + 1; i < n; ++i) {
      double sum = 0;
      for (std::size_t j = k + 1; j < n; ++j) sum += m[i * n + j] * v[j];
      w[i] = 2 * sum / square;
      along += w[i] * v[i];
    }
    for (std::size_t i = k + 1; i < n; ++i) w[i] -= along / square * v[i];
    for (std::size_t i = k + 1; i < n; ++i) {
      for (std::size_t j = k + 1; j < n; ++j) m[i * n + j] -= v[i] * w[j] + w[i] * v[j];
    }
    m[(k + 1) * n + k] = alpha;
  }
  for (std::size_t i = 0; i < n; ++i) {
    diagonal[i] = m[i * n + i];
    if (i > 0) below[i] = m[i * n + i - 1];
  }
}

// How many eigenvalues lie below x: the negative pivots of the shifted matrix (Sylvester's law of inertia;
// Golub & Van Loan, section 8.4.1).
std::size_t eigenvalues_below(const std::vector<double>& diagonal, const std::vector<double>& below,
                              double x) {
  constexpr double kTiny = 1e-300;  // in place of a pivot of 0
  std::size_t count = 0;
  double pivot = 1;
  for (std::size_t i = 0; i < diagonal.size(); ++i) {
    pivot = diagonal[i] - x - below[i] * below[i] / pivot;
    if (pivot == 0) pivot = kTiny;
    count += pivot < 0 ? 1 : 0;
  }
  return count;
}

}  // namespace

Gaussian fit_gaussian(Span<const float> samples, std::size_t n) {
  const std::size_t rows = samples.size / n;
  Gaussian g;
  g.mean.assign(n, 0);
  g.covariance.assign(n * n, 0);
  for (std::size_t i = 0; i < rows * n; ++i) g.mean[i % n] += static_cast<double>(samples[i]);
  for (double& value : g.mean) value /= static_cast<double>(rows);
  std::vector<double> centred(n);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < n; ++i) centred[i] = static_cast<double>(samples[r * n + i]) - g.mean[i];
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) g.covariance[i * n + j] += centred[i] * centred[j];
    }
  }
  const double divisor = rows > 1 ? static_cast<double>(rows - 1) : 1;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      g.covariance[j * n + i] = g.covariance[i * n + j] /= divisor;
    }
  }
  return g;
}

double frechet_distance(const Gaussian& a, const Gaussian& b) {
  const std::size_t n = a.mean.size();
  double distance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    distance += (a.mean[i] - b.mean[i]) * (a.mean[i] - b.mean[i]);
    distance += a.covariance[i * n + i] + b.covariance[i * n + i];
  }
  // With C1 = L L^T the eigenvalues of C1 C2 are those of the symmetric L^T C2 L.
  const std::vector<double> l = cholesky(a.covariance, n);
  std::vector<double> half(n * n), inner(n * n);  // C2 L, L^T C2 L
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j <= k; ++j) half[i * n + j] += b.covariance[i * n + k] * l[k * n + j];
    }
  }
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i <= k; ++i) {
      for (std::size_t j = 0; j < n; ++j) inner[i * n + j] += l[k * n + i] * half[k * n + j];
    }
  }
  // What rounding makes of a zero, a few units of the last place of the largest, would have a root that
  // counts.
  constexpr double kRounding = 1e-14;
  const std::vector<double> values = symmetric_eigenvalues(std::move(inner), n);
  for (const double value : values) {
    if (value > kRounding * values.back()) distance -= 2 * std::sqrt(value);
  }
  return std::max(0.0, distance);
}

std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t n) {
  constexpr double kRounding = 1e-12;  // of a variance
  std::vector<double> l(n * n);
  for (std::size_t j = 0; j < n; ++j) {
    double pivot = matrix[j * n + j];
    for (std::size_t k = 0; k < j; ++k) pivot -= l[j * n + k] * l[j * n + k];
    if (!(pivot > kRounding * matrix[j * n + j])) continue;
    l[j * n + j] = std::sqrt(pivot);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = matrix[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = sum / l[j * n + j];
    }
  }
  return l;
}

std::vector<double> symmetric_eigenvalues(std::vector<double> matrix, std::size_t n) {
  std::vector<double> diagonal(n), below(n), values;
  tridiagonalise(matrix, n, diagonal, below);
  double bound = 0;  // Gershgorin's circles
  for (std::size_t i = 0; i < n; ++i) {
    const double after = i + 1 < n ? std::abs(below[i + 1]) : 0;
    bound = std::max(bound, std::abs(diagonal[i]) + std::abs(below[i]) + after);
  }
  for (std::size_t i = 0; i < n; ++i) {
    double low = values.empty() ? -bound : values.back(), high = bound;
    for (double middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
      if (high - low <= 1e-16 * bound) break;
      (eigenvalues_below(diagonal, below, middle) > i ? high : low) = middle;
    }
    values.push_back((low + high) / 2);
  }
  return values;
}

double entropy(const std::vector<std::uint64_t>& histogram) {
  double sum = 0, nats = 0;
  for (const std::uint64_t count : histogram) sum += static_cast<double>(count);
  for (const std::uint64_t count : histogram) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / sum;
    nats -= share * std::log(share);
  }
  return nats;
}

}  // namespace lc
