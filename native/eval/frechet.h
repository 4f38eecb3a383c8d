// The Fréchet distance of two Gaussians fitted to features (Heusel et al. 2017, "GANs trained by a two
// time-scale update rule", section 3; there the features are Inception's, here the pinned classifier's).
#pragma once

#include <vector>

#include "native/eval/matrix.h"

namespace lc::eval {

// Mean and covariance (divided by rows - 1) in double.
struct Gaussian {
  std::vector<double> mean;        // [n]
  std::vector<double> covariance;  // [n][n], symmetric
};
Gaussian fit_gaussian(const Matrix& features);

// |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), squared as everybody reports it. Means have one length.
double frechet_distance(const Gaussian& a, const Gaussian& b);

// Eigenvalues (ascending) and eigenvectors (row i belongs to value i) of a symmetric matrix [n][n], by
// Jacobi's rotations.
struct Eigen {
  std::vector<double> values, vectors;
};
Eigen symmetric_eigen(std::vector<double> matrix, std::size_t n);

}  // namespace lc::eval
