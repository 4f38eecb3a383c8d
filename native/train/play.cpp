// What the playing network is fed when pictures are wanted.
#include "native/train/play.h"

namespace lc::train {

torch::Tensor one_hot_rows(const torch::Tensor& labels, std::int64_t classes) {
  return torch::zeros({labels.size(0), classes}, torch::TensorOptions(labels.device()))
      .scatter_(1, labels.unsqueeze(1), 1.0);
}

torch::Tensor coordinates(std::int64_t height, std::int64_t width) {
  const auto axis = [](std::int64_t n) {
    return (torch::arange(n, torch::kFloat32) + 0.5) * (2.0 / static_cast<double>(n)) - 1.0;
  };
  const torch::Tensor y = axis(height).unsqueeze(1).expand({height, width});
  const torch::Tensor x = axis(width).unsqueeze(0).expand({height, width});
  return torch::stack({x, y, (x * x + y * y).sqrt()});
}

Tensors player_inputs(const Family& family, const NetImpl& player, std::int64_t count, std::uint64_t seed,
                      const DataShape& picture, const torch::Tensor& images) {
  const torch::Device device = images.device();
  Tensors inputs;
  for (const NetImpl::Input& input : player.inputs()) {
    torch::Tensor& tensor = inputs[input.name];
    if (input.name == "latent") {
      tensor = family.latents(count, seed).to(device);
    } else if (input.name == "label") {
      tensor = one_hot_rows(torch::arange(count, device).remainder(picture.classes), picture.classes);
    } else if (input.name == "image") {
      tensor = images.index_select(0, torch::arange(count, device).remainder(images.size(0)));
    } else {
      TORCH_CHECK(input.name == "coordinates", "a player has no input called ", input.name);
      tensor = coordinates(input.shape.at(1), input.shape.at(2))
                   .to(device)
                   .unsqueeze(0)
                   .expand({count, -1, -1, -1});
    }
  }
  return inputs;
}

}  // namespace lc::train
