// The file that a run is resumed from: named tensors and texts in a checksummed container of our own. Never
// shipped.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"

namespace lc::train {

struct State {
  std::map<std::string, torch::Tensor> tensors;  // on the CPU: float32, float64, int64 or bytes
  std::map<std::string, std::string> texts;
};

// magic "LCSTATE1", u64 length of the file, u32 CRC-32 of what follows, u32 number of records; a record is
// u8 type, u32 + name, u32 rank, rank x u64 sizes, values. Little-endian. A text is a record of bytes with
// type 0.
std::vector<std::uint8_t> write_state(const State& state);

// Trusts nothing: every length is compared with the bytes left before anything is allocated. data_damaged
// with the cause.
Result<State> read_state(Bytes bytes, const std::string& path);

}  // namespace lc::train
