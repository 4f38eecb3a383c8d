// The controls of a frame by their names: what is done to them by keys and by the host, and what is told of
// them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "shared/core/text.h"
#include "shared/ui/app.h"

namespace lc::ui {
namespace {

bool takes_focus(const Mark& mark) {
  if (!mark.enabled) return false;
  switch (mark.role) {
    case Role::button:
    case Role::tab:
    case Role::radio:
    case Role::checkbox:
    case Role::slider:
    case Role::textbox:
      return true;
    case Role::image:
      return mark.pressable;
    default:
      return false;
  }
}

bool covers(const Mark& mark, float x, float y) {
  return x >= mark.x && x < mark.x + mark.width && y >= mark.y && y < mark.y + mark.height;
}

std::string plain_number(double value) {
  std::string text;
  append_real(text, value, 6);
  return text;
}

}  // namespace

bool App::act(const std::string& name, const std::string& action, const std::string& value) {
  if (name.empty() && action == "focus") {
    focus_.clear();
    redraw_ = true;
    return true;
  }
  const bool stroke = action == "stroke";
  const auto found = std::find_if(marks_.begin(), marks_.end(), [&](const Mark& m) {
    return m.name == name && (stroke ? m.drags : takes_focus(m));
  });
  if (found == marks_.end()) return false;
  if (action == "focus") {
    focus_moved_ = focus_ != name;
    focus_ = name;
  } else if (action == "set" && !acts_.empty() && acts_.back().name == name &&
             acts_.back().action == action) {
    acts_.back().value = value;  // a slider that is dragged faster than frames are drawn: the newest counts
  } else if (stroke || action == "press" || action == "set") {
    acts_.push_back({name, action, value});
  } else {
    return false;
  }
  redraw_ = true;
  return true;
}

const Act* App::acted(const std::string& name) const {
  return act_ && act_->name == name ? &*act_ : nullptr;
}

void App::move_focus(int step) {
  std::vector<const Mark*> stops;
  std::ptrdiff_t at = step > 0 ? -1 : 0;
  for (const Mark& mark : marks_) {
    if (!takes_focus(mark)) continue;
    if (mark.name == focus_) at = static_cast<std::ptrdiff_t>(stops.size());
    stops.push_back(&mark);
  }
  if (stops.empty()) return;
  const auto count = static_cast<std::ptrdiff_t>(stops.size());
  act(stops[static_cast<std::size_t>((at + step + count) % count)]->name, "focus");
}

// One thing at a time, what lies on top first. Where Tab is the host's, so is the focus.
void App::let_go() {
  if (state_.help) {
    state_.help = false;
  } else if (scratch.morph_end >= 0) {
    scratch.morph_end = -1;
    redraw();
  } else if (tab_moves_focus && !focus_.empty()) {
    act("", "focus");
  } else if (state_.selected >= 0) {
    select(-1);
  }
}

// Keys act on the control with the focus first, then on the picture that is selected.
void App::shortcuts() {
  if (tab_moves_focus && ImGui::IsKeyPressed(ImGuiKey_Tab)) move_focus(ImGui::GetIO().KeyShift ? -1 : 1);
  if (ImGui::GetIO().WantTextInput) return;
  const auto focus =
      std::find_if(marks_.begin(), marks_.end(), [&](const Mark& m) { return focused(m.name); });
  if (focus != marks_.end() && focus->role == Role::slider) {
    const struct {
      ImGuiKey key;
      float steps;
    } nudges[] = {{ImGuiKey_LeftArrow, -1},   {ImGuiKey_DownArrow, -1}, {ImGuiKey_RightArrow, 1},
                  {ImGuiKey_UpArrow, 1},      {ImGuiKey_PageDown, -10}, {ImGuiKey_PageUp, 10},
                  {ImGuiKey_Home, -INFINITY}, {ImGuiKey_End, INFINITY}};
    for (const auto& nudge : nudges) {
      if (!ImGui::IsKeyPressed(nudge.key)) continue;
      const float to = std::clamp(focus->now + focus->step * nudge.steps, focus->low, focus->high);
      act(focus->name, "set", phrase("{}", to));
      return;
    }
  }
  if (focus != marks_.end() && focus->role != Role::slider && focus->role != Role::textbox &&
      (ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_Space, false))) {
    act(focus->name, "press");
  }
  if (ImGui::IsKeyPressed(ImGuiKey_Escape, false)) let_go();
  const auto count = static_cast<std::int32_t>(grid.atlas.count);
  const auto columns = grid_layout.empty() ? 1 : static_cast<std::int32_t>(grid_layout[2]);
  const struct {
    ImGuiKey key;
    std::int32_t step;
  } moves[] = {{ImGuiKey_LeftArrow, -1},
               {ImGuiKey_RightArrow, 1},
               {ImGuiKey_UpArrow, -columns},
               {ImGuiKey_DownArrow, columns}};
  for (const auto& move : moves) {
    if (!wants_key(move.key) || !ImGui::IsKeyPressed(move.key)) continue;
    const std::int32_t to = state_.selected + move.step;
    if (to >= 0 && to < count) select(to);
  }
  if (ImGui::IsKeyPressed(ImGuiKey_R, false)) reroll();
  const struct {
    ImGuiKey key;
    const char* control;  // that the key presses, where it is on the screen
  } presses[] = {{ImGuiKey_K, "pick.keep"},
                 {ImGuiKey_P, "morph.play"},
                 {ImGuiKey_P, "walk"},
                 {ImGuiKey_P, "compare.play"}};
  for (const auto& press : presses) {
    if (ImGui::IsKeyPressed(press.key, false)) act(press.control, "press");
  }
  // By what is typed: the sign has another place on every keyboard.
  const ImVector<ImWchar>& typed = ImGui::GetIO().InputQueueCharacters;
  if (std::find(typed.begin(), typed.end(), ImWchar{'?'}) != typed.end()) state_.help = !state_.help;
  int tab = 0;
  for (const Mark& mark : std::vector<Mark>(marks_)) {
    if (mark.role != Role::tab || tab >= 9) continue;
    if (ImGui::IsKeyPressed(static_cast<ImGuiKey>(ImGuiKey_1 + tab++), false)) act(mark.name, "press");
  }
}

bool App::wants_key(ImGuiKey key) const {
  if (ImGui::GetIO().WantTextInput) return true;
  const bool moves = key == ImGuiKey_LeftArrow || key == ImGuiKey_RightArrow || key == ImGuiKey_UpArrow ||
                     key == ImGuiKey_DownArrow || key == ImGuiKey_Escape;
  const bool operates =
      !focus_.empty() && (moves || key == ImGuiKey_Enter || key == ImGuiKey_Space || key == ImGuiKey_Home ||
                          key == ImGuiKey_End || key == ImGuiKey_PageUp || key == ImGuiKey_PageDown);
  const bool letter =
      key == ImGuiKey_R || key == ImGuiKey_K || key == ImGuiKey_P || (key >= ImGuiKey_1 && key <= ImGuiKey_9);
  return operates || (moves && state_.selected >= 0) ||
         (key == ImGuiKey_Escape && (state_.help || scratch.morph_end >= 0)) || letter;
}

bool App::wants_drag(float x, float y) const {
  return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& m) { return m.drags && covers(m, x, y); });
}

bool App::wants_zoom(float x, float y) const {
  return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& m) { return m.zooms && covers(m, x, y); });
}

void App::mark(Mark mark, ImVec2 low, ImVec2 high) {
  mark.x = low.x;
  mark.y = low.y;
  mark.width = high.x - low.x;
  mark.height = high.y - low.y;
  mark.group = group_;
  marks_.push_back(std::move(mark));
}

void App::mark(std::string name, ImVec2 low, ImVec2 high) {
  Mark place;
  place.name = std::move(name);
  mark(std::move(place), low, high);
}

std::string App::report() const {
  std::string out = to_text(state_);
  const auto add = [&](const std::string& key, const std::string& value) {
    out += (out.empty() ? "" : "&") + key + "=" + value;
  };
  const auto number = plain_number;
  const session::ModelInfo* model = chosen();
  const double rate = milliseconds > 0 ? measured_count / milliseconds * 1000 : 0;
  add("shown", model == nullptr ? "" : encode(model->name));
  add("ms", number(milliseconds));
  add("images_per_second", number(rate));
  add("gflops", number(model == nullptr ? 0 : 2 * static_cast<double>(model->multiply_adds) * rate / 1e9));
  add("workers", std::to_string(session_.workers()));
  add("busy", session_.busy() ? "1" : "0");
  add("settled", settled() ? "1" : "0");
  add("hovered", std::to_string(hovered));
  add("selected", std::to_string(state_.selected));
  add("frames", std::to_string(frames_));
  std::string layout;
  for (const float value : grid_layout) layout += (layout.empty() ? "" : ",") + number(value);
  add("grid", layout);
  add("error", errors.empty() ? "" : encode(errors.back().message));
  add("focus", encode(focus_));
  for (const Mark& m : marks_) {
    if (!m.visible) continue;
    add("item." + encode(m.name),
        number(m.x) + "," + number(m.y) + "," + number(m.width) + "," + number(m.height));
  }
  return out;
}

}  // namespace lc::ui
