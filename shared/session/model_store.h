// The loaded models and their compiled networks; several engines on several threads may share one.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "shared/format/format.h"
#include "shared/kernels/kernels.h"
#include "shared/nn/graph.h"
#include "shared/session/engine.h"
#include "shared/session/session.h"

namespace lc::session {

// Compiled earlier moments of the timeline that one model keeps; the least recently used one goes first.
constexpr std::size_t kMaxKeptMoments = 8;

struct Model {
  std::vector<std::uint8_t> bytes;
  format::ModelFile file;  // views `bytes`
  std::vector<float> mixture;
};

class ModelStore {
 public:
  explicit ModelStore(const kernels::Kernels& kernels);
  const kernels::Kernels& kernels() const { return kernels_; }

  // As Session::load.
  Result<std::uint32_t> load(LoadRequest request);
  // For the thread that loads.
  const std::vector<ModelInfo>& models() const { return infos_; }

  // For any thread. Null when there is no such model.
  std::shared_ptr<const Model> model(std::uint32_t number) const;
  // The network at that moment (clamped to the end of training), compiled now if need be.
  Result<std::shared_ptr<const nn::Graph>> graph(std::uint32_t model, std::uint32_t network,
                                                 std::uint32_t moment);

 private:
  struct Compiled {
    std::uint32_t network = 0, moment = 0;
    std::uint64_t used = 0;
    std::shared_ptr<const nn::Graph> graph;
  };
  struct Entry {
    std::shared_ptr<const Model> model;
    std::vector<std::shared_ptr<const nn::Graph>> last;  // of each network, at the end of training
    std::vector<Compiled> earlier;
  };

  const kernels::Kernels& kernels_;
  std::vector<ModelInfo> infos_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Entry> entries_;
  std::uint64_t uses_ = 0;
};

// Index of the network that does a task: the first whose role and ports fit, or for Task::translate the one
// of that direction; header.networks.size() when there is none.
std::uint32_t network_for(const format::Header& header, Task task, std::uint32_t direction = 0);

// The names of the networks that translate pictures: Request::direction is a place among them.
std::vector<std::string> directions_of(const format::Header& header);

// True when the network has an input of that name.
bool reads(const format::Network& network, std::string_view input);

}  // namespace lc::session
