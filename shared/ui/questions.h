// Which Requests the State asks for, and whether one was asked before.
#pragma once

#include <optional>

#include "shared/session/session.h"
#include "shared/ui/state.h"

namespace lc::ui {

constexpr std::uint32_t kGridChannel = 0;
constexpr std::uint32_t kEditChannel = 1;

// The pictures of the grid.
session::Request grid_question(const State& state, const session::ModelInfo& model);

// The selected picture from the latent vector that the sliders set; none while they are as drawn.
std::optional<session::Request> edit_question(const State& state, const session::ModelInfo& model);

// The class of picture i of the grid: the rule of Request::labels.
std::int32_t label_of(const State& state, const session::ModelInfo& model, std::uint32_t picture);

// Picture `index` of the grid as it is now, to be kept.
Pick pick_of(const State& state, const session::ModelInfo& model, std::uint32_t index);

// True when both would give the same pictures (the id is no part of the question).
bool same_question(const session::Request& a, const session::Request& b);

// Brings what does not fit the model into its range: label, moment, selected, latent.
void fit(State& state, const session::ModelInfo& model);

}  // namespace lc::ui
