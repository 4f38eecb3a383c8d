// What a command line asks the trainer for.
#include "native/train/arguments.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "native/io/files.h"

namespace lc::train {

namespace {

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
  add("precision", given.precision);
  add("threads", given.threads);
  add("data_dir", given.data_dir);
  if (given.unverified_data) pairs.push_back("unverified_data=true");
  pairs.insert(pairs.end(), given.sets.begin(), given.sets.end());
  return pairs;
}

}  // namespace

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

void add_recipe_options(CLI::App& app, Arguments& given) {
  app.add_option("--model", given.model, "Model family; see latent-canvas models");
  app.add_option("--dataset", given.dataset, "Data set; see latent-canvas datasets");
  app.add_option("--epochs", given.epochs, "Passes over the training images");
  app.add_option("--batch-size", given.batch_size, "Images of one step");
  app.add_option("--seed", given.seed, "Seed of weights, noise and shuffles");
  app.add_option("--device", given.device, "auto, cpu or cuda");
  app.add_option("--precision", given.precision, "fp32, tf32 or bf16, of products and convolutions");
  app.add_option("--threads", given.threads, "CPU threads; 0 takes all");
  app.add_option("--data-dir", given.data_dir, "Folder of the data set");
  app.add_option("--config", given.config, "JSON file of options, as a run folder's config.json");
  app.add_option("--set", given.sets, "key=value, any option of the model or the run; may be repeated")
      ->allow_extra_args(false);
  app.add_flag("--unverified-data", given.unverified_data,
               "Take data files whose hash is not the pinned one");
}

}  // namespace lc::train
