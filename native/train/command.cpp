// The trainer's command line: parses options, prints what will run, trains.
#include "native/train/command.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>

#include "native/io/files.h"
#include "native/train/loop.h"
#include "native/train/script_features.h"
#include "native/train/signals.h"

namespace lc::train {

namespace {

// Everything given on the command line; what is empty was not given.
struct Arguments {
  std::string model, dataset, epochs, batch_size, seed, device, threads, data_dir, out, resume, config;
  std::vector<std::string> sets;
  bool unverified_data = false, dry_run = false, quiet = false, list = false, json = false;
};

int report(const Status& status) {
  std::fprintf(stderr, "latent-canvas train: %s\n", status.message.c_str());
  if (status.code == Code::interrupted) return 128 + (signal_seen() != 0 ? signal_seen() : SIGINT);
  return exit_code(status.code);
}

// key=value pairs in order of rising precedence: flags, then --set.
std::vector<std::string> overrides(const Arguments& given) {
  std::vector<std::string> pairs;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) pairs.push_back(std::string(key) + "=" + value);
  };
  add("dataset", given.dataset);
  add("epochs", given.epochs);
  add("batch_size", given.batch_size);
  add("seed", given.seed);
  add("device", given.device);
  add("threads", given.threads);
  add("data_dir", given.data_dir);
  if (given.unverified_data) pairs.push_back("unverified_data=true");
  pairs.insert(pairs.end(), given.sets.begin(), given.sets.end());
  return pairs;
}

Result<std::unique_ptr<Recipe>> new_recipe(const Arguments& given) {
  std::string model = given.model, config;
  if (!given.config.empty()) {
    const Result<std::vector<std::uint8_t>> bytes = io::read_file(given.config, 1u << 20);
    if (!bytes.ok()) return bytes.status();
    config.assign(bytes->begin(), bytes->end());
    // The model decides which options there are, so it is looked up first.
    nlohmann::json json = nlohmann::json::parse(config, nullptr, false);
    if (json.is_object() && json.contains("options")) json = nlohmann::json(json["options"]);
    if (model.empty() && json.is_object() && json.contains("model") && json["model"].is_string()) {
      model = json["model"].get<std::string>();
    }
  }
  if (model.empty()) {
    return fail(Code::bad_argument, "--model is needed. See: latent-canvas models");
  }
  Result<std::unique_ptr<Recipe>> recipe = make_recipe(model);
  if (!recipe.ok()) return recipe.status();
  if (!config.empty()) LC_TRY(recipe.value()->table.set_json(config, given.config));
  for (const std::string& pair : overrides(given)) LC_TRY(recipe.value()->table.set_pair(pair));
  if (recipe.value()->run.model != model) {
    return fail(Code::bad_combination,
                "the model is " + model + ", it cannot be set to " + recipe.value()->run.model + ".");
  }
  return recipe;
}

Result<std::unique_ptr<Recipe>> resumed_recipe(const Arguments& given, const State& state) {
  const auto model = state.texts.find("option/model");
  if (model == state.texts.end()) return fail(Code::data_damaged, given.resume + "/state: names no model.");
  Result<std::unique_ptr<Recipe>> recipe = make_recipe(model->second);
  if (!recipe.ok()) return recipe.status();
  OptionTable& table = recipe.value()->table;
  for (const auto& [key, value] : state.texts) {
    if (key.rfind("option/", 0) == 0) LC_TRY(table.set(key.substr(7), value));
  }
  std::vector<std::string> pairs = overrides(given);
  if (!given.model.empty()) pairs.push_back("model=" + given.model);
  for (const std::string& pair : pairs) {
    const std::vector<format::Option> before = table.values();
    LC_TRY(table.set_pair(pair));
    const std::vector<format::Option> after = table.values();
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (after[i].value != before[i].value && !may_change_on_resume(after[i].key)) {
        return fail(Code::bad_combination, "--resume: " + after[i].key + " is " + before[i].value +
                                               " in this run, it cannot become " + after[i].value +
                                               " on the way. Start a new run for it.");
      }
    }
  }
  return recipe;
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

int list_models(bool json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const FamilyEntry& entry : families().entries()) {
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

int run(const Arguments& given) {
  watch_signals();
  const bool resumes = !given.resume.empty();
  State state;
  Result<RunFolder> folder = fail(Code::bad_argument, "no folder");
  if (resumes) {
    folder = RunFolder::open(given.resume);
    if (!folder.ok()) return report(folder.status());
    Result<State> loaded = folder->load_state();
    if (!loaded.ok()) return report(loaded.status());
    state = loaded.take();
  }
  Result<std::unique_ptr<Recipe>> made = resumes ? resumed_recipe(given, state) : new_recipe(given);
  if (!made.ok()) return report(made.status());
  Recipe& recipe = *made.value();
  const Result<torch::Device> device = pick_device(recipe.run.device);
  if (!device.ok()) return report(device.status());
  const Result<const data::DatasetSpec*> spec = data::find_spec(recipe.run.dataset);
  if (!spec.ok()) return report(spec.status());
  const Status fits = check_dataset(*recipe.entry, *spec.value());
  if (!fits.ok()) return report(fits);

  const Result<data::Dataset> data =
      data::load_dataset({recipe.run.dataset, recipe.run.data_dir, recipe.run.unverified_data});
  if (!data.ok()) return report(data.status());
  if (signal_seen() != 0) return report(fail(Code::interrupted, "stopped before the first step."));
  Result<std::unique_ptr<Trainer>> trainer = Trainer::make(recipe, data.value());
  if (!trainer.ok()) return report(trainer.status());
  if (!given.quiet || given.dry_run) {
    std::fprintf(stderr, "%s on %s (%u training images from %s), %s, %lld iterations\n%s",
                 recipe.entry->title.c_str(), data->spec->title.c_str(), data->train.count,
                 data->folder.c_str(), trainer.value()->device_text().c_str(),
                 static_cast<long long>(trainer.value()->total_iterations()), describe(recipe).c_str());
    print_networks(*trainer.value());
  }
  if (given.dry_run) return 0;
  if (resumes) {
    Status status = trainer.value()->restore(state);
    if (status.ok()) status = folder->trim_metrics(trainer.value()->iteration());
    if (!status.ok()) return report(status);
    state = State();
  } else {
    folder = RunFolder::create(given.out, recipe.run.model, recipe.run.dataset);
    if (!folder.ok()) return report(folder.status());
  }
  const Status configured = folder->save_config(recipe.table.values());
  if (!configured.ok()) return report(configured);
  if (!given.quiet) std::fprintf(stderr, "run folder: %s\n", folder->path().c_str());

  const Result<Outcome> outcome = train(*trainer.value(), folder.value(), [] { return signal_seen() != 0; });
  if (!outcome.ok()) return report(outcome.status());
  std::printf("weights: %s (%zu bytes)\nimages/s: %.0f\nseconds: %.1f\n", folder->weights_path().c_str(),
              outcome->weights_bytes, outcome->images_per_second, trainer.value()->seconds);
  for (const format::Metric& metric : outcome->metrics) {
    std::printf("%s: %.4f (%s)\n", metric.name.c_str(), metric.value, metric.note.c_str());
  }
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
  app.add_option("--model", given.model, "Model family; see latent-canvas models");
  app.add_option("--dataset", given.dataset, "Data set; see latent-canvas datasets");
  app.add_option("--epochs", given.epochs, "Passes over the training images");
  app.add_option("--batch-size", given.batch_size, "Images of one step");
  app.add_option("--seed", given.seed, "Seed of weights, noise and shuffles");
  app.add_option("--device", given.device, "auto, cpu or cuda");
  app.add_option("--threads", given.threads, "CPU threads; 0 takes all");
  app.add_option("--data-dir", given.data_dir, "Folder of the data set");
  app.add_option("--out", given.out, "Run folder; runs/<number>-<model>-<dataset> when not given");
  app.add_option("--resume", given.resume, "Run folder to go on with");
  app.add_option("--config", given.config, "JSON file of options, as a run folder's config.json");
  app.add_option("--set", given.sets, "key=value, any option of the model or the run; may be repeated")
      ->allow_extra_args(false);
  app.add_flag("--unverified-data", given.unverified_data,
               "Take data files whose hash is not the pinned one");
  app.add_flag("--dry-run", given.dry_run, "Print every option and the networks, then stop");
  app.add_flag("--quiet", given.quiet, "Print results and errors only");
  CLI::App* models = app.add_subcommand("models", "List the model families and their options");
  models->add_flag("--json", given.json, "As JSON");
  CLI::App* features = app.add_subcommand("features", "Features of pictures from a TorchScript network");
  ScriptFeatures script;
  features->add_option("--script", script.script, "File of torch.jit.save")->required();
  features->add_option("--pictures", script.pictures, "NumPy file of pictures in [0, 1]")->required();
  features->add_option("--out", script.out, "NumPy file of features")->required();
  features->add_option("--device", script.device, "auto, cpu or cuda");
  features->add_option("--threads", script.threads, "CPU threads; 0 takes all");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code(Code::bad_argument);
  }
  if (features->parsed()) {
    const Status status = script_features(script);
    return status.ok() ? 0 : report(status);
  }
  return models->parsed() ? list_models(given.json) : run(given);
}

}  // namespace

int train_command(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    // LibTorch throws, for example when a GPU's memory is full.
    std::fprintf(stderr, "latent-canvas train: %s\n", error.what());
    return 1;
  }
}

}  // namespace lc::train
