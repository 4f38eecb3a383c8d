// Every model that is loaded or on offer, and what each can do: what cards and choices are made of.
#pragma once

#include <string>
#include <vector>

#include "shared/ui/panels.h"

namespace lc::ui {

// How a measured Fréchet distance begins.
constexpr char kFrechet[] =
    "Fr\xc3\xa9"
    "chet";

struct Listed {
  std::string name;                    // "vae-mnist"
  std::string title;                   // "VAE"; "VAE, 2 numbers" where another of that data set is a VAE too
  std::string dataset, dataset_title;  // "mnist", "MNIST"
  std::vector<std::string> measured;   // "Fréchet 2.87": what it may be chosen by, the most telling first
  std::uint32_t latent_size = 0;       // 0: not known
  Abilities can;
  const session::ModelInfo* model = nullptr;  // null: on offer
  bool wanted = false;                        // asked for, not here yet
  bool failed = false;                        // did not come
};

// In the host's order; files of the person's own come last. Points into `models`.
std::vector<Listed> list_models(const std::vector<Offer>& offers,
                                const std::vector<session::ModelInfo>& models);
Abilities abilities_of(const session::ModelInfo& model);
// The first one of the chosen model's data set that `fits`; null without any.
const Listed* first_of_dataset(const Panel& panel, bool (*fits)(const Listed&));

}  // namespace lc::ui
