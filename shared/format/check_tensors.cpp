// Rules for the tensor table, the payload's values, and the prior whose mixture lives in tensors.
#include <algorithm>
#include <cmath>

#include "shared/core/checked.h"
#include "shared/format/check.h"
#include "shared/format/tensor.h"

namespace lc::format {

namespace {

std::string shape_text(const std::vector<std::uint32_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += phrase("{}{}", i > 0 ? "][" : "", shape[i]);
  return text + "]";
}

Status check_shape(const Header& header, const PriorPart& part, std::size_t which,
                   const std::vector<std::uint32_t>& expected) {
  const TensorRecord& record = header.tensors[part.mixture[which]];
  if (record.shape == expected) return {};
  return fail(Code::bad_prior, "prior part '{}': tensor '{}' is {}, expected {}", part.name, record.name,
              shape_text(record.shape), shape_text(expected));
}

Status check_mixture(const Header& header, Bytes payload, const PriorPart& part) {
  const std::string where = phrase("prior part '{}'", part.name);
  if (part.kind != PriorKind::mixture) {
    if (part.mixture.empty()) return {};
    return fail(Code::bad_prior, "{}: only a mixture has tensors", where);
  }
  if (part.mixture.size() != 3) {
    return fail(Code::bad_prior, "{}: a mixture has 3 tensors (weights, means, cholesky), found {}", where,
                part.mixture.size());
  }
  for (const std::uint32_t index : part.mixture) {
    if (index >= header.tensors.size()) {
      return fail(Code::bad_tensor_index, "{}: tensor {} of {}", where, index, header.tensors.size());
    }
  }
  const TensorRecord& weights = header.tensors[part.mixture[0]];
  const std::uint32_t components = weights.shape[0];
  LC_TRY(check_shape(header, part, 0, {components}));
  LC_TRY(check_shape(header, part, 1, {components, part.size}));
  LC_TRY(check_shape(header, part, 2, {components, part.size, part.size}));
  std::uint64_t elements = 0, bytes = 0;
  checked_sizes(weights, elements, bytes);
  double sum = 0;
  bool negative = false;
  for (std::uint32_t i = 0; i < components; ++i) {
    float weight = 0;
    read_values(weights, payload.sub(weights.offset, bytes), i, {&weight, 1});
    sum += weight;
    negative = negative || weight < 0;
  }
  if (negative || std::abs(sum - 1) > 1e-3) {
    return fail(Code::bad_prior, "{}: the weights of the mixture add up to {}{}, expected 1", where, sum,
                negative ? " and one is negative" : "");
  }
  return {};
}

Status check_part(const PriorPart& part, std::size_t index) {
  LC_TRY(check_name(part.name, "prior part", index));
  const std::string where = phrase("prior part '{}'", part.name);
  if (part.kind > PriorKind::mixture) {
    return fail(Code::bad_enum, "{}: kind {}, expected 0 to 3", where, static_cast<int>(part.kind));
  }
  LC_TRY(check_finite(part.low, phrase("{}, low", where)));
  LC_TRY(check_finite(part.high, phrase("{}, high", where)));
  if (part.size == 0 || part.size > kMaxLatentSize) {
    return fail(Code::bad_prior, "{}: size {}, expected 1 to {}", where, part.size, kMaxLatentSize);
  }
  if (part.kind == PriorKind::uniform && part.low >= part.high) {
    return fail(Code::bad_prior, "{}: uniform from {} to {}, expected low below high", where, part.low,
                part.high);
  }
  return {};
}

}  // namespace

Status check_record(const TensorRecord& record, std::size_t index, std::uint64_t& bytes) {
  LC_TRY(check_name(record.name, "tensor", index));
  const std::string where = phrase("tensor '{}'", record.name);
  if (record.dtype > DType::i8) {
    return fail(Code::bad_enum, "{}: dtype {}, expected 0 (f32), 1 (f16) or 2 (i8)", where,
                static_cast<int>(record.dtype));
  }
  if (record.shape.empty() || record.shape.size() > kMaxRank) {
    return fail(Code::bad_rank, "{}: rank {}, expected 1 to {}", where, record.shape.size(), kMaxRank);
  }
  if (std::find(record.shape.begin(), record.shape.end(), 0u) != record.shape.end()) {
    return fail(Code::bad_shape, "{}: a dimension of {} is 0", where, shape_text(record.shape));
  }
  const std::size_t axes = record.dtype == DType::i8 ? record.shape.size() : 1;
  if (record.scale_axis >= axes) {
    return fail(Code::bad_scale_axis, "{}: scale axis {}, expected less than {}", where, record.scale_axis,
                axes);
  }
  std::uint64_t elements = 0;
  if (!checked_sizes(record, elements, bytes)) {
    return fail(Code::bad_shape, "{}: the product of {} overflows 64 bits", where, shape_text(record.shape));
  }
  return {};
}

Status check_tensors(const Header& header, Bytes payload) {
  if (header.tensors.size() > kMaxTensors) {
    return fail(Code::too_many_tensors, "{} tensors, at most {} are allowed", header.tensors.size(),
                kMaxTensors);
  }
  std::vector<std::string_view> names;
  names.reserve(header.tensors.size());
  std::uint64_t end = 0;  // of the tensor before
  for (std::size_t i = 0; i < header.tensors.size(); ++i) {
    const TensorRecord& record = header.tensors[i];
    std::uint64_t bytes = 0;
    LC_TRY(check_record(record, i, bytes));
    if (record.offset != end) {
      const bool overlaps = record.offset < end;
      return fail(overlaps ? Code::tensor_overlaps : Code::tensor_hole,
                  "tensor '{}' begins at payload byte {}{}{}", record.name, record.offset,
                  overlaps ? ", the one before it ends at " : ", expected ", end);
    }
    if (bytes > payload.size - end) {
      return fail(Code::tensor_overruns, "tensor '{}' needs {} bytes, {} are left", record.name, bytes,
                  payload.size - end);
    }
    end += bytes;
    names.emplace_back(record.name);
  }
  if (end != payload.size) {
    return fail(Code::payload_trailing, "{} bytes follow the last tensor", payload.size - end);
  }
  LC_TRY(check_unique(std::move(names), Code::duplicate_tensor, "tensors"));
  for (const TensorRecord& record : header.tensors) {
    std::uint64_t elements = 0, bytes = 0;
    checked_sizes(record, elements, bytes);
    LC_TRY(check_values(record, payload.sub(record.offset, bytes)));
  }
  return {};
}

Status check_prior(const Header& header, Bytes payload) {
  LC_TRY(check_count(header.prior.size(), kMaxPriorParts, "parts of the prior"));
  std::vector<std::string_view> names;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < header.prior.size(); ++i) {
    const PriorPart& part = header.prior[i];
    LC_TRY(check_part(part, i));
    LC_TRY(check_mixture(header, payload, part));
    size += part.size;
    names.emplace_back(part.name);
  }
  if (size > kMaxLatentSize) {
    return fail(Code::bad_prior, "a latent vector of {} numbers, at most {} are allowed", size,
                kMaxLatentSize);
  }
  return check_unique(std::move(names), Code::duplicate_entry, "parts of the prior");
}

}  // namespace lc::format
