// What a command line asks the trainer for, and the recipe that it comes to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "native/train/comm.h"
#include "native/train/recipe.h"
#include "native/train/state.h"

namespace CLI {
class App;
}

namespace lc::train {

// Everything given on the command line; what is empty was not given.
struct Arguments {
  std::string model, dataset, epochs, batch_size, seed, device, precision, threads, data_dir, out, resume,
      config;
  std::vector<std::string> sets;
  std::int64_t rank_timeout = kRankTimeoutSeconds;
  double seconds = 10;  // of `bench`
  bool unverified_data = false, dry_run = false, quiet = false, json = false;
};

// Those that say what is trained: --model, --dataset, --set and the like.
void add_recipe_options(CLI::App& app, Arguments& given);

Result<std::unique_ptr<Recipe>> new_recipe(const Arguments& given);
// The recipe of the run that `state` is of; bad_combination when `given` would change what was learnt.
Result<std::unique_ptr<Recipe>> resumed_recipe(const Arguments& given, const State& state);

}  // namespace lc::train
