// What a feature network's file keeps, so that pictures can be measured where the data set is not at hand: on
// the page, live.
#pragma once

#include "native/eval/reference.h"
#include "shared/core/statistics.h"

namespace lc::eval {

constexpr std::size_t kLiveSamples = 1000;  // of a live measurement

struct FeatureStatistics {
  Gaussian test;     // of the data set's test pictures
  double floor = 0;  // Fréchet distance to it that kLiveSamples training pictures have, mean of several draws
  std::size_t draws = 0;
};
// `reference` looks through the network in question.
Result<FeatureStatistics> feature_statistics(const Reference& reference);

}  // namespace lc::eval
