// cppn: a picture as a function of the pixel's place and a latent vector, trained as VAE and GAN at once; D.
// Ha, "Generating large images from latent vectors".
#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/play.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

class Cppn : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 10;
    run.batch_size = 32;
    run.lr = 2e-3;
    run.beta1 = 0.65;
    run.lr_schedule = "cosine";
    options_.width = 16;
    options_.latent_size = 32;
    table.add("units", units_, 1, 4096, "Numbers of each hidden layer of the function of a pixel.");
    table.add("depth", depth_, 1, 64, "Hidden layers of the function of a pixel.");
    table.add("scale", scale_, 0.01, 100, "What coordinates are multiplied by: larger is finer detail.");
    table.add(
        "width", options_.width, 1, 1024,
        "Channels of the first convolution of encoder and discriminator; the second has twice as many.");
    table.add("latent_size", options_.latent_size, 1, 4096, "Numbers of the latent vector.");
    table.add("kl_weight", kl_weight_, 0, 1e6, "Weight of the KL term.");
    table.add("gan_weight", gan_weight_, 0, 1e6,
              "Weight of the adversarial loss beside the VAE's loss a pixel; 0 trains a VAE alone.");
    table.add("vae_steps", vae_steps_, 0, 100, "Steps on the VAE's loss alone, a batch.");
    table.add("g_steps", g_steps_, 1, 100, "Most steps on both losses a batch; they end when g_loss is low.");
    table.add("g_enough", g_enough_, 0, 100, "g_loss below which the generator's steps on a batch end.");
    table.add("d_above", d_above_, 0, 100, "The discriminator trains only while its loss is above this,");
    table.add("g_below", g_below_, 0, 100, "and only when the generator's is below this.");
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape, false));
    Net encoder(format::Role::encoder, "encoder");
    const Value trunk = encode(encoder->input("image", {shape.channels, shape.height, shape.width}));
    for (const char* head : {"mean", "log_variance"})
      encoder->output(head, trunk.dense(options_.latent_size));

    Net decoder(format::Role::decoder, "decoder");
    const Value latent = decoder->input("latent", {options_.latent_size});
    const Value place = decoder->input("coordinates", {3, shape.height, shape.width});
    const Value logits = colour(latent, place).conv2d(shape.channels, 1, 1, 0);
    decoder->output("image", logits.sigmoid());
    decoder->training_output("logits", logits);
    initialise(*decoder);
    place_ = coordinates(shape.height, shape.width);
    // Without BatchNorm: while pictures hardly differ yet, its division by their deviation would blow the
    // adversarial gradient up until nothing else is learnt.
    const Net discriminator = make_discriminator(options_, shape, TrunkNorm::none);
    return Nets{{"encoder", encoder}, {"decoder", decoder}, {"discriminator", discriminator}};
  }

  std::vector<Group> groups() const override {
    return {{"autoencoder", {"encoder", "decoder"}}, {"discriminator", {"discriminator"}}};
  }
  Repetition repetition() const override { return {0, "its losses decide which network moves"}; }
  std::string player() const override { return "decoder"; }
  std::pair<float, float> image_range() const override { return {0.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override {
    return {noise_part("normal", options_.latent_size)};
  }

  // The source's order: the VAE's own steps, then steps on both losses until the discriminator is fooled well
  // enough, then one of the discriminator, if it has fallen behind.
  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    Net& discriminator = nets.at("discriminator");
    const double points = static_cast<double>(batch.images.size(2) * batch.images.size(3));
    for (std::int64_t i = 0; i < vae_steps_; ++i) {
      updater.update("autoencoder", forward(nets, batch.images).loss / points);
    }
    Terms terms;
    torch::Tensor g_loss;
    for (std::int64_t i = 0; i < g_steps_; ++i) {
      terms = forward(nets, batch.images);
      g_loss = gan_bce(discriminator->run(terms.images), true);
      updater.update("autoencoder", gan_weight_ * g_loss + terms.loss / points);
      if (mean_over_ranks(g_loss).item<double>() < g_enough_) break;
    }
    const torch::Tensor real_logits = discriminator->run(batch.images),
                        fake_logits = discriminator->run(terms.images.detach());
    const torch::Tensor d_loss = 0.5 * (gan_bce(real_logits, true) + gan_bce(fake_logits, false));
    if (mean_over_ranks(d_loss).item<double>() > d_above_ &&
        mean_over_ranks(g_loss).item<double>() < g_below_) {
      updater.update("discriminator", d_loss);
    }
    return {{"loss", terms.loss.detach()},
            {"reconstruction", terms.recon.detach()},
            {"kl", terms.kl.detach()},
            {"d_loss", d_loss.detach()},
            {"g_loss", g_loss.detach()},
            {"d_real", real_logits.detach().sigmoid().mean()},
            {"d_fake", fake_logits.detach().sigmoid().mean()}};
  }

  torch::Tensor reconstruct(Nets& nets, const torch::Tensor& images, const torch::Tensor&) const override {
    return decode(nets, nets.at("encoder")->forward({{"image", images}}).at("mean")).at("image");
  }

 private:
  struct Terms {
    torch::Tensor loss, recon, kl, images;
  };

  Terms forward(Nets& nets, const torch::Tensor& images) const {
    const Tensors code = nets.at("encoder")->forward({{"image", images}});
    const torch::Tensor& mean = code.at("mean");
    const torch::Tensor& log_variance = code.at("log_variance");
    const Tensors drawn = decode(nets, mean + (0.5 * log_variance).exp() * normal_like(mean));
    Terms terms;
    terms.recon = bce(drawn.at("logits"), images).mean();
    terms.kl = kl_to_standard_normal(mean, log_variance);
    terms.loss = terms.recon + kl_weight_ * terms.kl;
    terms.images = drawn.at("image");
    return terms;
  }

  Tensors decode(Nets& nets, const torch::Tensor& latents) const {
    const torch::Tensor place = place_.to(latents.device()).unsqueeze(0);  // one for all: `add` spreads it
    return nets.at("decoder")->forward({{"latent", latents}, {"coordinates", place}});
  }

  Value encode(Value image) const {
    const std::int64_t w = options_.width;
    return image.conv2d(w, 4, 2, 1).relu().conv2d(2 * w, 4, 2, 1).relu().flatten();
  }

  // 1 x 1 convolutions: the same function at every place.
  Value colour(Value latent, Value place) const {
    Value h = place.conv2d(units_, 1, 1, 0, false, scale_).add(latent.dense(units_)).softplus();
    for (std::int64_t i = 1; i < depth_; ++i) h = h.conv2d(units_, 1, 1, 0).tanh();
    return h;
  }

  // Deviations that keep values of the size of 1 from layer to layer: with smaller ones every picture begins
  // as one grey. The layer that reads the coordinates has its own, through its gain.
  static void initialise(NetImpl& net) {
    const torch::NoGradGuard no_grad;
    for (const Layer& layer : net.layers()) {
      if (!layer.tensors || layer.weight_gain != 1) continue;
      const torch::Tensor& weight = layer.tensors->weight;
      weight.normal_(0, 1 / std::sqrt(static_cast<double>(weight.size(1))));
      if (layer.tensors->bias.defined()) layer.tensors->bias.zero_();
    }
  }

  GanOptions options_;
  std::int64_t units_ = 64, depth_ = 4, vae_steps_ = 0, g_steps_ = 1;
  double scale_ = 5, kl_weight_ = 1, gan_weight_ = 0.01, g_enough_ = 0.6, d_above_ = 0.6, g_below_ = 0.75;
  torch::Tensor place_;  // [3][height][width]
};

}  // namespace

FamilyEntry cppn_family() {
  FamilyEntry entry;
  entry.name = "cppn";
  entry.title = "CPPN";
  entry.paper = "D. Ha: Generating large images from latent vectors (blog.otoro.net)";
  entry.year = 2016;
  entry.sentence = "A picture as a function of x, y, r and a latent vector: drawn at any size.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Cppn>(); };
  return entry;
}

}  // namespace lc::train
