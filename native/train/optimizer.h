// Adam or RMSProp over one flat buffer of all parameters of a group, and the schedule of the learning rate.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "native/train/family.h"
#include "native/train/net.h"
#include "native/train/options.h"

namespace lc::train {

// lr_schedule and warm-up at a moment of the run.
double learning_rate(const RunOptions& run, double images_seen, double total_images);

// Adam (Kingma & Ba 2015) or RMSProp (Hinton's lecture 6e, with PyTorch's decay of 0.99), by the group's
// rule. Parameters and gradients of the nets become views of flat buffers, so that a step is a handful of
// operations whatever the number of layers. The nets must be on their device already.
class Optimizer {
 public:
  Optimizer(const std::vector<Net>& nets, const Rule& rule, const RunOptions& run);

  // Gradients of `loss` with regard to these parameters alone.
  void backward(const torch::Tensor& loss);
  void step(double lr);  // the run's lr, before the rule's factor

  // For the state file, in a fixed order: parameters, first (Adam alone) and second moments. All flat.
  std::vector<torch::Tensor> tensors() const;
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  const torch::Tensor& parameters() const { return parameters_; }

 private:
  std::vector<torch::Tensor> leaves_;  // the nets' parameters
  torch::Tensor parameters_, gradients_, mean_, square_;
  Rule rule_;
  double eps_;
  std::int64_t steps_ = 0;
};

}  // namespace lc::train
