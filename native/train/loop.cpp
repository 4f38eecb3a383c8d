// The training loop: what happens between the first step and the weights file.
#include "native/train/loop.h"

#include "native/train/package.h"
#include "native/train/progress.h"

namespace lc::train {

namespace {

class Loop {
 public:
  Loop(Trainer& trainer, const RunFolder& folder, const Stop& stop)
      : trainer_(trainer),
        run_(trainer.recipe().run),
        folder_(folder),
        stop_(stop),
        before_(trainer.seconds),
        saved_iteration_(trainer.iteration()),
        progress_(trainer.iteration(), trainer.total_iterations(), trainer.iterations_per_epoch(),
                  run_.batch_size) {}

  Result<Outcome> run() {
    const Status first = save();
    if (!first.ok()) return trainer_.iteration() > 0 ? give_up(first) : first;
    while (!trainer_.done()) {
      LC_TRY(diverged_or(trainer_.step()));
      const Status status = tick();
      if (stop_()) return leave();
      if (!status.ok()) return give_up(status);
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
    const std::int64_t sample_every =
        run_.sample_every > 0 ? run_.sample_every : trainer_.iterations_per_epoch();
    std::vector<std::pair<std::string, double>> losses;
    if (i % run_.log_every == 0 || trainer_.done()) {
      losses = trainer_.take_losses();
      LC_TRY(log(losses));
    }
    if (stop_()) return {};
    if (progress_.seconds() - saved_at_ >= static_cast<double>(run_.save_seconds)) LC_TRY(save());
    if (i % sample_every == 0 && !trainer_.done()) LC_TRY(sample(false));
    progress_.show(i, losses);
    return {};
  }

  Status log(const std::vector<std::pair<std::string, double>>& losses) {
    std::vector<std::pair<std::string, double>> line = {
        {"iteration", static_cast<double>(trainer_.iteration())},
        {"images", static_cast<double>(trainer_.images_seen())},
        {"epoch",
         static_cast<double>(trainer_.iteration()) / static_cast<double>(trainer_.iterations_per_epoch())},
        {"seconds", before_ + progress_.seconds()},
        {"images_per_second", progress_.images_per_second(trainer_.iteration())},
        {"lr", trainer_.lr()}};
    line.insert(line.end(), losses.begin(), losses.end());
    return folder_.append_metrics(line);
  }

  Status sample(bool thorough) {
    LC_TRY(trainer_.fit_prior(thorough, stop_));
    const std::int64_t i = trainer_.iteration();
    const torch::Tensor samples = trainer_.samples(run_.grid, static_cast<std::uint64_t>(run_.seed));
    if (samples.defined()) LC_TRY(folder_.save_grid("prior", i, samples));
    const torch::Tensor reconstructed = trainer_.reconstructions(run_.grid);
    if (!reconstructed.defined()) return {};
    return folder_.save_grid("reconstruction", i, reconstructed);
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
    const Status saved = save();
    status.message += " The state of iteration " +
                      std::to_string(saved.ok() ? trainer_.iteration() : saved_iteration_) +
                      " is whole; go on with: latent-canvas train --resume " + folder_.path();
    return status;
  }

  Status leave() {
    LC_TRY(save());
    progress_.clear();
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
    LC_TRY(folder_.save_grid("real", 0, trainer_.real(run_.grid)));
    const Status sampled = sample(true);
    if (stop_()) return leave();
    LC_TRY(sampled);
    outcome.metrics = trainer_.evaluate(stop_);
    if (stop_()) return leave();
    std::vector<std::pair<std::string, double>> line = {
        {"iteration", static_cast<double>(trainer_.iteration())}};
    for (const format::Metric& metric : outcome.metrics) line.emplace_back(metric.name, metric.value);
    LC_TRY(folder_.append_metrics(line));
    const Result<std::vector<std::uint8_t>> weights = package(trainer_, outcome.metrics);
    if (!weights.ok()) return weights.status();
    LC_TRY(folder_.save_weights(weights.value()));
    outcome.weights_bytes = weights->size();
    return outcome;
  }

  Trainer& trainer_;
  const RunOptions& run_;
  const RunFolder& folder_;
  const Stop& stop_;
  double before_;  // seconds of training in earlier sittings
  std::int64_t saved_iteration_;
  Progress progress_;
  double saved_at_ = 0;
};

}  // namespace

Result<Outcome> train(Trainer& trainer, const RunFolder& folder, const Stop& stop) {
  return Loop(trainer, folder, stop).run();
}

}  // namespace lc::train
