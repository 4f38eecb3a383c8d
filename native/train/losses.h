// Losses: sums over pixels and over latent dimensions, means over the batch, in nats. All take [batch][...]
// tensors.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

#include "native/train/fused.h"

namespace lc::train {

// Sum over everything but the batch, then the mean over the batch.
inline torch::Tensor batch_mean_of_sums(const torch::Tensor& values) {
  return values.sum() / values.size(0);
}

// Sum over everything but the batch: [batch].
inline torch::Tensor sums_of_samples(const torch::Tensor& values) {
  return values.flatten(1).sum(1);
}

// Reconstruction losses share one signature: the decoder's value before the sigmoid, and the target in [0,
// 1]; one sum over the pixels for each picture, [batch].
using Reconstruction = torch::Tensor (*)(const torch::Tensor& logits, const torch::Tensor& target);

// Bernoulli negative log-likelihood of grey values, sum of -[t log p + (1 - t) log(1 - p)], p =
// sigmoid(logit); from logits, so that it stays finite (Kingma & Welling 2014, appendix C.1).
inline torch::Tensor bce(const torch::Tensor& logits, const torch::Tensor& target) {
  return bce_of_samples(logits, target);
}
inline torch::Tensor l2(const torch::Tensor& logits, const torch::Tensor& target) {
  return sums_of_samples((torch::sigmoid(logits) - target).square());
}
inline torch::Tensor l1(const torch::Tensor& logits, const torch::Tensor& target) {
  return sums_of_samples((torch::sigmoid(logits) - target).abs());
}

inline const std::map<std::string, Reconstruction>& reconstructions() {
  static const std::map<std::string, Reconstruction> table = {{"bce", bce}, {"l2", l2}, {"l1", l1}};
  return table;
}

// KL(N(mean, exp(log_variance)) || N(0, I)), closed form (Kingma & Welling 2014, appendix B); of each latent
// number apart: [latent size].
inline torch::Tensor kl_by_dimension(const torch::Tensor& mean, const torch::Tensor& log_variance) {
  return (-0.5 * (1 + log_variance - mean.square() - log_variance.exp())).mean(0);
}
inline torch::Tensor kl_to_standard_normal(const torch::Tensor& mean, const torch::Tensor& log_variance) {
  return kl_sum(mean, log_variance) / mean.size(0);
}

// Cross-entropy of logits with one target for the whole batch: softplus(-x) for 1, softplus(x) for 0.
inline torch::Tensor gan_bce(const torch::Tensor& logits, bool real) {
  return torch::nn::functional::softplus(real ? -logits : logits).mean();
}

}  // namespace lc::train
