// Chains of operations that training runs as one, forward and backward, each beside the plain chain that
// defines it.
#pragma once

#include <torch/torch.h>

namespace lc::train {

// Sum over each sample, [batch], of -[t log p + (1 - t) log(1 - p)] with p = sigmoid(logit), which is
// softplus(logit) - t logit. `target` takes part without a gradient. float32.
torch::Tensor bce_of_samples(const torch::Tensor& logits, const torch::Tensor& target);
torch::Tensor bce_of_samples_plainly(const torch::Tensor& logits, const torch::Tensor& target);

// Sum over everything of KL(N(mean, exp(log_variance)) || N(0, 1)), closed form (Kingma & Welling 2014,
// appendix B). float32.
torch::Tensor kl_sum(const torch::Tensor& mean, const torch::Tensor& log_variance);
torch::Tensor kl_sum_plainly(const torch::Tensor& mean, const torch::Tensor& log_variance);

// BatchNorm on a training batch, [batch][channels][height][width], then LeakyReLU (slope 0: ReLU); moves the
// running statistics. On a GPU one pass for the statistics and one for the rest, without a second derivative.
struct BatchNormTensors {
  torch::Tensor scale, shift, running_mean, running_var;  // [channels], float32
};
torch::Tensor batch_norm_leaky_relu(const torch::Tensor& input, const BatchNormTensors& norm, double momentum,
                                    double eps, double slope);
torch::Tensor batch_norm_leaky_relu_plainly(const torch::Tensor& input, const BatchNormTensors& norm,
                                            double momentum, double eps, double slope);
// Whether the fused one exists for such an input.
bool has_batch_norm_leaky_relu(const torch::Tensor& input);

}  // namespace lc::train
