// Measures on the pixels themselves, rows of values in [0, 1]: sharpness, the nearest training picture,
// Parzen windows.
#pragma once

#include <cstdint>
#include <vector>

#include "native/eval/matrix.h"
#include "shared/core/pictures.h"

namespace lc::eval {

// Mean over pictures of the variance of the Laplacian (4-neighbour stencil, inner pixels) of the grey
// picture, the mean of its channels: blur makes it small (Pech-Pacheco et al. 2000). At least 3 x 3 pixels.
double sharpness(const Matrix& pictures, const PictureShape& shape);

// Euclidean distance of each picture to the nearest of `training`: near 0 when pictures were memorised.
std::vector<double> nearest_distances(const Matrix& pictures, const Matrix& training, unsigned threads);

// Mean log-density of `test` in nats, and its standard error, under the mixture of Gaussians of deviation
// `sigma` about each sample (Goodfellow et al. 2014, section 5; Theis et al. 2016 say why it misleads).
struct Parzen {
  double mean = 0, standard_error = 0, sigma = 0;
};
// Of the deviations, the one with the best mean on `validation` is used on `test`.
Parzen parzen(const Matrix& samples, const Matrix& validation, const Matrix& test,
              const std::vector<double>& sigmas, unsigned threads);

}  // namespace lc::eval
