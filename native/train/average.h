// The exponential moving average of networks: what is played and exported. It follows BatchNorm's running
// statistics too, and takes factors over as they are.
#pragma once

#include <cstdint>

#include "native/train/net.h"

namespace lc::train {

class Average {
 public:
  // `half_life_images` 0 keeps a plain copy of the last weights.
  Average(const Nets& nets, std::int64_t half_life_images);

  // After a step on `batch_images`; `images_seen` counts them. Early on the half-life is shorter, a twentieth
  // of what was seen, so that the random start is forgotten (Karras et al. 2020, StyleGAN2).
  void fold(const Nets& nets, std::int64_t batch_images, std::int64_t images_seen);

  Nets& nets() { return nets_; }  // in evaluation mode
  const Nets& nets() const { return nets_; }

 private:
  Nets nets_;
  std::int64_t half_life_images_;
};

Nets copy_nets(const Nets& nets);

}  // namespace lc::train
