// What the trainer's tests share: small made-up data, and recipes small enough for a step in milliseconds.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "native/data/generated.h"
#include "native/data/synthetic.h"
#include "native/train/trainer.h"

namespace lc::train {

// One thread: sums in one order, and no spinning on a busy machine.
inline void one_thread() {
  at::set_num_threads(1);
}

inline data::Dataset small_data(const std::string& name = "mnist", std::uint32_t train = 96,
                                std::uint32_t test = 32) {
  data::Dataset dataset;
  dataset.spec = data::find_spec(name).value();
  dataset.channels = dataset.spec->channels;
  dataset.height = dataset.spec->height;
  dataset.width = dataset.spec->width;
  dataset.train = data::synthetic_split(*dataset.spec, train, 11);
  dataset.test = data::synthetic_split(*dataset.spec, test, 12);
  dataset.train_sha256 = std::string(64, 'a');
  dataset.verified = false;
  return dataset;
}

// The first samples of a data set that is drawn.
inline data::Dataset small_generated(const std::string& name, std::uint32_t train, std::uint32_t test) {
  data::Dataset dataset = data::generate(*data::find_spec(name).value());
  const std::size_t size = std::size_t{dataset.channels} * dataset.height * dataset.width;
  const auto shorten = [&](data::Split& split, std::uint32_t count) {
    split.count = count;
    split.images.resize(count * size);
    split.labels.resize(count);
  };
  shorten(dataset.train, train);
  shorten(dataset.test, test);
  dataset.verified = false;
  return dataset;
}

// Small data of a kind that the family takes, the first that it names or digits.
inline data::Dataset small_data_of(const std::string& model, std::uint32_t train = 96,
                                   std::uint32_t test = 32) {
  const std::vector<std::string>& taken = families().find(model)->datasets;
  const std::string name = taken.empty() ? "mnist" : taken.front();
  const bool drawn = data::find_spec(name).value()->layout == data::Layout::generated;
  return drawn ? small_generated(name, train, test) : small_data(name, train, test);
}

// A family with the options set that it has: widths of a few channels, batches of 32.
inline std::unique_ptr<Recipe> small_recipe(const std::string& model,
                                            const std::vector<std::string>& pairs = {}) {
  std::unique_ptr<Recipe> recipe = make_recipe(model).take();
  for (const char* pair : {"width=4", "hidden=24", "latent_size=6"}) {
    const Status ignored = recipe->table.set_pair(pair);
    static_cast<void>(ignored);
  }
  for (const char* pair :
       {"batch_size=32", "threads=1", "epochs=2", "device=cpu", "eval_images=32", "grid=9"}) {
    const Status set = recipe->table.set_pair(pair);
    EXPECT_TRUE(set.ok()) << set.message;
  }
  for (const std::string& pair : pairs) {
    const Status set = recipe->table.set_pair(pair);
    EXPECT_TRUE(set.ok()) << set.message;
  }
  return recipe;
}

inline std::unique_ptr<Trainer> small_trainer(Recipe& recipe, const data::Dataset& data) {
  Result<std::unique_ptr<Trainer>> trainer = Trainer::make(recipe, data);
  EXPECT_TRUE(trainer.ok()) << trainer.status().message;
  return trainer.take();
}

// Keeps each group's losses instead of stepping.
class Recorder : public Updater {
 public:
  void update(const std::string& group, const torch::Tensor& loss) override { losses[group].push_back(loss); }
  std::map<std::string, std::vector<torch::Tensor>> losses;
};

// Noise instead of pictures, in the range.
inline Batch made_up_batch(std::int64_t count, std::pair<float, float> range) {
  torch::manual_seed(21);
  Batch batch;
  const double low = static_cast<double>(range.first), high = static_cast<double>(range.second);
  batch.images = torch::rand({count, 1, 28, 28}) * (high - low) + low;
  batch.labels = torch::zeros({count}, torch::kInt64);
  batch.indices = torch::arange(count);
  return batch;
}

inline std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const FamilyEntry& entry : families().entries()) names.push_back(entry.name);
  return names;
}

// Norms' statistics and parameters away from their start, so that folding them wrong shows.
inline void randomise_norms(NetImpl& net) {
  const torch::NoGradGuard no_grad;
  for (const Layer& layer : net.layers()) {
    if (!layer.tensors || layer.tensors->weight.dim() != 1) continue;
    layer.tensors->weight.uniform_(0.5, 1.5);
    layer.tensors->bias.uniform_(-0.5, 0.5);
    if (layer.kind != "batch_norm") continue;
    layer.tensors->running_mean.uniform_(-0.5, 0.5);
    layer.tensors->running_var.uniform_(0.3, 2.0);
  }
}

// Weights large enough that values keep their size from layer to layer: an untrained network's answers hardly
// differ from each other, and would hide a wrong one.
inline void randomise_weights(NetImpl& net) {
  const torch::NoGradGuard no_grad;
  for (const Layer& layer : net.layers()) {
    if (!layer.tensors || layer.tensors->weight.dim() < 2) continue;
    const torch::Tensor& weight = layer.tensors->weight;
    if (layer.kind == "minibatch_discrimination") {  // distances of the size of 1
      weight.normal_(0, 0.5 / std::sqrt(static_cast<double>(weight.size(0) * weight.size(2))));
      continue;
    }
    const std::int64_t outputs = weight.size(layer.kind == "conv_transpose2d" ? 1 : 0);
    weight.normal_(0, 2 / std::sqrt(static_cast<double>(weight.numel() / outputs)) / layer.weight_gain);
    if (layer.tensors->bias.defined()) layer.tensors->bias.uniform_(-0.3, 0.3);
  }
}

inline double max_abs(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace lc::train
