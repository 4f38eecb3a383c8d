// Checks and reads the tensors of one layer.
#include "shared/nn/weights.h"

#include <algorithm>
#include <limits>
#include <string>

namespace lc::nn {

namespace {

template <class Numbers>
std::string shape_text(const Numbers& shape) {
  std::string text;
  for (const auto n : shape) text += phrase("[{}]", n);
  return text.empty() ? "a single number" : text;
}

}  // namespace

Weights::Weights(const format::ModelFile& file, const std::vector<std::uint32_t>& tensors,
                 std::string_view where)
    : file_(file), tensors_(tensors), where_(where) {}

const std::vector<std::uint32_t>& Weights::shape(std::size_t i) const {
  return file_.header.tensors[tensors_[i]].shape;
}

Status Weights::wrong_shape(std::size_t i, std::string_view role, const std::string& expected) const {
  const format::TensorRecord& tensor = file_.header.tensors[tensors_[i]];
  return fail(Code::bad_layer_tensors, "{}: {} '{}' has shape {}, expected {}", where_, role, tensor.name,
              shape_text(tensor.shape), expected);
}

Status Weights::expect_rank(std::size_t i, std::string_view role, std::size_t rank) const {
  if (shape(i).size() == rank) return {};
  return wrong_shape(i, role, phrase("{} dimensions", rank));
}

Status Weights::expect_shape(std::size_t i, std::string_view role,
                             std::initializer_list<std::uint64_t> expected) const {
  if (std::equal(shape(i).begin(), shape(i).end(), expected.begin(), expected.end())) return {};
  return wrong_shape(i, role, shape_text(expected));
}

Result<kernels::Buffer> Weights::read(std::size_t i) const {
  const std::uint64_t count = format::element_count(file_.header.tensors[tensors_[i]]);
  Result<kernels::Buffer> buffer = allocate(count, where_);
  if (!buffer.ok()) return buffer;
  format::read_tensor(file_, tensors_[i], {buffer->data(), static_cast<std::size_t>(count)});
  return buffer;
}

Result<kernels::Buffer> allocate(std::uint64_t floats, std::string_view where) {
  kernels::Buffer buffer;
  if (floats <= std::numeric_limits<std::size_t>::max() && buffer.reserve(static_cast<std::size_t>(floats)))
    return buffer;
  return fail(Code::out_of_memory,
              "{}: no memory for {} bytes. Close other models or programs and try again.", where,
              floats * sizeof(float));
}

}  // namespace lc::nn
