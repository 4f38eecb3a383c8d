// What the interface asks of the engine, and what has come back.
#include <algorithm>
#include <utility>

#include "shared/core/random.h"
#include "shared/ui/app.h"
#include "shared/ui/questions.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kFirstSlotChannel = 10;
constexpr std::uint32_t kSpreadSamples = 128;  // that a mixture's spread is measured from

}  // namespace

bool App::pump() {
  bool news = false;
  while (std::optional<session::Frame> frame = session_.poll()) {
    accept(std::move(*frame));
    news = true;
  }
  return news;
}

void App::accept(session::Frame frame) {
  const auto found =
      std::find_if(unanswered_.begin(), unanswered_.end(), [&](const auto& r) { return r.id == frame.id; });
  if (found == unanswered_.end()) return;
  const session::Request question = std::move(*found);
  unanswered_.erase(
      std::remove_if(unanswered_.begin(), unanswered_.end(),
                     [&](const auto& r) { return r.channel == question.channel && r.id <= question.id; }),
      unanswered_.end());
  const std::size_t pixels = std::size_t{frame.count} * frame.channels * frame.height * frame.width;
  if (frame.status.ok() && frame.pictures.size() != pixels) {
    frame.status = fail(Code::bad_argument, "an answer of " + std::to_string(frame.pictures.size()) +
                                                " numbers, expected " + std::to_string(pixels) +
                                                ". Load the model again.");
  }
  const auto owner = std::find_if(slots_.begin(), slots_.end(),
                                  [&](const auto& each) { return each.second.channel == question.channel; });
  if (owner != slots_.end()) {
    Slot& slot = owner->second;
    if (same_question(slot.asked, question)) slot.waiting = false;
    slot.failed = !frame.status.ok();
    if (slot.failed && frame.status.code != Code::cancelled)
      show_error(frame.status.code, frame.status.message);
    if (slot.failed) return;
    slot.answered = true;
    slot.question = question;
    if (!frame.pictures.empty())
      slot.atlas.set(frame.pictures, frame.count, frame.channels, frame.height, frame.width);
    if (!slot.keep) frame.pictures = {};
    slot.frame = std::move(frame);
    return;
  }
  if (!frame.status.ok()) {
    if (frame.status.code != Code::cancelled) show_error(frame.status.code, frame.status.message);
    if (question.channel == kGridChannel) grid = GridView();
    return;
  }
  milliseconds = frame.milliseconds;
  measured_count = frame.count;
  measured_workers = frame.workers;
  Atlas& atlas = question.channel == kGridChannel ? grid.atlas : edited;
  atlas.set(frame.pictures, frame.count, frame.channels, frame.height, frame.width);
  if (question.channel == kGridChannel) {
    grid.question = question;
    grid.latents = std::move(frame.latents);
    grid.milliseconds = frame.milliseconds;
    grid.workers = frame.workers;
  } else {
    edited_question = question;
  }
}

void App::submit(session::Request request) {
  std::optional<session::Request>& asked = asked_[request.channel];
  if (asked && same_question(*asked, request)) return;
  request.id = next_id_++;
  asked = request;
  unanswered_.push_back(request);
  session_.submit(std::move(request));
}

void App::ask() {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || !model->can_sample) return;
  fit(state_, *model);
  submit(grid_question(state_, *model));
  if (std::optional<session::Request> edit = edit_question(state_, *model)) submit(std::move(*edit));
}

bool App::settled() const {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || unsettled_ || !acts_.empty()) return false;
  if (model->can_sample &&
      (grid.atlas.count == 0 || !same_question(grid.question, grid_question(state_, *model))))
    return false;
  const std::optional<session::Request> edit =
      model->can_sample ? edit_question(state_, *model) : std::nullopt;
  if (edit && !(edited_question && same_question(*edited_question, *edit))) return false;
  return std::none_of(slots_.begin(), slots_.end(), [&](const auto& each) {
    return each.second.used + 1 == frames_ && each.second.waiting;
  });
}

Slot& App::ask(const std::string& name, session::Request request, bool keep) {
  const auto [found, fresh] = slots_.try_emplace(name);
  Slot& slot = found->second;
  if (fresh) slot.channel = kFirstSlotChannel + static_cast<std::uint32_t>(slots_.size());
  slot.used = frames_;
  request.channel = slot.channel;
  const bool lacks = keep && !slot.keep;
  slot.keep = keep;
  if (!fresh && !lacks && same_question(slot.asked, request)) return slot;
  slot.asked = request;
  slot.waiting = true;
  slot.failed = false;
  request.id = next_id_++;
  unanswered_.push_back(request);
  session_.submit(std::move(request));
  return slot;
}

Slot* App::slot(const std::string& name) {
  const auto found = slots_.find(name);
  if (found == slots_.end()) return nullptr;
  found->second.used = frames_;
  return &found->second;
}

const Insight* App::insight(const session::ModelInfo& model) {
  Insight& insight = insights_[model.model];
  if (insight.measured) return &insight;
  if (insight.mean.empty()) spread_of_prior(*model.header, insight);
  if (!insight.has_spread) {
    session::Request request;
    request.model = model.model;
    request.count = kSpreadSamples;
    const Slot& slot = ask("insight.spread", request);
    if (!slot.current()) return nullptr;
    spread_of_samples(*model.header, slot.frame.latents, slot.frame.count, insight);
  }
  if (model.latent_size > kMaxMeasured) {
    insight.measured = true;
    for (std::uint32_t i = 0; i < model.latent_size; ++i) insight.order.push_back(i);
    return &insight;
  }
  const session::Request request = steps_question(model, insight);
  if (request.count == 0) return nullptr;
  const Slot& slot = ask("insight.steps", request, true);
  if (!slot.current() || slot.frame.count == 0) return nullptr;
  measure(slot.frame.pictures, slot.frame.pictures.size() / slot.frame.count, insight);
  redraw();
  return insight.measured ? &insight : nullptr;
}

void App::set_latent(std::vector<float> latent) {
  if (state_.selected < 0) state_.selected = 0;
  state_.latent = std::move(latent);
}

Slot* App::pick_slot(const Pick& pick) {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || !model->can_sample) return nullptr;
  session::Request request;
  request.model = model->model;
  request.moment = state_.moment;
  request.seed = pick.seed;
  request.first = pick.index;
  request.temperature = pick.temperature;
  if (pick.label >= 0 && pick.label < static_cast<std::int32_t>(model->classes))
    request.labels = {pick.label};
  std::string name = "pick." + std::to_string(pick.seed) + "." + std::to_string(pick.index);
  if (pick.latent.size() == model->latent_size) request.latents = pick.latent;
  // Names must be few: a kept sample has a number, those of the seed stand by theirs.
  for (std::size_t i = 0; i < state_.picks.size(); ++i) {
    if (state_.picks[i] == pick) name = "pick." + std::to_string(i);
  }
  if (name.find('.', 5) != std::string::npos) name = "first." + std::to_string(pick.index);
  return &ask(name, request);
}

const float* App::pick_latent(const Pick& pick) {
  const session::ModelInfo* model = chosen();
  const Slot* slot = pick_slot(pick);
  if (slot == nullptr || !slot->current() || slot->frame.latents.size() != model->latent_size) return nullptr;
  return slot->frame.latents.data();
}

bool App::keep(std::uint32_t index) {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || state_.picks.size() >= kMaxPicks) return false;
  Pick pick = pick_of(state_, *model, index);
  if (std::find(state_.picks.begin(), state_.picks.end(), pick) != state_.picks.end()) return false;
  state_.picks.push_back(std::move(pick));
  return true;
}

std::vector<Pick> App::picks(std::size_t least) const {
  std::vector<Pick> out = state_.picks;
  const session::ModelInfo* model = chosen();
  State as_drawn = state_;
  as_drawn.latent.clear();
  for (std::uint32_t i = 0; model != nullptr && out.size() < least; ++i) {
    Pick pick = pick_of(as_drawn, *model, i);
    if (std::find(out.begin(), out.end(), pick) == out.end()) out.push_back(std::move(pick));
  }
  return out;
}

}  // namespace lc::ui
