// The trainer's command line: parses options, prints what will run, trains.
#include "native/train/command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "native/train/arguments.h"
#include "native/train/bench.h"
#include "native/train/loop.h"
#include "native/train/ranks.h"
#include "native/train/script_features.h"
#include "native/train/signals.h"
#include "native/train/tensorboard.h"
#include "native/train/torch_message.h"

namespace lc::train {

namespace {

int report(const Status& status) {
  const std::int64_t rank = ranks().rank();
  // What befalls all ranks alike is said once.
  const bool common = status.code == Code::diverged || status.code == Code::interrupted;
  if (rank == 0) std::fprintf(stderr, "latent-canvas train: %s\n", status.message.c_str());
  if (rank > 0 && !common) {
    std::fprintf(stderr, "latent-canvas train, rank %lld: %s\n", static_cast<long long>(rank),
                 status.message.c_str());
  }
  if (status.code == Code::interrupted) return 128 + (signal_seen() != 0 ? signal_seen() : SIGINT);
  return exit_code(status.code);
}

void print_networks(Trainer& trainer) {
  for (const auto& [label, net] : trainer.live()) {
    std::fprintf(stderr, "  %s: %lld parameters\n", label.c_str(),
                 static_cast<long long>(net->parameter_count()));
    for (const Layer& layer : net->layers()) {
      std::string shape;
      for (const std::int64_t size : layer.output)
        shape += (shape.empty() ? "" : " x ") + std::to_string(size);
      std::fprintf(stderr, "    %-3s %-17s -> %s\n", layer.name.c_str(), layer.kind.c_str(), shape.c_str());
    }
  }
}

// All families when `only` is empty.
int list_models(const std::string& only, bool json) {
  if (!only.empty()) {
    const Result<const FamilyEntry*> found = find_family(only);
    if (!found.ok()) return report(found.status());
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const FamilyEntry& entry : families().entries()) {
    if (!only.empty() && entry.name != only) continue;
    const Result<std::unique_ptr<Recipe>> recipe = make_recipe(entry.name);
    nlohmann::ordered_json options = nlohmann::ordered_json::array();
    for (const OptionTable::Row& row : recipe.value()->table.rows()) {
      nlohmann::ordered_json option = {
          {"key", row.key}, {"default", value_text(row)}, {"sentence", row.sentence}, {"family", row.family}};
      if (!row.choices.empty()) option["choices"] = row.choices;
      options.push_back(std::move(option));
    }
    list.push_back({{"name", entry.name},
                    {"title", entry.title},
                    {"paper", entry.paper},
                    {"year", entry.year},
                    {"sentence", entry.sentence},
                    {"needs", entry.needs},
                    {"datasets", entry.datasets},
                    {"options", std::move(options)}});
    if (json) continue;
    std::printf("%s\n  %s\n  %s, %d. Needs %s.\n", entry.name.c_str(), entry.sentence.c_str(),
                entry.paper.c_str(), entry.year, entry.needs.c_str());
    for (const OptionTable::Row& row : recipe.value()->table.rows()) {
      if (row.family)
        std::printf("    --set %s=%s  %s\n", row.key.c_str(), value_text(row).c_str(), row.sentence.c_str());
    }
  }
  if (json) std::printf("%s\n", list.dump(2).c_str());
  return 0;
}

// Cheap refusals first: data takes a while.
Result<data::Dataset> load_data(const Recipe& recipe) {
  const Result<torch::Device> device = pick_device(recipe.run.device);
  if (!device.ok()) return device.status();
  LC_TRY(join_devices(device.value()));
  const Result<const data::DatasetSpec*> spec = data::find_spec(recipe.run.dataset);
  if (!spec.ok()) return spec.status();
  LC_TRY(check_dataset(*recipe.entry, *spec.value()));
  return data::load_dataset({recipe.run.dataset, recipe.run.data_dir, recipe.run.unverified_data});
}

// Rank 0's state becomes everyone's: its machine alone needs the run folder.
Status share(State& state) {
  if (ranks().size() == 1) return {};
  std::vector<std::uint8_t> bytes;
  if (ranks().rank() == 0) bytes = write_state(state);
  ranks().broadcast(bytes);
  if (ranks().rank() == 0) return {};
  Result<State> read = read_state(Bytes(bytes), "the state of rank 0");
  if (!read.ok()) return read.status();
  state = read.take();
  return {};
}

// bad_combination when this rank was given other options than rank 0.
Status check_same_options(const Recipe& recipe) {
  if (ranks().size() == 1) return {};
  State first;
  for (const format::Option& option : recipe.table.values()) first.texts[option.key] = option.value;
  LC_TRY(share(first));
  for (const format::Option& option : recipe.table.values()) {
    const bool own = option.key == "device" || option.key == "threads" || option.key == "data_dir";
    if (own || first.texts[option.key] == option.value) continue;
    return fail(Code::bad_combination, "option " + option.key + " is " + option.value + " here and " +
                                           first.texts[option.key] +
                                           " on rank 0. Give every rank the same options.");
  }
  return {};
}

// Where a run's news goes; it starts, or goes on, at `iteration`.
Result<Sinks> sinks_of(const RunFolder& folder, std::int64_t iteration) {
  Sinks sinks;
  sinks.push_back(std::make_unique<FolderSink>(folder));
  Result<std::unique_ptr<TensorBoard>> board = TensorBoard::open(folder, iteration);
  if (!board.ok()) return board.status();
  sinks.push_back(board.take());
  return sinks;
}

int train_and_report(Trainer& trainer, const RunFolder& folder, bool resumes) {
  Status status = resumes ? folder.trim_metrics(trainer.iteration()) : Status{};
  if (status.ok()) status = folder.save_config(trainer.recipe().table.values());
  if (!status.ok()) return report(status);
  const Result<Sinks> sinks = sinks_of(folder, trainer.iteration());
  if (!sinks.ok()) return report(sinks.status());

  const Result<Outcome> outcome = train(trainer, folder, sinks.value(), [] { return signal_seen() != 0; });
  if (!outcome.ok()) return report(outcome.status());
  std::printf("weights: %s (%zu bytes)\nimages/s: %.0f\nseconds: %.1f\n", folder.weights_path().c_str(),
              outcome->weights_bytes, outcome->images_per_second, trainer.seconds);
  for (const format::Metric& metric : outcome->metrics) {
    std::printf("%s: %.4f (%s)\n", metric.name.c_str(), metric.value, metric.note.c_str());
  }
  return 0;
}

int run(const Arguments& given) {
  watch_signals();
  const Result<Launch> launch = launch_of(process_environment);
  if (!launch.ok()) return report(launch.status());
  if (given.dry_run && launch->rank > 0) return 0;  // one answer will do
  if (!given.dry_run) {
    Result<std::unique_ptr<Comm>> group = connect(launch.value(), given.rank_timeout);
    if (!group.ok()) return report(group.status());
    join(group.take());
  }
  const bool first = ranks().rank() == 0, resumes = !given.resume.empty();
  State state;
  Result<RunFolder> folder = fail(Code::bad_argument, "no folder");
  if (resumes && first) {
    folder = RunFolder::open(given.resume);
    if (!folder.ok()) return report(folder.status());
    Result<State> loaded = folder->load_state();
    if (!loaded.ok()) return report(loaded.status());
    state = loaded.take();
  }
  if (resumes) {
    const Status shared = share(state);
    if (!shared.ok()) return report(shared);
  }
  Result<std::unique_ptr<Recipe>> made = resumes ? resumed_recipe(given, state) : new_recipe(given);
  if (!made.ok()) return report(made.status());
  Recipe& recipe = *made.value();
  const Status same = check_same_options(recipe);
  if (!same.ok()) return report(same);
  const Result<data::Dataset> data = load_data(recipe);
  if (!data.ok()) return report(data.status());
  if (signal_seen() != 0) return report(fail(Code::interrupted, "stopped before the first step."));
  Result<std::unique_ptr<Trainer>> trainer = Trainer::make(recipe, data.value());
  if (!trainer.ok()) return report(trainer.status());
  if (first && (!given.quiet || given.dry_run)) {
    std::fprintf(stderr, "%s on %s (%u training images from %s), %s, %lld iterations\n%s",
                 recipe.entry->title.c_str(), data->spec->title.c_str(), data->train.count,
                 data->folder.c_str(), trainer.value()->device_text().c_str(),
                 static_cast<long long>(trainer.value()->total_iterations()), describe(recipe).c_str());
    print_networks(*trainer.value());
  }
  if (given.dry_run) return 0;
  if (!resumes) {
    if (first) folder = RunFolder::create(given.out, recipe.run.model, recipe.run.dataset);
    if (first && !folder.ok()) return report(folder.status());
    if (first && ranks().size() > 1) state = trainer.value()->state().take();
    const Status shared = share(state);
    if (!shared.ok()) return report(shared);
  }
  if (resumes || !first) {
    const Status restored = trainer.value()->restore(state);
    if (!restored.ok()) return report(restored);
  }
  state = State();
  if (!first) {
    const Status status = follow(*trainer.value(), [] { return signal_seen() != 0; });
    return status.ok() ? 0 : report(status);
  }
  if (!given.quiet) std::fprintf(stderr, "run folder: %s\n", folder->path().c_str());
  return train_and_report(*trainer.value(), folder.value(), resumes);
}

Result<std::string> measured(const Arguments& given, const std::string& log_folder) {
  Result<std::unique_ptr<Recipe>> recipe = new_recipe(given);
  if (!recipe.ok()) return recipe.status();
  const Result<data::Dataset> data = load_data(*recipe.value());
  if (!data.ok()) return data.status();
  Result<std::unique_ptr<Trainer>> trainer = Trainer::make(*recipe.value(), data.value());
  if (!trainer.ok()) return trainer.status();
  const Result<RunFolder> folder = RunFolder::create(log_folder, "bench", "bench");
  if (!folder.ok()) return folder.status();
  Result<Sinks> sinks = sinks_of(folder.value(), 0);
  if (!sinks.ok()) return sinks.status();
  const Result<TrainingCost> cost = measure_training(*trainer.value(), sinks.value(), given.seconds);
  if (!cost.ok()) return cost.status();
  const double ceiling = matrix_product_rate(trainer.value()->device());
  return report_of(*trainer.value(), cost.value(), ceiling, given.json);
}

int bench(const Arguments& given) {
  // What is logged meanwhile goes where runs go, and away again.
  const std::string folder =
      (std::filesystem::temp_directory_path() / "latent-canvas-bench-").string() + std::to_string(::getpid());
  const Result<std::string> text = measured(given, folder);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!text.ok()) return report(text.status());
  std::fputs(text->c_str(), stdout);
  return 0;
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{"Trains a model on a data set and writes a weights file (.lcw).", "latent-canvas train"};
  app.footer(
      "Examples:\n"
      "  latent-canvas train --model vae --dataset mnist\n"
      "  latent-canvas train --model dcgan --dataset fashion-mnist --set width=24 --set epochs=10\n"
      "  latent-canvas train --model vae --set net=mlp --set latent_size=2 --dry-run\n"
      "  latent-canvas train --resume runs/00000-vae-mnist");
  app.set_version_flag("--version", "latent-canvas " LC_VERSION ", LibTorch " TORCH_VERSION);
  Arguments given;
  add_recipe_options(app, given);
  app.add_option("--out", given.out, "Run folder; runs/<number>-<model>-<dataset> when not given");
  app.add_option("--resume", given.resume, "Run folder to go on with");
  app.add_option("--rank-timeout", given.rank_timeout,
                 "Seconds that ranks wait for a silent one, of those that torchrun, srun or mpirun started")
      ->check(CLI::Range(1, 86400));
  app.add_flag("--dry-run", given.dry_run, "Print every option and the networks, then stop");
  app.add_flag("--quiet", given.quiet, "Print results and errors only");
  CLI::App* models = app.add_subcommand("models", "List the model families and their options");
  models->add_option("FAMILY", given.model, "One family; all when not given");
  models->add_flag("--json", given.json, "As JSON");
  models->footer("Examples:\n  latent-canvas models\n  latent-canvas models dcgan");
  CLI::App* features = app.add_subcommand("features", "Features of pictures from a TorchScript network");
  ScriptFeatures script;
  features->add_option("--script", script.script, "File of torch.jit.save")->required();
  features->add_option("--pictures", script.pictures, "NumPy file of pictures in [0, 1]")->required();
  features->add_option("--out", script.out, "NumPy file of features")->required();
  features->add_option("--device", script.device, "auto, cpu or cuda");
  features->add_option("--threads", script.threads, "CPU threads; 0 takes all");
  CLI::App* speed = app.add_subcommand("bench", "Measure how fast this machine trains a model");
  add_recipe_options(*speed, given);
  speed->add_option("--seconds", given.seconds, "Time to measure for")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  speed->add_flag("--json", given.json, "As JSON");
  speed->footer(
      "Examples:\n"
      "  latent-canvas bench train --model vae\n"
      "  latent-canvas bench train --model dcgan --batch-size 1024 --device cuda --json");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code(Code::bad_argument);
  }
  if (features->parsed()) {
    const Status status = script_features(script);
    return status.ok() ? 0 : report(status);
  }
  if (models->parsed()) return list_models(given.model, given.json);
  return speed->parsed() ? bench(given) : run(given);
}

}  // namespace

int train_command(int argc, char** argv) {
  int code = 1;
  try {
    code = parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    // LibTorch throws, for example when a GPU's memory is full.
    if (ranks().failure().ok())
      std::fprintf(stderr, "latent-canvas train: %s\n", torch_message(error).c_str());
    if (!ranks().failure().ok()) code = report(ranks().failure());
  }
  join(std::make_unique<Comm>());  // parts from the others while LibTorch still stands
  return code;
}

}  // namespace lc::train
