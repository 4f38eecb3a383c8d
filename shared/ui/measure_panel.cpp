// Live measurements: what the data set's feature network sees in 1,000 samples of the model on show.
#include <algorithm>
#include <cmath>

#include "shared/core/pictures.h"
#include "shared/core/statistics.h"
#include "shared/ui/catalogue.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kSamples = 1000;

PictureShape shape_of(const format::ImageSpec& image) {
  return {image.channels, image.height, image.width};
}

// The loaded feature network of the model's data set.
const session::ModelInfo* judge_of(const Panel& panel) {
  const format::Header& own = *panel.model->header;
  for (const session::ModelInfo& model : panel.session.models()) {
    if (!model.features.empty() && model.header->provenance.dataset == own.provenance.dataset &&
        has_middle(shape_of(own.image), shape_of(model.header->image)))
      return &model;
  }
  return nullptr;
}

// The one that the host could bring.
const Offer* offered_judge(const Panel& panel) {
  for (const Offer& offer : panel.app.offers()) {
    if (offer.measures && offer.dataset == panel.model->header->provenance.dataset) return &offer;
  }
  return nullptr;
}

// As fit_gaussian gives it; false when the file tells of other features than the network has.
bool test_gaussian(const session::ModelInfo& judge, std::size_t n, Gaussian& out) {
  if (judge.features.size() != n + n * n) return false;
  const float *mean = judge.features.data(), *factor = mean + n;
  out.mean.assign(mean, factor);
  out.covariance.assign(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k <= std::min(i, j); ++k)
        out.covariance[i * n + j] += static_cast<double>(factor[i * n + k] * factor[j * n + k]);
    }
  }
  return true;
}

Measured measure(const session::ModelInfo& judge, const session::Request& drawn, std::uint32_t asked_classes,
                 const session::Frame& seen) {
  Measured measured;
  const std::size_t count = seen.count, classes = seen.scores.size() / count;
  measured.histogram.assign(classes, 0);
  double right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = seen.scores.begin() + static_cast<std::ptrdiff_t>(i * classes);
    const auto found =
        static_cast<std::size_t>(std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row);
    ++measured.histogram[found];
    const std::size_t asked =
        drawn.labels.empty() ? i % std::max(1u, asked_classes) : static_cast<std::size_t>(drawn.labels[0]);
    right += asked == found ? 1 : 0;
  }
  if (asked_classes == classes) measured.asked = right / static_cast<double>(count);
  const std::size_t n = seen.latents.size() / count;
  Gaussian test;
  if (n > 0 && test_gaussian(judge, n, test))
    measured.distance = frechet_distance(fit_gaussian(seen.latents, n), test);
  return measured;
}

// Brings scratch.measured up to date as answers come.
void follow(const Panel& panel, const session::ModelInfo& judge) {
  App& app = panel.app;
  Scratch& scratch = app.scratch;
  session::Request request = grid_question(panel.state, *panel.model);
  request.count = kSamples;
  const Slot& made = app.ask("measure.made", request, true);
  if (!made.current()) return;
  if (scratch.looked_at != made.frame.id) {
    scratch.looked_at = made.frame.id;
    session::Request look;
    look.task = session::Task::classify;
    look.model = judge.model;
    look.count = made.frame.count;
    look.pictures =
        middle(made.frame.pictures, shape_of(panel.model->header->image), shape_of(judge.header->image));
    app.ask("measure.seen", std::move(look));
  }
  const Slot* seen = app.slot("measure.seen");
  if (seen == nullptr || !seen->current() || scratch.measured.of == scratch.looked_at ||
      seen->frame.count == 0)
    return;
  scratch.measured = measure(judge, made.question, panel.model->classes, seen->frame);
  scratch.measured.of = scratch.looked_at;
  scratch.measured.model = panel.model->model;
}

void show(const Panel& panel, const session::ModelInfo& judge) {
  const Measured& measured = panel.app.scratch.measured;
  if (measured.histogram.empty() || measured.model != panel.model->model) return;
  const std::size_t classes = measured.histogram.size();
  const std::uint64_t most = *std::max_element(measured.histogram.begin(), measured.histogram.end());
  std::vector<float> heights;
  std::vector<std::string> names;
  std::string spoken = "Classes of the samples: ";
  for (std::size_t i = 0; i < classes; ++i) {
    heights.push_back(static_cast<float>(measured.histogram[i]) / static_cast<float>(most));
    names.push_back(std::to_string(i));
    spoken += (i > 0 ? ", " : "") + names[i] + ": " + std::to_string(measured.histogram[i]);
  }
  const ImVec2 at = ImGui::GetCursorScreenPos();
  columns(panel, heights, names, ImGui::GetContentRegionAvail().x, 0);
  space(kSpace3);
  const auto fact = [&](const char* name, const std::string& value) {
    key_value(panel, name, value);
    spoken += std::string(". ") + name + ": " + value;
  };
  fact("Class entropy", fixed(static_cast<float>(entropy(measured.histogram))) + " of " +
                            fixed(std::log(static_cast<float>(classes))) + " nats");
  if (measured.asked >= 0)
    fact("Asked class drawn", fixed(static_cast<float>(100 * measured.asked), 1) + " %");
  if (measured.distance >= 0)
    fact(
        "Fr\xc3\xa9"
        "chet distance",
        short_number(measured.distance));
  for (const format::Metric& metric : judge.header->metrics) {
    if (metric.name == "frechet_floor" && measured.distance >= 0)
      fact("of real pictures", short_number(metric.value));
  }
  Mark mark;
  mark.name = "measure.result";
  mark.role = Role::status;
  mark.label = spoken;
  panel.app.mark(std::move(mark), at, ImGui::GetCursorScreenPos());
}

}  // namespace

bool can_measure(const Panel& panel) {
  return panel.model != nullptr && abilities_of(*panel.model).draws &&
         (judge_of(panel) || offered_judge(panel));
}

void measure_panel(const Panel& panel) {
  bool& on = panel.app.scratch.measuring;
  heading(panel, "Measure");
  const session::ModelInfo* judge = judge_of(panel);
  const Offer* offer = offered_judge(panel);
  if (chip(panel, "measure", "Measure 1,000 samples", on, true, Role::checkbox)) {
    on = !on;
    if (on && judge == nullptr) panel.app.want(offer->name);
  }
  space(kSpace3);
  if (!on) {
    text_wrapped(
        "How often each class is drawn and how near the samples are to the data, as its classifier sees it.",
        Font::small, panel.theme.muted);
    return;
  }
  if (judge == nullptr) {
    // It did not come (the banner says why), or this is another data set's: a press may ask for it.
    if (!offer->wanted) on = false;
    text("The classifier is on its way\xe2\x80\xa6", Font::small, panel.theme.muted);
    panel.app.unsettle();
    return;
  }
  follow(panel, *judge);
  show(panel, *judge);
}

}  // namespace lc::ui
