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
      {"mnist", "classifier-mnist", "8d9f749e056d06164499663a6563721316d5745f882ac788e695554164099957"},
      {"cifar10", "classifier-cifar10", "6ee66f91a77ecb211f13fe24a79409bfe054f2af77fdc97a31697fae8a028b64"},
      {"fashion-mnist", "classifier-fashion",
       "584e3f058e8ac19be856e9c0f19e3b17bc257c6f0f148e902a6e5967194a3f64"},
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

std::uint32_t feature_network(const format::Header& header) {
  return find_network(header, [](const format::Network& network) {
    return network.role == format::Role::classifier && has_output(network, "classes") &&
           has_output(network, "features");
  });
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
  const std::uint32_t index = feature_network(file.header);
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
  if (!has_middle(from, to)) {
    const auto text = [](const PictureShape& s) {
      return std::to_string(s.channels) + " x " + std::to_string(s.height) + " x " + std::to_string(s.width);
    };
    return fail(Code::bad_combination, "the model's pictures are " + text(from) + ", the data set's " +
                                           text(to) +
                                           ". Give --dataset with the one that it was trained on.");
  }
  Matrix out;
  out.rows = pictures.rows;
  out.columns = to.size();
  out.values = lc::middle(pictures.values, from, to);
  return out;
}

}  // namespace lc::eval
