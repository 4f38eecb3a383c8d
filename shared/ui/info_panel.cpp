// Where the model comes from and how good it is, from its file's header.
#include <cstdio>

#include "shared/ui/families.h"
#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

struct StripTitle {
  const char* name;
  const char* title;
};
constexpr StripTitle kStripTitles[] = {{"real", "Real examples"},
                                       {"samples", "Samples at the end of training"},
                                       {"reconstructions", "Reconstructions"}};

std::string title_of(const std::string& strip) {
  for (const StripTitle& row : kStripTitles) {
    if (strip == row.name) return row.title;
  }
  return strip;
}

std::string duration(double seconds) {
  char out[48];
  const auto whole = static_cast<unsigned long long>(seconds + 0.5);
  if (whole < 120) {
    std::snprintf(out, sizeof out, "%llu s", whole);
  } else {
    std::snprintf(out, sizeof out, "%llu min", (whole + 30) / 60);
  }
  return out;
}

void facts(const Panel& panel) {
  const session::ModelInfo& model = *panel.model;
  const format::Provenance& from = model.header->provenance;
  const format::ImageSpec& image = model.header->image;
  key_value(panel, "Family", model.header->family);
  key_value(panel, "Data set", from.dataset + (from.dataset_verified ? "" : " (unverified)"));
  key_value(panel, "Picture",
            std::to_string(image.width) + " \xc3\x97 " + std::to_string(image.height) +
                (image.channels == 3 ? ", colour" : ", grey"));
  key_value(panel, "Latent size", std::to_string(model.latent_size));
  if (model.multiply_adds > 0)
    key_value(panel, "Arithmetic",
              short_number(2 * static_cast<double>(model.multiply_adds) / 1e6) + " MFLOP a picture");
  key_value(panel, "File", model.name + ", " + bytes_text(model.file_bytes));
  key_value(panel, "Trained", grouped(from.iterations) + " iterations, " + duration(from.seconds));
  key_value(panel, "Images seen", grouped(from.images_seen));
  key_value(panel, "Trained on", from.device);
  key_value(panel, "Training seed", std::to_string(from.seed));
}

void measurements(const Panel& panel) {
  heading(panel, "Measured");
  for (const format::Metric& metric : panel.model->header->metrics) {
    key_value(panel, words_of(metric.name), short_number(metric.value, 4));
    if (metric.note.empty()) continue;
    // Unit and protocol: a figure means nothing without.
    text_wrapped(metric.note, Font::small, panel.theme.muted);
    space(kSpace3);
  }
}

// Figures and options for those who ask.
void details(const Panel& panel) {
  const format::Header& header = *panel.model->header;
  facts(panel);
  if (!header.metrics.empty()) {
    space(kSpace4);
    measurements(panel);
  }
  if (header.provenance.options.empty()) return;
  space(kSpace4);
  heading(panel, "Training options");
  for (const format::Option& option : header.provenance.options) key_value(panel, option.key, option.value);
}

}  // namespace

void info_panel(const Panel& panel) {
  const session::ModelInfo& model = *panel.model;
  const format::Header& header = *model.header;
  heading(panel, panel.app.title(model));
  if (const FamilyWords* words = words_of_family(header.family); words != nullptr) {
    text_wrapped(words->what, Font::body, panel.theme.text);
    space(kSpace2);
    text_wrapped(words->worth_trying, Font::body, panel.theme.muted);
    space(kSpace4);
  }
  // A strip of single numbers, or of rows of them, is no picture.
  const bool pictures = model.figure == session::Figure::picture;
  for (StripView& row : panel.app.model_view(model).strips) {
    if (!pictures) break;
    if (row.atlas.count < 2) continue;  // a player's one sample is for its card
    text(title_of(row.name), Font::small, panel.theme.muted);
    space(kSpace1);
    strip(panel, row);
    space(kSpace3);
  }
  if (header.curve.iterations.size() > 1) {
    space(kSpace2);
    heading(panel, "Loss");
    plot(panel, header.curve, 140);
    space(kSpace4);
  }
  bool& open = panel.app.scratch.details;
  if (chip(panel, "about.details", "Details", open, true, Role::checkbox)) open = !open;
  if (!open) return;
  space(kSpace3);
  details(panel);
}

}  // namespace lc::ui
