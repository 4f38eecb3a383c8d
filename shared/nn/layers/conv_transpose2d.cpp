// conv_transpose2d: in[i][y][x] * weight[i][o][ky][kx] is added to out[o][y * stride - padding + ky][x *
// stride - padding + kx].
#include "shared/nn/layers/convolution.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

Result<LayerInfo> check_conv_transpose2d(const LayerSpec& spec) {
  return check_convolution(spec, true);
}
MadeLayer make_conv_transpose2d(const LayerSpec& spec) {
  return make_convolution(spec, true);
}

}  // namespace lc::nn
