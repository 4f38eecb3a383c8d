// The training images on the device, dealt in shuffled batches. The order of an epoch depends on (seed,
// epoch) alone.
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>

#include "native/data/dataset.h"
#include "native/train/family.h"
#include "native/train/step_numbers.h"

namespace lc::train {

// Bytes to the family's value range: [n][channels][height][width].
torch::Tensor to_range(const torch::Tensor& bytes, std::pair<float, float> range);
// And back to [0, 1].
torch::Tensor to_unit(const torch::Tensor& pictures, std::pair<float, float> range);

// The split's first `limit` images (0: all) as a byte tensor on the device, centred on black where `picture`
// is larger than the data's.
torch::Tensor images_of(const data::Dataset& data, const data::Split& split, std::int64_t limit,
                        const DataShape& picture, torch::Device device);
torch::Tensor labels_of(const data::Split& split, std::int64_t limit, torch::Device device);

// Fisher-Yates over Philox words.
std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, std::uint64_t epoch);

class Feed {
 public:
  // `batch_size` is that of all ranks together.
  Feed(torch::Tensor images, torch::Tensor labels, std::pair<float, float> range, std::int64_t batch_size,
       std::uint64_t seed);

  std::int64_t batches_per_epoch() const {
    return images_.size(0) / batch_size_;
  }  // the rest of an epoch is dropped
  // Brings the order of this iteration's epoch to the device; the epoch before stays for work under way.
  void prepare(std::int64_t iteration);
  // This rank's rows of the clock's batch of a run of `total`; prepared before.
  Batch batch(const StepClock& clock, std::int64_t total) const;

 private:
  std::int64_t first(std::int64_t iteration) const;  // place in order_

  torch::Tensor images_, labels_;
  torch::Tensor order_;  // of an even epoch, then of an odd one, int64 on the device
  std::pair<float, float> range_;
  std::int64_t batch_size_;
  std::array<std::int64_t, 2> epochs_ = {-1, -1};  // whose order is there
  std::uint64_t seed_;
};

}  // namespace lc::train
