// Domains by grey morphology, and the pool of earlier pictures.
#include "native/train/models/domains.h"

#include <algorithm>

namespace lc::train {

namespace {

torch::Tensor dilate(const torch::Tensor& images) {
  return torch::max_pool2d(images, 3, 1, 1);
}
// A pixel and its neighbours to the left and above: 3 x 3 would wipe thin strokes out.
torch::Tensor erode(const torch::Tensor& images) {
  return -torch::max_pool2d(-images, 2, 1, 1).narrow(2, 0, images.size(2)).narrow(3, 0, images.size(3));
}
torch::Tensor outline(const torch::Tensor& images) {
  return dilate(images) - images - 1;
}

}  // namespace

const std::map<std::string, Domain>& domains() {
  static const std::map<std::string, Domain> table = {
      {"bold", dilate},
      {"thin", erode},
      {"outline", outline},
      {"inverted", [](const torch::Tensor& images) { return -images; }},
      {"inverted-outline", [](const torch::Tensor& images) { return -outline(images); }},
  };
  return table;
}

std::pair<torch::Tensor, torch::Tensor> unpaired(const Batch& batch, Domain domain_b) {
  const torch::Tensor odd = batch.indices.remainder(2) == 1;
  return {batch.images.index({odd.logical_not()}), domain_b(batch.images.index({odd}))};
}

void ImagePool::make(std::int64_t size, const DataShape& shape) {
  images_ = torch::zeros({size, shape.channels, shape.height, shape.width});
  filled_ = torch::zeros({1}, torch::kInt64);
}

torch::Tensor ImagePool::exchange(const torch::Tensor& fakes, std::int64_t batch_size) {
  const std::int64_t size = images_.size(0);
  if (size == 0) return fakes.detach();
  torch::Tensor result = fakes.detach().cpu().clone();
  std::int64_t filled = filled_[0].item<std::int64_t>();
  // As many numbers in each step, however the domains share the batch: every rank's generator stays equal.
  const torch::Tensor chance = torch::rand({2, batch_size});
  for (std::int64_t i = 0; i < result.size(0); ++i) {
    if (filled < size) {
      images_[filled++].copy_(result[i]);
    } else if (chance[0][i].item<float>() < 0.5f) {
      const auto place = static_cast<std::int64_t>(chance[1][i].item<float>() * static_cast<float>(size));
      torch::Tensor stored = images_[std::min(place, size - 1)];
      const torch::Tensor earlier = stored.clone();
      stored.copy_(result[i]);
      result[i].copy_(earlier);
    }
  }
  filled_.fill_(filled);
  return result.to(fakes.device());
}

}  // namespace lc::train
