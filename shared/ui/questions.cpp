// Which Requests the State asks for, and whether one was asked before.
#include "shared/ui/questions.h"

#include <algorithm>
#include <tuple>

namespace lc::ui {

session::Request grid_question(const State& state, const session::ModelInfo& model) {
  session::Request request;
  request.channel = kGridChannel;
  request.model = model.model;
  request.moment = state.moment;
  request.seed = state.seed;
  request.count = state.count;
  request.temperature = state.temperature;
  if (model.classes > 0 && state.label >= 0) request.labels = {state.label};
  return request;
}

std::optional<session::Request> edit_question(const State& state, const session::ModelInfo& model) {
  if (state.selected < 0 || state.latent.size() != model.latent_size) return std::nullopt;
  session::Request request;
  request.channel = kEditChannel;
  request.model = model.model;
  request.moment = state.moment;
  request.latents = state.latent;
  if (model.classes > 0)
    request.labels = {label_of(state, model, static_cast<std::uint32_t>(state.selected))};
  return request;
}

std::int32_t label_of(const State& state, const session::ModelInfo& model, std::uint32_t picture) {
  if (model.classes == 0) return -1;
  return state.label >= 0 ? state.label : static_cast<std::int32_t>(picture % model.classes);
}

Pick pick_of(const State& state, const session::ModelInfo& model, std::uint32_t index) {
  Pick pick;
  pick.seed = state.seed;
  pick.index = index;
  pick.temperature = state.temperature;
  pick.label = label_of(state, model, index);
  if (static_cast<std::int32_t>(index) == state.selected) pick.latent = state.latent;
  return pick;
}

bool same_question(const session::Request& a, const session::Request& b) {
  const auto key = [](const session::Request& r) {
    return std::tie(r.channel, r.model, r.task, r.moment, r.seed, r.first, r.count, r.temperature, r.labels,
                    r.label_weights, r.latents, r.pictures, r.direction);
  };
  return key(a) == key(b) && a.view == b.view;
}

void fit(State& state, const session::ModelInfo& model) {
  if (state.label >= static_cast<std::int32_t>(model.classes)) state.label = -1;
  if (state.moment + 1 >= model.moments && state.moment != kLastMoment) state.moment = kLastMoment;
  if (state.selected >= static_cast<std::int32_t>(state.count)) state.selected = -1;
  if (state.selected < 0 || state.latent.size() != model.latent_size) state.latent.clear();
}

}  // namespace lc::ui
