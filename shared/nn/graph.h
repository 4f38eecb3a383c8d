// A network ready to run: weights packed, memory planned, nothing allocated by a run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/core/status.h"
#include "shared/format/schema.h"
#include "shared/kernels/buffer.h"
#include "shared/kernels/kernels.h"
#include "shared/nn/layer.h"

namespace lc::format {
struct ModelFile;
}

namespace lc::nn {

// Caps for a network of an untrusted file, per picture; over them: too_much_work.
constexpr std::uint64_t kMaxActivationFloats = 1u << 24;
constexpr std::uint64_t kMaxMultiplyAdds = 1ull << 33;
// And for a group of pictures that a layer looks across.
constexpr std::uint64_t kMaxGroupFloats = 1u << 26;

// Immutable after compile: share it between threads. What a run writes lives in a Workspace.
class Graph {
 public:
  // `moment` picks the timeline entry; timeline.size() or more is the end of training, the file's own
  // weights. `file` is needed during the call only. Every check comes before the first weight is read.
  static Result<Graph> compile(const format::ModelFile& file, std::uint32_t network, std::uint32_t moment,
                               const kernels::Kernels& kernels);
  Graph(Graph&&) noexcept;
  Graph& operator=(Graph&&) noexcept;
  ~Graph();

  struct Port {
    std::string name;
    Shape shape;
  };
  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;
  std::uint64_t multiply_adds() const;  // of one sample
  std::uint64_t packed_floats() const;
  // Consecutive samples that belong together, because a layer looks across them; 1: each stands by itself.
  std::uint32_t group() const;

  // Floats that a Workspace of this batch size needs. A large batch passes in blocks, so that this stops
  // growing.
  std::size_t workspace_floats(std::size_t batch) const;

  // Where the values live, for tests: the memory [offset, offset + size) of each buffer, in floats per
  // sample, while steps first to last run.
  struct BufferPlace {
    std::size_t size = 0, offset = 0;
    std::uint32_t first = 0, last = 0;
  };
  const std::vector<BufferPlace>& buffers() const;
  std::size_t steps() const;  // layers left after fusing

 private:
  friend class Workspace;
  friend class GraphBuilder;
  struct Plan;
  explicit Graph(std::unique_ptr<Plan> plan);
  std::unique_ptr<Plan> plan_;
};

// The memory of one run at a time. Grows only in reserve().
class Workspace {
 public:
  // Makes room for `batch` samples of `graph`; out_of_memory when there is none.
  Status reserve(const Graph& graph, std::size_t batch);

  // inputs[i]: [batch][shape in channel-major order], outputs[i] likewise (PyTorch's NCHW); null outputs are
  // skipped. Allocates nothing when reserve() was called with at least this batch.
  Status run(const Graph& graph, std::size_t batch, Span<const float* const> inputs,
             Span<float* const> outputs);

 private:
  kernels::Buffer memory_;
};

}  // namespace lc::nn
