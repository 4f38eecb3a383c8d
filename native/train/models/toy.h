// What the one-dimensional teaching examples share: dense players on a row of numbers.
#pragma once

#include "native/train/models/networks.h"

namespace lc::train {

// "latent" [latent_size] -> "image" [1][1][width], `layers` hidden layers of ReLU, nothing at the end.
Net make_row_generator(const GanOptions& options, std::int64_t layers, const DataShape& shape);
// "image" -> "logit".
Net make_row_discriminator(const GanOptions& options, std::int64_t layers, const DataShape& shape);

}  // namespace lc::train
