// Every model that is loaded or on offer, and what each can do: what cards and choices are made of.
#pragma once

#include <string>
#include <vector>

#include "shared/ui/panels.h"

namespace lc::ui {

struct Listed {
  std::string name;           // "vae-mnist"
  std::string title, detail;  // "VAE" and "MNIST"; the detail is the name where two would read the same
  std::string dataset, dataset_title;  // "mnist", "MNIST"
  std::vector<std::string> measured;   // "Fréchet 2.87": what it may be chosen by, the most telling first
  Abilities can;
  const session::ModelInfo* model = nullptr;  // null: on offer
  bool wanted = false;                        // asked for, not here yet
};

// In the host's order; files of the person's own come last.
std::vector<Listed> catalogue(const Panel& panel);
Abilities abilities_of(const session::ModelInfo& model);
// The first one of the chosen model's data set that `fits`; null without any.
const Listed* first_of_dataset(const Panel& panel, const std::vector<Listed>& all,
                               bool (*fits)(const Listed&));
// "VAE", or "vae2d-mnist" where another of that data set is called the same.
std::string short_title(const std::vector<Listed>& all, const Listed& one);

}  // namespace lc::ui
