// vae-gan-hybrid: one loss for a variational autoencoder that also plays against a discriminator:
// reconstruction, beta times KL, and an adversarial term whose weight goes from a VAE (0) towards a GAN (1).
// The weight is that beside a reconstruction averaged over pixels; here all terms are sums, so it is counted
// once a pixel. Beside a sum of some hundred nats, one logit more would change nothing.
// Samples come from a mixture fitted to the codes after training, as those of ae do (Ghosh et al. 2020, "From
// variational to deterministic autoencoders", section 4): the codes do not fill N(0, I), whose pictures have
// a Fréchet distance of 6.1 on MNIST where the mixture's have 0.9.
#include "native/train/feed.h"
#include "native/train/losses.h"
#include "native/train/mixture.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/models/variational.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

class VaeGanHybrid : public VariationalFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 10;
    run.batch_size = 64;
    run.lr = 5e-4;
    run.beta1 = 0.5;
    run.lr_schedule = "cosine";
    options_.residual = 2;
    options_.batch_norm = true;
    options_.hidden = 128;
    options_.layers = 2;
    declare_autoencoder(table, options_);
    kl_weight_ = 6;  // keeps the codes together
    table.add("beta", kl_weight_, 0, 1e6, "Weight of the KL term.");
    table.add("adversarial_weight", adversarial_weight_, 0, 1e6,
              "Weight of the adversarial term, for each pixel: 0 is a VAE, 1 nearly a GAN; the discriminator "
              "learns all the same.");
    table.add("d_lr", d_lr_, 0, 1000, "Learning rate of the discriminator, times lr.");
    declare_input_noise(table, input_noise_);
    table.add("mixture_components", fitted_.components, 1, 256,
              "Gaussians of the mixture fitted to the codes, from which samples are drawn.");
  }
  std::vector<format::PriorPart> prior() const override { return {mixture_part(options_.latent_size)}; }

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

  // The draws of codes, not their means: what the decoder has learnt from.
  Status fit_prior(Nets& nets, const torch::Tensor& images, bool thorough, const Stop& stop) override {
    const auto codes = [&](const torch::Tensor& bytes, std::int64_t first) {
      const Tensors code = nets.at("encoder")->forward({{"image", to_range(bytes, image_range())}});
      const torch::Tensor& mean = code.at("mean");
      const auto place = static_cast<std::uint64_t>(first * options_.latent_size);
      const torch::Tensor noise = philox_normal(/*seed=*/1, place, {mean.size(0), options_.latent_size});
      return mean + (0.5 * code.at("log_variance")).exp() * noise.to(mean.device());
    };
    return fitted_.fit(codes, images, thorough, stop);
  }
  torch::Tensor latents(std::int64_t count, std::uint64_t seed) const override {
    return fitted_.latents(count, options_.latent_size, seed);
  }
  std::vector<format::PriorPart> export_prior(format::Writer& writer) const override {
    return {fitted_.exported(prior()[0], writer)};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const Passage passage = pass_through(nets, batch.images, {}, normal_like);
    const torch::Tensor samples = nets.at("decoder")->run(normal_like(passage.mean));
    // Noise is drawn for one kind of picture at a time: a rank's rows of it are then those of its pictures.
    const torch::Tensor noise = input_noise_at(input_noise_, batch);
    const auto judge = [&](const std::vector<torch::Tensor>& kinds) {
      std::vector<torch::Tensor> seen;
      for (const torch::Tensor& images : kinds) seen.push_back(noisy(images, noise));
      return nets.at("discriminator")->run(torch::cat(seen));
    };
    const torch::Tensor real_logits = judge({batch.images});
    // Both kinds of fake: pictures of codes, and pictures of noise, which the other terms never see.
    const torch::Tensor fake_logits = judge({passage.images.detach(), samples.detach()});
    const torch::Tensor d_loss = gan_bce(real_logits, true) + gan_bce(fake_logits, false);
    updater.update("discriminator", d_loss);

    const torch::Tensor recon = reconstructions().at(options_.recon)(passage.logits, batch.images).mean();
    const torch::Tensor kl = kl_to_standard_normal(passage.mean, passage.log_variance);
    const torch::Tensor adversarial = gan_bce(judge({passage.images, samples}), true);
    const auto pixels = static_cast<double>(batch.images.numel() / batch.images.size(0));
    const torch::Tensor loss = weigh(recon, kl, batch.progress) + adversarial_weight_ * pixels * adversarial;
    updater.update("autoencoder", loss);
    return {{"loss", loss.detach()},
            {"reconstruction", recon.detach()},
            {"kl", kl.detach()},
            {"adversarial", adversarial.detach()},
            {"d_loss", d_loss.detach()},
            {"d_real", real_logits.detach().sigmoid().mean()},
            {"d_fake", fake_logits.detach().sigmoid().mean()}};
  }

 private:
  double adversarial_weight_ = 0.3, d_lr_ = 1;  // the first makes up for the blur
  double input_noise_ = 0.15;                   // of pictures in [0, 1]
  FittedPrior fitted_;
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
