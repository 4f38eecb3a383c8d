// What a model family is, and the table of families. The loop, the exporter and the tests know none by name.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "native/data/dataset.h"
#include "native/train/net.h"
#include "native/train/options.h"
#include "shared/core/status.h"
#include "shared/format/format.h"

namespace lc::train {

// What a data set's pictures are, as a network meets them.
struct DataShape {
  std::int64_t channels = 1, height = 28, width = 28;
  std::int64_t classes = 10;
  std::int64_t size() const { return channels * height * width; }
};

struct Batch {
  torch::Tensor images;                   // [n][channels][height][width], float, in the family's value range
  torch::Tensor labels;                   // [n], int64
  torch::Tensor indices;                  // [n], int64: places in the training set
  std::int64_t iteration = 0, total = 1;  // of this step, from 0, and how many the run has
  // iteration / total, a scalar on the training device: where work is recorded, each replay finds its own.
  torch::Tensor progress = torch::zeros({});
};

// Losses by name, detached scalars on the training device.
using Losses = std::vector<std::pair<std::string, torch::Tensor>>;

// How an optimiser moves its networks.
struct Rule {
  enum class Kind { adam, rmsprop } kind = Kind::adam;
  double lr_scale = 1;            // times the run's lr
  double beta1 = -1, beta2 = -1;  // negative: the run's
  double clip = 0;                // after a step every weight is clamped to [-clip, clip]; 0: not
};

// Networks that one optimiser moves.
struct Group {
  std::string name;
  std::vector<std::string> nets;
  Rule rule = {};
};

// Given to a step: gradients of `loss` with regard to the group's parameters alone, then one step of its
// optimiser.
class Updater {
 public:
  virtual ~Updater() = default;
  virtual void update(const std::string& group, const torch::Tensor& loss) = 0;
};

// Asked between parts of long work.
using Stop = std::function<bool()>;

class Family {
 public:
  virtual ~Family() = default;

  // Declares the family's own options and changes the run's defaults.
  virtual void declare(OptionTable& table, RunOptions& run) = 0;
  // Size of the networks' pictures, at least the data's; the trainer centres the data's on black.
  virtual DataShape picture(const DataShape& data) const;
  // Makes the networks for picture(...); weights come from torch's global generator.
  virtual Result<Nets> build(const DataShape& shape) = 0;
  virtual std::vector<Group> groups() const = 0;
  // The network that makes pictures, its first output "image", from inputs "latent", "label" (one-hot),
  // "image" or "coordinates"; empty for a family that makes none.
  virtual std::string player() const = 0;
  // Names of the networks that travel in the file besides the player; all, unless a family says otherwise.
  virtual std::vector<std::string> exported(const Nets& nets) const;
  // True when the player has an input "label": the file then names the classes.
  virtual bool conditional() const { return false; }
  // The networks' values of black and white.
  virtual std::pair<float, float> image_range() const = 0;
  virtual std::vector<format::PriorPart> prior() const = 0;

  // One training step on one batch. The losses have the same names in every step.
  virtual Losses step(Nets& nets, const Batch& batch, Updater& updater) = 0;
  // Whether steps can be recorded once and replayed, as CUDA graphs are: those whose iterations differ by a
  // multiple of `period` ask for the same work, with the same numbers of the host, and read none back. A
  // family whose steps do not says why, to end a sentence; it trains step by step.
  struct Repetition {
    std::int64_t period = 1;
    std::string obstacle = {};
  };
  virtual Repetition repetition() const { return {}; }
  // Tensors that the family carries from step to step, made by build(), changed in place: saved and restored
  // with the run.
  virtual std::vector<torch::Tensor> state() const { return {}; }
  // Iterations that the timeline should hold besides the usual ones.
  virtual std::vector<std::int64_t> moments(std::int64_t /*total*/) const { return {}; }

  // For priors that are fitted to the data: `images` are the training images as bytes. Quick when `thorough`
  // is false.
  virtual Status fit_prior(Nets& nets, const torch::Tensor& images, bool thorough, const Stop& stop);
  // Latents number 0 .. count - 1 of a seed, [count][latent size], on the CPU.
  virtual torch::Tensor latents(std::int64_t count, std::uint64_t seed) const;
  // The prior's parts with the tensors that belong to them, added to the file.
  virtual std::vector<format::PriorPart> export_prior(format::Writer& writer) const;

  // Pictures in the networks' range; undefined for a family that cannot.
  virtual torch::Tensor reconstruct(Nets& nets, const torch::Tensor& images,
                                    const torch::Tensor& labels) const;
  // Measurements on test images (in the networks' range), on nets in evaluation mode.
  virtual std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images,
                                               const torch::Tensor& labels, std::uint64_t seed,
                                               const Stop& stop) const;
};

struct FamilyEntry {
  std::string name;
  std::string title;  // "VAE"
  std::string paper;
  int year = 0;
  std::string sentence;
  std::string needs;  // of the data, for people: "images", "images and labels"
  std::unique_ptr<Family> (*make)();
  // The data sets that it takes, its default first; empty: every set of pictures.
  std::vector<std::string> datasets = {};
};

// bad_combination with what to give instead, when the family cannot train on the data set.
Status check_dataset(const FamilyEntry& entry, const data::DatasetSpec& spec);

// Refuses duplicates; lists in order of registration.
class Registry {
 public:
  // False when the name is taken.
  bool add(FamilyEntry entry);
  const FamilyEntry* find(const std::string& name) const;
  const std::vector<FamilyEntry>& entries() const { return entries_; }

 private:
  std::vector<FamilyEntry> entries_;
};

// Every family that this build knows; filled in registry.cpp, one line each.
const Registry& families();
// unknown_name with the nearest name and the list.
Result<const FamilyEntry*> find_family(const std::string& name);

// Numbers first .. first + shape's product - 1 of the stream as a CPU tensor; standard normal, or uniform in
// [low, high).
torch::Tensor philox_normal(std::uint64_t seed, std::uint64_t first, Sizes shape);
torch::Tensor philox_uniform(std::uint64_t seed, std::uint64_t first, Sizes shape, double low, double high);

}  // namespace lc::train
