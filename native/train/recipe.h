// What is to be trained: a family and every option, before anything is loaded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "native/train/family.h"
#include "native/train/options.h"

namespace lc::train {

struct Recipe {
  const FamilyEntry* entry = nullptr;
  std::unique_ptr<Family> family;
  RunOptions run;
  OptionTable table;  // bound to `run` and to the family

  Recipe() = default;
  Recipe(const Recipe&) = delete;  // the table points into this object
  Recipe& operator=(const Recipe&) = delete;
};

// The family's defaults; unknown_name for a model that does not exist.
Result<std::unique_ptr<Recipe>> make_recipe(const std::string& model);

// "key  value  sentence" lines, defaults marked against those of a fresh recipe.
std::string describe(const Recipe& recipe);

}  // namespace lc::train
