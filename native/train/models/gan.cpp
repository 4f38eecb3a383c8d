// gan: the first generative adversarial network, of dense layers, with the choices of its paper.
#include "native/train/models/models.h"
#include "native/train/models/networks.h"

namespace lc::train {

namespace {

class Gan : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 30;
    run.lr = 2e-4;
    run.beta1 = 0.5;
    options_.net = "mlp";
    declare_gan(table, options_);
    table.add("loss", loss_, {"non-saturating", "minimax"},
              "What the generator minimises: -log D(G(z)), or log(1 - D(G(z))).");
    table.add("d_steps", d_steps_, 1, 1000,
              "Steps of the discriminator for one of the generator, each on a batch of its own.");
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    last_g_loss_ = torch::zeros({});
    Net generator = make_generator(options_, shape, options_.latent_size);
    return Nets{{"generator", generator}, {"discriminator", make_discriminator(options_, shape)}};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const torch::Tensor z = draw_noise(prior(), batch.images.size(0), batch.images.device());
    last_g_loss_ = last_g_loss_.to(z.device());
    Round round;
    round.saturating = loss_ == "minimax";
    round.move_generator = (batch.iteration + 1) % d_steps_ == 0;
    Played played = play_round(nets, batch.images, z, {}, updater, round);
    if (round.move_generator) {
      last_g_loss_.copy_(played.g_loss);
    } else {
      played.g_loss = last_g_loss_.clone();
    }
    return played.losses();
  }
  std::vector<torch::Tensor> state() const override { return {last_g_loss_}; }
  Repetition repetition() const override { return {d_steps_, ""}; }

 private:
  std::string loss_ = "non-saturating";
  std::int64_t d_steps_ = 1;
  torch::Tensor last_g_loss_;  // between two steps of the generator
};

}  // namespace

FamilyEntry gan_family() {
  FamilyEntry entry;
  entry.name = "gan";
  entry.title = "GAN";
  entry.paper = "I. J. Goodfellow, J. Pouget-Abadie, M. Mirza et al.: Generative adversarial nets";
  entry.year = 2014;
  entry.sentence = "A generator and a discriminator of dense layers, each learning from the other.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Gan>(); };
  return entry;
}

}  // namespace lc::train
