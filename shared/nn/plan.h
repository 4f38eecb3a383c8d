// What a compiled Graph holds. Private to shared/nn.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shared/nn/graph.h"

namespace lc::nn {

struct Graph::Plan {
  // Where a value is found during a run.
  struct Source {
    bool is_input = false;    // the caller's memory, else a buffer
    std::uint32_t index = 0;  // of the input or the buffer
    std::size_t size = 0;     // floats of one sample
  };
  struct Step {
    std::unique_ptr<Layer> layer;
    std::vector<Source> inputs;
    std::uint32_t output = 0;  // buffer
  };
  // Images that come in or go out channel-major, while the layers read and write channels-last.
  struct Copy {
    std::uint32_t port = 0;
    Source value;
    Layout layout;
  };

  std::vector<Port> inputs, outputs;
  std::vector<Step> steps;
  std::vector<BufferPlace> buffers;
  std::vector<Copy> copies_in, copies_out;
  std::size_t arena_floats = 0;  // of one sample
  std::size_t block = 1;         // samples that pass together, a multiple of `group`
  std::uint32_t group = 1;       // samples that some layer looks across
  std::uint64_t multiply_adds = 0, packed_floats = 0;

  // What the greediest layer needs for a batch; it lies behind the arena.
  std::size_t scratch_floats(std::size_t batch) const;
};

}  // namespace lc::nn
