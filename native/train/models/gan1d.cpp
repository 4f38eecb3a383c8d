// gan1d: a GAN of numbers, small enough that its distributions can be drawn: the figure of Goodfellow et al.
// 2014.
#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/toy.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

constexpr std::int64_t kHiddenLayers = 2;
constexpr float kLow = -5, kHigh = 5;  // the axis of the figure
constexpr std::int64_t kBins = 40;     // of the histograms that are compared

class Gan1d : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 100;
    run.batch_size = 500;
    run.lr = 2e-3;
    run.lr_schedule = "cosine";
    run.beta1 = 0;
    run.ema_half_life_images = 10000;
    run.strip = 1024;  // the figure draws p_data from the real ones
    options_.hidden = 32;
    options_.latent_size = 1;
    table.add("hidden", options_.hidden, 1, 65536, "Units of each hidden layer.");
    table.add("latent_size", options_.latent_size, 1, 4096, "Numbers of the latent vector; 1 can be drawn.");
    table.add("prior", options_.prior, {"normal", "uniform"},
              "Distribution of the latent vector; uniform is in [-1, 1).");
    table.add("d_steps", d_steps_, 1, 100, "Steps of the discriminator for each of the generator.");
    table.add("r1", r1_, 0, 1000,
              "Weight of half the squared slope of the discriminator's logit at the data; damps the game.");
    table.add("stratified", stratified_, "One latent number in each of as many equal strata: less noise.");
  }
  std::pair<float, float> image_range() const override { return {kLow, kHigh}; }

  Result<Nets> build(const DataShape& shape) override {
    if (shape.size() != 1) {
      return fail(Code::bad_combination, "gan1d draws single numbers: expected 1 x 1, found " +
                                             std::to_string(shape.height) + " x " +
                                             std::to_string(shape.width) + ". Give --dataset gauss1d.");
    }
    // Smooth, and never dead: both distributions and D are to be drawn.
    const RowLayers layers = {kHiddenLayers, [](Value value) { return value.elu(); }};
    Net generator = make_row_generator(options_, layers, shape);
    const torch::NoGradGuard no_grad;
    // The game starts with p_g beside p_data, inside the figure.
    generator->parameters().back().fill_(kLow + (kHigh - kLow) / 4);
    return Nets{{"generator", generator}, {"discriminator", make_row_discriminator(options_, layers, shape)}};
  }

  // Without R1 the two turn about the equilibrium instead of reaching it (Mescheder, Geiger & Nowozin 2018,
  // "Which training methods for GANs do actually converge?", sections 2 and 4.1): an average over the turn
  // has D near 1/2 and the wrong spread.
  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const auto judge = [&](const torch::Tensor& numbers) { return nets.at("discriminator")->run(numbers); };
    const auto draw = [&] {
      return nets.at("generator")->run(noise(batch.images.size(0), batch.images.device()));
    };
    torch::Tensor d_loss, real_logits, fake_logits;
    for (std::int64_t i = 0; i < d_steps_; ++i) {
      const torch::Tensor real = undo_rounding(batch.images, image_range()).requires_grad_(r1_ > 0);
      real_logits = judge(real);
      fake_logits = judge(draw().detach());
      d_loss = gan_bce(real_logits, true) + gan_bce(fake_logits, false);
      if (r1_ > 0) {
        const torch::Tensor slope =
            torch::autograd::grad({real_logits.sum()}, {real}, {}, true, /*create_graph=*/true)[0];
        d_loss = d_loss + 0.5 * r1_ * batch_mean_of_sums(slope.square());
      }
      updater.update("discriminator", d_loss);
    }
    const torch::Tensor g_loss = gan_bce(judge(draw()), true);
    updater.update("generator", g_loss);
    Played played;
    played.d_loss = d_loss.detach();
    played.g_loss = g_loss.detach();
    played.d_real = real_logits.detach().sigmoid().mean();
    played.d_fake = fake_logits.detach().sigmoid().mean();
    return played.losses();
  }

  // The game is decided early: its stages lie evenly in the logarithm of time.
  std::vector<std::int64_t> moments(std::int64_t total) const override {
    std::vector<std::int64_t> moments;
    for (std::int64_t moment = 8; moment < total; moment *= 2) moments.push_back(moment);
    return moments;
  }

  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, const torch::Tensor&,
                                       std::uint64_t seed, const Stop&) const override {
    constexpr std::int64_t kDrawn = 20000;
    const torch::Tensor drawn = nets.at("generator")->run(latents(kDrawn, seed).to(images.device())).cpu();
    const torch::Tensor data = images.cpu();
    // One sample more in each bin, so that no bin is empty.
    const auto histogram = [](const torch::Tensor& values) {
      const torch::Tensor counts = torch::histc(values.clamp(kLow, kHigh), kBins, kLow, kHigh) + 1;
      return (counts / counts.sum()).to(torch::kFloat64);
    };
    const torch::Tensor p_g = histogram(drawn), p_data = histogram(data);
    const torch::Tensor d_real = nets.at("discriminator")->run(images).sigmoid(),
                        d_fake = nets.at("discriminator")->run(drawn.to(images.device())).sigmoid();
    const std::string of = "over histograms of " + std::to_string(kBins) + " bins, " +
                           std::to_string(kDrawn) + " drawn and " + std::to_string(data.numel()) +
                           " test numbers";
    return {{"kl_generated_data", (p_g * (p_g / p_data).log()).sum().item<double>(),
             "nats, KL(p_g || p_data) " + of},
            {"kl_data_generated", (p_data * (p_data / p_g).log()).sum().item<double>(),
             "nats, KL(p_data || p_g) " + of},
            {"generated_mean", drawn.mean().item<double>(), "of the drawn numbers"},
            {"generated_deviation", drawn.std().item<double>(), "standard deviation of the drawn numbers"},
            {"d_real", d_real.mean().item<double>(), "D's mean answer for real numbers"},
            {"d_fake", d_fake.mean().item<double>(), "D's mean answer for drawn numbers"}};
  }

 private:
  torch::Tensor noise(std::int64_t count, torch::Device device) const {
    if (!stratified_ || options_.prior != "uniform") return draw_noise(prior(), count, device);
    // The strata are those of the whole batch.
    return own_rows(count, [&](std::int64_t rows) { return strata(rows, device); });
  }

  torch::Tensor strata(std::int64_t count, torch::Device device) const {
    const torch::Tensor place = torch::rand({count, options_.latent_size}, device);
    const torch::Tensor stratum = torch::arange(count, place.options()).unsqueeze(1);
    torch::Tensor z = (stratum + place) * (2.0 / static_cast<double>(count)) - 1.0;
    if (options_.latent_size == 1) return z;
    std::vector<torch::Tensor> columns;  // strata of several numbers are matched at random
    for (const torch::Tensor& column : z.unbind(1)) {
      columns.push_back(
          column.index_select(0, torch::randperm(count, torch::dtype(torch::kInt64).device(device))));
    }
    return torch::stack(columns, 1);
  }

  std::int64_t d_steps_ = 1;
  double r1_ = 0.3;
  bool stratified_ = true;
};

}  // namespace

FamilyEntry gan1d_family() {
  FamilyEntry entry;
  entry.name = "gan1d";
  entry.title = "1-D GAN";
  entry.paper = "I. J. Goodfellow, J. Pouget-Abadie, M. Mirza et al.: Generative adversarial nets";
  entry.year = 2014;
  entry.sentence =
      "Numbers instead of pictures, so that both distributions and the discriminator can be drawn.";
  entry.needs = "numbers";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Gan1d>(); };
  entry.datasets = {"gauss1d"};
  return entry;
}

}  // namespace lc::train
