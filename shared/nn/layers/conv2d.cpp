// conv2d: out[o][y][x] = sum of weight[o][i][ky][kx] * in[i][y * stride - padding + ky][x * stride - padding
// + kx] + bias[o].
#include "shared/nn/layers/convolution.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

constexpr ConvolutionKind kKind = {
    false,
    [](const kernels::Kernels& k, const kernels::ConvShape& shape) { return k.packed_conv_floats(shape); },
    [](const kernels::Kernels& k, const kernels::ConvShape& shape, const float* weight, float* packed) {
      k.pack_conv(shape, weight, packed);
    },
    [](const kernels::Kernels& k, const kernels::ConvArgs& args) { k.conv(args); },
};

}  // namespace

Result<LayerInfo> check_conv2d(const LayerSpec& spec) {
  return check_convolution(spec, kKind);
}
MadeLayer make_conv2d(const LayerSpec& spec) {
  return make_convolution(spec, kKind);
}

}  // namespace lc::nn
