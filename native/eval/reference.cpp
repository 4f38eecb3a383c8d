// What generated pictures are compared with.
#include "native/eval/reference.h"

#include <algorithm>
#include <numeric>

#include "native/eval/classes.h"
#include "shared/core/random.h"

namespace lc::eval {

namespace {

constexpr std::uint64_t kOrderSeed = 1;

Matrix to_matrix(const std::uint8_t* bytes, std::size_t count, std::size_t size) {
  Matrix out(count, size);
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = static_cast<float>(bytes[i]) / 255.0f;
  return out;
}

}  // namespace

const std::vector<PinnedNetwork>& pinned_networks() {
  static const std::vector<PinnedNetwork> table = {
      {"mnist", "classifier-mnist", "baa9f355720cad605574d18d8364c3acf291bc24b91306246a53f193a3272e8e"},
      {"fashion-mnist", "classifier-fashion",
       "2aa952f0787b8adb8a034f67fa337c9f0ab5721ac0601283c9377cb07d7bde99"},
  };
  return table;
}

Result<const PinnedNetwork*> pinned_network(const std::string& dataset) {
  std::string known;
  for (const PinnedNetwork& network : pinned_networks()) {
    if (network.dataset == dataset) return &network;
    known += (known.empty() ? "" : ", ") + network.dataset;
  }
  return fail(Code::bad_combination, "there is no feature network for data set '" + dataset +
                                         "'. Give --dataset with one of: " + known + ".");
}

Reference::Reference(const data::Dataset& data, Network classifier, unsigned threads)
    : data_(&data), classifier_(std::move(classifier)), threads_(threads) {
  shape_.channels = data.channels;
  shape_.height = data.height;
  shape_.width = data.width;
  // Fisher-Yates over Philox words.
  order_.resize(data.train.count);
  std::iota(order_.begin(), order_.end(), 0u);
  std::vector<std::uint32_t> words(order_.size());
  fill_words(kOrderSeed, Stream::shuffle, 0, Span<std::uint32_t>(words));
  for (std::size_t i = order_.size(); i > 1; --i) {
    std::swap(order_[i - 1], order_[static_cast<std::size_t>((std::uint64_t{words[i - 1]} * i) >> 32)]);
  }
}

Result<Reference> Reference::make(const data::Dataset& data, const format::ModelFile& file,
                                  unsigned threads) {
  const std::uint32_t index = find_network(file.header, [](const format::Network& network) {
    return network.role == format::Role::classifier && has_output(network, "classes") &&
           has_output(network, "features");
  });
  if (index == file.header.networks.size()) {
    return fail(Code::bad_combination, "the feature network has no outputs 'classes' and 'features'");
  }
  Result<Network> classifier = Network::compile(file, index);
  if (!classifier.ok()) return classifier.status();
  return Reference(data, classifier.take(), threads);
}

Matrix Reference::test(std::size_t count) const {
  return to_matrix(data_->test.images.data(), std::min<std::size_t>(count, data_->test.count), shape_.size());
}

Matrix Reference::training(std::size_t first, std::size_t count) const {
  return to_matrix(data_->train.images.data() + first * shape_.size(), count, shape_.size());
}

Matrix Reference::random_training(std::size_t count, std::uint64_t seed) const {
  count = std::min(count, order_.size());
  Matrix out(count, shape_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = ((seed - 1) * count + i) % order_.size();
    const Matrix one = training(order_[place], 1);
    std::copy(one.values.begin(), one.values.end(), out.row(i).begin());
  }
  return out;
}

Result<Seen> Reference::look(const Matrix& pictures) const {
  Result<Ports> ports = classifier_.run({{"image", pictures}}, {"classes", "features"}, threads_);
  if (!ports.ok()) return ports.status();
  Seen seen;
  seen.classes = predicted_classes(ports->at("classes"));
  seen.features = std::move(ports->at("features"));
  return seen;
}

Result<Matrix> middle(const Matrix& pictures, const PictureShape& from, const PictureShape& to) {
  if (from.channels != to.channels || from.height < to.height || from.width < to.width) {
    const auto text = [](const PictureShape& s) {
      return std::to_string(s.channels) + " x " + std::to_string(s.height) + " x " + std::to_string(s.width);
    };
    return fail(Code::bad_combination, "the model's pictures are " + text(from) + ", the data set's " +
                                           text(to) +
                                           ". Give --dataset with the one that it was trained on.");
  }
  if (from.size() == to.size()) return pictures;
  const std::size_t top = (from.height - to.height) / 2, left = (from.width - to.width) / 2;
  Matrix out(pictures.rows, to.size());
  for (std::size_t i = 0; i < pictures.rows; ++i) {
    for (std::size_t c = 0; c < to.channels; ++c) {
      for (std::size_t y = 0; y < to.height; ++y) {
        const float* source = pictures.row(i).data + (c * from.height + y + top) * from.width + left;
        std::copy_n(source, to.width, out.row(i).data + (c * to.height + y) * to.width);
      }
    }
  }
  return out;
}

}  // namespace lc::eval
