// Checks and reads the values of a tensor in the payload. Private to shared/format.
#pragma once

#include <cstdint>

#include "shared/core/span.h"
#include "shared/core/status.h"
#include "shared/format/schema.h"

namespace lc::format {

std::uint32_t element_bytes(DType dtype);

// Elements and payload bytes of a record whose rank, shape and scale axis are sound; false when they overflow
// 64 bits.
bool checked_sizes(const TensorRecord& record, std::uint64_t& elements, std::uint64_t& bytes);

// `bytes` are the tensor's own: every value finite, every scale finite and positive.
Status check_values(const TensorRecord& record, Bytes bytes);

// Elements first .. first + out.size - 1 as f32.
void read_values(const TensorRecord& record, Bytes bytes, std::uint64_t first, Span<float> out);

}  // namespace lc::format
