// The bounds that the variational autoencoders train on, against sums over explicit densities.
#include <cmath>

#include "native/train/models/variational.h"
#include "tests/native/torch_records.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

constexpr double kLogTau = 1.8378770664093453;  // log 2 pi
// Float32 sums over 784 pixels, of some 550 nats.
constexpr double kNats = 2e-3;

using LossMap = std::map<std::string, double>;

LossMap as_map(const Losses& losses) {
  LossMap map;
  for (const auto& [name, value] : losses) map[name] = value.item<double>();
  return map;
}

// log N(x; mean, exp(log_variance)), a sum over the numbers of x.
double log_normal(const torch::Tensor& x, const torch::Tensor& mean, const torch::Tensor& log_variance) {
  const torch::Tensor d = x.to(torch::kFloat64), m = mean.to(torch::kFloat64),
                      v = log_variance.to(torch::kFloat64);
  return (-0.5 * (kLogTau + v + (d - m).square() / v.exp())).sum().item<double>();
}

double log_bernoulli(const torch::Tensor& x, const torch::Tensor& p) {
  const torch::Tensor t = x.to(torch::kFloat64), q = p.to(torch::kFloat64);
  return (t * q.log() + (1 - t) * (1 - q).log()).sum().item<double>();
}

TEST(Draws, GiveTheImportanceWeightedBoundOfBurdaEtAl) {
  one_thread();
  constexpr std::int64_t kDraws = 5, kLatent = 6;
  for (const char* family : {"vae", "cvae"}) {
    const std::unique_ptr<Recipe> recipe = small_recipe(
        family,
        {"net=mlp", "layers=1", "batch_norm=false", "kl_weight=1", "draws=" + std::to_string(kDraws)});
    torch::manual_seed(5);
    Nets nets = recipe->family->build({1, 28, 28, 10}).take();
    for (auto& [name, net] : nets) randomise_weights(*net);
    const Batch batch = made_up_batch(3, {0.f, 1.f});
    Recorder recorder;
    torch::manual_seed(6);
    const LossMap losses = as_map(recipe->family->step(nets, batch, recorder));

    torch::manual_seed(6);
    const torch::Tensor noise = torch::randn({3 * kDraws, kLatent});
    const torch::NoGradGuard no_grad;
    const torch::Tensor label = torch::one_hot(batch.labels, 10).to(torch::kFloat32);
    const Tensors code = nets.at("encoder")->forward({{"image", batch.images}, {"label", label}});
    double bound = 0;
    for (std::int64_t i = 0; i < 3; ++i) {
      const torch::Tensor mean = code.at("mean")[i], log_variance = code.at("log_variance")[i];
      std::vector<double> log_weights;
      for (std::int64_t k = 0; k < kDraws; ++k) {
        const torch::Tensor z = mean + (0.5 * log_variance).exp() * noise[i * kDraws + k];
        const torch::Tensor drawn =
            nets.at("decoder")
                ->forward({{"latent", z.unsqueeze(0)}, {"label", label.narrow(0, i, 1)}})
                .at("image");
        log_weights.push_back(log_bernoulli(batch.images[i], drawn[0]) +
                              log_normal(z, torch::zeros_like(z), torch::zeros_like(z)) -
                              log_normal(z, mean, log_variance));
      }
      const double most = *std::max_element(log_weights.begin(), log_weights.end());
      double sum = 0;
      for (const double w : log_weights) sum += std::exp(w - most);
      bound += (most + std::log(sum / static_cast<double>(kDraws))) / 3;
    }
    std::printf("%s: bound of %d draws %.4f nats, by explicit densities %.4f; the ELBO's terms give %.4f\n",
                family, static_cast<int>(kDraws), -losses.at("loss"), bound,
                -losses.at("reconstruction") - losses.at("kl"));
    EXPECT_NEAR(losses.at("loss"), -bound, kNats);
    // The mean of the draws' logarithms would be near the ELBO; the logarithm of their mean is above it.
    EXPECT_GT(bound, -losses.at("reconstruction") - losses.at("kl") + 10 * kNats);
    EXPECT_NEAR(recorder.losses.at("autoencoder").at(0).item<double>(), losses.at("loss"), kNats);
  }
}

TEST(KlWarmup, LetsTheTermsWeightGrowFromZero) {
  one_thread();
  const std::unique_ptr<Recipe> recipe = small_recipe("vae", {"kl_warmup=0.5", "kl_weight=3"});
  Nets nets = recipe->family->build({1, 28, 28}).take();
  Batch batch = made_up_batch(3, {0.f, 1.f});
  for (const double progress : {0.0, 0.25, 0.5, 0.99}) {
    batch.progress = torch::full({}, progress);
    Recorder recorder;
    const LossMap losses = as_map(recipe->family->step(nets, batch, recorder));
    const double weight = 3 * std::min(1.0, progress / 0.5);
    EXPECT_NEAR(losses.at("loss"), losses.at("reconstruction") + weight * losses.at("kl"), kNats) << progress;
  }
}

std::int64_t count_of(const Net& net, const std::string& kind) {
  std::int64_t count = 0;
  for (const Layer& layer : net->layers()) count += layer.kind == kind ? 1 : 0;
  return count;
}

TEST(AutoencoderOptions, ResidualBlocksAndBatchNormAreInBothNetworks) {
  for (const char* data : {"mnist", "cifar10"}) {
    const data::Dataset small = small_data(data);
    const DataShape shape = {small.channels, small.height, small.width, 10};
    const auto build = [&](const std::vector<std::string>& pairs) {
      return small_recipe("vae", pairs)->family->build(shape).take();
    };
    const Nets plain = build({}), deep = build({"residual=2", "batch_norm=true"}),
               dense = build({"net=mlp", "batch_norm=true", "layers=2"});
    for (const char* net : {"encoder", "decoder"}) {
      EXPECT_EQ(count_of(plain.at(net), "add"), 0) << net;
      EXPECT_EQ(count_of(plain.at(net), "batch_norm"), 0) << net;
      EXPECT_EQ(count_of(deep.at(net), "add"), 2) << net;
      EXPECT_EQ(count_of(deep.at(net), "relu"), count_of(plain.at(net), "relu") + 2) << net;
      for (const Nets* nets : {&deep, &dense})
        EXPECT_EQ(count_of(nets->at(net), "batch_norm"), count_of(nets->at(net), "relu")) << net;
    }
  }
}

}  // namespace
}  // namespace lc::train
