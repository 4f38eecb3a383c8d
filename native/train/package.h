// A finished run as a .lcw file.
#pragma once

#include <cstdint>
#include <vector>

#include "native/train/trainer.h"
#include "shared/core/status.h"

namespace lc::train {

// Networks (averaged), prior, timeline, strips, curve, metrics and provenance.
Result<std::vector<std::uint8_t>> package(Trainer& trainer, const std::vector<format::Metric>& metrics);

}  // namespace lc::train
