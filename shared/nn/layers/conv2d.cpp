// conv2d: out[o][y][x] = sum of weight[o][i][ky][kx] * in[i][y * stride - padding + ky][x * stride - padding
// + kx] + bias[o].
#include "shared/nn/layers/convolution.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

Result<LayerInfo> check_conv2d(const LayerSpec& spec) {
  return check_convolution(spec, false);
}
MadeLayer make_conv2d(const LayerSpec& spec) {
  return make_convolution(spec, false);
}

}  // namespace lc::nn
