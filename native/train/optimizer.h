// Adam over one flat buffer of all parameters of a group, and the schedule of its learning rate.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "native/train/net.h"
#include "native/train/options.h"

namespace lc::train {

// lr_schedule and warm-up at a moment of the run.
double learning_rate(const RunOptions& run, double images_seen, double total_images);

// Adam (Kingma & Ba 2015). Parameters and gradients of the nets become views of flat buffers, so that a step
// is a handful of operations whatever the number of layers. The nets must be on their device already.
class Adam {
 public:
  Adam(const std::vector<Net>& nets, double beta1, double beta2, double eps);

  // Gradients of `loss` with regard to these parameters alone.
  void backward(const torch::Tensor& loss);
  void step(double lr);

  // For the state file, in a fixed order: parameters, first and second moments. All flat.
  std::vector<torch::Tensor> tensors() const { return {parameters_, mean_, square_}; }
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  const torch::Tensor& parameters() const { return parameters_; }

 private:
  std::vector<torch::Tensor> leaves_;  // the nets' parameters
  torch::Tensor parameters_, gradients_, mean_, square_;
  double beta1_, beta2_, eps_;
  std::int64_t steps_ = 0;
};

}  // namespace lc::train
