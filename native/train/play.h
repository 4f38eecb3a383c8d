// What the playing network is fed when pictures are wanted: one tensor for each of its inputs, by name.
#pragma once

#include "native/train/family.h"

namespace lc::train {

// [count][classes], 1 at the class of each row.
torch::Tensor one_hot_rows(const torch::Tensor& labels, std::int64_t classes);

// x, y in [-1, 1] at pixel centres and r = sqrt(x^2 + y^2): [3][height][width], as the engine makes them.
torch::Tensor coordinates(std::int64_t height, std::int64_t width);

// Inputs for pictures 0 .. count - 1 of a seed, on `images`' device: latents of the family, class i mod
// classes, the first of `images` (in the networks' range; as many again as are missing), coordinates.
Tensors player_inputs(const Family& family, const NetImpl& player, std::int64_t count, std::uint64_t seed,
                      const DataShape& picture, const torch::Tensor& images);

}  // namespace lc::train
