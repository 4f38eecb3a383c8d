// The kernel distance between two sets of features (Binkowski et al. 2018, "Demystifying MMD GANs").
#pragma once

#include "native/eval/matrix.h"

namespace lc::eval {

// Unbiased estimate of the squared maximum mean discrepancy with the kernel (x . y / columns + 1)^3, over all
// pairs: about 0, a little below at times, when both sets come from one distribution. At least two rows each.
double kernel_distance(const Matrix& a, const Matrix& b, unsigned threads);

}  // namespace lc::eval
