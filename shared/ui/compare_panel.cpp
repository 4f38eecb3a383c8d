// Two to four models side by side on the same seed, beside real examples, at the same fraction of training.
#include <algorithm>
#include <cmath>

#include "shared/ui/catalogue.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kPictures = 64;  // of each model
constexpr std::uint32_t kEnough = 18;    // pictures that tell what a model does
constexpr float kPlotHeight = 120;
constexpr float kStopSeconds = 0.45f;  // from moment to moment when training plays

// The models that are compared: those that were named; without a choice the chosen model beside one of the
// other kind, an autoencoder beside an adversarial model.
std::vector<std::string> compared(const Panel& panel) {
  if (!panel.state.compared.empty()) return panel.state.compared;
  const std::vector<Listed>& all = panel.app.catalogue();
  std::vector<std::string> out = {panel.model->name};
  const bool encodes = std::any_of(
      all.begin(), all.end(), [&](const Listed& one) { return one.model == panel.model && one.can.encodes; });
  const Listed* other =
      encodes ? first_of_dataset(panel, [](const Listed& one) { return one.can.draws && !one.can.encodes; })
              : first_of_dataset(panel, [](const Listed& one) { return one.can.draws && one.can.encodes; });
  if (other != nullptr) out.push_back(other->name);
  return out;
}

// Those of them that are here.
std::vector<const session::ModelInfo*> present(const Panel& panel, const std::vector<std::string>& names) {
  std::vector<const session::ModelInfo*> out;
  for (const std::string& name : names) {
    const session::ModelInfo* model = panel.app.model_named(name);
    if (model != nullptr && abilities_of(*model).draws && out.size() < kMaxCompared) out.push_back(model);
  }
  return out;
}

double fraction_of(const format::Header& header, std::uint32_t moment) {
  const double all = static_cast<double>(std::max<std::uint64_t>(1, header.provenance.iterations));
  return moment >= header.timeline.size() ? 1 : static_cast<double>(header.timeline[moment].iteration) / all;
}

// The last moment that is not later than this fraction of training, the first one at the least.
std::uint32_t moment_at(const session::ModelInfo& model, double fraction) {
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < model.moments; ++i) {
    if (fraction_of(*model.header, i) <= fraction * (1 + 1e-6)) found = i;
  }
  return found + 1 >= model.moments ? kLastMoment : found;
}

// Every fraction at which something changes, ascending.
std::vector<double> stops(const std::vector<const session::ModelInfo*>& models) {
  std::vector<double> out = {1};
  for (const session::ModelInfo* model : models) {
    for (std::uint32_t i = 0; i + 1 < model->moments; ++i) out.push_back(fraction_of(*model->header, i));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end(), [](double a, double b) { return b - a < 1e-9; }), out.end());
  return out;
}

// A chip for every model that draws pictures, those of one data set together, the chosen model's first.
void model_chips(const Panel& panel, const std::vector<std::string>& shown) {
  const std::vector<Listed>& all = panel.app.catalogue();
  const auto toggle = [&](const Listed& one) {
    // Those that stand there by themselves are named as soon as one is added or taken away.
    std::vector<std::string> names = shown;
    const auto at = std::find(names.begin(), names.end(), one.name);
    if (at != names.end()) {
      if (names.size() > 1) names.erase(at);
    } else {
      names.push_back(one.name);
      if (one.model == nullptr) panel.app.want(one.name);
    }
    panel.state.compared = std::move(names);
  };
  const bool full = shown.size() >= kMaxCompared;
  std::vector<std::string> datasets = {panel.model->header->provenance.dataset};
  for (const Listed& one : all) {
    if (one.can.draws && std::find(datasets.begin(), datasets.end(), one.dataset) == datasets.end())
      datasets.push_back(one.dataset);
  }
  for (const std::string& dataset : datasets) {
    bool first = true;
    for (const Listed& one : all) {
      if (one.dataset != dataset || !one.can.draws) continue;
      const std::string& label = one.title;
      if (first) {
        space(kSpace3);
        caption(panel, one.dataset_title);
      } else {
        flow(label);
      }
      first = false;
      const bool on = std::find(shown.begin(), shown.end(), one.name) != shown.end();
      if (chip(panel, "compare." + one.name, label, on, on || !full, Role::checkbox)) toggle(one);
    }
  }
}

struct Block {
  ImVec2 at;
  float width = 0;
  ImVec2 cell;
  std::uint32_t columns = 1, rows = 1;
};

void block_title(const Panel& panel, const Block& block, const std::string& title,
                 const std::string& detail) {
  text_at(block.at, title, Font::strong, panel.theme.text, block.width);
  text_at({block.at.x, block.at.y + 19}, detail, Font::small, panel.theme.muted, block.width);
}

void block_pictures(const Panel& panel, const Block& block, Atlas& atlas, const std::string& name,
                    const std::string& label) {
  constexpr float kGap = 2, kTitle = 42;
  const std::uint32_t count = std::min(atlas.count, block.columns * block.rows);
  for (std::uint32_t i = 0; i < count; ++i) {
    draw_picture(panel, atlas, i,
                 {block.at.x + static_cast<float>(i % block.columns) * (block.cell.x + kGap),
                  block.at.y + kTitle + static_cast<float>(i / block.columns) * (block.cell.y + kGap)},
                 block.cell);
  }
  Mark mark;
  mark.name = name;
  mark.role = Role::image;
  mark.label = label;
  panel.app.mark(std::move(mark), {block.at.x, block.at.y + kTitle},
                 {block.at.x + block.width,
                  block.at.y + kTitle + static_cast<float>(block.rows) * (block.cell.y + kGap)});
}

StripView* real_strip(const Panel& panel, const session::ModelInfo& model) {
  for (StripView& strip : panel.app.model_view(model).strips) {
    if (strip.name == "real") return &strip;
  }
  return nullptr;
}

const char* figure_of(const session::ModelInfo& model, std::string& out) {
  for (const char* name : {"frechet_distance", "kid", "test_loss"}) {
    for (const format::Metric& metric : model.header->metrics) {
      if (metric.name != name) continue;
      out = words_of(metric.name) + " " + short_number(metric.value);
      return name;
    }
  }
  return nullptr;
}

// The last stop that is not later than the State's time.
std::size_t stop_now(const State& state, const std::vector<double>& at) {
  std::size_t now = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (at[i] <= static_cast<double>(state.time) * (1 + 1e-4)) now = i;
  }
  return now;
}

std::string part_of_training(const std::vector<double>& at, std::size_t now) {
  if (now + 1 == at.size()) return "the end";
  if (at[now] <= 0) return "the start";
  return at[now] < 0.001 ? "< 0.1 %" : short_number(100 * at[now], 2) + " %";
}

// Goes from stop to stop, and stays at the end.
void play(const Panel& panel, const std::vector<double>& at, std::size_t now) {
  Scratch& scratch = panel.app.scratch;
  panel.app.redraw();
  scratch.compare_waits -= ImGui::GetIO().DeltaTime;
  if (scratch.compare_waits > 0) return;
  scratch.compare_waits = kStopSeconds;
  if (now + 1 < at.size()) panel.state.time = static_cast<float>(at[now + 1]);
  if (now + 2 >= at.size()) scratch.comparing = false;
}

void timeline(const Panel& panel, const std::vector<double>& at) {
  Scratch& scratch = panel.app.scratch;
  const std::size_t now = stop_now(panel.state, at);
  SliderLook look;
  look.label = "Training";
  look.value = part_of_training(at, now);
  look.high = static_cast<float>(at.size() - 1);
  look.fresh = look.high;
  look.step = 1;
  auto position = static_cast<float>(now);
  if (slider(panel, "compare.time", look, position)) {
    panel.state.time = static_cast<float>(at[static_cast<std::size_t>(std::lround(position))]);
    scratch.comparing = false;
  }
  space(kSpace2);
  if (button(panel, "compare.play", scratch.comparing ? "Pause" : "Play training", ButtonKind::plain)) {
    // Who asked for less motion goes in single steps.
    if (now + 1 == at.size() || panel.input.reduced_motion)
      panel.state.time = static_cast<float>(at[(now + 1) % at.size()]);
    scratch.comparing = !scratch.comparing && !panel.input.reduced_motion;
    scratch.compare_waits = kStopSeconds;
  } else if (scratch.comparing) {
    play(panel, at, now);
  }
  ImGui::SameLine(0, kSpace2);
}

}  // namespace

void compare_panel(const Panel& panel) {
  const std::vector<std::string> names = compared(panel);
  heading(panel, "Compare");
  const std::vector<double> at = stops(present(panel, names));
  if (at.size() > 1) timeline(panel, at);
  if (button(panel, "compare.reroll", "New seed", ButtonKind::primary, 96)) panel.app.reroll();
  space(kSpace3);
  text_wrapped(names.size() < kMaxCompared ? "Two to four models on the same seed, beside real pictures."
                                           : "Four models are the most: take one away to add another.",
               Font::small, panel.theme.muted);
  model_chips(panel, names);
}

void compare_view(const Panel& panel) {
  App& app = panel.app;
  const std::vector<Listed>& all = app.catalogue();
  const std::vector<std::string> names = compared(panel);
  const std::vector<const session::ModelInfo*> models = present(panel, names);
  for (const std::string& name : names) {
    if (app.model_named(name) == nullptr) app.want_once(name);
  }
  if (std::any_of(all.begin(), all.end(), [](const Listed& one) { return one.wanted; })) app.unsettle();
  if (models.empty()) {
    nothing_here(panel, "Nothing to compare yet", "Choose two to four models, or wait until they are here.");
    return;
  }
  StripView* real = nullptr;
  for (const session::ModelInfo* model : models) {
    if (real == nullptr) real = real_strip(panel, *model);
  }
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  constexpr float kBetween = 20, kTitle = 42, kGap = 2;
  const bool plots = room.y > 420 && room.x > 480;
  const float below = plots ? kPlotHeight + 44 + kSpace4 : 0;
  const bool two_rows = room.x < 480;  // narrow: blocks two by two
  const auto blocks = static_cast<float>(models.size() + 1);
  const float per_row = two_rows ? 2 : blocks;
  const float rows_of_blocks = std::ceil(blocks / per_row);
  const float width = std::floor((room.x - kBetween * (per_row - 1)) / per_row);
  const float height = (room.y - below) / rows_of_blocks;
  Block block;
  // The largest pictures of which enough fit; in whole rows.
  for (float side = 224; side >= 28; side -= 28) {
    block.cell = crisp(panel, app.grid.atlas, {side, side});
    block.columns = std::max(1u, static_cast<std::uint32_t>((width + kGap) / (block.cell.x + kGap)));
    block.rows =
        std::max(1u, static_cast<std::uint32_t>((height - kTitle - kSpace3) / (block.cell.y + kGap)));
    if (block.columns >= 3 && block.columns * block.rows >= kEnough) break;
  }
  while (block.rows > 1 && block.columns * block.rows > kPictures) --block.rows;
  block.width = width;
  for (std::size_t i = 0; i <= models.size(); ++i) {
    const float column = std::fmod(static_cast<float>(i), per_row),
                line = std::floor(static_cast<float>(i) / per_row);
    block.at = {at.x + column * (width + kBetween), at.y + line * height};
    if (i == 0) {
      std::string data = models[0]->header->provenance.dataset;
      for (const Listed& one : all) data = one.model == models[0] ? one.dataset_title : data;
      block_title(panel, block, "Real", real == nullptr ? "none at hand" : data);
      if (real != nullptr) block_pictures(panel, block, real->atlas, "compare.real", "Real examples");
      continue;
    }
    const session::ModelInfo& model = *models[i - 1];
    session::Request request;
    request.model = model.model;
    request.seed = panel.state.seed;
    request.count = kPictures;
    request.temperature = panel.state.temperature;
    request.moment = moment_at(model, static_cast<double>(panel.state.time));
    Slot& slot = app.ask("compare." + std::to_string(i), request);
    const std::uint64_t iteration = request.moment == kLastMoment
                                        ? model.header->provenance.iterations
                                        : model.header->timeline[request.moment].iteration;
    // Earlier than the first moment that its file kept, it shows that one.
    const bool before =
        fraction_of(*model.header, request.moment) > static_cast<double>(panel.state.time) * (1 + 1e-4);
    std::string detail = (before ? "first kept: " : "iteration ") + grouped(iteration), figure;
    if (request.moment == kLastMoment && figure_of(model, figure) != nullptr) detail = figure;
    const std::string title = panel.app.title(model);
    block_title(panel, block, title, detail);
    if (slot.answered && slot.question.model == model.model)
      block_pictures(panel, block, slot.atlas, "compare." + std::to_string(i), title + ", " + detail);
    if (!plots || model.header->curve.iterations.size() < 2) continue;
    ImGui::SetCursorScreenPos({block.at.x, at.y + room.y - below + kSpace4});
    ImGui::PushID(static_cast<int>(i));
    ImGui::BeginChild("plot", {width, below - kSpace4}, 0,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
    double to = 0;
    if (plot(panel, model.header->curve, kPlotHeight, iteration, "compare.plot." + std::to_string(i), &to)) {
      const double all_iterations =
          static_cast<double>(std::max<std::uint64_t>(1, model.header->provenance.iterations));
      panel.state.time = static_cast<float>(std::clamp(to / all_iterations, 0.0, 1.0));
      app.scratch.comparing = false;
    }
    ImGui::EndChild();
    ImGui::PopID();
  }
}

}  // namespace lc::ui
