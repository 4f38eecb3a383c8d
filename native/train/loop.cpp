// The training loop: what happens between the first step and the weights file.
#include "native/train/loop.h"

#include "native/train/package.h"
#include "native/train/progress.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

// On a GPU the host runs ahead of the device: asking the other ranks in every step would make it wait.
constexpr std::int64_t kAskEveryCuda = 25;

// A lost rank shows as an exception, out of LibTorch's backward pass too.
template <class Work>
Status together(const Work& work) {
  try {
    const Status status = work();
    // A GPU's numbers are worthless then: the loss is not to be blamed.
    return ranks().failure().ok() ? status : ranks().failure();
  } catch (const std::exception&) {
    if (ranks().failure().ok()) throw;
    return ranks().failure();
  }
}

// One step; `stops`: whether some rank was asked to stop. All ranks leave after the same step.
Status step(Trainer& trainer, const Stop& stop, bool& stops) {
  return together([&]() -> Status {
    LC_TRY(trainer.step());
    const bool cheap = ranks().size() == 1 || trainer.device().is_cpu();
    stops = (cheap || trainer.iteration() % kAskEveryCuda == 0) && any_rank(stop());
    return {};
  });
}

// The others stay until rank 0 has saved: a launcher that sees one rank leave may end the rest.
Status part() {
  return together([]() -> Status {
    ranks().part();
    return {};
  });
}

class Loop {
 public:
  Loop(Trainer& trainer, const RunFolder& folder, const Sinks& sinks, const Stop& stop)
      : trainer_(trainer),
        run_(trainer.recipe().run),
        folder_(folder),
        sinks_(sinks),
        stop_(stop),
        before_(trainer.seconds),
        saved_iteration_(trainer.iteration()),
        progress_(trainer.iteration(), trainer.total_iterations(), trainer.iterations_per_epoch(),
                  run_.batch_size) {}

  Result<Outcome> run() {
    const Status first = save();
    if (!first.ok()) return trainer_.iteration() > 0 ? give_up(first) : first;
    bool stops = false;
    while (!trainer_.done()) {
      const Status stepped = step(trainer_, stop_, stops);
      if (!stepped.ok()) return stepped.code == Code::diverged ? diverged_or(stepped) : give_up(stepped);
      const Status status = tick();
      if (stops) return leave();
      if (status.code == Code::diverged) return diverged_or(status);
      if (!status.ok() && status.code != Code::interrupted) return give_up(status);
    }
    Result<Outcome> outcome = finish();
    const Code code = outcome.status().code;
    return outcome.ok() || code == Code::interrupted || code == Code::diverged ? outcome
                                                                               : give_up(outcome.status());
  }

 private:
  // Logged before it is saved: a resumed run drops the lines that are ahead of its state, and could not
  // invent one.
  Status tick() {
    const std::int64_t i = trainer_.iteration();
    std::vector<std::pair<std::string, double>> losses;
    if (i % run_.log_every == 0 || trainer_.done()) {
      Result<std::vector<std::pair<std::string, double>>> taken = trainer_.take_losses();
      if (!taken.ok()) return taken.status();
      losses = taken.take();
      LC_TRY(log(losses));
    }
    if (stop_()) return {};
    if (progress_.seconds() - saved_at_ >= static_cast<double>(run_.save_seconds)) LC_TRY(save());
    if (i % trainer_.sample_every() == 0 && !trainer_.done()) LC_TRY(sample(false));
    progress_.show(i, losses);
    return {};
  }

  Status log(const std::vector<std::pair<std::string, double>>& losses) {
    std::vector<std::pair<std::string, double>> line = {
        {"images", static_cast<double>(trainer_.images_seen())},
        {"epoch",
         static_cast<double>(trainer_.iteration()) / static_cast<double>(trainer_.iterations_per_epoch())},
        {"seconds", before_ + progress_.seconds()},
        {"images_per_second", progress_.images_per_second(trainer_.iteration())},
        {"lr", trainer_.lr()}};
    line.insert(line.end(), losses.begin(), losses.end());
    return tell(line);
  }

  Status tell(const Numbers& numbers) const {
    for (const auto& sink : sinks_) LC_TRY(sink->numbers(trainer_.iteration(), numbers));
    return {};
  }

  Status show(const std::string& kind, std::int64_t iteration, const torch::Tensor& pictures) const {
    if (!pictures.defined()) return {};
    const Result<io::Picture> grid = grid_of(pictures);
    if (!grid.ok()) return grid.status();
    for (const auto& sink : sinks_) LC_TRY(sink->grid(kind, iteration, grid.value()));
    return {};
  }

  Status sample(bool thorough) {
    LC_TRY(trainer_.fit_prior(thorough, stop_));
    const std::int64_t i = trainer_.iteration();
    LC_TRY(show("prior", i, trainer_.samples(run_.grid, static_cast<std::uint64_t>(run_.seed))));
    return show("reconstruction", i, trainer_.reconstructions(run_.grid));
  }

  Status save() {
    trainer_.seconds = before_ + progress_.seconds();
    Result<State> state = trainer_.state();
    LC_TRY(diverged_or(state.status()));
    LC_TRY(folder_.save_state(state.value()));
    saved_at_ = progress_.seconds();
    saved_iteration_ = trainer_.iteration();
    return {};
  }

  Status diverged_or(Status status) const {
    if (status.code == Code::diverged) {
      status.message += " The last good state (iteration " + std::to_string(saved_iteration_) + ") is in " +
                        folder_.path() + ".";
    }
    return status;
  }

  Status give_up(Status status) {
    if (status.code == Code::diverged || status.code == Code::interrupted) return status;
    // One more try with the newest state: a full disk may have room for it alone. The first message counts.
    // Without one of its ranks a step is half done.
    const bool whole = ranks().failure().ok();
    const Status saved = whole ? save() : status;
    status.message += " The state of iteration " +
                      std::to_string(saved.ok() ? trainer_.iteration() : saved_iteration_) +
                      " is whole; go on with: latent-canvas train --resume " + folder_.path();
    return status;
  }

  Status leave() {
    LC_TRY(save());
    progress_.clear();
    static_cast<void>(part());  // what was to be saved is saved, whoever is missing now
    return fail(Code::interrupted, "stopped at iteration " + std::to_string(trainer_.iteration()) + " of " +
                                       std::to_string(trainer_.total_iterations()) +
                                       ", the state is saved. Go on with: latent-canvas train --resume " +
                                       folder_.path());
  }

  Result<Outcome> finish() {
    Outcome outcome;
    outcome.images_per_second = progress_.images_per_second(trainer_.iteration());
    LC_TRY(save());
    progress_.clear();
    LC_TRY(show("real", 0, trainer_.real(run_.grid)));
    const Status sampled = sample(true);
    if (stop_()) return leave();
    LC_TRY(sampled);
    outcome.metrics = trainer_.evaluate(stop_);
    if (stop_()) return leave();
    Numbers line;
    for (const format::Metric& metric : outcome.metrics) line.emplace_back(metric.name, metric.value);
    LC_TRY(tell(line));
    const Result<std::vector<std::uint8_t>> weights = package(trainer_, outcome.metrics);
    if (!weights.ok()) return weights.status();
    LC_TRY(folder_.save_weights(weights.value()));
    outcome.weights_bytes = weights->size();
    static_cast<void>(part());
    return outcome;
  }

  Trainer& trainer_;
  const RunOptions& run_;
  const RunFolder& folder_;
  const Sinks& sinks_;
  const Stop& stop_;
  double before_;  // seconds of training in earlier sittings
  std::int64_t saved_iteration_;
  Progress progress_;
  double saved_at_ = 0;
};

}  // namespace

Result<Outcome> train(Trainer& trainer, const RunFolder& folder, const Sinks& sinks, const Stop& stop) {
  return Loop(trainer, folder, sinks, stop).run();
}

Status follow(Trainer& trainer, const Stop& stop) {
  bool stops = false;
  while (!trainer.done() && !stops) LC_TRY(step(trainer, stop, stops));
  LC_TRY(part());
  return stops || stop() ? fail(Code::interrupted, "stopped with the others.") : Status{};
}

}  // namespace lc::train
