// The training images on the device, dealt in shuffled batches.
#include "native/train/feed.h"

#include <algorithm>
#include <numeric>

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
      seed_(seed) {}

Batch Feed::batch(std::int64_t iteration, std::int64_t total) {
  const std::int64_t epoch = iteration / batches_per_epoch();
  if (epoch != epoch_) {
    order_ = torch::tensor(shuffled(images_.size(0), seed_, static_cast<std::uint64_t>(epoch)))
                 .to(images_.device());
    epoch_ = epoch;
  }
  const std::int64_t first = (iteration % batches_per_epoch()) * batch_size_,
                     own = batch_size_ / ranks().size();
  const torch::Tensor index = order_.narrow(0, first + ranks().rank() * own, own);
  return {to_range(images_.index_select(0, index), range_), labels_.index_select(0, index), index, iteration,
          total};
}

}  // namespace lc::train
