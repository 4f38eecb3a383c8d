// conv_transpose2d: in[i][y][x] * weight[i][o][ky][kx] is added to out[o][y * stride - padding + ky][x *
// stride - padding + kx].
#include "shared/nn/layers/convolution.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

constexpr ConvolutionKind kKind = {
    true,
    [](const kernels::Kernels& k, const kernels::ConvShape& shape) {
      return k.packed_conv_transpose_floats(shape);
    },
    [](const kernels::Kernels& k, const kernels::ConvShape& shape, const float* weight, float* packed) {
      k.pack_conv_transpose(shape, weight, packed);
    },
    [](const kernels::Kernels& k, const kernels::ConvArgs& args) { k.conv_transpose(args); },
};

}  // namespace

Result<LayerInfo> check_conv_transpose2d(const LayerSpec& spec) {
  return check_convolution(spec, kKind);
}
MadeLayer make_conv_transpose2d(const LayerSpec& spec) {
  return make_convolution(spec, kKind);
}

}  // namespace lc::nn
