// What the one-dimensional teaching examples share: dense players on a row of numbers.
#pragma once

#include "native/train/models/networks.h"

namespace lc::train {

// The hidden layers of both players.
struct RowLayers {
  std::int64_t count = 1;
  Value (*activation)(Value);
};

// "latent" [latent_size] -> "image" [1][1][width], no activation at the end.
Net make_row_generator(const GanOptions& options, const RowLayers& layers, const DataShape& shape);
// "image" -> "logit".
Net make_row_discriminator(const GanOptions& options, const RowLayers& layers, const DataShape& shape);

}  // namespace lc::train
