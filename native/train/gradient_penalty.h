// The gradient penalty of Gulrajani et al. 2017, "Improved training of Wasserstein GANs", algorithm 1.
#pragma once

#include <torch/torch.h>

#include <functional>
#include "native/train/ranks.h"

namespace lc::train {

struct GradientPenalty {
  torch::Tensor penalty;  // scalar: mean over samples of (norm - 1)^2, with a graph to the critic's weights
  torch::Tensor norms;    // [n], detached
};

// The critic gives one score a sample, from nothing but that sample (their section 4 forbids BatchNorm). One
// that sees its neighbours too, by the minibatch deviation of Karras et al. 2018, is held by the gradient of
// all scores' sum, as in the authors' program. `reals`, `fakes`: [n][channels][height][width], without a
// graph; `alpha`: [n][1][1][1] in [0, 1), one number a sample.
inline GradientPenalty gradient_penalty(const std::function<torch::Tensor(const torch::Tensor&)>& critic,
                                        const torch::Tensor& reals, const torch::Tensor& fakes,
                                        const torch::Tensor& alpha) {
  const torch::Tensor between = (alpha * reals + (1 - alpha) * fakes).requires_grad_(true);
  const torch::Tensor gradient =
      torch::autograd::grad({critic(between).sum()}, {between}, {}, /*retain_graph=*/true,
                            /*create_graph=*/true)[0];
  const torch::Tensor norms = gradient.flatten(1).norm(2, 1);
  return {(norms - 1).square().mean(), norms.detach()};
}

// With alpha drawn from torch's generator.
inline GradientPenalty gradient_penalty(const std::function<torch::Tensor(const torch::Tensor&)>& critic,
                                        const torch::Tensor& reals, const torch::Tensor& fakes) {
  const torch::Tensor alpha = own_rows(reals.size(0), [&](std::int64_t count) {
    return torch::rand({count, 1, 1, 1}, torch::TensorOptions(reals.device()));
  });
  return gradient_penalty(critic, reals, fakes, alpha);
}

}  // namespace lc::train
