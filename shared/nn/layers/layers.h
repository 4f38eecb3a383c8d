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
Result<LayerInfo> check_elu(const LayerSpec& spec);
MadeLayer make_elu(const LayerSpec& spec);
MadeLayer make_softplus(const LayerSpec& spec);
Result<LayerInfo> check_softmax(const LayerSpec& spec);
MadeLayer make_softmax(const LayerSpec& spec);
Result<LayerInfo> check_logsumexp(const LayerSpec& spec);
MadeLayer make_logsumexp(const LayerSpec& spec);
Result<LayerInfo> check_instance_norm(const LayerSpec& spec);
MadeLayer make_instance_norm(const LayerSpec& spec);
Result<LayerInfo> check_layer_norm(const LayerSpec& spec);
MadeLayer make_layer_norm(const LayerSpec& spec);
Result<LayerInfo> check_pixel_norm(const LayerSpec& spec);
MadeLayer make_pixel_norm(const LayerSpec& spec);
Result<LayerInfo> check_upsample(const LayerSpec& spec);
MadeLayer make_upsample(const LayerSpec& spec);
Result<LayerInfo> check_avg_pool(const LayerSpec& spec);
MadeLayer make_avg_pool(const LayerSpec& spec);
Result<LayerInfo> check_concat(const LayerSpec& spec);
MadeLayer make_concat(const LayerSpec& spec);
Result<LayerInfo> check_add(const LayerSpec& spec);
MadeLayer make_add(const LayerSpec& spec);
Result<LayerInfo> check_minibatch_stddev(const LayerSpec& spec);
MadeLayer make_minibatch_stddev(const LayerSpec& spec);
Result<LayerInfo> check_minibatch_discrimination(const LayerSpec& spec);
MadeLayer make_minibatch_discrimination(const LayerSpec& spec);
Result<LayerInfo> check_reshape(const LayerSpec& spec);
MadeLayer make_reshape(const LayerSpec& spec);

}  // namespace lc::nn
