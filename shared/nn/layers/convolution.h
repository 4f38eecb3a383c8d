// What conv2d and conv_transpose2d share: reading attributes and tensors, packing, running.
#pragma once

#include <memory>

#include "shared/nn/layer.h"

namespace lc::nn {

// The two differ in the weight's first two axes, in the size of the output and in the kernels that run them.
struct ConvolutionKind {
  bool transposed = false;
  std::size_t (*packed_floats)(const kernels::Kernels&, const kernels::ConvShape&) = nullptr;
  void (*pack)(const kernels::Kernels&, const kernels::ConvShape&, const float* weight,
               float* packed) = nullptr;
  void (*run)(const kernels::Kernels&, const kernels::ConvArgs&) = nullptr;
};

Result<LayerInfo> check_convolution(const LayerSpec& spec, const ConvolutionKind& kind);
Result<std::unique_ptr<Layer>> make_convolution(const LayerSpec& spec, const ConvolutionKind& kind);

}  // namespace lc::nn
