// Adam or RMSProp over one flat buffer of all parameters of a group, and the schedule of the learning rate.
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

namespace {
constexpr double kRmsDecay = 0.99;
}

Optimizer::Optimizer(const std::vector<Net>& nets, const Rule& rule, const RunOptions& run)
    : rule_(rule), eps_(run.adam_eps) {
  if (rule_.beta1 < 0) rule_.beta1 = run.beta1;
  if (rule_.beta2 < 0) rule_.beta2 = run.beta2;
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
  if (rule_.kind == Rule::Kind::adam) mean_ = torch::zeros_like(parameters_);
  square_ = torch::zeros_like(parameters_);
  std::int64_t at = 0;
  for (torch::Tensor& leaf : leaves_) {
    const std::int64_t size = leaf.numel();
    leaf.set_data(parameters_.narrow(0, at, size).view_as(leaf));
    leaf.mutable_grad() = gradients_.narrow(0, at, size).view_as(leaf);
    at += size;
  }
}

void Optimizer::backward(const torch::Tensor& loss) {
  gradients_.zero_();
  loss.backward({}, /*retain_graph=*/true, /*create_graph=*/false, torch::TensorList(leaves_));
}

std::vector<torch::Tensor> Optimizer::tensors() const {
  if (rule_.kind == Rule::Kind::rmsprop) return {parameters_, square_};
  return {parameters_, mean_, square_};
}

void Optimizer::step(double lr) {
  const torch::NoGradGuard no_grad;
  ++steps_;
  const double rate = lr * rule_.lr_scale;
  if (rule_.kind == Rule::Kind::rmsprop) {
    square_.mul_(kRmsDecay).addcmul_(gradients_, gradients_, 1 - kRmsDecay);
    parameters_.addcdiv_(gradients_, square_.sqrt().add_(eps_), -rate);
  } else {
    const double n = static_cast<double>(steps_);
    mean_.lerp_(gradients_, 1 - rule_.beta1);
    square_.mul_(rule_.beta2).addcmul_(gradients_, gradients_, 1 - rule_.beta2);
    const torch::Tensor scale = square_.sqrt().div_(std::sqrt(1 - std::pow(rule_.beta2, n))).add_(eps_);
    parameters_.addcdiv_(mean_, scale, -rate / (1 - std::pow(rule_.beta1, n)));
  }
  if (rule_.clip > 0) parameters_.clamp_(-rule_.clip, rule_.clip);
}

}  // namespace lc::train
