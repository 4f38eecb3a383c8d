// What a feature network's file keeps for live measurements.
#include "native/eval/features.h"

namespace lc::eval {

namespace {

constexpr std::uint64_t kDraws = 10;

}  // namespace

Result<FeatureStatistics> feature_statistics(const Reference& reference) {
  const Result<Seen> test = reference.look(reference.test(reference.data().test.count));
  if (!test.ok()) return test.status();
  FeatureStatistics statistics;
  statistics.test = gaussian_of(test->features);
  for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
    const Result<Seen> training = reference.look(reference.random_training(kLiveSamples, seed));
    if (!training.ok()) return training.status();
    statistics.floor += frechet_distance(gaussian_of(training->features), statistics.test) / kDraws;
  }
  statistics.draws = kDraws;
  return statistics;
}

}  // namespace lc::eval
