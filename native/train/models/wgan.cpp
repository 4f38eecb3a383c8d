// wgan: the Wasserstein GAN of Arjovsky, Chintala and Bottou; clipped weights keep the critic Lipschitz.
#include "native/train/models/models.h"
#include "native/train/models/wasserstein.h"

namespace lc::train {

namespace {

class Wgan : public WassersteinFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 60;
    run.batch_size = 64;
    run.lr = 5e-5;
    declare_critic(table);
    table.add("clip", clip_, 1e-6, 1, "Every weight of the critic stays within +-clip.");
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    return Nets{{"generator", make_generator(options_, shape, options_.latent_size)},
                {"discriminator", make_discriminator(options_, shape)}};
  }

  std::vector<Group> groups() const override {
    Rule critic, generator;
    critic.kind = generator.kind = Rule::Kind::rmsprop;
    critic.clip = clip_;
    return {{"discriminator", {"discriminator"}, critic}, {"generator", {"generator"}, generator}};
  }

 private:
  double clip_ = 0.01;
};

}  // namespace

FamilyEntry wgan_family() {
  FamilyEntry entry;
  entry.name = "wgan";
  entry.title = "WGAN";
  entry.paper = "M. Arjovsky, S. Chintala, L. Bottou: Wasserstein GAN";
  entry.year = 2017;
  entry.sentence = "A critic that estimates how far samples are from data, its weights clipped.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Wgan>(); };
  return entry;
}

}  // namespace lc::train
