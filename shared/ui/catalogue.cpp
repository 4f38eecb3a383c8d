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
  out.dataset_title = comma == std::string::npos ? dataset : title.substr(comma + 2);
  return out;
}

struct Told {
  const char* metric;
  const char* words;
  const char* unit;
  double scale;
};
constexpr Told kTold[] = {{"frechet_distance", kFrechet, "", 1},
                          {"test_accuracy", "right", " %", 100},
                          {"conditional_accuracy", "asked class", " %", 100},
                          {"class_entropy", "class entropy", " nats", 1},
                          {"nll_dynamic", "NLL", " nats", 1}};

std::vector<std::string> measured(const std::vector<format::Metric>& metrics) {
  std::vector<std::string> out;
  for (const Told& row : kTold) {
    for (const format::Metric& metric : metrics) {
      if (metric.name == row.metric)
        out.push_back(std::string(row.words) + " " +
                      (row.scale == 1 ? short_number(metric.value)
                                      : fixed(static_cast<float>(metric.value * row.scale), 1)) +
                      row.unit);
    }
  }
  return out;
}

bool same_words(const Listed& a, const Listed& b) {
  return a.title == b.title && a.dataset_title == b.dataset_title;
}

// Two that read the same are told apart by how many numbers their latent vectors have, else by name.
void tell_apart(std::vector<Listed>& all) {
  const std::vector<Listed> plain = all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool twin = false, sizes_differ = plain[i].latent_size > 0;
    for (std::size_t j = 0; j < plain.size(); ++j) {
      if (j == i || !same_words(plain[i], plain[j])) continue;
      twin = true;
      sizes_differ &= plain[j].latent_size > 0 && plain[j].latent_size != plain[i].latent_size;
    }
    if (!twin) continue;
    all[i].title +=
        sizes_differ ? ", " + std::to_string(plain[i].latent_size) + " numbers" : " (" + plain[i].name + ")";
  }
}

Abilities either(const Abilities& a, const Abilities& b) {
  Abilities out;
  for (bool Abilities::*each : {&Abilities::draws, &Abilities::encodes, &Abilities::classifies,
                                &Abilities::judges, &Abilities::translates, &Abilities::figure})
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
  out.figure = model.can_sample && !pictures;
  return out;
}

std::vector<Listed> list_models(const std::vector<Offer>& offers,
                                const std::vector<session::ModelInfo>& models) {
  std::vector<Listed> out;
  for (const Offer& offer : offers) {
    Listed one = listed(offer.name, offer.title, offer.dataset);
    const auto here = std::find_if(models.begin(), models.end(),
                                   [&](const session::ModelInfo& model) { return model.name == offer.name; });
    if (here != models.end()) one.model = &*here;
    // What came first may be a part of the file, able to draw and no more; the offer tells what the whole
    // can.
    one.can = one.model == nullptr ? offer.can : either(offer.can, abilities_of(*one.model));
    one.latent_size = one.model == nullptr ? offer.latent_size : one.model->latent_size;
    one.wanted = offer.wanted;
    one.failed = offer.failed;
    one.measured = measured(offer.metrics);
    out.push_back(std::move(one));
  }
  for (const session::ModelInfo& model : models) {
    const bool offered =
        std::any_of(out.begin(), out.end(), [&](const Listed& one) { return one.name == model.name; });
    if (offered) continue;
    Listed one = listed(model.name, model.header->title, model.header->provenance.dataset);
    one.model = &model;
    one.can = abilities_of(model);
    one.latent_size = model.latent_size;
    one.measured = measured(model.header->metrics);
    out.push_back(std::move(one));
  }
  tell_apart(out);
  return out;
}

const Listed* first_of_dataset(const Panel& panel, bool (*fits)(const Listed&)) {
  for (const Listed& one : panel.app.catalogue()) {
    if (panel.model != nullptr && one.dataset == panel.model->header->provenance.dataset && fits(one))
      return &one;
  }
  return nullptr;
}

}  // namespace lc::ui
