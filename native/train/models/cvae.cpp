// cvae: a variational autoencoder whose encoder and decoder are told the class.
#include "native/train/models/models.h"
#include "native/train/models/variational.h"

namespace lc::train {

namespace {

class Cvae : public VariationalFamily {
 public:
  // The class must bend what the latent numbers mean, which takes layers behind it; and numbers that carry
  // less leave fewer places of the prior where the decoder was never taught. weights/README.md has the
  // search: with a KL weight of 1 the asked class is drawn less often, with 3 its pictures are much alike.
  void declare(OptionTable& table, RunOptions& run) override {
    options_.net = "mlp";
    options_.hidden = 200;
    options_.layers = 3;
    options_.latent_size = 8;
    options_.batch_norm = true;
    kl_weight_ = 2;
    VariationalFamily::declare(table, run);
    run.epochs = 40;
  }
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
