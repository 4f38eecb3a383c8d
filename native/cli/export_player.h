// A model's playing networks as a weights file of their own.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/core/status.h"
#include "shared/format/format.h"

namespace lc::cli {

// The decoders and generators of `file` with the same weights, bit for bit, what sampling and provenance
// need, and one picture for the model's card: no other networks, no timeline, no curve. It gives the same
// pictures from a fraction of the bytes. unsupported_task when the file has no such network.
Result<std::vector<std::uint8_t>> player_file(const format::ModelFile& file);

}  // namespace lc::cli
