// vae-gan-hybrid: one loss for a variational autoencoder that also plays against a discriminator:
// reconstruction, beta times KL, and an adversarial term whose weight goes from a VAE (0) towards a GAN (1).
// The weight is that beside a reconstruction averaged over pixels; here all terms are sums, so it is counted
// once a pixel. Beside a sum of some hundred nats, one logit more would change nothing.
#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/models/variational.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

class VaeGanHybrid : public VariationalFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 20;
    run.lr_schedule = "cosine";
    options_.net = "mlp";
    options_.hidden = 128;
    options_.layers = 2;
    declare_autoencoder(table, options_);
    table.add("beta", beta_, 0, 1e6, "Weight of the KL term.");
    table.add("adversarial_weight", adversarial_weight_, 0, 1e6,
              "Weight of the adversarial term, for each pixel: 0 is a VAE, 1 nearly a GAN; the discriminator "
              "learns all the same.");
    table.add("d_lr", d_lr_, 0, 1000, "Learning rate of the discriminator, times lr.");
  }

  std::vector<Group> groups() const override {
    Group discriminator = {"discriminator", {"discriminator"}};
    discriminator.rule.lr_scale = d_lr_;
    discriminator.rule.beta1 = 0.5;
    return {{"autoencoder", {"encoder", "decoder"}}, discriminator};
  }

  Result<Nets> build(const DataShape& shape) override {
    GanOptions gan;
    gan.net = options_.net;
    gan.width = options_.width;
    LC_TRY(check_sides(gan, shape));
    Result<Nets> nets = VariationalFamily::build(shape);
    if (!nets.ok()) return nets;
    Net discriminator(format::Role::discriminator, "discriminator");
    Value value = discriminator->input("image", {shape.channels, shape.height, shape.width});
    if (options_.net == "conv") {
      value = discriminator_trunk(value, gan);
    } else {
      value = value.flatten();
      for (std::int64_t i = 0; i < options_.layers; ++i)
        value = value.dense(options_.hidden).leaky_relu(kLeakySlope);
    }
    discriminator->output("logit", value.dense(1));
    initialise_gan(gan, *discriminator);
    nets.value().emplace("discriminator", discriminator);
    return nets;
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const Passage passage = pass_through(nets, batch.images, {}, normal_like);
    const torch::Tensor samples = nets.at("decoder")->run(normal_like(passage.mean));
    // Both kinds of fake: pictures of codes, and pictures of noise, which the other terms never see.
    const torch::Tensor fakes = torch::cat({passage.images, samples});
    Net& discriminator = nets.at("discriminator");
    const torch::Tensor real_logits = discriminator->run(batch.images);
    const torch::Tensor fake_logits = discriminator->run(fakes.detach());
    const torch::Tensor d_loss = gan_bce(real_logits, true) + gan_bce(fake_logits, false);
    updater.update("discriminator", d_loss);

    const torch::Tensor recon = reconstructions().at(options_.recon)(passage.logits, batch.images).mean();
    const torch::Tensor kl = kl_to_standard_normal(passage.mean, passage.log_variance);
    const torch::Tensor adversarial = gan_bce(discriminator->run(fakes), true);
    const auto pixels = static_cast<double>(batch.images.numel() / batch.images.size(0));
    const torch::Tensor loss = weigh(recon, kl, 0) + adversarial_weight_ * pixels * adversarial;
    updater.update("autoencoder", loss);
    return {{"loss", loss.detach()},
            {"reconstruction", recon.detach()},
            {"kl", kl.detach()},
            {"adversarial", adversarial.detach()},
            {"d_loss", d_loss.detach()},
            {"d_real", real_logits.detach().sigmoid().mean()},
            {"d_fake", fake_logits.detach().sigmoid().mean()}};
  }

 protected:
  torch::Tensor weigh(const torch::Tensor& reconstruction, const torch::Tensor& kl, double) const override {
    return reconstruction + beta_ * kl;
  }

 private:
  double beta_ = 1, adversarial_weight_ = 0.005, d_lr_ = 0.2;
};

}  // namespace

FamilyEntry vae_gan_hybrid_family() {
  FamilyEntry entry;
  entry.name = "vae-gan-hybrid";
  entry.title = "VAE-GAN hybrid";
  entry.paper =
      "A. Makhzani, J. Shlens, N. Jaitly et al.: Adversarial autoencoders; A. B. L. Larsen et al.: "
      "Autoencoding beyond pixels using a learned similarity metric";
  entry.year = 2016;
  entry.sentence = "A VAE with a critic: one weight leads from blurred and faithful to crisp and free.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<VaeGanHybrid>(); };
  return entry;
}

}  // namespace lc::train
