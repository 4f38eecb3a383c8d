// A run in memory: data, networks, optimisers, average and timeline; one step at a time; to and from a State.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "native/data/dataset.h"
#include "native/train/average.h"
#include "native/train/feed.h"
#include "native/train/loss_log.h"
#include "native/train/optimizer.h"
#include "native/train/recipe.h"
#include "native/train/state.h"
#include "native/train/stepper.h"

namespace lc::train {

// no_device when cuda is asked for and there is none.
Result<torch::Device> pick_device(const std::string& name);
// Sets the number of threads (0: all) and returns it.
int set_threads(std::int64_t threads);

// Iterations after which the playing network is kept: 1, 2, 3, 4, 100, then spaced geometrically, all before
// `total`.
std::vector<std::int64_t> timeline_moments(std::int64_t total, std::int64_t count);

// The playing network at an earlier moment.
struct Snapshot {
  std::int64_t iteration = 0, images_seen = 0;
  Net net{nullptr};
};

class Trainer : private StepWork {
 public:
  // Seeds LibTorch's generators and builds the networks. `data` must outlive the trainer.
  static Result<std::unique_ptr<Trainer>> make(Recipe& recipe, const data::Dataset& data);

  // One iteration: draws a batch, steps, folds the average, keeps timeline snapshots. Or several recorded
  // ones at once, never past one that is logged, sampled or kept. diverged for a loss that is not finite; a
  // GPU's are read late.
  Status step();
  bool done() const { return iteration_ >= total_iterations(); }

  std::int64_t iteration() const { return iteration_; }
  std::int64_t total_iterations() const { return recipe_.run.epochs * feed_->batches_per_epoch(); }
  std::int64_t iterations_per_epoch() const { return feed_->batches_per_epoch(); }
  // Iterations between two grids of samples; recorded steps end where one is due.
  std::int64_t sample_every() const {
    return recipe_.run.sample_every > 0 ? recipe_.run.sample_every : iterations_per_epoch();
  }
  std::int64_t images_seen() const { return iteration_ * recipe_.run.batch_size; }
  double lr() const { return lr_at(iteration_); }

  // Means of the losses since the last call, by name.
  Result<std::vector<std::pair<std::string, double>>> take_losses();

  // Everything that decides how the run goes on. State has copies; diverged when a parameter is not finite.
  Result<State> state();
  // bad_combination when the state is of another data set or of other networks.
  Status restore(const State& state);

  Recipe& recipe() { return recipe_; }
  const data::Dataset& data() const { return data_; }
  const DataShape& picture() const { return picture_; }  // of the networks
  Nets& live() { return nets_; }
  Nets& averaged() { return average_->nets(); }
  const std::vector<Snapshot>& timeline() const { return timeline_; }
  format::Curve curve();
  torch::Device device() const { return device_; }
  std::string device_text() const;
  double seconds = 0;  // of training, kept by the loop

  // Pictures in [0, 1] on the CPU from the averaged networks, [n][channels][height][width]; undefined when
  // the family makes none.
  torch::Tensor samples(std::int64_t count, std::uint64_t seed);
  torch::Tensor reconstructions(
      std::int64_t count);  // of the first test images; undefined when the family has none
  torch::Tensor real(std::int64_t count) const;  // those test images
  Status fit_prior(bool thorough, const Stop& stop);
  std::vector<format::Metric> evaluate(const Stop& stop);

 private:
  Trainer(Recipe& recipe, const data::Dataset& data, torch::Device device);
  Status build();
  void prepare(std::int64_t iteration) override;
  void issue(std::int64_t iteration, std::int64_t row, StepNumbers* recorder) override;
  double lr_at(std::int64_t iteration) const;
  void set_clock(std::int64_t iteration);
  std::int64_t steps_until_seen() const;
  Status diverged(Status status) const;  // says what helps
  void keep_snapshot();
  Optimizer* optimiser_of(const std::string& group);

  Recipe& recipe_;
  const data::Dataset& data_;
  torch::Device device_;
  int threads_ = 1;
  DataShape picture_;
  torch::Tensor train_images_, test_images_, test_labels_;  // bytes and numbers on the device
  std::unique_ptr<Feed> feed_;
  Nets nets_;
  std::vector<std::pair<std::string, std::unique_ptr<Optimizer>>> optimisers_;
  std::unique_ptr<Average> average_;
  std::vector<std::int64_t> moments_;  // iterations that the timeline holds, ascending
  std::vector<Snapshot> timeline_;
  std::unique_ptr<LossLog> losses_;
  std::unique_ptr<Stepper> stepper_;
  StepClock clock_;
  std::int64_t iteration_ = 0;
};

}  // namespace lc::train
