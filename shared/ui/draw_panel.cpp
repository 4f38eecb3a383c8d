// The controls of Draw: pen, examples, what else could answer, and the sliders of the drawing's code.
#include <algorithm>
#include <cmath>

#include "shared/ui/brush.h"
#include "shared/ui/catalogue.h"
#include "shared/ui/drawing.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::size_t kCodeFolded = 10;  // sliders of the code

bool encodes(const Listed& one) {
  return one.can.encodes;
}
bool classifies(const Listed& one) {
  return one.can.classifies;
}
// A drawing wants a model that takes it apart and one that says what it is: brings those that are on offer.
void bring_answers(const Panel& panel) {
  const std::vector<Listed>& all = panel.app.catalogue();
  for (const auto fits : {encodes, classifies}) {
    const Listed* first = first_of_dataset(panel, fits);
    const bool here = std::any_of(all.begin(), all.end(), [&](const Listed& one) {
      return one.model != nullptr && same_data(panel, *one.model) && fits(one);
    });
    if (first != nullptr && !here) panel.app.want_once(first->name);
  }
}

// Those that could answer as well, to be asked for.
void more_answers(const Panel& panel) {
  bool first = true;
  for (const Listed& one : panel.app.catalogue()) {
    const bool could = one.can.encodes || one.can.translates;
    if (!could || one.model != nullptr || one.dataset != panel.model->header->provenance.dataset) continue;
    if (first) {
      space(kSpace4);
      caption(panel, "Ask also");
    }
    const std::string& label = one.title;
    if (!first) flow(label);
    first = false;
    if (chip(panel, "draw.ask." + one.name, label, one.wanted, true, Role::checkbox))
      panel.app.want(one.name);
  }
}

// The example of the data that comes next, as a drawing where it is grey.
void take_example(const Panel& panel) {
  const format::Strip& strip = *real_examples(*panel.model);
  const format::ImageSpec& image = panel.model->header->image;
  State& state = panel.state;
  state.code.clear();
  if (image.channels > 1) {
    state.example = shows_example(panel) ? std::max(state.example, 1u) % strip.count + 1 : 1;
    state.drawing.clear();
    return;
  }
  const std::uint32_t which = panel.app.scratch.next_example++ % strip.count;
  state.drawing = drawing_of(strip.pixels.data() + which * strip.pixels.size() / strip.count, image);
}

void code_sliders(const Panel& panel, const session::ModelInfo& model) {
  const std::vector<float>* code = drawing_code(panel, model, 0, true);
  if (code == nullptr) return;
  heading(panel, "Its code");
  caption(panel, panel.app.title(model));
  std::vector<float> values = *code;
  bool changed = false;
  bool& all = panel.app.scratch.all_latents;
  const std::size_t shown = all ? values.size() : std::min(values.size(), kCodeFolded);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string label = "z" + std::to_string(i + 1), value = fixed(values[i]);
    SliderLook look;
    look.label = label.c_str();
    look.spoken = "Number " + std::to_string(i + 1) + " of the code";
    look.value = value;
    const float reach = std::max(3.0f, std::ceil(std::fabs(values[i])));
    look.low = -reach;
    look.high = reach;
    look.compact = true;
    if (i > 0) space(0);
    changed |= slider(panel, "code." + std::to_string(i), look, values[i]);
  }
  if (changed) panel.state.code = std::move(values);
  space(kSpace2);
  if (button(panel, "code.reset", "As encoded", ButtonKind::plain, 0, !panel.state.code.empty()))
    panel.state.code.clear();
  if (values.size() <= kCodeFolded) return;
  ImGui::SameLine(0, kSpace2);
  if (button(panel, "code.all", all ? "Show fewer" : "Show all", ButtonKind::plain)) all = !all;
}

}  // namespace

void draw_panel(const Panel& panel) {
  State& state = panel.state;
  Scratch& scratch = panel.app.scratch;
  heading(panel, "Draw");
  bring_answers(panel);
  text_wrapped(panel.model->header->image.channels > 1
                   ? "Take a real example, or draw with mouse, pen or finger in grey; the models answer."
                   : "Draw with mouse, pen or finger, and the models answer.",
               Font::small, panel.theme.muted);
  space(kSpace3);
  if (chip(panel, "draw.pen", "Pen", !scratch.erasing)) scratch.erasing = false;
  flow("Eraser");
  if (chip(panel, "draw.eraser", "Eraser", scratch.erasing)) scratch.erasing = true;
  space(kSpace3);
  if (button(panel, "draw.example", "A real example", ButtonKind::primary, 0,
             real_examples(*panel.model) != nullptr))
    take_example(panel);
  ImGui::SameLine(0, kSpace2);
  if (button(panel, "draw.clear", "Clear", ButtonKind::plain, 0, !state.drawing.empty())) {
    state.drawing.clear();
    state.code.clear();
  }
  if (const session::ModelInfo* model = translating(panel); model != nullptr) {
    space(kSpace4);
    caption(panel, "Translate");
    for (std::uint32_t i = 0; i < model->directions.size(); ++i) {
      const std::string label = words_of(model->directions[i]);
      if (i > 0) flow(label);
      if (chip(panel, "direction." + std::to_string(i), label, state.direction == i)) state.direction = i;
    }
  }
  more_answers(panel);
  const std::vector<const session::ModelInfo*> models = reconstructing(panel);
  if (models.empty() || nothing_drawn(panel)) return;
  if (models[0]->classes > 0) {
    space(kSpace4);
    caption(panel, "It is meant as");
    for (std::uint32_t i = 0; i < models[0]->classes; ++i) {
      const std::string label = models[0]->header->classes[i];
      if (i > 0) flow(label);
      if (chip(panel, "class." + std::to_string(i), label,
               std::max(0, state.label) == static_cast<std::int32_t>(i)))
        state.label = static_cast<std::int32_t>(i);
    }
  }
  space(kSpace5);
  code_sliders(panel, *models[0]);
}

}  // namespace lc::ui
