// The exponential moving average of networks.
#include "native/train/average.h"

#include <algorithm>
#include <cmath>

namespace lc::train {

namespace {
constexpr double kRampUp = 0.05;
}

Nets copy_nets(const Nets& nets) {
  Nets copies;
  for (const auto& [label, net] : nets) copies.emplace(label, Net(net->copy()));
  return copies;
}

Average::Average(const Nets& nets, std::int64_t half_life_images)
    : nets_(copy_nets(nets)), half_life_images_(half_life_images) {
  for (auto& [label, net] : nets_) net->eval();
}

void Average::fold(const Nets& nets, std::int64_t batch_images, std::int64_t images_seen) {
  const torch::NoGradGuard no_grad;
  const double half_life =
      std::min(static_cast<double>(half_life_images_), kRampUp * static_cast<double>(images_seen));
  const double keep = half_life > 0 ? std::pow(0.5, static_cast<double>(batch_images) / half_life) : 0;
  for (auto& [label, net] : nets_) {
    std::vector<torch::Tensor> to = net->all_tensors();
    const std::vector<torch::Tensor> from = nets.at(label)->all_tensors();
    for (std::size_t i = 0; i < to.size(); ++i) to[i].lerp_(from[i], 1 - keep);
    std::vector<torch::Tensor> factors = net->factors();
    const std::vector<torch::Tensor> set = nets.at(label)->factors();
    for (std::size_t i = 0; i < factors.size(); ++i) factors[i].copy_(set[i]);
  }
}

}  // namespace lc::train
