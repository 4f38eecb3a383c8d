// Changes what a weights file says of itself and of its data set; the networks' bytes stay as they are.
#pragma once

#include <vector>

#include "native/cli/weights.h"
#include "native/eval/features.h"
#include "shared/core/status.h"

namespace lc::cli {

// Saves over the file, all or nothing, checked as a reader would: `metrics` in its header (one of a known
// name replaces the old one, others follow) and, of a feature network, the statistics where other models have
// their prior: a mixture of one Gaussian called "features".
Status write_measured(const LoadedModel& model, const std::vector<format::Metric>& metrics,
                      const eval::FeatureStatistics* statistics);

}  // namespace lc::cli
