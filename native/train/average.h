// The exponential moving average of networks: what is played and exported. It follows BatchNorm's running
// statistics too, and takes factors over as they are.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "native/train/net.h"
#include "native/train/optimizer.h"

namespace lc::train {

class Average {
 public:
  // Of networks that are on their device. `half_life_images` 0 keeps a plain copy of the last weights.
  Average(const Nets& nets, std::int64_t half_life_images);

  // The optimiser of these networks folds their parameters within its own pass. It must outlive the average.
  void leave_to(Optimizer& optimiser, const std::vector<std::string>& labels);

  // After a step on `batch_images`, which the clock's images_seen counts. Early on the half-life is shorter,
  // a twentieth of what was seen, so that the random start is forgotten (Karras et al. 2020, StyleGAN2).
  void fold(std::int64_t batch_images, const StepClock& clock);

  // In evaluation mode, with every fold done.
  Nets& nets();

 private:
  double share(std::int64_t batch_images, std::int64_t images_seen) const;

  using Pair = std::pair<torch::Tensor, torch::Tensor>;  // of the average, of the network

  Nets nets_;
  torch::Device device_ = torch::kCPU;
  std::int64_t half_life_images_;
  Pair statistics_;  // of all networks, flat; undefined when there are none
  std::map<std::string, std::vector<Pair>> parameters_;  // by network, those that no optimiser folds
  std::vector<Pair> factors_;
  std::vector<Optimizer*> optimisers_;
};

Nets copy_nets(const Nets& nets);

}  // namespace lc::train
