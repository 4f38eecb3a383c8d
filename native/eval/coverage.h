// Precision, recall, density and coverage: how many generated samples lie among the real ones, and how many
// real ones have generated neighbours (Kynkäänniemi et al. 2019, "Improved precision and recall metric";
// Naeem et al. 2020, "Reliable fidelity and diversity metrics").
#pragma once

#include "native/eval/matrix.h"

namespace lc::eval {

struct Coverage {
  double precision = 0, recall = 0, density = 0, coverage = 0;
};

// A sample's ball reaches to its k-th nearest neighbour of its own set, itself not counted; what lies on the
// surface is outside. Each set has more than k rows.
Coverage coverage(const Matrix& real, const Matrix& fake, std::size_t k, unsigned threads);

// Squared distance of each row to its k-th nearest other row.
std::vector<float> ball_radii(const Matrix& samples, std::size_t k, unsigned threads);

}  // namespace lc::eval
