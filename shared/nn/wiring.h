// The values of a network while it is compiled: shapes, consumers, and in which order each lies in memory.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/format/schema.h"
#include "shared/nn/layer.h"

namespace lc::nn {

// Value v: input v of the network for v < inputs, else what layer v - inputs makes.
struct Value {
  Shape shape;
  Layout layout;
  std::vector<std::uint32_t> consumers;  // layers
  bool is_output = false;
};

struct Wiring {
  const format::Network* network = nullptr;
  std::vector<const LayerKind*> kinds;  // one a layer
  std::vector<Value> values;

  std::size_t input_count() const { return network->inputs.size(); }
  std::uint32_t value_of(std::size_t layer) const {
    return static_cast<std::uint32_t>(input_count() + layer);
  }
};

// Chooses the layouts. Images are channels-last, inputs and outputs of the network that are features are
// plain; the features between a dense layer and a reshape to or from an image take the image's order, so that
// nothing moves.
void choose_layouts(Wiring& wiring);

}  // namespace lc::nn
