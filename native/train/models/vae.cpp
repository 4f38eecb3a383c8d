// vae: the variational autoencoder of Kingma & Welling.
#include "native/train/losses.h"
#include "native/train/models/autoencoder.h"
#include "native/train/models/models.h"

namespace lc::train {

namespace {

class Vae : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 20;
    run.lr_schedule = "cosine";
    declare_autoencoder(table, options_);
    table.add("recon_weight", recon_weight_, 0, 1e6, "Weight of the reconstruction term.");
    table.add("kl_weight", kl_weight_, 0, 1e6, "Weight of the KL term.");
  }

  Result<Nets> build(const ImageShape& shape) override {
    return build_autoencoder(options_, shape, {"mean", "log_variance"});
  }
  std::vector<Group> groups() const override { return {{"autoencoder", {"encoder", "decoder"}}}; }
  std::string player() const override { return "decoder"; }
  std::pair<float, float> image_range() const override { return {0.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override {
    format::PriorPart part;
    part.name = "z";
    part.kind = format::PriorKind::normal;
    part.size = static_cast<std::uint32_t>(options_.latent_size);
    return {part};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const Terms terms =
        forward(nets, batch.images, [](const torch::Tensor& mean) { return torch::randn_like(mean); });
    updater.update("autoencoder", terms.loss);
    return {
        {"loss", terms.loss.detach()}, {"reconstruction", terms.recon.detach()}, {"kl", terms.kl.detach()}};
  }

  torch::Tensor reconstruct(Nets& nets, const torch::Tensor& images) const override {
    return nets.at("decoder")->run(nets.at("encoder")->forward({{"image", images}}).at("mean"));
  }

  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, std::uint64_t seed,
                                       const Stop& stop) const override {
    constexpr std::int64_t kChunk = 500;
    double loss = 0, recon = 0, kl = 0;
    std::int64_t count = 0;
    for (std::int64_t first = 0; first < images.size(0) && !stop(); first += kChunk) {
      const std::int64_t n = std::min(kChunk, images.size(0) - first);
      const auto noise = [&](const torch::Tensor& mean) {
        return philox_normal(seed, static_cast<std::uint64_t>(first * options_.latent_size),
                             {n, options_.latent_size})
            .to(mean.device());
      };
      const Terms terms = forward(nets, images.narrow(0, first, n), noise);
      loss += terms.loss.item<double>() * static_cast<double>(n);
      recon += terms.recon.item<double>() * static_cast<double>(n);
      kl += terms.kl.item<double>() * static_cast<double>(n);
      count += n;
    }
    if (count == 0) return {};
    const double n = static_cast<double>(count);
    const std::string note =
        "nats a picture, mean of " + std::to_string(count) + " test images, one draw of z each";
    return {{"test_loss", loss / n, note + ", weighted as in training"},
            {"test_reconstruction", recon / n, note},
            {"test_kl", kl / n, note}};
  }

 private:
  struct Terms {
    torch::Tensor loss, recon, kl;
  };

  template <class Noise>
  Terms forward(Nets& nets, const torch::Tensor& images, const Noise& noise) const {
    const Tensors code = nets.at("encoder")->forward({{"image", images}});
    const torch::Tensor& mean = code.at("mean");
    const torch::Tensor& log_variance = code.at("log_variance");
    const torch::Tensor z = mean + (0.5 * log_variance).exp() * noise(mean);
    const torch::Tensor logits = nets.at("decoder")->forward({{"latent", z}}).at("logits");
    Terms terms;
    terms.recon = reconstructions().at(options_.recon)(logits, images);
    terms.kl = kl_to_standard_normal(mean, log_variance);
    terms.loss = recon_weight_ * terms.recon + kl_weight_ * terms.kl;
    return terms;
  }

  AutoencoderOptions options_;
  double recon_weight_ = 1, kl_weight_ = 1;
};

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
