// began: boundary equilibrium GAN of Berthelot, Schumm and Metz; the discriminator is an autoencoder.
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

constexpr double kElu = 1.0;

struct BeganOptions {
  std::int64_t width = 16;
  std::int64_t hidden = 24;
  std::int64_t latent_size = 64;
  double gamma = 0.95;
  double lambda_k = 0.1;  // the paper's 1e-3 leaves k at 0 for longer than a run lasts
};

Value normed_elu(Value value) {
  return value.batch_norm().elu(kElu);
}

// The generator, and the half of the discriminator that draws: nearest upsampling.
//
// The paper has no BatchNorm. Without it the generator finds the picture that is drawn with the least error,
// on MNIST a one or a black one, and never leaves it. It takes BatchNorm here and on the discriminator's
// code: after one epoch at width 8 samples are of all classes then (entropy 2.0 nats, Fréchet distance 19),
// with it on the code alone of one class (0 nats, 85), with it here alone they are black or grey. The
// sigmoid, linear in the paper, leaves no haze around the strokes (17.4).
Value pictures(Value code, const BeganOptions& options, const DataShape& shape) {
  const std::int64_t w = options.width, h4 = shape.height / 4, w4 = shape.width / 4;
  const auto doubled = [&](Value value) { return normed_elu(value.upsample(2).conv2d(w, 3, 1, 1)); };
  const Value first = normed_elu(code.dense(2 * w * h4 * w4)).reshape(2 * w, h4, w4);
  return doubled(doubled(first)).conv2d(shape.channels, 3, 1, 1).sigmoid();
}

// A batch of nearly equal pictures is spread as far as one of all digits: what is drawn of it differs from
// it, and a generator that draws one thing alone pays for that.
Value code_of(Value image, const BeganOptions& options) {
  const std::int64_t w = options.width;
  return image.conv2d(w, 4, 2, 1)
      .elu(kElu)
      .conv2d(2 * w, 4, 2, 1)
      .elu(kElu)
      .flatten()
      .dense(options.hidden)
      .batch_norm();
}

// L of the paper. A mean over pixels: lambda_k, and the gamma that balances two of them, presume it.
torch::Tensor autoencoder_loss(const torch::Tensor& images, const torch::Tensor& reconstructions) {
  return (images - reconstructions).abs().mean();
}

class Began : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 6;
    run.batch_size = 32;
    run.lr = 1e-3;
    run.beta1 = 0.5;
    run.lr_schedule = "cosine";
    table.add("width", options_.width, 1, 1024, "Channels of a convolution of the generator.");
    table.add("hidden", options_.hidden, 1, 65536, "Numbers of the discriminator's code.");
    table.add("latent_size", options_.latent_size, 1, 4096, "Numbers of the latent vector.");
    table.add("gamma", options_.gamma, 0, 1,
              "Diversity: the error on generated pictures as a share of the error on real ones.");
    table.add("lambda_k", options_.lambda_k, 0, 1, "How fast k follows the balance of the two errors.");
  }

  Result<Nets> build(const DataShape& shape) override {
    if (shape.height % 4 != 0 || shape.width % 4 != 0) {
      return fail(Code::bad_combination,
                  "began doubles pictures twice: expected sides that are multiples of 4, found " +
                      std::to_string(shape.height) + " x " + std::to_string(shape.width) + ".");
    }
    Net generator(format::Role::generator, "generator");
    const Value latent = generator->input("latent", {options_.latent_size});
    generator->output("image", pictures(latent, options_, shape));

    Net discriminator(format::Role::discriminator, "discriminator");
    const Value image = discriminator->input("image", {shape.channels, shape.height, shape.width});
    discriminator->output("image", pictures(code_of(image, options_), options_, shape));
    k_ = torch::zeros({});
    return Nets{{"generator", generator}, {"discriminator", discriminator}};
  }

  std::vector<Group> groups() const override {
    return {{"discriminator", {"discriminator"}}, {"generator", {"generator"}}};
  }
  std::string player() const override { return "generator"; }
  // The discriminator gives no verdict: at the equilibrium it draws generated pictures better than real ones.
  std::vector<std::string> exported(const Nets&) const override { return {}; }
  std::pair<float, float> image_range() const override { return {0.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override {
    return {noise_part("uniform", options_.latent_size)};
  }
  std::vector<torch::Tensor> state() const override { return {k_}; }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    Net& discriminator = nets.at("discriminator");
    k_ = k_.to(batch.images.device());
    const torch::Tensor z = own_rows(batch.images.size(0), [&](std::int64_t rows) {
      return torch::empty({rows, options_.latent_size}, batch.images.device()).uniform_(-1, 1);
    });
    const torch::Tensor fakes = nets.at("generator")->run(z);
    const torch::Tensor real = autoencoder_loss(batch.images, discriminator->run(batch.images));
    const torch::Tensor fake = autoencoder_loss(fakes, discriminator->run(fakes));

    // Both gradients are those of one moment, as in the paper: what the discriminator's needs, the
    // generator's step leaves alone.
    const torch::Tensor d_loss = real - k_ * fake;
    updater.update("generator", fake);
    updater.update("discriminator", d_loss);

    const torch::NoGradGuard no_grad;
    const torch::Tensor balance = mean_over_ranks(options_.gamma * real - fake);
    k_.add_(balance, options_.lambda_k).clamp_(0, 1);
    return {{"d_loss", d_loss.detach()},
            {"g_loss", fake.detach()},
            {"m", (real + balance.abs()).detach()},
            {"k", k_.clone()}};
  }

  torch::Tensor reconstruct(Nets& nets, const torch::Tensor& images, const torch::Tensor&) const override {
    return nets.at("discriminator")->run(images);
  }

 private:
  BeganOptions options_;
  torch::Tensor k_;  // k_t: how much the discriminator minds generated pictures
};

}  // namespace

FamilyEntry began_family() {
  FamilyEntry entry;
  entry.name = "began";
  entry.title = "BEGAN";
  entry.paper =
      "D. Berthelot, T. Schumm, L. Metz: BEGAN: Boundary equilibrium generative adversarial networks";
  entry.year = 2017;
  entry.sentence = "An autoencoder as discriminator, held in balance with the generator by one number.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Began>(); };
  return entry;
}

}  // namespace lc::train
