// The training images on the device, dealt in shuffled batches.
#include "native/train/feed.h"

#include <algorithm>
#include <numeric>

#include "native/train/cuda/cuda.h"
#include "native/train/ranks.h"
#include "shared/core/random.h"

namespace lc::train {

torch::Tensor to_range(const torch::Tensor& bytes, std::pair<float, float> range) {
  const double scale = static_cast<double>(range.second - range.first) / 255.0;
  return bytes.to(torch::kFloat32).mul_(scale).add_(static_cast<double>(range.first));
}

torch::Tensor to_unit(const torch::Tensor& pictures, std::pair<float, float> range) {
  return (pictures - static_cast<double>(range.first)) / static_cast<double>(range.second - range.first);
}

torch::Tensor images_of(const data::Dataset& data, const data::Split& split, std::int64_t limit,
                        const DataShape& picture, torch::Device device) {
  const std::int64_t count = limit > 0 ? std::min<std::int64_t>(limit, split.count) : split.count;
  torch::Tensor images = torch::empty({count, data.channels, data.height, data.width}, torch::kUInt8);
  std::copy_n(split.images.begin(), images.numel(), images.data_ptr<std::uint8_t>());
  const std::int64_t down = picture.height - images.size(2), right = picture.width - images.size(3);
  if (down > 0 || right > 0) {
    images = torch::constant_pad_nd(images, {right / 2, right - right / 2, down / 2, down - down / 2}, 0);
  }
  return images.to(device);
}

torch::Tensor labels_of(const data::Split& split, std::int64_t limit, torch::Device device) {
  const std::int64_t count = limit > 0 ? std::min<std::int64_t>(limit, split.count) : split.count;
  torch::Tensor labels = torch::empty({count}, torch::kInt64);
  std::copy_n(split.labels.begin(), count, labels.data_ptr<std::int64_t>());
  return labels.to(device);
}

std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, std::uint64_t epoch) {
  const std::size_t n = static_cast<std::size_t>(count);
  std::vector<std::uint32_t> words(n);
  fill_words(seed, Stream::shuffle, epoch * n, Span<std::uint32_t>(words));
  std::vector<std::int64_t> order(n);
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t i = n; i > 1; --i) {
    const std::size_t j = static_cast<std::size_t>((std::uint64_t{words[i - 1]} * i) >> 32);
    std::swap(order[i - 1], order[j]);
  }
  return order;
}

Feed::Feed(torch::Tensor images, torch::Tensor labels, std::pair<float, float> range, std::int64_t batch_size,
           std::uint64_t seed)
    : images_(std::move(images)),
      labels_(std::move(labels)),
      range_(range),
      batch_size_(batch_size),
      seed_(seed) {
  order_ = torch::zeros({2 * images_.size(0)}, torch::dtype(torch::kInt64).device(images_.device()));
}

std::int64_t Feed::first(std::int64_t iteration) const {
  const std::int64_t epoch = iteration / batches_per_epoch();
  return (epoch % 2) * images_.size(0) + (iteration % batches_per_epoch()) * batch_size_ +
         ranks().rank() * (batch_size_ / ranks().size());
}

void Feed::prepare(std::int64_t iteration) {
  const std::int64_t epoch = iteration / batches_per_epoch(), count = images_.size(0);
  std::int64_t& there = epochs_[static_cast<std::size_t>(epoch % 2)];
  if (there == epoch) return;
  order_.narrow(0, (epoch % 2) * count, count)
      .copy_(torch::tensor(shuffled(count, seed_, static_cast<std::uint64_t>(epoch))));
  there = epoch;
}

namespace {

// A scalar on the device of `like`.
torch::Tensor progress_of(const StepClock& clock, std::int64_t total, const torch::Tensor& like) {
  const auto options = like.options().dtype(torch::kFloat32);
  const auto share = [&clock, total] {
    return static_cast<float>(clock.iteration) / static_cast<float>(total);
  };
  if (clock.recorder == nullptr) return torch::full({}, share(), options);
  const float* recorded = clock.recorder->bind<float>(share);
  return torch::from_blob(const_cast<float*>(recorded), {}, options);
}

}  // namespace

Batch Feed::batch(const StepClock& clock, std::int64_t total) const {
  const auto at = static_cast<std::int32_t>(first(clock.iteration));
  const std::int64_t own = batch_size_ / ranks().size();
  const torch::Tensor progress = progress_of(clock, total, images_);
  if (cuda::takes(images_)) {
    const std::int32_t* recorded = nullptr;
    if (clock.recorder != nullptr) {
      recorded = clock.recorder->bind<std::int32_t>(
          [this, &clock] { return static_cast<std::int32_t>(first(clock.iteration)); });
    }
    const float scale = (range_.second - range_.first) / 255.f;
    const cuda::Gathered batch =
        cuda::gather({images_, labels_, order_, scale, range_.first}, own, at, recorded);
    return {batch.images, batch.labels, batch.indices, clock.iteration, total, progress};
  }
  const torch::Tensor index = order_.narrow(0, at, own);
  return {to_range(images_.index_select(0, index), range_),
          labels_.index_select(0, index),
          index,
          clock.iteration,
          total,
          progress};
}

}  // namespace lc::train
