// Losses on their way from the device to the host: a ring of rows on the device, read when it is full or
// when somebody asks, so that a GPU does not wait in every step.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "native/train/curve.h"
#include "native/train/family.h"
#include "shared/core/status.h"

namespace lc::train {

class LossLog {
 public:
  // Recorded steps write rows 0 .. `rows` - 1. On the CPU every step is read at once.
  LossLog(torch::Device device, std::int64_t rows);

  // The losses of a step, in the work that is issued or recorded now.
  void put(std::int64_t row, const Losses& losses);
  // `rows` rows were written by work that was issued, the last by the step after which `iteration` steps were
  // made. diverged, with the loss and the iteration, when one that was read is not finite.
  Status close(std::int64_t rows, std::int64_t iteration);
  // Reads what is not yet on the host.
  Status collect();

  // Means since the last call, by name.
  std::vector<std::pair<std::string, double>> take_means();
  // For the state file: what the next means begin with, [steps, sums...].
  std::vector<double> pack() const;
  void unpack(const std::vector<double>& packed);
  LossCurve& curve() { return curve_; }

 private:
  std::vector<std::string> names_;
  torch::Tensor rows_;                    // [rows][losses], written by steps
  torch::Tensor ring_;                    // [kRing][losses], not yet read
  std::vector<std::int64_t> iterations_;  // of the ring's rows that are in use
  std::int64_t capacity_;
  torch::Device device_;
  LossCurve curve_;
  std::vector<double> window_;
  std::int64_t window_count_ = 0;
};

}  // namespace lc::train
