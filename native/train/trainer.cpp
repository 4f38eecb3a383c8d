// A run in memory: data, networks, optimisers, average and timeline.
#include "native/train/trainer.h"

#include <ATen/record_function.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <thread>

#include "native/train/cuda/cuda.h"
#include "native/train/play.h"
#include "native/train/ranks.h"

namespace lc::train {

Result<torch::Device> pick_device(const std::string& name) {
  const bool cuda = torch::cuda::is_available();
  if (name == "cuda" && !cuda) {
    return fail(Code::no_device, "--device cuda: no CUDA device was found by this LibTorch (" TORCH_VERSION
                                 "). Use --device cpu, or build against a LibTorch with CUDA.");
  }
  if (name == "cpu" || !cuda) return torch::Device(torch::kCPU);
  const auto count = static_cast<std::int64_t>(torch::cuda::device_count());
  return torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(ranks().local_rank() % count));
}

int set_threads(std::int64_t threads) {
  const int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int count = threads > 0 ? static_cast<int>(threads) : all;
  at::set_num_threads(count);
  return count;
}

std::vector<std::int64_t> timeline_moments(std::int64_t total, std::int64_t count) {
  std::vector<std::int64_t> moments;
  if (count <= 0) return moments;
  std::int64_t from = 1;
  if (count >= 5) {
    moments = {1, 2, 3, 4, 100};
    from = 100;
  }
  const std::int64_t rest = count - static_cast<std::int64_t>(moments.size());
  const double ratio = static_cast<double>(total) / static_cast<double>(from);
  for (std::int64_t i = count >= 5 ? 1 : 0; ratio > 1 && i < rest + (count >= 5 ? 1 : 0); ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(rest + (count >= 5 ? 1 : 0));
    moments.push_back(
        static_cast<std::int64_t>(std::llround(static_cast<double>(from) * std::pow(ratio, share))));
  }
  moments.erase(std::remove_if(moments.begin(), moments.end(), [&](std::int64_t m) { return m >= total; }),
                moments.end());
  moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
  return moments;
}

namespace {

// tf32 and bf16 let a GPU's tensor cores take float32 products and convolutions in 10 bits of fraction.
void set_precision(const std::string& precision) {
  const bool tensor_cores = precision != "fp32";
  at::globalContext().setFloat32MatmulPrecision(tensor_cores ? "high" : "highest");
  at::globalContext().setAllowTF32CuDNN(tensor_cores);
}

// Hands a family's losses to the group's optimiser.
class GroupUpdater : public Updater {
 public:
  using Find = std::function<Optimizer*(const std::string&)>;
  GroupUpdater(Find find, const StepClock& clock) : find_(std::move(find)), clock_(clock) {}
  void update(const std::string& group, const torch::Tensor& loss) override {
    Optimizer* optimiser = find_(group);
    optimiser->backward(loss);
    {
      RECORD_USER_SCOPE("ranks");
      average_over_ranks(optimiser->gradients());
    }
    RECORD_USER_SCOPE("optimiser");
    optimiser->step(clock_);
  }

 private:
  Find find_;
  const StepClock& clock_;
};

}  // namespace

Trainer::Trainer(Recipe& recipe, const data::Dataset& data, torch::Device device)
    : recipe_(recipe), data_(data), device_(device) {}

Result<std::unique_ptr<Trainer>> Trainer::make(Recipe& recipe, const data::Dataset& data) {
  const Result<torch::Device> device = pick_device(recipe.run.device);
  if (!device.ok()) return device.status();
  std::unique_ptr<Trainer> trainer(new Trainer(recipe, data, device.value()));
  LC_TRY(trainer->build());
  return trainer;
}

Status Trainer::build() {
  const RunOptions& run = recipe_.run;
  threads_ = set_threads(run.threads);
  set_precision(run.precision);
  if (device_.is_cuda()) {
    at::globalContext().setBenchmarkCuDNN(true);
    cuda::use_own_stream(device_);
  }
  torch::manual_seed(static_cast<std::uint64_t>(run.seed));
  picture_ = recipe_.family->picture(
      {data_.channels, data_.height, data_.width, static_cast<std::int64_t>(data_.spec->classes.size())});
  train_images_ = images_of(data_, data_.train, run.train_images, picture_, device_);
  test_images_ = images_of(data_, data_.test, run.eval_images, picture_, device_);
  test_labels_ = labels_of(data_.test, run.eval_images, device_);
  if (train_images_.size(0) < run.batch_size) {
    return fail(Code::bad_combination, "batch_size " + std::to_string(run.batch_size) + " is more than the " +
                                           std::to_string(train_images_.size(0)) + " training images.");
  }
  if (run.batch_size % ranks().size() != 0) {
    return fail(Code::bad_combination, "batch_size " + std::to_string(run.batch_size) +
                                           " is that of all ranks together, and no multiple of the " +
                                           std::to_string(ranks().size()) + " ranks that share it.");
  }
  feed_ = std::make_unique<Feed>(train_images_, labels_of(data_.train, run.train_images, device_),
                                 recipe_.family->image_range(), run.batch_size,
                                 static_cast<std::uint64_t>(run.seed));
  Result<Nets> nets = recipe_.family->build(picture_);
  if (!nets.ok()) return nets.status();
  nets_ = nets.take();
  for (auto& [label, net] : nets_) {
    net->to(device_);
    net->train();
  }
  for (const Group& group : recipe_.family->groups()) {
    std::vector<Net> members;
    for (const std::string& label : group.nets) members.push_back(nets_.at(label));
    optimisers_.emplace_back(group.name, std::make_unique<Optimizer>(members, group.rule, run));
  }
  average_ = std::make_unique<Average>(nets_, run.ema_half_life_images);
  for (const Group& group : recipe_.family->groups()) {
    average_->leave_to(*optimiser_of(group.name), group.nets);
    if (run.precision == "bf16") optimiser_of(group.name)->use_low_precision();
  }
  losses_ = std::make_unique<LossLog>(device_, std::max<std::int64_t>(run.graph_steps, 1));
  StepWork& work = *this;
  if (ranks().size() > 1) {
    stepper_ = std::make_unique<EagerStepper>(work, "several ranks train together");
  } else if (device_.is_cuda() && run.graph_steps > 0) {
    const std::int64_t steps = std::min(run.graph_steps, feed_->batches_per_epoch());
    stepper_ = cuda::graph_stepper(work, recipe_.family->repetition(), steps);
  } else {
    stepper_ = std::make_unique<EagerStepper>(work);
  }
  if (!recipe_.family->player().empty() && run.timeline > 0) {
    moments_ = timeline_moments(total_iterations(), run.timeline);
    for (const std::int64_t moment : recipe_.family->moments(total_iterations())) moments_.push_back(moment);
    std::sort(moments_.begin(), moments_.end());
    moments_.erase(std::unique(moments_.begin(), moments_.end()), moments_.end());
  }
  return {};
}

Optimizer* Trainer::optimiser_of(const std::string& group) {
  for (auto& [name, optimiser] : optimisers_) {
    if (name == group) return optimiser.get();
  }
  TORCH_CHECK(false, "no group is called ", group);
}

double Trainer::lr_at(std::int64_t iteration) const {
  return learning_rate(recipe_.run, static_cast<double>(iteration * recipe_.run.batch_size),
                       static_cast<double>(total_iterations() * recipe_.run.batch_size));
}

void Trainer::set_clock(std::int64_t iteration) {
  clock_.iteration = iteration;
  clock_.images_seen = (iteration + 1) * recipe_.run.batch_size;
  clock_.lr = lr_at(iteration);
}

void Trainer::prepare(std::int64_t iteration) {
  set_clock(iteration);
  feed_->prepare(iteration);
}

// The scopes are seen by `bench train`, and by any profiler of LibTorch's.
void Trainer::issue(std::int64_t iteration, std::int64_t row, StepNumbers* recorder) {
  set_clock(iteration);
  clock_.recorder = recorder;
  Batch batch;
  {
    RECORD_USER_SCOPE("data");
    batch = feed_->batch(clock_, total_iterations());
  }
  Losses losses;
  {
    RECORD_USER_SCOPE("forward and backward");
    GroupUpdater updater([this](const std::string& group) { return optimiser_of(group); }, clock_);
    losses = recipe_.family->step(nets_, batch, updater);
  }
  {
    RECORD_USER_SCOPE("average");
    average_->fold(recipe_.run.batch_size, clock_);
  }
  RECORD_USER_SCOPE("losses");
  losses_->put(row, losses);
  clock_.recorder = nullptr;
}

// Until something looks at the run: the loop's log and samples, the timeline.
std::int64_t Trainer::steps_until_seen() const {
  std::int64_t steps = total_iterations() - iteration_;
  for (const std::int64_t every : {recipe_.run.log_every, sample_every()}) {
    steps = std::min(steps, every - iteration_ % every);
  }
  const auto next = std::upper_bound(moments_.begin(), moments_.end(), iteration_);
  return next == moments_.end() ? steps : std::min(steps, *next - iteration_);
}

Status Trainer::step() {
  const std::int64_t made = stepper_->advance(iteration_, steps_until_seen());
  iteration_ += made;
  keep_snapshot();
  return diverged(losses_->close(made, iteration_));
}

Status Trainer::diverged(Status status) const {
  if (status.code == Code::diverged) {
    status.message += " with lr " + std::to_string(lr()) + ". Try a smaller --set lr=...";
  }
  return status;
}

Result<std::vector<std::pair<std::string, double>>> Trainer::take_losses() {
  LC_TRY(diverged(losses_->collect()));
  return losses_->take_means();
}

format::Curve Trainer::curve() {
  const Status collected = losses_->collect();
  return collected.ok() ? losses_->curve().curve() : format::Curve{};
}

void Trainer::keep_snapshot() {
  if (!std::binary_search(moments_.begin(), moments_.end(), iteration_)) return;
  Net twin(average_->nets().at(recipe_.family->player())->copy());
  twin->eval();
  twin->to(torch::kCPU);
  timeline_.push_back({iteration_, images_seen(), twin});
}

std::string Trainer::device_text() const {
  const std::int64_t size = ranks().size();
  const std::string of = size > 1 ? std::to_string(size) + " ranks, each " : "";
  if (device_.is_cuda()) return of + "cuda, " + recipe_.run.precision + ", " + stepper_->text();
  return of + "cpu, " + std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads") +
         (recipe_.run.precision == "bf16" ? ", bf16" : "");
}

torch::Tensor Trainer::samples(std::int64_t count, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  const Family& family = *recipe_.family;
  if (family.player().empty()) return {};
  Net player = averaged().at(family.player());
  const std::int64_t n = std::min(count, test_images_.size(0));
  const torch::Tensor images = to_range(test_images_.narrow(0, 0, n), family.image_range());
  const Tensors inputs = player_inputs(family, *player, count, seed, picture_, images);
  // Cut to the range, as the engine does.
  return to_unit(player->forward(inputs).at("image"), family.image_range()).clamp(0, 1).cpu().contiguous();
}

torch::Tensor Trainer::real(std::int64_t count) const {
  const std::int64_t n = std::min(count, test_images_.size(0));
  return test_images_.narrow(0, 0, n).cpu().to(torch::kFloat32).div_(255).contiguous();
}

torch::Tensor Trainer::reconstructions(std::int64_t count) {
  const torch::NoGradGuard no_grad;
  const std::pair<float, float> range = recipe_.family->image_range();
  const std::int64_t n = std::min(count, test_images_.size(0));
  const torch::Tensor result = recipe_.family->reconstruct(
      averaged(), to_range(test_images_.narrow(0, 0, n), range), test_labels_.narrow(0, 0, n));
  return result.defined() ? to_unit(result, range).clamp(0, 1).cpu().contiguous() : torch::Tensor();
}

Status Trainer::fit_prior(bool thorough, const Stop& stop) {
  const torch::NoGradGuard no_grad;
  return recipe_.family->fit_prior(averaged(), train_images_, thorough, stop);
}

std::vector<format::Metric> Trainer::evaluate(const Stop& stop) {
  const torch::NoGradGuard no_grad;
  return recipe_.family->evaluate(averaged(), to_range(test_images_, recipe_.family->image_range()),
                                  test_labels_, static_cast<std::uint64_t>(recipe_.run.seed), stop);
}

}  // namespace lc::train
