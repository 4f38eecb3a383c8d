// What several kinds ask of their inputs: an image, or features.
#pragma once

#include "shared/kernels/buffer.h"
#include "shared/nn/layer.h"

namespace lc::nn {

// bad_layer_inputs otherwise.
Status need_image(const LayerSpec& spec, std::size_t input = 0);
Status need_features(const LayerSpec& spec, std::size_t input = 0);

// A weight for each channel or feature of input 0: `tensor`'s values, in the order of the input's memory.
// `role`: "scale", for messages.
Status check_channel_weights(const LayerSpec& spec, std::size_t tensor, const char* role);
Result<kernels::Buffer> channel_weights(const LayerSpec& spec, std::size_t tensor);

}  // namespace lc::nn
