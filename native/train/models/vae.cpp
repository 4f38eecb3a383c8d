// vae: the variational autoencoder of Kingma & Welling.
#include "native/train/models/models.h"
#include "native/train/models/variational.h"

namespace lc::train {

namespace {

class Vae : public VariationalFamily {};

}  // namespace

FamilyEntry vae_family() {
  FamilyEntry entry;
  entry.name = "vae";
  entry.title = "VAE";
  entry.paper = "D. P. Kingma, M. Welling: Auto-encoding variational Bayes";
  entry.year = 2014;
  entry.sentence = "An encoder to a Gaussian, a decoder back, and the evidence lower bound between them.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Vae>(); };
  return entry;
}

}  // namespace lc::train
