// Sizes, checks and conversions of the tensors in a payload, whose bytes have no particular alignment.
#include "shared/format/tensor.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "shared/core/checked.h"
#include "shared/core/half.h"
#include "shared/format/format.h"

namespace lc::format {

namespace {

constexpr float kLargestScale = std::numeric_limits<float>::max() / 128;

std::uint64_t scale_count(const TensorRecord& record) {
  return record.dtype == DType::i8 ? record.shape[record.scale_axis] : 0;
}

template <class T>
T load_at(Bytes bytes, std::uint64_t index) {
  T value{};
  std::memcpy(&value, bytes.data + index * sizeof(T), sizeof(T));
  return value;
}

// Index of the first of `count` values whose exponent bits are all set (infinite or NaN), or count.
template <class Bits>
std::uint64_t first_not_finite(Bytes bytes, std::uint64_t count, Bits exponent) {
  constexpr std::uint64_t kBlock = 1024;  // a block is summed up without a branch, so that it vectorises
  Bits block[kBlock];
  for (std::uint64_t first = 0; first < count; first += kBlock) {
    const std::uint64_t size = std::min(kBlock, count - first);
    std::memcpy(block, bytes.data + first * sizeof(Bits), size * sizeof(Bits));
    std::uint32_t found = 0;
    for (std::uint64_t i = 0; i < size; ++i) found |= (block[i] & exponent) == exponent ? 1u : 0u;
    if (found == 0) continue;
    for (std::uint64_t i = 0; i < size; ++i) {
      if ((block[i] & exponent) == exponent) return first + i;
    }
  }
  return count;
}

std::uint64_t first_not_finite(DType dtype, Bytes bytes, std::uint64_t count) {
  if (dtype == DType::f16) return first_not_finite<std::uint16_t>(bytes, count, 0x7c00u);
  return first_not_finite<std::uint32_t>(bytes, count, 0x7f800000u);
}

}  // namespace

std::uint32_t element_bytes(DType dtype) {
  constexpr std::uint32_t kBytes[] = {4, 2, 1};
  return kBytes[static_cast<std::size_t>(dtype)];
}

bool checked_sizes(const TensorRecord& record, std::uint64_t& elements, std::uint64_t& bytes) {
  elements = 1;
  for (const std::uint32_t dimension : record.shape) {
    if (!checked_mul(elements, dimension, elements)) return false;
  }
  return checked_mul(elements, element_bytes(record.dtype), bytes) &&
         checked_add(bytes, scale_count(record) * sizeof(float), bytes);
}

std::uint64_t element_count(const TensorRecord& record) {
  std::uint64_t elements = 0, bytes = 0;
  return checked_sizes(record, elements, bytes) ? elements : 0;
}

std::uint64_t payload_bytes(const TensorRecord& record) {
  std::uint64_t elements = 0, bytes = 0;
  return checked_sizes(record, elements, bytes) ? bytes : 0;
}

Status check_values(const TensorRecord& record, Bytes bytes) {
  const auto at = [&](std::uint64_t index) { return phrase("tensor '{}', element {}", record.name, index); };
  if (record.dtype == DType::i8) {
    for (std::uint64_t i = 0; i < scale_count(record); ++i) {
      const float scale = load_at<float>(bytes, i);
      if (!(scale > 0 && scale <= kLargestScale)) {
        return fail(Code::bad_scale,
                    "tensor '{}', scale {} is {}, expected a positive number whose 128-fold is finite",
                    record.name, i, scale);
      }
    }
    return {};
  }
  const std::uint64_t count = bytes.size / element_bytes(record.dtype);
  const std::uint64_t bad = first_not_finite(record.dtype, bytes, count);
  if (bad < count) return fail(Code::weight_not_finite, "{} is infinite or not a number", at(bad));
  return {};
}

void read_values(const TensorRecord& record, Bytes bytes, std::uint64_t first, Span<float> out) {
  switch (record.dtype) {
    case DType::f32:
      if (out.size > 0) std::memcpy(out.data, bytes.data + first * sizeof(float), out.size * sizeof(float));
      return;
    case DType::f16:
      for (std::size_t i = 0; i < out.size; ++i)
        out[i] = float_from_half(load_at<std::uint16_t>(bytes, first + i));
      return;
    case DType::i8: {
      const std::uint64_t channels = scale_count(record);
      std::uint64_t inner = 1;  // elements between two channels
      for (std::size_t axis = record.scale_axis + std::size_t{1}; axis < record.shape.size(); ++axis) {
        inner *= record.shape[axis];
      }
      const Bytes values = bytes.sub(channels * sizeof(float), bytes.size - channels * sizeof(float));
      for (std::size_t i = 0; i < out.size; ++i) {
        const std::uint64_t index = first + i;
        out[i] = load_at<float>(bytes, index / inner % channels) *
                 static_cast<float>(load_at<std::int8_t>(values, index));
      }
      return;
    }
  }
}

void read_tensor(const ModelFile& file, std::uint32_t tensor, Span<float> out) {
  const TensorRecord& record = file.header.tensors[tensor];
  read_values(record, file.payload.sub(record.offset, payload_bytes(record)), 0, out);
}

}  // namespace lc::format
