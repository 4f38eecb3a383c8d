// Converts tensors and writes files. The only source that includes cereal; whoever only reads does not link
// it.
#include <algorithm>
#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <cmath>
#include <cstring>
#include <sstream>

#include "shared/core/half.h"
#include "shared/format/check.h"
#include "shared/format/format.h"
#include "shared/format/layout.h"
#include "shared/format/tensor.h"

namespace lc::format {

namespace {

std::string encode(const Header& header) {
  std::ostringstream stream;
  cereal::PortableBinaryOutputArchive archive(stream,
                                              cereal::PortableBinaryOutputArchive::Options::LittleEndian());
  archive(header);
  return stream.str();
}

template <class T>
void put(std::vector<std::uint8_t>& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

Status refuse(const TensorRecord& record, std::size_t index, float value, const char* why) {
  return fail(Code::weight_not_finite, "tensor '{}', element {} is {}: {}", record.name, index, value, why);
}

}  // namespace

void Writer::append(const void* bytes, std::size_t size) {
  const auto* first = static_cast<const std::uint8_t*>(bytes);
  payload_.insert(payload_.end(), first, first + size);
}

// The record has been checked, and `values` are as many as its elements.
Status Writer::append_values(const TensorRecord& record, Span<const float> values) {
  for (std::size_t i = 0; i < values.size; ++i) {
    if (!std::isfinite(values[i])) return refuse(record, i, values[i], "weights are finite");
  }
  if (record.dtype == DType::f32) {
    append(values.data, values.size * sizeof(float));
    return {};
  }
  if (record.dtype == DType::f16) {
    std::vector<std::uint16_t> halves(values.size);
    for (std::size_t i = 0; i < values.size; ++i) {
      halves[i] = half_from_float(values[i]);
      if ((halves[i] & 0x7fff) == 0x7c00) return refuse(record, i, values[i], "f16 ends at 65504, use f32");
    }
    append(halves.data(), halves.size() * sizeof(std::uint16_t));
    return {};
  }
  std::size_t inner = 1;
  for (std::size_t axis = record.scale_axis + std::size_t{1}; axis < record.shape.size(); ++axis) {
    inner *= record.shape[axis];
  }
  const std::size_t channels = record.shape[record.scale_axis];
  std::vector<float> scales(channels, 0.0f);
  for (std::size_t i = 0; i < values.size; ++i) {
    float& scale = scales[i / inner % channels];
    scale = std::max(scale, std::abs(values[i]) / 127);
  }
  for (float& scale : scales) {
    if (scale == 0) scale = 1;  // a channel of zeros
  }
  std::vector<std::int8_t> steps(values.size);
  for (std::size_t i = 0; i < values.size; ++i) {
    const float step = std::floor(values[i] / scales[i / inner % channels] + 0.5f);
    steps[i] = static_cast<std::int8_t>(std::clamp(step, -127.0f, 127.0f));
  }
  append(scales.data(), scales.size() * sizeof(float));
  append(steps.data(), steps.size());
  return {};
}

std::uint32_t Writer::add_tensor(std::string name, std::vector<std::uint32_t> shape, Span<const float> values,
                                 DType dtype, std::uint8_t scale_axis) {
  TensorRecord record;
  record.name = std::move(name);
  record.dtype = dtype;
  record.shape = std::move(shape);
  record.scale_axis = scale_axis;
  record.offset = payload_.size();
  if (status_.ok()) {
    std::uint64_t bytes = 0;
    status_ = check_record(record, header.tensors.size(), bytes);
    if (status_.ok() && element_count(record) != values.size) {
      status_ = fail(Code::bad_shape, "tensor '{}' was given {} values, its shape has {}", record.name,
                     values.size, element_count(record));
    }
    if (status_.ok()) status_ = append_values(record, values);
  }
  header.tensors.push_back(std::move(record));
  return static_cast<std::uint32_t>(header.tensors.size() - 1);
}

std::uint32_t Writer::copy_tensor(const ModelFile& from, std::uint32_t tensor) {
  TensorRecord record = from.header.tensors[tensor];
  append(from.payload.data + record.offset, static_cast<std::size_t>(payload_bytes(record)));
  record.offset = payload_.size() - payload_bytes(record);
  header.tensors.push_back(std::move(record));
  return static_cast<std::uint32_t>(header.tensors.size() - 1);
}

std::vector<std::uint8_t> assemble(const Header& header, Bytes payload) {
  const std::string encoded = encode(header);
  const auto start = static_cast<std::size_t>(payload_start(encoded.size()));
  std::vector<std::uint8_t> bytes(start + payload.size);
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  put(bytes, kVersionAt, kVersion);
  put(bytes, kLengthAt, std::uint64_t{bytes.size()});
  put(bytes, kHeaderLengthAt, std::uint64_t{encoded.size()});
  std::copy(encoded.begin(), encoded.end(), bytes.begin() + kHeaderAt);
  std::copy(payload.begin(), payload.end(), bytes.begin() + static_cast<std::ptrdiff_t>(start));
  put(bytes, kChecksumAt, crc32({bytes.data() + kHeaderLengthAt, bytes.size() - kHeaderLengthAt}));
  return bytes;
}

Result<std::vector<std::uint8_t>> Writer::finish() const {
  LC_TRY(status_);
  std::vector<std::uint8_t> bytes = assemble(header, payload_);
  const Result<ModelFile> check = read_model(bytes);
  if (!check.ok()) return check.status();
  return bytes;
}

}  // namespace lc::format
