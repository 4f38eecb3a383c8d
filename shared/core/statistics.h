// Numbers about samples: fitted Gaussians and their Fréchet distance, the entropy of a histogram.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/core/span.h"

namespace lc {

// Mean and covariance (divided by rows - 1), in double.
struct Gaussian {
  std::vector<double> mean;        // [n]
  std::vector<double> covariance;  // [n][n], symmetric
};
// Of samples [rows][n], at least one row.
Gaussian fit_gaussian(Span<const float> samples, std::size_t n);

// |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), squared as everybody reports it (Heusel et al. 2017, "GANs
// trained by a two time-scale update rule", section 3). Means have one length.
double frechet_distance(const Gaussian& a, const Gaussian& b);

// The lower triangular L with L L^T = matrix [n][n], symmetric and positive semi-definite. What rounding left
// of a direction without variance counts as none: its column is zero.
std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t n);

// Ascending, of a symmetric matrix [n][n]; exact to about 1e-15 of the largest.
std::vector<double> symmetric_eigenvalues(std::vector<double> matrix, std::size_t n);

// In nats; 0 for a histogram without counts.
double entropy(const std::vector<std::uint64_t>& histogram);

}  // namespace lc
