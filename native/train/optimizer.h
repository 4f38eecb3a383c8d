// Adam or RMSProp over flat buffers of all parameters of a group, and the schedule of the learning rate.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "native/train/family.h"
#include "native/train/net.h"
#include "native/train/options.h"
#include "native/train/step_numbers.h"
#include "native/train/update.h"

namespace lc::train {

// lr_schedule and warm-up at a moment of the run.
double learning_rate(const RunOptions& run, double images_seen, double total_images);

// One flat tensor with the values of `tensors`, which become views of it, each at an aligned place; zeros
// between them.
torch::Tensor flatten(std::vector<torch::Tensor>& tensors);

// The buffers of a group, each [size], float32; undefined where UpdateBuffers has none.
struct FlatTensors {
  torch::Tensor parameters, gradients, mean, square, average;
};
// update_range in LibTorch's operations: what it is tested against, and what runs on devices without it.
void update_plainly(FlatTensors& flat, const UpdateRule& rule, const UpdateScalars& now);

// Adam (Kingma & Ba 2015) or RMSProp (Hinton's lecture 6e, with PyTorch's decay of 0.99), by the group's
// rule. Parameters of the nets become views of a flat buffer, so that a step is one pass whatever the number
// of layers. The nets must be on their device already.
class Optimizer {
 public:
  Optimizer(const std::vector<Net>& nets, const Rule& rule, const RunOptions& run);

  // From now on the parameters of `averages`, copies of the nets, follow those of the nets: fold() moves them
  // by `share` of the way, in [0, 1]. That is done within the next step's pass, or by settle().
  void follow(const std::vector<Net>& averages);
  // `share` is called for each fold, at a replay too.
  void fold(const std::function<double()>& share, StepNumbers* recorder = nullptr);
  void settle();

  // From now on training runs on bfloat16 copies of the weights of products and convolutions, which every
  // step writes anew; the parameters stay float32.
  void use_low_precision();
  // After parameters were set from elsewhere.
  void refresh_low_precision();

  // Gradients of `loss` with regard to these parameters alone, into gradients(): one flat buffer that several
  // processes may sum before step(); 0 where the loss does not depend on a parameter.
  void backward(const torch::Tensor& loss);
  torch::Tensor& gradients() { return flat_.gradients; }
  void step(const StepClock& clock);  // which outlives the optimiser where it has a recorder

  // For the state file, in a fixed order: parameters, first (Adam alone) and second moments. All flat.
  std::vector<torch::Tensor> tensors() const;
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  const torch::Tensor& parameters() const { return flat_.parameters; }

 private:
  UpdateScalars scalars(double lr);  // of the next step, which it counts
  float take_fold();
  UpdateBuffers buffers();
  void run_fold(float share, const float* recorded);

  std::vector<Net> nets_;
  std::vector<torch::Tensor> leaves_;  // what gradients are taken of: the parameters, or their low copies
  FlatTensors flat_;
  torch::Tensor low_;    // [size], bfloat16; undefined in full precision
  torch::Tensor zeros_;  // for the gaps
  UpdateRule rule_;
  double lr_scale_, beta1_, beta2_;
  std::int64_t steps_ = 0;
  double fold_ = 0;      // asked for and not yet done; 0: nothing
  bool stepped_ = true;  // since the last fold: a step has done that
};

}  // namespace lc::train
