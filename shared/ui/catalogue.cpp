// Every model that is loaded or on offer, and what each can do.
#include "shared/ui/catalogue.h"

#include <algorithm>

#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

// Titles are "VAE, MNIST": what stands before the comma names the model, what follows its data.
Listed listed(const std::string& name, const std::string& title, const std::string& dataset) {
  Listed out;
  out.name = name;
  out.dataset = dataset;
  const std::size_t comma = title.find(", ");
  out.title = title.empty() ? name : title.substr(0, comma);
  out.detail = out.dataset_title = comma == std::string::npos ? dataset : title.substr(comma + 2);
  return out;
}

struct Told {
  const char* metric;
  const char* words;
  const char* unit;
  double scale;
};
constexpr Told kTold[] = {{"frechet_distance",
                           "Fr\xc3\xa9"
                           "chet",
                           "", 1},
                          {"test_accuracy", "accuracy", " %", 100},
                          {"conditional_accuracy", "asked class", " %", 100},
                          {"class_entropy", "class entropy", " nats", 1},
                          {"nll_dynamic", "NLL", " nats", 1}};

std::vector<std::string> measured(const std::vector<format::Metric>& metrics) {
  std::vector<std::string> out;
  for (const Told& row : kTold) {
    for (const format::Metric& metric : metrics) {
      if (metric.name == row.metric)
        out.push_back(std::string(row.words) + " " + short_number(metric.value * row.scale) + row.unit);
    }
  }
  return out;
}

Abilities either(const Abilities& a, const Abilities& b) {
  Abilities out;
  for (bool Abilities::*each : {&Abilities::draws, &Abilities::encodes, &Abilities::classifies,
                                &Abilities::judges, &Abilities::translates})
    out.*each = a.*each || b.*each;
  return out;
}

}  // namespace

Abilities abilities_of(const session::ModelInfo& model) {
  Abilities out;
  const bool pictures = model.figure == session::Figure::picture;
  out.draws = model.can_sample && pictures;
  out.encodes = model.can_encode && out.draws;
  out.classifies = model.can_classify && pictures;
  out.judges = model.can_discriminate && pictures;
  out.translates = !model.directions.empty();
  return out;
}

std::vector<Listed> catalogue(const Panel& panel) {
  std::vector<Listed> out;
  for (const Offer& offer : panel.app.offers()) {
    Listed one = listed(offer.name, offer.title, offer.dataset);
    one.model = panel.app.model_named(offer.name);
    // What came first may be a part of the file, able to draw and no more; the offer tells what the whole
    // can.
    one.can = one.model == nullptr ? offer.can : either(offer.can, abilities_of(*one.model));
    one.wanted = offer.wanted;
    one.measured = measured(offer.metrics);
    out.push_back(std::move(one));
  }
  for (const session::ModelInfo& model : panel.session.models()) {
    const bool offered =
        std::any_of(out.begin(), out.end(), [&](const Listed& one) { return one.name == model.name; });
    if (offered) continue;
    Listed one = listed(model.name, model.header.title, model.header.provenance.dataset);
    one.model = &model;
    one.can = abilities_of(model);
    one.measured = measured(model.header.metrics);
    out.push_back(std::move(one));
  }
  const std::vector<Listed> plain = out;
  for (Listed& one : out) {
    const auto same = [&](const Listed& other) {
      return other.title == one.title && other.detail == one.detail;
    };
    if (std::count_if(plain.begin(), plain.end(), same) > 1) one.detail = one.name;
  }
  return out;
}

const Listed* first_of_dataset(const Panel& panel, const std::vector<Listed>& all,
                               bool (*fits)(const Listed&)) {
  for (const Listed& one : all) {
    if (panel.model != nullptr && one.dataset == panel.model->header.provenance.dataset && fits(one))
      return &one;
  }
  return nullptr;
}

std::string short_title(const std::vector<Listed>& all, const Listed& one) {
  const auto same = [&](const Listed& other) {
    return other.title == one.title && other.dataset == one.dataset;
  };
  return std::count_if(all.begin(), all.end(), same) > 1 ? one.name : one.title;
}

}  // namespace lc::ui
