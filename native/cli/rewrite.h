// Changes what a weights file says of itself; the networks' bytes stay as they are.
#pragma once

#include <vector>

#include "native/cli/weights.h"
#include "shared/core/status.h"

namespace lc::cli {

// The file's bytes with `metrics` in its header: one of a known name replaces the old one, others follow.
// Checked as a reader would.
Result<std::vector<std::uint8_t>> with_metrics(const LoadedModel& model,
                                               const std::vector<format::Metric>& metrics);

// The same, saved over the file, all or nothing.
Status write_metrics(const LoadedModel& model, const std::vector<format::Metric>& metrics);

}  // namespace lc::cli
