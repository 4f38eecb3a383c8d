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
  for (std::size_t i = 0; i < shape.size(); ++i) text += join({i > 0 ? "][" : "", shape[i]});
  return text + "]";
}

Status check_shape(const Header& header, const PriorPart& part, std::size_t which,
                   const std::vector<std::uint32_t>& expected) {
  const TensorRecord& record = header.tensors[part.mixture[which]];
  if (record.shape == expected) return {};
  return fail(Code::bad_prior, {"prior part '", part.name, "': tensor '", record.name, "' is ",
                                shape_text(record.shape), ", expected ", shape_text(expected)});
}

Status check_mixture(const Header& header, Bytes payload, const PriorPart& part) {
  const std::string where = join({"prior part '", part.name, "'"});
  if (part.kind != PriorKind::mixture) {
    if (part.mixture.empty()) return {};
    return fail(Code::bad_prior, {where, ": only a mixture has tensors"});
  }
  if (part.mixture.size() != 3) {
    return fail(Code::bad_prior,
                {where, ": a mixture has 3 tensors (weights, means, cholesky), found ", part.mixture.size()});
  }
  for (const std::uint32_t index : part.mixture) {
    if (index >= header.tensors.size()) {
      return fail(Code::bad_tensor_index, {where, ": tensor ", index, " of ", header.tensors.size()});
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
    return fail(Code::bad_prior, {where, ": the weights of the mixture add up to ", sum,
                                  (negative ? " and one is negative" : ""), ", expected 1"});
  }
  return {};
}

Status check_part(const PriorPart& part, std::size_t index) {
  LC_TRY(check_name(part.name, "prior part", index));
  const std::string where = join({"prior part '", part.name, "'"});
  if (part.kind > PriorKind::mixture) {
    return fail(Code::bad_enum, {where, ": kind ", static_cast<int>(part.kind), ", expected 0 to 3"});
  }
  LC_TRY(check_finite(part.low, join({where, ", low"})));
  LC_TRY(check_finite(part.high, join({where, ", high"})));
  if (part.size == 0 || part.size > kMaxLatentSize) {
    return fail(Code::bad_prior, {where, ": size ", part.size, ", expected 1 to ", kMaxLatentSize});
  }
  if (part.kind == PriorKind::uniform && part.low >= part.high) {
    return fail(Code::bad_prior,
                {where, ": uniform from ", part.low, " to ", part.high, ", expected low below high"});
  }
  return {};
}

}  // namespace

Status check_record(const TensorRecord& record, std::size_t index, std::uint64_t& bytes) {
  LC_TRY(check_name(record.name, "tensor", index));
  const std::string where = join({"tensor '", record.name, "'"});
  if (record.dtype > DType::i8) {
    return fail(Code::bad_enum,
                {where, ": dtype ", static_cast<int>(record.dtype), ", expected 0 (f32), 1 (f16) or 2 (i8)"});
  }
  if (record.shape.empty() || record.shape.size() > kMaxRank) {
    return fail(Code::bad_rank, {where, ": rank ", record.shape.size(), ", expected 1 to ", kMaxRank});
  }
  if (std::find(record.shape.begin(), record.shape.end(), 0u) != record.shape.end()) {
    return fail(Code::bad_shape, {where, ": a dimension of ", shape_text(record.shape), " is 0"});
  }
  const std::size_t axes = record.dtype == DType::i8 ? record.shape.size() : 1;
  if (record.scale_axis >= axes) {
    return fail(Code::bad_scale_axis,
                {where, ": scale axis ", record.scale_axis, ", expected less than ", axes});
  }
  std::uint64_t elements = 0;
  if (!checked_sizes(record, elements, bytes)) {
    return fail(Code::bad_shape,
                {where, ": the product of ", shape_text(record.shape), " overflows 64 bits"});
  }
  return {};
}

Status check_tensors(const Header& header, Bytes payload) {
  if (header.tensors.size() > kMaxTensors) {
    return fail(Code::too_many_tensors,
                {header.tensors.size(), " tensors, at most ", kMaxTensors, " are allowed"});
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
                  {"tensor '", record.name, "' begins at payload byte ", record.offset,
                   overlaps ? ", the one before it ends at " : ", expected ", end});
    }
    if (bytes > payload.size - end) {
      return fail(Code::tensor_overruns,
                  {"tensor '", record.name, "' needs ", bytes, " bytes, ", payload.size - end, " are left"});
    }
    end += bytes;
    names.emplace_back(record.name);
  }
  if (end != payload.size) {
    return fail(Code::payload_trailing, {payload.size - end, " bytes follow the last tensor"});
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
    return fail(Code::bad_prior,
                {"a latent vector of ", size, " numbers, at most ", kMaxLatentSize, " are allowed"});
  }
  return check_unique(std::move(names), Code::duplicate_entry, "parts of the prior");
}

}  // namespace lc::format
