// Adam over one flat buffer of all parameters of a group, and the schedule of its learning rate.
#include "native/train/optimizer.h"

#include <algorithm>
#include <cmath>

namespace lc::train {

double learning_rate(const RunOptions& run, double images_seen, double total_images) {
  double factor = 1;
  if (run.lr_schedule == "cosine") {
    factor = 0.5 * (1 + std::cos(M_PI * std::min(1.0, images_seen / std::max(total_images, 1.0))));
  }
  if (run.warmup_images > 0) {
    const double share =
        (images_seen + static_cast<double>(run.batch_size)) / static_cast<double>(run.warmup_images);
    factor *= std::min(1.0, share);
  }
  return run.lr * factor;
}

Adam::Adam(const std::vector<Net>& nets, double beta1, double beta2, double eps)
    : beta1_(beta1), beta2_(beta2), eps_(eps) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> flats;
  for (const Net& net : nets) {
    for (const torch::Tensor& parameter : net->parameters()) {
      leaves_.push_back(parameter);
      flats.push_back(parameter.detach().reshape({-1}));
    }
  }
  parameters_ = torch::cat(flats).clone();
  gradients_ = torch::zeros_like(parameters_);
  mean_ = torch::zeros_like(parameters_);
  square_ = torch::zeros_like(parameters_);
  std::int64_t at = 0;
  for (torch::Tensor& leaf : leaves_) {
    const std::int64_t size = leaf.numel();
    leaf.set_data(parameters_.narrow(0, at, size).view_as(leaf));
    leaf.mutable_grad() = gradients_.narrow(0, at, size).view_as(leaf);
    at += size;
  }
}

void Adam::backward(const torch::Tensor& loss) {
  gradients_.zero_();
  loss.backward({}, /*retain_graph=*/true, /*create_graph=*/false, torch::TensorList(leaves_));
}

void Adam::step(double lr) {
  const torch::NoGradGuard no_grad;
  ++steps_;
  const double n = static_cast<double>(steps_);
  mean_.lerp_(gradients_, 1 - beta1_);
  square_.mul_(beta2_).addcmul_(gradients_, gradients_, 1 - beta2_);
  const torch::Tensor scale = square_.sqrt().div_(std::sqrt(1 - std::pow(beta2_, n))).add_(eps_);
  parameters_.addcdiv_(mean_, scale, -lr / (1 - std::pow(beta1_, n)));
}

}  // namespace lc::train
