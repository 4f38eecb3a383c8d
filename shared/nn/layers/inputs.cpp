#include "shared/nn/layers/inputs.h"

#include <string>

#include "shared/nn/weights.h"

namespace lc::nn {

Status need_image(const LayerSpec& spec, std::size_t input) {
  const Shape& in = (*spec.inputs)[input];
  if (in.rank == 3) return {};
  return fail(Code::bad_layer_inputs,
              "{}: the input has {} features, expected an image; put a reshape before it", spec.where,
              in.dims[0]);
}

Status need_features(const LayerSpec& spec, std::size_t input) {
  const Shape& in = (*spec.inputs)[input];
  if (in.rank == 1) return {};
  return fail(Code::bad_layer_inputs,
              "{}: the input is an image {}, expected features; put a reshape before it", spec.where,
              to_string(in));
}

Status check_channel_weights(const LayerSpec& spec, std::size_t tensor, const char* role) {
  return spec.weights->expect_shape(tensor, role, {(*spec.inputs)[0].channels()});
}

Result<kernels::Buffer> channel_weights(const LayerSpec& spec, std::size_t tensor) {
  const Shape& in = (*spec.inputs)[0];
  Result<kernels::Buffer> read = spec.weights->read(tensor);
  if (!read.ok() || in.rank == 3 || spec.input_layout.channel_major()) return read;
  // Features in the order of an image: so are their weights.
  Result<kernels::Buffer> moved = allocate(in.size(), spec.where);
  if (!moved.ok()) return moved;
  for (std::size_t c = 0; c < in.size(); ++c) moved->data()[spec.input_layout.position(c)] = read->data()[c];
  return moved;
}

}  // namespace lc::nn
