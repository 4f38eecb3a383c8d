// The Fréchet distance of two Gaussians fitted to features.
#include "native/eval/frechet.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lc::eval {

namespace {

using Square = std::vector<double>;  // [n][n]

Square product(const Square& a, const Square& b, std::size_t n) {
  Square out(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) out[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
  return out;
}

// The symmetric root of a positive semi-definite matrix; eigenvalues that rounding made negative count as 0.
Square square_root(const Square& matrix, std::size_t n) {
  const Eigen eigen = symmetric_eigen(matrix, n);
  Square out(n * n);
  for (std::size_t e = 0; e < n; ++e) {
    const double root = std::sqrt(std::max(0.0, eigen.values[e]));
    const double* v = eigen.vectors.data() + e * n;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) out[i * n + j] += root * v[i] * v[j];
    }
  }
  return out;
}

// Sum of the squares off the diagonal.
double off_diagonal(const Square& m, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) sum += 2 * m[i * n + j] * m[i * n + j];
  }
  return sum;
}

}  // namespace

Gaussian fit_gaussian(const Matrix& features) {
  const std::size_t n = features.columns;
  Gaussian g;
  g.mean.assign(n, 0);
  g.covariance.assign(n * n, 0);
  for (std::size_t r = 0; r < features.rows; ++r) {
    for (std::size_t i = 0; i < n; ++i) g.mean[i] += static_cast<double>(features.row(r)[i]);
  }
  for (double& value : g.mean) value /= static_cast<double>(features.rows);
  std::vector<double> centred(n);
  for (std::size_t r = 0; r < features.rows; ++r) {
    for (std::size_t i = 0; i < n; ++i) centred[i] = static_cast<double>(features.row(r)[i]) - g.mean[i];
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) g.covariance[i * n + j] += centred[i] * centred[j];
    }
  }
  const double divisor = features.rows > 1 ? static_cast<double>(features.rows - 1) : 1;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      g.covariance[i * n + j] /= divisor;
      g.covariance[j * n + i] = g.covariance[i * n + j];
    }
  }
  return g;
}

Eigen symmetric_eigen(std::vector<double> m, std::size_t n) {
  constexpr int kMaxSweeps = 60;
  constexpr double kEnough = 1e-26;  // of the squared norm, so that values are exact to about 1e-13
  Square v(n * n);
  for (std::size_t i = 0; i < n; ++i) v[i * n + i] = 1;
  double norm = 0;
  for (const double x : m) norm += x * x;
  for (int sweep = 0; sweep < kMaxSweeps && off_diagonal(m, n) > kEnough * norm; ++sweep) {
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (m[p * n + q] == 0) continue;
        // Golub & Van Loan, "Matrix computations", section 8.5.
        const double theta = (m[q * n + q] - m[p * n + p]) / (2 * m[p * n + q]);
        const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const double kp = m[k * n + p], kq = m[k * n + q];
          m[k * n + p] = c * kp - s * kq;
          m[k * n + q] = s * kp + c * kq;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double pk = m[p * n + k], qk = m[q * n + k];
          m[p * n + k] = c * pk - s * qk;
          m[q * n + k] = s * pk + c * qk;
          const double vp = v[p * n + k], vq = v[q * n + k];
          v[p * n + k] = c * vp - s * vq;
          v[q * n + k] = s * vp + c * vq;
        }
      }
    }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return m[a * n + a] < m[b * n + b]; });
  Eigen eigen;
  for (const std::size_t e : order) {
    eigen.values.push_back(m[e * n + e]);
    eigen.vectors.insert(eigen.vectors.end(), v.begin() + static_cast<std::ptrdiff_t>(e * n),
                         v.begin() + static_cast<std::ptrdiff_t>((e + 1) * n));
  }
  return eigen;
}

double frechet_distance(const Gaussian& a, const Gaussian& b) {
  const std::size_t n = a.mean.size();
  double distance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    distance += (a.mean[i] - b.mean[i]) * (a.mean[i] - b.mean[i]);
    distance += a.covariance[i * n + i] + b.covariance[i * n + i];
  }
  // trace((C1 C2)^(1/2)) is that of the symmetric (C1^(1/2) C2 C1^(1/2))^(1/2), the sum of its eigenvalues.
  const Square root = square_root(a.covariance, n);
  Square inner = product(product(root, b.covariance, n), root, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      inner[i * n + j] = inner[j * n + i] = (inner[i * n + j] + inner[j * n + i]) / 2;
    }
  }
  for (const double value : symmetric_eigen(inner, n).values) distance -= 2 * std::sqrt(std::max(0.0, value));
  return std::max(0.0, distance);
}

}  // namespace lc::eval
