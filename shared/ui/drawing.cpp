// The picture of Draw: what it is, which models answer to it, and its code.
#include "shared/ui/drawing.h"

#include <algorithm>

#include "shared/ui/brush.h"
#include "shared/ui/catalogue.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::size_t kMaxRows = 4;  // models that reconstruct

// The chosen model where it has the ability, else the first loaded one of its data set that has it.
const session::ModelInfo* first_able(const Panel& panel, bool Abilities::*ability) {
  if (panel.model != nullptr && abilities_of(*panel.model).*ability) return panel.model;
  for (const session::ModelInfo& model : panel.session.models()) {
    if (abilities_of(model).*ability && same_data(panel, model)) return &model;
  }
  return nullptr;
}
bool answers(const Listed& one) {
  return one.can.encodes || one.can.classifies || one.can.translates || one.can.judges;
}

}  // namespace

const format::Strip* real_examples(const session::ModelInfo& model) {
  for (const format::Strip& strip : model.header->strips) {
    if (strip.name == "real" && strip.count > 0) return &strip;
  }
  return nullptr;
}

bool shows_example(const Panel& panel) {
  return panel.state.drawing.empty() && panel.model->header->image.channels > 1 &&
         real_examples(*panel.model) != nullptr;
}

bool nothing_drawn(const Panel& panel) {
  return panel.state.drawing.empty() && !shows_example(panel);
}

std::vector<float> drawing_as(const Panel& panel, const format::ImageSpec& image) {
  const format::ImageSpec& own = panel.model->header->image;
  const bool alike = image.channels == own.channels && image.height == own.height && image.width == own.width;
  if (!shows_example(panel) || !alike) return picture_of(panel.state.drawing, image);
  const format::Strip& strip = *real_examples(*panel.model);
  const std::uint32_t which = std::max(panel.state.example, 1u) - 1;
  const std::size_t pixels = strip.pixels.size() / strip.count, first = (which % strip.count) * pixels;
  std::vector<float> out(pixels);
  for (std::size_t i = 0; i < pixels; ++i) out[i] = static_cast<float>(strip.pixels[first + i]) / 255;
  return out;
}

bool same_data(const Panel& panel, const session::ModelInfo& model) {
  return panel.model != nullptr &&
         model.header->provenance.dataset == panel.model->header->provenance.dataset;
}

std::vector<const session::ModelInfo*> reconstructing(const Panel& panel) {
  std::vector<const session::ModelInfo*> out;
  if (panel.model != nullptr && abilities_of(*panel.model).encodes) out.push_back(panel.model);
  for (const session::ModelInfo& model : panel.session.models()) {
    if (out.size() < kMaxRows && abilities_of(model).encodes && same_data(panel, model) &&
        &model != panel.model)
      out.push_back(&model);
  }
  return out;
}

const session::ModelInfo* translating(const Panel& panel) {
  return first_able(panel, &Abilities::translates);
}
const session::ModelInfo* classifying(const Panel& panel) {
  return first_able(panel, &Abilities::classifies);
}

session::Request request_about(const Panel& panel, const session::ModelInfo& model, session::Task task) {
  session::Request request;
  request.task = task;
  request.model = model.model;
  if (&model == panel.model) request.moment = panel.state.moment;
  if (model.classes > 0) {
    const std::int32_t label = std::max(0, panel.state.label);
    request.labels = {std::min(label, static_cast<std::int32_t>(model.classes) - 1)};
  }
  return request;
}

const std::vector<float>* drawing_code(const Panel& panel, const session::ModelInfo& model, std::size_t row,
                                       bool edited) {
  if (edited && panel.state.code.size() == model.latent_size) return &panel.state.code;
  session::Request request = request_about(panel, model, session::Task::encode);
  request.pictures = drawing_as(panel, model.header->image);
  const Slot& slot = panel.app.ask("draw.encode." + std::to_string(row), request);
  if (!slot.answered || slot.failed || slot.question.model != model.model ||
      slot.frame.latents.size() != model.latent_size)
    return nullptr;
  return &slot.frame.latents;
}

bool any_sees(const Panel& panel) {
  if (panel.model == nullptr) return false;
  return !reconstructing(panel).empty() || translating(panel) != nullptr || classifying(panel) != nullptr ||
         can_judge(panel) != nullptr || first_of_dataset(panel, answers) != nullptr;
}

}  // namespace lc::ui
