// vaegan: a VAE whose reconstruction error is measured in a layer of a discriminator, of Larsen et al.
#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

class VaeGan : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 20;
    run.batch_size = 64;
    run.lr = 3e-4;
    run.beta1 = 0.5;
    options_.latent_size = 20;
    table.add("width", options_.width, 1, 1024,
              "Channels next to the picture; each step away from it doubles them.");
    table.add("latent_size", options_.latent_size, 1, 4096, "Numbers of the latent vector.");
    table.add("gamma", gamma_, 0, 1e6,
              "Weight of the reconstruction in the decoder's loss, beside the adversarial term of weight 1.");
    table.add("kl_weight", kl_weight_, 0, 1e6, "Weight of the KL term in the encoder's loss.");
    table.add("gating", gating_, "Pause the discriminator or the decoder when one of them is far ahead.");
    table.add("equilibrium", equilibrium_, 0, 100,
              "Cross-entropy of the discriminator at which the game is even; log 2 is guessing.");
    table.add("margin", margin_, 0, 100, "Distance from the equilibrium at which one side pauses.");
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape, false));
    Net encoder(format::Role::encoder, "encoder");
    const Value trunk = encode(encoder->input("image", {shape.channels, shape.height, shape.width}));
    for (const char* head : {"mean", "log_variance"})
      encoder->output(head, trunk.dense(options_.latent_size));

    Net decoder(format::Role::decoder, "decoder");
    decoder->output("image",
                    generated_picture(decoder->input("latent", {options_.latent_size}), options_, shape));

    Net discriminator(format::Role::discriminator, "discriminator");
    const Value image = discriminator->input("image", {shape.channels, shape.height, shape.width});
    judge(discriminator, image);
    initialise_gan(options_, *decoder);
    initialise_gan(options_, *discriminator);
    return Nets{{"encoder", encoder}, {"decoder", decoder}, {"discriminator", discriminator}};
  }

  std::vector<Group> groups() const override {
    return {{"encoder", {"encoder"}}, {"decoder", {"decoder"}}, {"discriminator", {"discriminator"}}};
  }
  Repetition repetition() const override {
    return gating_ ? Repetition{0, "its losses decide which network moves"} : Repetition{};
  }
  std::string player() const override { return "decoder"; }
  std::pair<float, float> image_range() const override { return {-1.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override {
    return {noise_part("normal", options_.latent_size)};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    Net& decoder = nets.at("decoder");
    Net& discriminator = nets.at("discriminator");
    const Tensors code = nets.at("encoder")->forward({{"image", batch.images}});
    const torch::Tensor& mean = code.at("mean");
    const torch::Tensor& log_variance = code.at("log_variance");
    const torch::Tensor z = mean + (0.5 * log_variance).exp() * normal_like(mean);
    const torch::Tensor copies = decoder->run(z), fakes = decoder->run(normal_like(mean));
    const Tensors of_real = discriminator->forward({{"image", batch.images}}),
                  of_copies = discriminator->forward({{"image", copies}});
    const torch::Tensor real_logits = of_real.at("logit"), copy_logits = of_copies.at("logit"),
                        fake_logits = discriminator->run(fakes);

    // -log N(D_l(x) | D_l(copy), I) without its constant (equations 7 and 8).
    const torch::Tensor recon =
        0.5 * batch_mean_of_sums((of_real.at("features") - of_copies.at("features")).square());
    const torch::Tensor kl = kl_to_standard_normal(mean, log_variance);
    const torch::Tensor real_loss = gan_bce(real_logits, true), fake_loss = gan_bce(fake_logits, false);
    const torch::Tensor g_loss = gan_bce(fake_logits, true) + gan_bce(copy_logits, true);
    const Turns train =
        gating_ ? gate(mean_over_ranks(real_loss).item<double>(), mean_over_ranks(fake_loss).item<double>())
                : Turns{true, true};

    // Algorithm 1: every gradient is that of the networks before the step. A network that was moved is not on
    // the way of a later gradient: the encoder's crosses the decoder and the discriminator, the decoder's the
    // discriminator. The adversarial term does not reach the encoder.
    updater.update("encoder", kl_weight_ * kl + recon);
    if (train.decoder) updater.update("decoder", gamma_ * recon + g_loss);
    const torch::Tensor d_loss = real_loss + fake_loss + gan_bce(copy_logits, false);
    if (train.discriminator) updater.update("discriminator", d_loss);
    return {{"d_loss", d_loss.detach()},
            {"pixel_error", batch_mean_of_sums((copies - batch.images).detach().square())},
            {"reconstruction", recon.detach()},
            {"kl", kl.detach()},
            {"g_loss", g_loss.detach()},
            {"d_real", real_logits.detach().sigmoid().mean()},
            {"d_fake", fake_logits.detach().sigmoid().mean()}};
  }

  torch::Tensor reconstruct(Nets& nets, const torch::Tensor& images, const torch::Tensor&) const override {
    return nets.at("decoder")->run(nets.at("encoder")->forward({{"image", images}}).at("mean"));
  }

 private:
  struct Turns {
    bool decoder, discriminator;
  };

  // The discriminator rests while it is too good, the decoder while the discriminator is too bad; both train
  // when that would leave none. Figures of the authors' code.
  Turns gate(double real_loss, double fake_loss) const {
    const double low = equilibrium_ - margin_, high = equilibrium_ + margin_;
    const Turns train = {real_loss <= high && fake_loss <= high, real_loss >= low && fake_loss >= low};
    return train.decoder || train.discriminator ? train : Turns{true, true};
  }

  Value encode(Value image) const {
    const auto halve = [](Value value, std::int64_t out) {
      return value.conv2d(out, 4, 2, 1, false).batch_norm().relu();
    };
    return halve(halve(image, options_.width), 2 * options_.width).flatten();
  }

  // `features` is the layer in which pictures are compared: after BatchNorm, so that its scale, and with it
  // the weight of the reconstruction beside the KL term, does not drift.
  void judge(Net& net, Value image) const {
    const std::int64_t w = options_.width;
    const Value features = image.conv2d(w, 4, 2, 1)
                               .leaky_relu(kLeakySlope)
                               .conv2d(2 * w, 4, 2, 1, false)
                               .batch_norm()
                               .leaky_relu(kLeakySlope);
    const Value top = features.conv2d(4 * w, 3, 2, 1, false).batch_norm().leaky_relu(kLeakySlope);
    net->output("logit", top.flatten().dense(1));
    net->training_output("features", features);
  }

  GanOptions options_;
  double gamma_ = 0.01, kl_weight_ = 1, equilibrium_ = 0.68, margin_ = 0.35;
  bool gating_ = true;
};

}  // namespace

FamilyEntry vaegan_family() {
  FamilyEntry entry;
  entry.name = "vaegan";
  entry.title = "VAE/GAN";
  entry.paper =
      "A. B. L. Larsen, S. K. Sonderby, H. Larochelle, O. Winther: Autoencoding beyond pixels using a "
      "learned "
      "similarity metric";
  entry.year = 2016;
  entry.sentence = "A VAE that compares pictures by what a discriminator sees in them, not pixel by pixel.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<VaeGan>(); };
  return entry;
}

}  // namespace lc::train
