// The functions of every layer kind, for the registry; docs/layers.md says what each kind is.
#pragma once

#include <memory>

#include "shared/nn/layer.h"

namespace lc::nn {

using MadeLayer = Result<std::unique_ptr<Layer>>;

Result<LayerInfo> check_dense(const LayerSpec& spec);
MadeLayer make_dense(const LayerSpec& spec);
Result<LayerInfo> check_conv2d(const LayerSpec& spec);
MadeLayer make_conv2d(const LayerSpec& spec);
Result<LayerInfo> check_conv_transpose2d(const LayerSpec& spec);
MadeLayer make_conv_transpose2d(const LayerSpec& spec);
Result<LayerInfo> check_scale_shift(const LayerSpec& spec);
MadeLayer make_scale_shift(const LayerSpec& spec);
Result<LayerInfo> check_activation(const LayerSpec& spec);
Result<LayerInfo> check_leaky_relu(const LayerSpec& spec);
MadeLayer make_relu(const LayerSpec& spec);
MadeLayer make_leaky_relu(const LayerSpec& spec);
MadeLayer make_tanh(const LayerSpec& spec);
MadeLayer make_sigmoid(const LayerSpec& spec);
Result<LayerInfo> check_reshape(const LayerSpec& spec);
MadeLayer make_reshape(const LayerSpec& spec);

}  // namespace lc::nn
