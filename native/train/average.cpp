// The exponential moving average of networks.
#include "native/train/average.h"

#include <algorithm>
#include <cmath>

namespace lc::train {

namespace {

constexpr double kRampUp = 0.05;

// Running means and variances: the buffers that are not factors.
std::vector<torch::Tensor> statistics_of(const Nets& nets) {
  std::vector<torch::Tensor> tensors;
  for (const auto& [label, net] : nets) {
    for (const Layer& layer : net->layers()) {
      if (!layer.tensors || !layer.tensors->running_mean.defined()) continue;
      tensors.push_back(layer.tensors->running_mean);
      tensors.push_back(layer.tensors->running_var);
    }
  }
  return tensors;
}

}  // namespace

Nets copy_nets(const Nets& nets) {
  Nets copies;
  for (const auto& [label, net] : nets) copies.emplace(label, Net(net->copy()));
  return copies;
}

Average::Average(const Nets& nets, std::int64_t half_life_images)
    : nets_(copy_nets(nets)), half_life_images_(half_life_images) {
  for (const auto& [label, net] : nets) {
    if (!net->parameters().empty()) device_ = net->parameters()[0].device();
  }
  std::vector<torch::Tensor> to = statistics_of(nets_), from = statistics_of(nets);
  statistics_ = {flatten(to), flatten(from)};
  for (auto& [label, net] : nets_) {
    net->eval();
    const Net& live = nets.at(label);
    for (std::size_t i = 0; i < net->parameters().size(); ++i) {
      parameters_[label].emplace_back(net->parameters()[i], live->parameters()[i]);
    }
    for (std::size_t i = 0; i < net->factors().size(); ++i) {
      factors_.emplace_back(net->factors()[i], live->factors()[i]);
    }
  }
}

void Average::leave_to(Optimizer& optimiser, const std::vector<std::string>& labels) {
  std::vector<Net> followers;
  for (const std::string& label : labels) {
    followers.push_back(nets_.at(label));
    parameters_.erase(label);
  }
  optimiser.follow(followers);
  optimisers_.push_back(&optimiser);
}

double Average::share(std::int64_t batch_images, std::int64_t images_seen) const {
  const double half_life =
      std::min(static_cast<double>(half_life_images_), kRampUp * static_cast<double>(images_seen));
  return half_life > 0 ? 1 - std::pow(0.5, static_cast<double>(batch_images) / half_life) : 1;
}

void Average::fold(std::int64_t batch_images, const StepClock& clock) {
  const torch::NoGradGuard no_grad;
  const auto now = [this, batch_images, &clock] { return share(batch_images, clock.images_seen); };
  for (Optimizer* optimiser : optimisers_) optimiser->fold(now, clock.recorder);
  for (auto& [to, from] : factors_) to.copy_(from);
  if (!statistics_.first.defined() && parameters_.empty()) return;
  torch::Tensor recorded;
  if (clock.recorder != nullptr) {
    const float* number = clock.recorder->bind<float>([now] { return static_cast<float>(now()); });
    recorded = torch::from_blob(const_cast<float*>(number), at::IntArrayRef(), torch::TensorOptions(device_));
  }
  const auto follow = [&](torch::Tensor& to, const torch::Tensor& from) {
    recorded.defined() ? to.lerp_(from, recorded) : to.lerp_(from, now());
  };
  if (statistics_.first.defined()) follow(statistics_.first, statistics_.second);
  for (auto& [label, pairs] : parameters_) {
    for (auto& [to, from] : pairs) follow(to, from);
  }
}

Nets& Average::nets() {
  for (Optimizer* optimiser : optimisers_) optimiser->settle();
  return nets_;
}

}  // namespace lc::train
