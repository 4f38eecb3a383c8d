// Which of these is real? The person says, then the critic.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "shared/core/random.h"
#include "shared/ui/judge.h"
#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kEach = 6;  // real ones, and made ones
constexpr float kTick = 8;          // CSS pixels, half its size

// The pictures of a round in their order; is_real tells which.
struct Round {
  std::vector<float> pictures;
  std::vector<bool> is_real;
  bool ready = false;
};

Round round_of(const Panel& panel, const session::ModelInfo& judge) {
  Round out;
  Scratch& scratch = panel.app.scratch;
  const format::ImageSpec& image = judge.header->image;
  const std::size_t pixels = std::size_t{image.channels} * image.height * image.width;
  std::uint32_t count = 0;
  const std::vector<float> real = strip_values(judge, "real", count);
  if (count == 0 || panel.model == nullptr || !panel.model->can_sample) return out;
  session::Request request;
  request.model = panel.model->model;
  request.moment = panel.state.moment;
  request.seed = panel.state.seed;
  request.first = scratch.critic_round * kEach;
  request.count = kEach;
  const Slot& made = panel.app.ask("critic.made", request, true);
  if (!made.current() || made.frame.pictures.size() != kEach * pixels) return out;
  // The order comes from the seed and the round alone, the same on every machine.
  std::vector<std::uint32_t> order(2 * kEach);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = 2 * kEach; i-- > 1;) {
    const auto low = static_cast<std::uint32_t>(panel.state.seed),
               round = static_cast<std::uint32_t>(scratch.critic_round);
    std::swap(order[i], order[philox4x32({low, round, i, 77}, {0, 0})[0] % (i + 1)]);
  }
  for (const std::uint32_t which : order) {
    const bool is_real = which < kEach;
    const std::size_t from = is_real ? (scratch.critic_round * kEach + which) % count : which - kEach;
    const std::vector<float>& source = is_real ? real : made.frame.pictures;
    out.pictures.insert(out.pictures.end(), source.begin() + static_cast<std::ptrdiff_t>(from * pixels),
                        source.begin() + static_cast<std::ptrdiff_t>((from + 1) * pixels));
    out.is_real.push_back(is_real);
  }
  out.ready = true;
  scratch.guesses.resize(2 * kEach);
  const std::uint64_t key = made.question.id;
  if (scratch.judged_is != key) {
    scratch.judged.set(out.pictures, 2 * kEach, image.channels, image.height, image.width);
    scratch.judged_is = key;
    scratch.guesses.assign(2 * kEach, false);
    scratch.revealed = false;
  }
  return out;
}

// On the corner of what the person took for real, also once the truth is out.
void tick(const Panel& panel, ImVec2 middle) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddCircleFilled(middle, kTick, panel.theme.accent, 20);
  const ImVec2 sign[] = {
      {middle.x - 4, middle.y}, {middle.x - 1, middle.y + 3}, {middle.x + 4, middle.y - 3}};
  list->AddPolyline(sign, 3, panel.theme.on_accent, 0, 1.5f);
}

std::uint32_t found(const std::vector<bool>& said, const std::vector<bool>& is_real) {
  std::uint32_t right = 0;
  for (std::size_t i = 0; i < std::min(said.size(), is_real.size()); ++i) right += said[i] == is_real[i];
  return right;
}

}  // namespace

void critic_panel(const Panel& panel) {
  Scratch& scratch = panel.app.scratch;
  heading(panel, "Which of these is real?");
  const session::ModelInfo* critic = critic_of(panel);
  if (critic == nullptr) {
    text_wrapped("The critic is on its way\xe2\x80\xa6", Font::small, panel.theme.muted);
    return;
  }
  const session::ModelInfo& judge = *critic;
  text_wrapped(
      "Six come from the data, six from the model. Press those that you take for real, then ask the "
      "critic, " +
          (critic == panel.model ? std::string("the network that this model was trained against.")
                                 : "here that of " + panel.app.title(judge) +
                                       ": this model's own judges only together with a class."),
      Font::small, panel.theme.muted);
  space(kSpace3);
  const auto marked = std::count(scratch.guesses.begin(), scratch.guesses.end(), true);
  text(std::to_string(marked) + " of 6 marked", Font::small, panel.theme.text);
  space(kSpace3);
  if (button(panel, "critic.reveal", "Ask the critic", ButtonKind::primary, 0, !scratch.revealed))
    scratch.revealed = true;
  ImGui::SameLine(0, kSpace2);
  if (button(panel, "critic.next", "Another round", ButtonKind::plain)) {
    ++scratch.critic_round;
    scratch.revealed = false;
  }
  const Round round = round_of(panel, judge);
  if (!scratch.revealed || !round.ready) return;
  const Scale scale = scale_of(panel, judge);
  const std::vector<float> scores = scores_of(panel, judge, "critic.scores", round.pictures);
  if (scores.size() != round.is_real.size() || scale.made.empty()) return;
  const float border = border_of(scale);
  std::vector<bool> said;
  for (const float score : scores) said.push_back(score > border);
  space(kSpace4);
  key_value(panel, "You were right about", std::to_string(found(scratch.guesses, round.is_real)) + " of 12");
  key_value(panel, "The critic about", std::to_string(found(said, round.is_real)) + " of 12");
  space(kSpace3);
  score_line(panel, scale, nullptr, "");
  space(kSpace2);
  text_wrapped(
      "A generator has won when the two rows of dots lie on each other: then its critic can only guess.",
      Font::small, panel.theme.muted);
}

void critic_view(const Panel& panel) {
  App& app = panel.app;
  Scratch& scratch = app.scratch;
  const session::ModelInfo* critic = critic_of(panel);
  if (critic == nullptr) return;
  const session::ModelInfo& judge = *critic;
  const Round round = round_of(panel, judge);
  if (!round.ready) return;
  std::vector<float> scores;
  if (scratch.revealed) scores = scores_of(panel, judge, "critic.scores", round.pictures);
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const std::uint32_t columns = room.x > room.y ? 4 : 3, rows = 2 * kEach / columns;
  constexpr float kCaption = 22, kGap = 14;
  const ImVec2 size = crisp(panel, scratch.judged,
                            {std::min(200.0f, room.x / static_cast<float>(columns) - kGap),
                             std::min(200.0f, room.y / static_cast<float>(rows) - kGap - kCaption)});
  const float width = static_cast<float>(columns) * (size.x + kGap) - kGap,
              height = static_cast<float>(rows) * (size.y + kGap + kCaption) - kGap;
  const ImVec2 origin{at.x + std::max(0.0f, (room.x - width) / 2),
                      at.y + std::max(0.0f, (room.y - height) / 2)};
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (std::uint32_t i = 0; i < 2 * kEach; ++i) {
    const ImVec2 low{origin.x + static_cast<float>(i % columns) * (size.x + kGap),
                     origin.y + static_cast<float>(i / columns) * (size.y + kGap + kCaption)};
    ImGui::SetCursorScreenPos(low);
    const std::string number = std::to_string(i + 1);
    const std::string label = "Picture " + number + (scratch.guesses[i] ? ", taken for real" : "") +
                              (scratch.revealed ? round.is_real[i] ? ": is real" : ": is made" : "");
    if (picture_button(panel, "critic." + number, label, scratch.judged, i, size,
                       !scratch.revealed && scratch.guesses[i]) &&
        !scratch.revealed)
      scratch.guesses[i] = !scratch.guesses[i];
    if (scratch.guesses[i]) tick(panel, {low.x + kTick, low.y + kTick});
    if (!scratch.revealed) {
      if (scratch.guesses[i])
        text_at({low.x, low.y + size.y + 4}, "real, you say", Font::small, panel.theme.accent, size.x);
      continue;
    }
    const ImU32 colour = round.is_real[i] ? panel.theme.series[2] : panel.theme.series[1];
    list->AddRect({low.x - 1.5f, low.y - 1.5f}, {low.x + size.x + 1.5f, low.y + size.y + 1.5f}, colour, 0, 0,
                  3);
    text_at({low.x, low.y + size.y + 4}, round.is_real[i] ? "real" : "made", Font::label, colour, size.x);
    if (i < scores.size()) {
      const std::string score = fixed(scores[i]);
      text_at({low.x + size.x - text_size(score, Font::small).x, low.y + size.y + 4}, score, Font::small,
              panel.theme.muted);
    }
  }
}

}  // namespace lc::ui
