// What conv2d and conv_transpose2d share: reading attributes and tensors, packing, running.
#pragma once

#include <memory>

#include "shared/nn/layer.h"

namespace lc::nn {

// The two differ in the weight's first two axes and in the size of the output.
Result<LayerInfo> check_convolution(const LayerSpec& spec, bool transposed);
Result<std::unique_ptr<Layer>> make_convolution(const LayerSpec& spec, bool transposed);

}  // namespace lc::nn
