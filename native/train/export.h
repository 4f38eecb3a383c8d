// Networks of the trainer to networks of a .lcw file: BatchNorm folded away, weights in the asked number
// format.
#pragma once

#include <string>
#include <vector>

#include "native/train/net.h"
#include "shared/core/status.h"
#include "shared/format/format.h"

namespace lc::train {

// A tensor of the exported network, on the CPU, float32.
struct ExportedTensor {
  std::string name;  // "0.weight"
  torch::Tensor values;
  std::uint8_t scale_axis = 0;  // of output channels
};

struct ExportedNetwork {
  format::Network network;              // LayerRecord::tensors index `tensors` below
  std::vector<ExportedTensor> tensors;  // in order of use
};

// Folds each batch_norm into the dense, conv2d or conv_transpose2d before it (through reshape, upsample and
// avg_pool too) when nothing else reads that layer's value; elsewhere writes scale_shift. Folds weight gains.
// Uses running statistics and the net's weights as they are.
ExportedNetwork export_network(const NetImpl& net);

format::DType dtype_from(const std::string& name);  // "f32", "f16", "i8"

// Adds a network and its tensors, named "<label>.<layer>.<tensor>", to the file. With i8, tensors of one
// dimension stay f16. Returns the indices of its tensors.
std::vector<std::uint32_t> add_network(format::Writer& writer, const NetImpl& net, format::DType dtype);

// Adds the tensors of an earlier moment of a network that add_network has added (`base` its tensors'
// indices).
format::Moment add_moment(format::Writer& writer, const NetImpl& net, const std::vector<std::uint32_t>& base,
                          std::uint64_t iteration, std::uint64_t images_seen, format::DType dtype);

}  // namespace lc::train
