// cvae: a variational autoencoder whose encoder and decoder are told the class.
#include "native/train/models/models.h"
#include "native/train/models/variational.h"

namespace lc::train {

namespace {

class Cvae : public VariationalFamily {
 public:
  bool conditional() const override { return true; }
};

}  // namespace

FamilyEntry cvae_family() {
  FamilyEntry entry;
  entry.name = "cvae";
  entry.title = "Conditional VAE";
  entry.paper =
      "K. Sohn, H. Lee, X. Yan: Learning structured output representation using deep conditional generative "
      "models";
  entry.year = 2015;
  entry.sentence = "A VAE whose encoder and decoder know the class, so that the class can be asked for.";
  entry.needs = "images and labels";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Cvae>(); };
  return entry;
}

}  // namespace lc::train
