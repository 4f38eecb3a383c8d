// dcgan: the deep convolutional GAN of Radford, Metz and Chintala.
#include "native/train/models/models.h"
#include "native/train/models/networks.h"

namespace lc::train {

namespace {

class Dcgan : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 30;
    run.lr = 2e-4;
    run.beta1 = 0.5;
    declare_gan(table, options_);
    declare_input_noise(table, input_noise_);
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    Net generator = make_generator(options_, shape, options_.latent_size);
    return Nets{{"generator", generator}, {"discriminator", make_discriminator(options_, shape)}};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const torch::Tensor z = draw_noise(prior(), batch.images.size(0), batch.images.device());
    Round round;
    round.input_noise = input_noise_at(input_noise_, batch);
    return play_round(nets, batch.images, z, {}, updater, round).losses();
  }

 private:
  double input_noise_ = 0;  // as in the paper
};

}  // namespace

FamilyEntry dcgan_family() {
  FamilyEntry entry;
  entry.name = "dcgan";
  entry.title = "DCGAN";
  entry.paper =
      "A. Radford, L. Metz, S. Chintala: Unsupervised representation learning with deep convolutional "
      "generative adversarial networks";
  entry.year = 2016;
  entry.sentence = "Strided convolutions with BatchNorm on both sides of the adversarial game.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Dcgan>(); };
  return entry;
}

}  // namespace lc::train
