// `latent-canvas bench train`: how fast this machine trains a model, and where the time goes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "native/train/sinks.h"
#include "native/train/trainer.h"

namespace lc::train {

// Seconds and arithmetic of some steps.
struct TrainingCost {
  std::int64_t steps = 0;
  double seconds = 0;  // of all of them
  // Seconds of a step, by its parts.
  std::vector<std::pair<std::string, double>> parts;
  // Of a step: two for each multiply-add of its matrix products and convolutions, the backward pass included.
  double flops = 0;
};

// Trains for about `seconds`, after a few steps that count for nothing, and writes what a run logs into the
// sinks. Two rounds: the first is timed as a whole, the second by its parts, which a GPU has to wait for.
Result<TrainingCost> measure_training(Trainer& trainer, const Sinks& sinks, double seconds);

// The fastest float matrix product of this device, in flops a second: the best of some of 2048 x 2048.
double matrix_product_rate(torch::Device device);

// As a table, or as JSON.
std::string report_of(Trainer& trainer, const TrainingCost& cost, double ceiling, bool json);

}  // namespace lc::train
