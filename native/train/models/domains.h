// Two domains of pictures without pairs, and the memory of translated pictures that goes with them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "native/train/family.h"

namespace lc::train {

// Makes a picture of domain b of one of domain a: [n][channels][height][width] in [-1, 1], where ink is
// bright.
using Domain = torch::Tensor (*)(const torch::Tensor& images);
const std::map<std::string, Domain>& domains();

// Pictures of a batch in domain a, as they are, and in domain b. No training image is ever in both: domain a
// has those of even number, b the others.
std::pair<torch::Tensor, torch::Tensor> unpaired(const Batch& batch, Domain domain_b);

// Translated pictures of earlier steps: a discriminator sees half of its fakes from here (Shrivastava et al.
// 2017, "Learning from simulated and unsupervised images through adversarial training", section 2.3).
class ImagePool {
 public:
  void make(std::int64_t size, const DataShape& shape);
  std::vector<torch::Tensor> state() const { return {images_, filled_}; }

  // Each picture itself, or an earlier one whose place it takes. Without a graph. `batch_size`: at least as
  // many as there are fakes, the same in every step.
  torch::Tensor exchange(const torch::Tensor& fakes, std::int64_t batch_size);

 private:
  torch::Tensor images_;  // [size][channels][height][width], on the CPU
  torch::Tensor filled_;  // [1]: how many of them hold a picture
};

}  // namespace lc::train
