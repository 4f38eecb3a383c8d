// What is to be trained: a family and every option, before anything is loaded.
#include "native/train/recipe.h"

namespace lc::train {

Result<std::unique_ptr<Recipe>> make_recipe(const std::string& model) {
  const Result<const FamilyEntry*> entry = find_family(model);
  if (!entry.ok()) return entry.status();
  auto recipe = std::make_unique<Recipe>();
  recipe->entry = entry.value();
  recipe->run.model = model;
  if (!recipe->entry->datasets.empty()) recipe->run.dataset = recipe->entry->datasets.front();
  recipe->family = recipe->entry->make();
  bind(recipe->table, recipe->run);
  recipe->table.family_options_follow();
  recipe->family->declare(recipe->table, recipe->run);
  return recipe;
}

std::string describe(const Recipe& recipe) {
  const Result<std::unique_ptr<Recipe>> fresh = make_recipe(recipe.run.model);
  std::string text;
  for (std::size_t i = 0; i < recipe.table.rows().size(); ++i) {
    const OptionTable::Row& row = recipe.table.rows()[i];
    const std::string value = value_text(row);
    const bool same = fresh.ok() && value_text(fresh.value()->table.rows()[i]) == value;
    std::string line = same ? "    " : "  * ";
    line += row.key + std::string(row.key.size() < 22 ? 22 - row.key.size() : 1, ' ');
    line += value + std::string(value.size() < 14 ? 14 - value.size() : 1, ' ');
    text += line + row.sentence + "\n";
  }
  return text;
}

}  // namespace lc::train
