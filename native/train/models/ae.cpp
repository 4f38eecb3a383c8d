// ae: a plain autoencoder; a Gaussian mixture fitted to its codes makes it a generator.
#include "native/train/feed.h"
#include "native/train/losses.h"
#include "native/train/mixture.h"
#include "native/train/models/autoencoder.h"
#include "native/train/models/models.h"

namespace lc::train {

namespace {

constexpr std::int64_t kChunk = 500;

class Ae : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 20;
    run.lr_schedule = "cosine";
    declare_autoencoder(table, options_);
    table.add("mixture_components", fitted_.components, 1, 256,
              "Gaussians of the mixture fitted to the codes.");
  }

  Result<Nets> build(const DataShape& shape) override { return build_autoencoder(options_, shape, {"mean"}); }
  std::vector<Group> groups() const override { return {{"autoencoder", {"encoder", "decoder"}}}; }
  std::string player() const override { return "decoder"; }
  std::pair<float, float> image_range() const override { return {0.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override { return {mixture_part(options_.latent_size)}; }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const torch::Tensor loss = reconstruction_loss(nets, batch.images);
    updater.update("autoencoder", loss);
    return {{"loss", loss.detach()}};
  }

  Status fit_prior(Nets& nets, const torch::Tensor& images, bool thorough, const Stop& stop) override {
    const auto codes = [&](const torch::Tensor& bytes, std::int64_t) {
      return encode(nets, to_range(bytes, image_range()));
    };
    return fitted_.fit(codes, images, thorough, stop);
  }

  torch::Tensor latents(std::int64_t count, std::uint64_t seed) const override {
    return fitted_.latents(count, options_.latent_size, seed);
  }

  std::vector<format::PriorPart> export_prior(format::Writer& writer) const override {
    return {fitted_.exported(prior()[0], writer)};
  }

  torch::Tensor reconstruct(Nets& nets, const torch::Tensor& images, const torch::Tensor&) const override {
    return nets.at("decoder")->run(encode(nets, images));
  }

  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, const torch::Tensor&,
                                       std::uint64_t, const Stop& stop) const override {
    double sum = 0;
    std::int64_t count = 0;
    for (std::int64_t first = 0; first < images.size(0) && !stop(); first += kChunk) {
      const std::int64_t n = std::min(kChunk, images.size(0) - first);
      sum += reconstruction_loss(nets, images.narrow(0, first, n)).item<double>() * static_cast<double>(n);
      count += n;
    }
    if (count == 0) return {};
    return {{"test_loss", sum / static_cast<double>(count),
             "reconstruction (" + options_.recon + "), summed over pixels, mean of " + std::to_string(count) +
                 " test images"}};
  }

 private:
  torch::Tensor encode(Nets& nets, const torch::Tensor& images) const {
    return nets.at("encoder")->run(images);
  }

  torch::Tensor reconstruction_loss(Nets& nets, const torch::Tensor& images) const {
    const torch::Tensor logits = nets.at("decoder")->forward({{"latent", encode(nets, images)}}).at("logits");
    return reconstructions().at(options_.recon)(logits, images).mean();
  }

  AutoencoderOptions options_;
  FittedPrior fitted_;
};

}  // namespace

FamilyEntry ae_family() {
  FamilyEntry entry;
  entry.name = "ae";
  entry.title = "Autoencoder";
  entry.paper = "G. E. Hinton, R. R. Salakhutdinov: Reducing the dimensionality of data with neural networks";
  entry.year = 2006;
  entry.sentence = "A deterministic bottleneck; samples come from a Gaussian mixture fitted to its codes.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Ae>(); };
  return entry;
}

}  // namespace lc::train
