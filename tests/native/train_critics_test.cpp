// The critics' own rules: gradient penalty, clipped weights, turns, BEGAN's balance, the techniques of
// improved-gan; and traps that GANs share: the noise of training, BatchNorm's epsilon.
#include <algorithm>
#include <optional>

#include "native/train/feed.h"
#include "native/train/gradient_penalty.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

// float32 sums over a picture.
constexpr double kTolerance = 1e-5;

std::map<std::string, double> one_step(Trainer& trainer) {
  const Status status = trainer.step();
  EXPECT_TRUE(status.ok()) << status.message;
  std::map<std::string, double> losses;
  for (const auto& [name, value] : trainer.take_losses().take()) losses[name] = value;
  return losses;
}

torch::Tensor flat(const NetImpl& net) {
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& parameter : net.parameters()) parts.push_back(parameter.detach().flatten());
  return torch::cat(parts);
}

TEST(GradientPenaltyTest, NormOfALinearCriticIsThatOfItsWholeWeight) {
  torch::manual_seed(1);
  const torch::Tensor weight = torch::randn({3, 5, 4});  // every channel and pixel counts
  const auto critic = [&](const torch::Tensor& images) { return (images * weight).flatten(1).sum(1, true); };
  const GradientPenalty result =
      gradient_penalty(critic, torch::rand({6, 3, 5, 4}), torch::rand({6, 3, 5, 4}));
  const double norm = weight.norm().item<double>();
  EXPECT_LT(max_abs(result.norms, torch::full({6}, norm)), kTolerance * norm);
  EXPECT_NEAR(result.penalty.item<double>(), (norm - 1) * (norm - 1), 1e-3);
  std::printf("linear critic: norm %.4f, of its weight %.4f\n", result.norms[0].item<double>(), norm);
}

TEST(GradientPenaltyTest, HasOneAlphaForEachSample) {
  torch::manual_seed(2);
  const torch::Tensor reals = torch::rand({8, 2, 4, 4}) + 2, fakes = torch::rand({8, 2, 4, 4});
  torch::Tensor seen;
  gradient_penalty(
      [&](const torch::Tensor& images) {
        seen = images.detach().clone();
        return images.square().flatten(1).sum(1);
      },
      reals, fakes);
  const torch::Tensor alpha = ((seen - fakes) / (reals - fakes)).flatten(1);
  EXPECT_LT((std::get<0>(alpha.max(1)) - std::get<0>(alpha.min(1))).max().item<double>(), kTolerance)
      << "alpha differs within a sample";
  EXPECT_GT(alpha.select(1, 0).std().item<double>(), 0.05) << "samples share an alpha";
  EXPECT_GE(alpha.min().item<double>(), -kTolerance);
  EXPECT_LE(alpha.max().item<double>(), 1 + kTolerance);
}

TEST(GradientPenaltyTest, MovesTheCriticsWeights) {
  torch::manual_seed(3);
  // D(x) = a |x|^2 / 2 has the gradient a x: the penalty is (a |x| - 1)^2, its slope 2 (a |x| - 1) |x|.
  const torch::Tensor a = torch::tensor(0.3f).requires_grad_(true);
  const torch::Tensor images = torch::rand({5, 1, 3, 3});
  const GradientPenalty result = gradient_penalty(
      [&](const torch::Tensor& x) { return 0.5 * a * x.square().flatten(1).sum(1); }, images, images);
  result.penalty.backward();
  const torch::Tensor length = images.flatten(1).norm(2, 1);
  const double expected = (2 * (0.3 * length - 1) * length).mean().item<double>();
  EXPECT_NEAR(a.grad().item<double>(), expected, kTolerance);
}

TEST(WganGpTest, CriticJudgesEachSampleAlone) {
  one_thread();
  for (const char* net : {"net=conv", "net=mlp"}) {
    for (const char* norm : {"critic_norm=none", "critic_norm=layer"}) {
      const std::unique_ptr<Recipe> recipe = small_recipe("wgan-gp", {net, norm});
      Nets nets = recipe->family->build({1, 28, 28, 10}).take();
      Net& critic = nets.at("discriminator");
      for (const Layer& layer : critic->layers()) EXPECT_NE(layer.kind, "batch_norm");
      critic->train();
      const torch::NoGradGuard no_grad;
      const torch::Tensor images = torch::rand({6, 1, 28, 28});
      EXPECT_LT(max_abs(critic->run(images).narrow(0, 0, 1), critic->run(images.narrow(0, 0, 1))), kTolerance)
          << net << " " << norm;
    }
  }
}

TEST(WganGpTest, PenaltyBringsTheGradientNearOneAndTheEstimateFalls) {
  one_thread();
  const data::Dataset data = small_data("mnist", 64);
  const std::unique_ptr<Recipe> recipe =
      small_recipe("wgan-gp", {"epochs=400", "lr=1e-3", "n_critic=2", "timeline=0"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  double norm = 0, highest = 0, estimate = 0;
  while (!trainer->done()) {
    const std::map<std::string, double> losses = one_step(*trainer);
    constexpr double kShare = 0.05;  // of a running mean
    norm += kShare * (losses.at("gradient_norm") - norm);
    estimate += kShare * (losses.at("estimate") - estimate);
    highest = std::max(highest, estimate);
  }
  std::printf("wgan-gp: gradient norm %.3f, estimate %.3f at most, %.3f in the end\n", norm, highest,
              estimate);
  EXPECT_NEAR(norm, 1, 0.4);
  EXPECT_LT(estimate, 0.85 * highest);
}

TEST(WganTest, CriticsWeightsStayWithinTheClipAndTurnsAreKept) {
  one_thread();
  const data::Dataset data = small_data();
  const std::unique_ptr<Recipe> recipe =
      small_recipe("wgan", {"epochs=4", "n_critic=3", "clip=0.02", "lr=0.01"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  torch::Tensor before = flat(*trainer->live().at("generator"));
  for (std::int64_t i = 1; i <= 7; ++i) {
    one_step(*trainer);
    const torch::Tensor after = flat(*trainer->live().at("generator"));
    EXPECT_EQ(max_abs(before, after) > 0, i % 3 == 0) << "iteration " << i;
    before = after;
    const double largest = flat(*trainer->live().at("discriminator")).abs().max().item<double>();
    EXPECT_LE(largest, 0.02 + 1e-8) << "iteration " << i;
    EXPECT_GT(largest, 0.0199) << "a step of 0.01 must meet the clip";
  }
  EXPECT_GT(before.abs().max().item<double>(), 0.02) << "the generator is not clipped";
}

TEST(WganTest, EstimateFallsOnASmallRun) {
  one_thread();
  const data::Dataset data = small_data("mnist", 32);
  const std::unique_ptr<Recipe> recipe = small_recipe("wgan", {"epochs=80", "timeline=0"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  double highest = 0, last = 0;
  while (!trainer->done()) {
    const double estimate = one_step(*trainer).at("estimate");
    highest = std::max(highest, estimate);
    last += 0.1 * (estimate - last);
  }
  std::printf("wgan: estimate %.3g at most, about %.3g in the end\n", highest, last);
  EXPECT_GT(highest, 0);
  EXPECT_LT(last, 0.5 * highest);
}

TEST(BeganTest, KAndMFollowThePaper) {
  one_thread();
  constexpr double kGamma = 0.9, kLambda = 0.5;
  const data::Dataset data = small_data();
  const std::unique_ptr<Recipe> recipe = small_recipe("began", {"gamma=0.9", "lambda_k=0.5", "epochs=3"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  double k = 0, largest = 0;
  while (!trainer->done()) {
    const std::map<std::string, double> losses = one_step(*trainer);
    const double fake = losses.at("g_loss"), real = losses.at("d_loss") + k * fake;
    const double balance = kGamma * real - fake;
    EXPECT_NEAR(losses.at("m"), real + std::abs(balance), kTolerance);
    k = std::clamp(k + kLambda * balance, 0.0, 1.0);
    EXPECT_NEAR(losses.at("k"), k, kTolerance);
    k = losses.at("k");
    largest = std::max(largest, k);
  }
  std::printf("began: k rose to %.3f\n", largest);
  EXPECT_GT(largest, 0.01);
}

TEST(BeganTest, KStaysBetweenZeroAndOne) {
  one_thread();
  const data::Dataset data = small_data();
  for (const char* gamma : {"gamma=0", "gamma=1"}) {
    const std::unique_ptr<Recipe> recipe =
        small_recipe("began", {gamma, "lambda_k=1", "epochs=5", "lr=1e-3"});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    while (!trainer->done()) {
      const double k = one_step(*trainer).at("k");
      EXPECT_GE(k, 0);
      EXPECT_LE(k, 1);
    }
  }
}

// So a generator whose pictures are nearly one pays for it: what is drawn of them is not that one.
TEST(BeganTest, NearlyEqualPicturesAreDrawnAsFarApartAsOthers) {
  one_thread();
  torch::manual_seed(3);
  const torch::NoGradGuard no_grad;
  const std::unique_ptr<Recipe> recipe = small_recipe("began");
  Net discriminator = recipe->family->build({1, 28, 28, 10}).take().at("discriminator");
  const auto spread = [](const torch::Tensor& batch) { return batch.std(0).mean().item<double>(); };
  const torch::Tensor others = torch::rand({64, 1, 28, 28}), equals = others[0] + 0.01 * others;
  const double drawn_others = spread(discriminator->run(others));
  const double drawn_equals = spread(discriminator->run(equals));
  std::printf("began: pictures %.2g and %.2g apart are drawn %.2g and %.2g apart\n", spread(others),
              spread(equals), drawn_others, drawn_equals);
  EXPECT_GT(drawn_equals, 0.5 * drawn_others);
}

// Passes a loss by: what a step computes is looked at, nothing is trained.
class NoUpdates : public Updater {
 public:
  void update(const std::string& group, const torch::Tensor& loss) override {
    losses[group] = loss.item<double>();
  }
  std::map<std::string, double> losses;
};

Batch small_batch(const data::Dataset& data, std::int64_t count) {
  Batch batch;
  const DataShape shape{data.channels, data.height, data.width, 10};
  batch.images = to_range(images_of(data, data.train, count, shape, torch::kCPU), {-1.f, 1.f});
  batch.labels = labels_of(data.train, count, torch::kCPU);
  batch.indices = torch::arange(count);
  return batch;
}

TEST(ImprovedGanTest, ReadsNoLabelButTheBalancedFew) {
  one_thread();
  const data::Dataset data = small_data("mnist", 320);
  Batch batch = small_batch(data, 320);
  std::vector<std::map<std::string, double>> seen;
  for (const bool scrambled : {false, true}) {
    torch::manual_seed(1);
    const std::unique_ptr<Recipe> recipe = small_recipe("improved-gan", {"labelled=20"});
    Nets nets = recipe->family->build({1, 28, 28, 10}).take();
    NoUpdates updater;
    recipe->family->step(nets, batch, updater);
    const torch::Tensor places = recipe->family->state().at(1).clone();
    ASSERT_TRUE(places.ge(0).all().item<bool>()) << "320 images hold two of each class";
    EXPECT_EQ(std::get<0>(at::_unique(places)).numel(), 20) << "an image counts twice";
    const torch::Tensor expected = torch::arange(10).repeat_interleave(2);
    EXPECT_TRUE(torch::equal(batch.labels.index_select(0, places), expected))
        << "two of each class, in order";
    EXPECT_EQ(max_abs(recipe->family->state().at(0), batch.images.index_select(0, places)), 0);

    Batch next = batch;
    next.iteration = 1;
    if (scrambled) next.labels = 9 - batch.labels;
    recipe->family->step(nets, next, updater);
    seen.push_back(updater.losses);
    EXPECT_TRUE(torch::equal(recipe->family->state().at(1), places));
  }
  EXPECT_EQ(seen[0], seen[1]) << "a label outside the set changed a loss";
}

TEST(ImprovedGanTest, RefusesLabelsThatCannotBeBalanced) {
  const std::unique_ptr<Recipe> recipe = small_recipe("improved-gan", {"labelled=15"});
  const Status status = recipe->family->build({1, 28, 28, 10}).status();
  EXPECT_EQ(status.code, Code::bad_combination);
  EXPECT_NE(status.message.find("labelled=15"), std::string::npos) << status.message;
}

// Without noise and labels a step's losses follow from the networks: each switch is worked out apart.
TEST(ImprovedGanTest, SmoothsOneSideAndMatchesFeatures) {
  one_thread();
  const data::Dataset data = small_data("mnist", 32);
  const Batch batch = small_batch(data, 32);
  for (const char* matching : {"feature_matching=true", "feature_matching=false"}) {
    const std::unique_ptr<Recipe> recipe =
        small_recipe("improved-gan", {"labelled=0", "input_noise=0", "hidden_noise=0",
                                      "minibatch_discrimination=false", "label_smoothing=0.2", matching});
    torch::manual_seed(4);
    Nets nets = recipe->family->build({1, 28, 28, 10}).take();
    randomise_weights(*nets.at("discriminator"));
    torch::manual_seed(5);
    const torch::Tensor z = torch::empty({32, 6}).normal_();
    const Tensors real = nets.at("discriminator")->forward({{"image", batch.images}});
    const Tensors fake = nets.at("discriminator")->forward({{"image", nets.at("generator")->run(z)}});
    torch::manual_seed(5);
    NoUpdates updater;
    recipe->family->step(nets, batch, updater);
    const torch::Tensor p = real.at("logit").sigmoid(), q = fake.at("logit").sigmoid();
    const double d_loss = -(0.8 * p.log() + 0.2 * (1 - p).log() + (1 - q).log()).mean().item<double>();
    const double g_loss =
        std::string(matching) == "feature_matching=true"
            ? (real.at("features").mean(0) - fake.at("features").mean(0)).square().sum().item<double>()
            : -q.log().mean().item<double>();
    std::printf("%s: discriminator %.4f, generator %.4f\n", matching, d_loss, g_loss);
    EXPECT_NEAR(updater.losses.at("discriminator"), d_loss, 1e-3 * d_loss);
    EXPECT_NEAR(updater.losses.at("generator"), g_loss, 1e-3 * g_loss);
  }
}

TEST(ImprovedGanTest, AveragesTheWeightsOfEveryStep) {
  one_thread();
  const data::Dataset data = small_data();
  const std::unique_ptr<Recipe> recipe =
      small_recipe("improved-gan", {"historical_averaging=0.5", "lr=0.01", "labelled=0"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  torch::Tensor sums[2];
  for (std::int64_t i = 1; i <= 4; ++i) {
    std::int64_t player = 0;
    for (const char* label : {"discriminator", "generator"}) {
      const torch::Tensor now = flat(*trainer->live().at(label));
      sums[player] = sums[player].defined() ? sums[player] + now : now.clone();
      ++player;
    }
    one_step(*trainer);
    const std::vector<torch::Tensor> state = recipe->family->state();
    for (std::size_t p = 0; p < 2; ++p) {
      const torch::Tensor mean = state.at(state.size() - 2 + p);
      EXPECT_LT(max_abs(mean, sums[p] / static_cast<double>(i)), 1e-6) << "player " << p << ", step " << i;
    }
  }
}

TEST(ImprovedGanTest, VirtualBatchNormJudgesASampleByTheReferenceAlone) {
  torch::manual_seed(6);
  Net net(format::Role::generator, "g");
  net->output("image", net->input("latent", {5})
                           .dense(12, false)
                           .reshape(3, 2, 2)
                           .batch_norm()
                           .relu()
                           .conv_transpose2d(4, 4, 2, 1, 0, false)
                           .batch_norm());
  constexpr std::int64_t kReference = 50;
  net->use_reference_batch(kReference);
  const torch::NoGradGuard no_grad;
  const torch::Tensor reference = torch::randn({kReference, 5}), z = torch::randn({8, 5});
  const torch::Tensor all = net->run(torch::cat({reference, z})).narrow(0, kReference, 8);
  const torch::Tensor one = net->run(torch::cat({reference, z.narrow(0, 3, 1)})).narrow(0, kReference, 1);
  EXPECT_LT(max_abs(all.narrow(0, 3, 1), one), kTolerance) << "a sample depends on its neighbours";
  // The reference batch itself is normed as BatchNorm would, and in evaluation its statistics stay.
  const torch::Tensor normed = net->run(reference);
  const torch::Tensor channel = normed.transpose(0, 1).flatten(1);
  EXPECT_LT(channel.mean(1).abs().max().item<double>(), 1e-5);
  EXPECT_LT(max_abs(channel.var(1, false), torch::ones({4})), 1e-2);
  net->eval();
  EXPECT_LT(max_abs(net->run(reference), normed), 1e-4);
  EXPECT_LT((net->run(z) - all).square().mean().sqrt().item<double>(), 0.1)
      << "in training a sample's own share is one in 51";
}

TEST(ImprovedGanTest, EverySwitchTrainsAndResumes) {
  one_thread();
  const data::Dataset data = small_data();
  for (const char* pair :
       {"minibatch_discrimination=false", "virtual_batch_norm=true", "historical_averaging=0.1",
        "feature_matching=true", "labelled=0", "input_noise=0", "hidden_noise=0"}) {
    const auto recipe = [&] { return small_recipe("improved-gan", {pair, "epochs=2"}); };
    const std::unique_ptr<Recipe> whole_recipe = recipe(), first_recipe = recipe(), second_recipe = recipe();
    const std::unique_ptr<Trainer> whole = small_trainer(*whole_recipe, data);
    while (!whole->done()) one_step(*whole);
    const std::unique_ptr<Trainer> first = small_trainer(*first_recipe, data);
    for (int i = 0; i < 4; ++i) one_step(*first);
    const State halfway = first->state().take();
    const std::unique_ptr<Trainer> second = small_trainer(*second_recipe, data);
    ASSERT_TRUE(second->restore(halfway).ok());
    while (!second->done()) one_step(*second);
    EXPECT_EQ(max_abs(flat(*whole->live().at("generator")), flat(*second->live().at("generator"))), 0)
        << pair;
    const std::vector<format::Metric> metrics = second->evaluate([] { return false; });
    ASSERT_EQ(metrics.size(), std::string(pair) == "labelled=0" ? 0u : 1u) << pair;
    for (const format::Metric& metric : metrics) EXPECT_EQ(metric.name, "test_error");
  }
}

// What the file's readers draw must be what training drew: same mean, same variance, number by number. The
// generator is exchanged for one whose BatchNorm keeps the statistics of what it is given.
TEST(TrainingNoise, IsWhatTheFilesReadersDraw) {
  one_thread();
  torch::manual_seed(13);
  constexpr int kSteps = 60;  // the statistics' start is forgotten: 0.9^60
  const data::Dataset data = small_data();
  const Batch batch = small_batch(data, 64);
  const std::vector<std::pair<std::string, std::vector<std::string>>> rows = {{"gan", {"prior=normal"}},
                                                                              {"gan", {"prior=uniform"}},
                                                                              {"dcgan", {}},
                                                                              {"label-gan", {}},
                                                                              {"cgan", {}},
                                                                              {"acgan", {}},
                                                                              {"infogan", {}},
                                                                              {"improved-gan", {}},
                                                                              {"wgan", {}},
                                                                              {"wgan-gp", {}},
                                                                              {"began", {}}};
  for (const auto& [family, pairs] : rows) {
    const std::unique_ptr<Recipe> recipe = small_recipe(family, pairs);
    Nets nets = recipe->family->build({1, 28, 28, 10}).take();
    Net spy(format::Role::generator, "generator");
    std::optional<Value> latent;
    for (const NetImpl::Input& input : nets.at("generator")->inputs()) {
      const Value value = spy->input(input.name, input.shape);
      if (input.name == "latent") latent = value;
    }
    spy->output("image", latent->batch_norm().dense(784).reshape(1, 28, 28));
    nets.at("generator") = spy;
    NoUpdates updater;
    for (int i = 0; i < kSteps; ++i) {
      const torch::NoGradGuard no_grad;
      const torch::AutoGradMode grad(family == "wgan-gp");  // its penalty is a gradient
      recipe->family->step(nets, batch, updater);
    }
    const LayerTensors statistics = spy->layers()[0].tensors;
    const torch::Tensor drawn = recipe->family->latents(4000, 5);
    ASSERT_EQ(drawn.size(1), latent->shape()[0]);
    const double means = max_abs(statistics->running_mean, drawn.mean(0));
    const torch::Tensor ratio = statistics->running_var / drawn.var(0);
    EXPECT_LT(means, 0.3) << family;
    EXPECT_LT((ratio.mean() - 1).abs().item<double>(), 0.1) << family;
    EXPECT_LT((ratio - 1).abs().max().item<double>(), 0.4) << family;
  }
}

// The discriminator is exchanged for one whose BatchNorm keeps the variance of what it is shown. A corner of
// a digit is always black, and one of an untrained generator's pictures always grey: what varies there is
// noise.
TEST(InputNoise, IsOnEveryPictureThatTheDiscriminatorSeesAndFades) {
  one_thread();
  torch::manual_seed(3);
  const data::Dataset data = small_data();
  Batch batch = small_batch(data, 64);
  const auto corner_variance = [&](const std::string& family, const std::string& noise, double progress) {
    batch.progress = torch::full({}, progress);
    const std::unique_ptr<Recipe> recipe = small_recipe(family, {"input_noise=" + noise});
    Nets nets = recipe->family->build({1, 28, 28, 10}).take();
    Net spy(format::Role::discriminator, "discriminator");
    const Value image = spy->input("image", {1, 28, 28});
    if (family == "cgan") spy->input("label", {10});
    const Value features = image.flatten().batch_norm();
    if (family != "label-gan") spy->output("logit", features.dense(1));
    if (family == "acgan" || family == "label-gan") spy->output("classes", features.dense(10));
    nets.at("discriminator") = spy;
    NoUpdates updater;
    for (int i = 0; i < 60; ++i)
      recipe->family->step(nets, batch, updater);  // 0.9^60: the start is forgotten
    return spy->layers()[1].tensors->running_var[0].item<double>();
  };
  for (const char* family : {"dcgan", "cgan", "acgan", "label-gan"}) {
    EXPECT_NEAR(corner_variance(family, "0.5", 0), 0.25, 0.05) << family;
    EXPECT_NEAR(corner_variance(family, "0.5", 0.6), 0.04, 0.01) << family;
    EXPECT_LT(corner_variance(family, "0", 0), 0.01) << family;
  }
}

// Values of deviation 0.1 leave with 1: with an epsilon of 0.8, which a second positional argument of some
// frameworks' BatchNorm became in many copies, they would leave with 0.11.
TEST(BatchNorm, NormalisesSmallValuesToo) {
  torch::manual_seed(3);
  for (const std::string family : {"dcgan", "gan", "cgan", "infogan"}) {
    Nets nets = small_recipe(family)->family->build({1, 28, 28, 10}).take();
    int norms = 0;
    for (const auto& [label, net] : nets) {
      for (const Layer& layer : net->layers()) {
        if (layer.kind != "batch_norm") continue;
        ++norms;
        std::vector<std::int64_t> shape = {256};
        shape.insert(shape.end(), layer.output.begin(), layer.output.end());
        const torch::Tensor out = run_layer(layer, {0.1 * torch::randn(shape)}, /*training=*/true);
        const torch::Tensor weight = layer.tensors->weight.abs();
        const torch::Tensor channels = out.transpose(0, 1).reshape({weight.size(0), -1});
        EXPECT_LT(max_abs(channels.std(1) / weight, torch::ones_like(weight)), 0.02)
            << family << " " << label;
      }
    }
    EXPECT_GT(norms, 0) << family;
  }
}

}  // namespace
}  // namespace lc::train
