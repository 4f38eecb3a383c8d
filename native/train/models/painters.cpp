// painters: a GAN that learns to draw a bundle of parabolas, 15 points each.
#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/toy.h"

namespace lc::train {

namespace {

// Curves lie between y = x^2 (a = 1) and y = 2 x^2 + 1 (a = 2); a point may miss them by so much.
constexpr double kBoundTolerance = 0.1;

class Painters : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 60;
    run.batch_size = 64;
    run.lr = 1e-4;
    run.ema_half_life_images = 1000;
    options_.hidden = 128;
    options_.latent_size = 5;
    table.add("hidden", options_.hidden, 1, 65536, "Units of the one hidden layer of either player.");
    table.add("latent_size", options_.latent_size, 1, 4096, "Numbers of the latent vector: the idea.");
    table.add("loss", loss_, {"minimax", "non-saturating"},
              "What the generator minimises: log(1 - D(G(z))), or -log D(G(z)).");
  }
  std::pair<float, float> image_range() const override { return {-1.f, 4.f}; }

  Result<Nets> build(const DataShape& shape) override {
    if (shape.channels != 1 || shape.height != 1) {
      return fail(Code::bad_combination, "painters draw rows of numbers: expected height 1, found " +
                                             std::to_string(shape.height) + " x " +
                                             std::to_string(shape.width) + ". Give --dataset parabolas.");
    }
    const RowLayers layers = {1, [](Value value) { return value.relu(); }};
    return Nets{{"generator", make_row_generator(options_, layers, shape)},
                {"discriminator", make_row_discriminator(options_, layers, shape)}};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const torch::Tensor z = draw_noise(prior(), batch.images.size(0), batch.images.device());
    Round round;
    round.saturating = loss_ == "minimax";
    return play_round(nets, undo_rounding(batch.images, image_range()), z, {}, updater, round).losses();
  }

  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, const torch::Tensor&,
                                       std::uint64_t seed, const Stop&) const override {
    const std::int64_t count = images.size(0), width = images.size(3);
    const torch::Tensor z = latents(count, seed).to(images.device());
    const torch::Tensor curves = nets.at("generator")->run(z);
    const torch::Tensor x = torch::linspace(-1, 1, width, images.options());
    const torch::Tensor inside =
        (curves >= x * x - kBoundTolerance) & (curves <= 2 * x * x + 1 + kBoundTolerance);
    // log D(x) + log(1 - D(G(z))): -2 log 2 = -1.386 where D cannot tell.
    const torch::Tensor real = nets.at("discriminator")->run(images),
                        fake = nets.at("discriminator")->run(curves);
    const std::string of = std::to_string(count) + " curves";
    return {{"score", -(gan_bce(real, true) + gan_bce(fake, false)).item<double>(),
             "mean of log D(x) + log(1 - D(G(z))) over " + of + ", -1.386 where D cannot tell"},
            {"d_real", real.sigmoid().mean().item<double>(), "D's mean answer for real curves"},
            {"d_fake", fake.sigmoid().mean().item<double>(), "D's mean answer for drawn curves"},
            {"between_bounds", inside.to(torch::kFloat32).mean().item<double>(),
             "share of the points of " + of + " between the two bounds, give or take 0.1"}};
  }

 private:
  std::string loss_ = "minimax";
};

}  // namespace

FamilyEntry painters_family() {
  FamilyEntry entry;
  entry.name = "painters";
  entry.title = "Painters";
  entry.paper = "I. J. Goodfellow, J. Pouget-Abadie, M. Mirza et al.: Generative adversarial nets";
  entry.year = 2014;
  entry.sentence = "A novice learns to draw the parabolas of a master from a critic's word alone.";
  entry.needs = "curves";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Painters>(); };
  entry.datasets = {"parabolas"};
  return entry;
}

}  // namespace lc::train
