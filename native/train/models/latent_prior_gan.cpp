// latent-prior-gan: a GAN whose latent vectors come from the codes of an autoencoder that was trained first,
// instead of from noise that knows nothing of the data.
#include "native/train/feed.h"
#include "native/train/losses.h"
#include "native/train/mixture.h"
#include "native/train/models/autoencoder.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

constexpr std::int64_t kCodes = 8192;  // codes that the mixture is fitted to

// Training has three parts: the autoencoder learns; at rest, its codes are collected and a mixture of
// Gaussians is fitted to them; then the game is played with latent vectors from that mixture. The generator
// begins it as a copy of the decoder: one that began with chance weights would have to find a use for codes
// that mean nothing to it, and leaves most of them aside.
class LatentPriorGan : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    set_gan_run(run);
    options_.latent_size = 20;
    declare_gan(table, options_);
    table.add("encoder_share", encoder_share_, 0.01, 0.99, "Share of training that the autoencoder gets.");
    table.add("encoder_lr", encoder_lr_, 0, 1000, "Learning rate of the autoencoder, times lr.");
    table.add("mixture_components", components_, 1, 256, "Gaussians of the mixture fitted to the codes.");
    declare_input_noise(table, input_noise_);
  }

  std::vector<Group> groups() const override {
    Group autoencoder = {"autoencoder", {"encoder", "decoder"}};
    autoencoder.rule.lr_scale = encoder_lr_;
    autoencoder.rule.beta1 = 0.9;
    std::vector<Group> groups = GanFamily::groups();
    groups.push_back(autoencoder);
    return groups;
  }
  std::vector<std::string> exported(const Nets&) const override { return {"discriminator"}; }

  std::vector<format::PriorPart> prior() const override {
    format::PriorPart part = noise_part("normal", options_.latent_size);
    part.kind = format::PriorKind::mixture;
    return {part};
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    AutoencoderOptions autoencoder;
    autoencoder.net = options_.net;
    autoencoder.width = options_.width;
    autoencoder.hidden = options_.hidden;
    autoencoder.latent_size = options_.latent_size;
    Result<Nets> nets = build_autoencoder(autoencoder, shape, {"mean"});
    if (!nets.ok()) return nets;
    Net decoder(format::Role::decoder, "decoder");
    decoder->output("image",
                    generated_picture(decoder->input("latent", {options_.latent_size}), options_, shape));
    initialise_gan(options_, *decoder);
    nets.value().insert_or_assign("decoder", decoder);
    nets.value().emplace("generator", make_generator(options_, shape, options_.latent_size));
    nets.value().emplace("discriminator", make_discriminator(options_, shape));
    // Until the codes are known, each component is N(0, I).
    const std::int64_t size = options_.latent_size;
    mixture_.weights = torch::full({components_}, 1.0 / static_cast<double>(components_));
    mixture_.means = torch::zeros({components_, size});
    mixture_.cholesky = torch::eye(size).repeat({components_, 1, 1});
    codes_ = torch::zeros({kCodes, size});
    last_ = torch::zeros({5});
    return nets;
  }
  Repetition repetition() const override {
    return {0, "its training has parts, and draws latents on the host"};
  }
  std::vector<torch::Tensor> state() const override {
    return {mixture_.weights, mixture_.means, mixture_.cholesky, codes_, last_};
  }

  torch::Tensor latents(std::int64_t count, std::uint64_t seed) const override {
    return draw(mixture_, count, seed);
  }
  std::vector<format::PriorPart> export_prior(format::Writer& writer) const override {
    return {export_mixture(mixture_, prior()[0], writer)};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const std::int64_t count = batch.images.size(0);
    const auto share = static_cast<std::int64_t>(encoder_share_ * static_cast<double>(batch.total));
    const std::int64_t first_round = std::max<std::int64_t>(2, share);
    const std::int64_t collect_from =
        first_round - std::clamp<std::int64_t>(kCodes / (count * ranks().size()), 1, first_round / 2);
    last_ = last_.to(batch.images.device());
    std::vector<torch::Tensor> now = last_.clone().unbind();
    if (batch.iteration < collect_from) {
      now[0] = code_loss(nets, batch).loss;
      updater.update("autoencoder", now[0]);
    } else if (batch.iteration < first_round) {
      const torch::NoGradGuard no_grad;
      const CodeLoss code = code_loss(nets, batch);
      now[0] = code.loss;
      const std::int64_t whole = count * ranks().size();
      const std::int64_t seen = collect(gather_rows(code.codes), (batch.iteration - collect_from) * whole);
      if (batch.iteration + 1 == first_round) fit(seen);
    } else {
      if (batch.iteration == first_round) nets.at("generator")->assign(*nets.at("decoder"));
      const torch::Tensor z =
          own_rows(count, [&](std::int64_t rows) { return noise(rows); }).to(batch.images.device());
      Round round;
      round.input_noise = input_noise_at(input_noise_, batch);
      const Played played = play_round(nets, batch.images, z, {}, updater, round);
      now = {now[0], played.d_loss, played.g_loss, played.d_real, played.d_fake};
    }
    for (torch::Tensor& value : now) value = value.detach();
    last_.copy_(torch::stack(now));
    return {{"autoencoder_loss", now[0]},
            {"d_loss", now[1]},
            {"g_loss", now[2]},
            {"d_real", now[3]},
            {"d_fake", now[4]}};
  }

 private:
  struct CodeLoss {
    torch::Tensor codes, loss;
  };
  CodeLoss code_loss(Nets& nets, const Batch& batch) const {
    const torch::Tensor codes = nets.at("encoder")->run(batch.images);
    return {codes, batch_mean_of_sums((nets.at("decoder")->run(codes) - batch.images).square())};
  }

  // Keeps codes from place `first` on; returns how many are kept.
  std::int64_t collect(const torch::Tensor& codes, std::int64_t first) {
    const std::int64_t count = codes.size(0);
    codes_.index_copy_(0, torch::arange(first, first + count).remainder(kCodes), codes.cpu());
    return std::min(kCodes, first + count);
  }

  void fit(std::int64_t seen) {
    MixtureOptions options;
    options.components = components_;
    const Result<Mixture> fitted = fit_mixture(codes_.narrow(0, 0, seen), options, [] { return false; });
    if (fitted.status().code == Code::diverged) return;  // the loss of this step says so too
    TORCH_CHECK(fitted.ok(), fitted.status().message);
    mixture_.weights.copy_(fitted->weights);
    mixture_.means.copy_(fitted->means);
    mixture_.cholesky.copy_(fitted->cholesky);
  }

  torch::Tensor noise(std::int64_t count) const {
    const torch::Tensor component = torch::multinomial(mixture_.weights, count, /*replacement=*/true);
    const torch::Tensor normal = torch::randn({count, options_.latent_size, 1});
    return mixture_.means.index_select(0, component) +
           mixture_.cholesky.index_select(0, component).matmul(normal).squeeze(2);
  }

  double encoder_share_ = 0.2, encoder_lr_ = 3;
  double input_noise_ = kInputNoise;
  std::int64_t components_ = 10;
  Mixture mixture_;
  torch::Tensor codes_;  // [kCodes][latent size], of the encoder at rest
  torch::Tensor last_;   // the losses of the step before: each part reports those of the others unchanged
};

}  // namespace

FamilyEntry latent_prior_gan_family() {
  FamilyEntry entry;
  entry.name = "latent-prior-gan";
  entry.title = "GAN with a learnt prior";
  entry.paper =
      "A. B. L. Larsen, S. K. Sonderby, H. Larochelle, O. Winther: Autoencoding beyond pixels using a "
      "learned "
      "similarity metric";
  entry.year = 2016;
  entry.sentence = "A GAN whose latent vectors come from an encoder's codes instead of plain noise.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<LatentPriorGan>(); };
  return entry;
}

}  // namespace lc::train
