// The trainer's parts against numbers worked out by hand: losses, networks, folding, averages, optimisers,
// schedules, mixtures.
#include <cmath>

#include "native/train/export.h"
#include "native/train/losses.h"
#include "native/train/mixture.h"
#include "tests/native/torch_records.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

// float32 sums of a few hundred terms.
constexpr double kTolerance = 1e-5;

TEST(Losses, BceSumsOverPixelsAndAveragesOverTheBatch) {
  const torch::Tensor logits =
      torch::tensor({{0.0f, 2.0f, -3.0f}, {1.0f, -1.0f, 0.5f}}).reshape({2, 1, 1, 3});
  const torch::Tensor target = torch::tensor({{0.5f, 1.0f, 0.0f}, {0.25f, 0.0f, 1.0f}}).reshape({2, 1, 1, 3});
  double expected = 0;
  const double l[] = {0, 2, -3, 1, -1, 0.5}, t[] = {0.5, 1, 0, 0.25, 0, 1};
  for (int i = 0; i < 6; ++i) {
    const double p = 1 / (1 + std::exp(-l[i]));
    expected -= t[i] * std::log(p) + (1 - t[i]) * std::log(1 - p);
  }
  EXPECT_NEAR(bce(logits, target).mean().item<double>(), expected / 2, kTolerance);
  // Log-odds that overflow exp stay finite.
  EXPECT_NEAR(bce(torch::full({1, 1}, 200.0f), torch::zeros({1, 1})).item<double>(), 200, 1e-3);
}

TEST(Losses, L2AndL1CompareTheSigmoidWithTheTarget) {
  const torch::Tensor logits = torch::zeros({2, 4});  // sigmoid: 0.5
  const torch::Tensor target = torch::tensor({{0.0f, 1.0f, 0.5f, 0.25f}, {0.5f, 0.5f, 0.5f, 0.5f}});
  EXPECT_NEAR(l2(logits, target).mean().item<double>(), (0.25 + 0.25 + 0.0625) / 2, kTolerance);
  EXPECT_NEAR(l1(logits, target).mean().item<double>(), (0.5 + 0.5 + 0.25) / 2, kTolerance);
}

TEST(Losses, KlIsTheClosedForm) {
  const torch::Tensor mean = torch::tensor({{1.0f, 0.0f}, {0.0f, 2.0f}});
  const torch::Tensor log_variance = torch::tensor({{0.0f, std::log(4.0f)}, {0.0f, 0.0f}});
  // 0.5 (m^2 + s^2 - 1 - log s^2): 0.5, 0.5 (4 - 1 - log 4), 0, 2
  EXPECT_NEAR(kl_to_standard_normal(mean, log_variance).item<double>(),
              (0.5 + 0.5 * (3 - std::log(4.0)) + 2) / 2, kTolerance);
}

TEST(Losses, VaeLossIsTheSumOfReconstructionAndKlOfAWholePicture) {
  one_thread();
  const data::Dataset data = small_data();
  const std::unique_ptr<Recipe> recipe = small_recipe("vae", {"recon_weight=0.5", "kl_weight=3"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  ASSERT_TRUE(trainer->step().ok());
  double loss = 0, recon = 0, kl = 0;
  for (const auto& [name, value] : trainer->take_losses().take()) {
    (name == "loss" ? loss : name == "kl" ? kl : recon) = value;
  }
  EXPECT_NEAR(loss, 0.5 * recon + 3 * kl, 1e-3);
  // An untrained network answers about 0.5 everywhere: 784 log 2 = 543 nats a picture, not 0.69.
  EXPECT_NEAR(recon, 784 * std::log(2.0), 150);
  std::printf("untrained reconstruction: %.1f nats a picture (784 log 2 = %.1f)\n", recon,
              784 * std::log(2.0));
}

TEST(Losses, GanLossesAreCrossEntropies) {
  const torch::Tensor logits = torch::tensor({0.0f, 3.0f});
  EXPECT_NEAR(gan_bce(logits, true).item<double>(), (std::log(2.0) + std::log1p(std::exp(-3.0))) / 2,
              kTolerance);
  EXPECT_NEAR(gan_bce(logits, false).item<double>(), (std::log(2.0) + std::log1p(std::exp(3.0))) / 2,
              kTolerance);
}

TEST(NetTest, CopiesAreEqualAndApart) {
  torch::manual_seed(3);
  Net net(format::Role::generator, "g");
  net->output("image", net->input("latent", {5})
                           .dense(12, false)
                           .reshape(3, 2, 2)
                           .batch_norm()
                           .relu()
                           .conv_transpose2d(2, 4, 2, 1)
                           .tanh());
  randomise_norms(*net);
  net->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor z = torch::randn({4, 5});
  Net twin(net->copy());
  twin->eval();
  EXPECT_EQ(max_abs(net->run(z), twin->run(z)), 0);
  twin->layers()[0].tensors->weight.add_(1);
  EXPECT_GT(max_abs(net->run(z), twin->run(z)), 0.01);
  twin->assign(*net);
  EXPECT_EQ(max_abs(net->run(z), twin->run(z)), 0);
}

TEST(NetTest, InEvaluationAPictureDoesNotDependOnItsNeighbours) {
  torch::manual_seed(4);
  Net net(format::Role::generator, "g");
  net->output("image", net->input("latent", {5}).dense(12).reshape(3, 2, 2).batch_norm().relu());
  const torch::NoGradGuard no_grad;
  const torch::Tensor z = torch::randn({8, 5});
  net->train();
  const double training = max_abs(net->run(z).narrow(0, 0, 2), net->run(z.narrow(0, 0, 2)));
  net->eval();
  const double evaluation = max_abs(net->run(z).narrow(0, 0, 2), net->run(z.narrow(0, 0, 2)));
  EXPECT_GT(training, 1e-3);
  EXPECT_LT(evaluation, 1e-6);
}

// The exported records, in double.
torch::Tensor run_exported(const ExportedNetwork& exported, const torch::Tensor& input) {
  const auto tensor = [&](std::uint32_t i) { return exported.tensors[i].values.to(torch::kFloat64); };
  const auto outputs = run_records(exported.network, tensor, {{"x", input.to(torch::kFloat64)}});
  return outputs.at(exported.network.outputs[0].name);
}

double fold_error(Net net, Sizes input_shape, std::size_t expected_layers) {
  randomise_norms(*net);
  net->eval();
  const torch::NoGradGuard no_grad;
  input_shape.insert(input_shape.begin(), 3);
  const torch::Tensor input = torch::randn(input_shape);
  const ExportedNetwork exported = export_network(*net);
  EXPECT_EQ(exported.network.layers.size(), expected_layers);
  for (const format::LayerRecord& layer : exported.network.layers) EXPECT_NE(layer.kind, "batch_norm");
  return max_abs(net->run(input).to(torch::kFloat64), run_exported(exported, input));
}

TEST(Export, FoldsBatchNormIntoEveryKindBeforeIt) {
  torch::manual_seed(5);
  constexpr double kFoldTolerance = 2e-5;  // float32 against double
  const auto check = [&](const char* what, Sizes shape, std::size_t layers, Value (*build)(Value)) {
    Net net(format::Role::generator, "g");
    net->output("image", build(net->input("x", shape)));
    const double error = fold_error(net, shape, layers);
    std::printf("fold into %s: max abs %.2e\n", what, error);
    EXPECT_LT(error, kFoldTolerance) << what;
  };
  check("dense", {7}, 1, [](Value x) { return x.dense(5).batch_norm(); });
  check("dense without bias", {7}, 1, [](Value x) { return x.dense(5, false).batch_norm(); });
  check("conv2d", {3, 9, 7}, 1, [](Value x) { return x.conv2d(5, 3, 2, 1).batch_norm(); });
  check("conv_transpose2d", {3, 5, 4}, 1,
        [](Value x) { return x.conv_transpose2d(6, 4, 2, 1, 1, false).batch_norm(); });
  check("dense through a reshape", {7}, 3,
        [](Value x) { return x.dense(3 * 4 * 5, false).reshape(3, 4, 5).batch_norm().relu(); });
  check("the first of two, the second stays", {7}, 2,
        [](Value x) { return x.dense(5).batch_norm().batch_norm(); });
  check("nothing: scale_shift of an input", {3, 4, 4}, 2,
        [](Value x) { return x.batch_norm().conv2d(2, 3, 1, 1); });
  check("nothing: scale_shift after relu", {7}, 3, [](Value x) { return x.dense(5).relu().batch_norm(); });
}

TEST(Export, DoesNotFoldWhereAnotherLayerReadsTheValue) {
  torch::manual_seed(6);
  Net net(format::Role::encoder, "e");
  const Value before = net->input("x", {6}).dense(4);
  net->output("normed", before.batch_norm());
  net->output("plain", before);
  randomise_norms(*net);
  net->eval();
  const ExportedNetwork exported = export_network(*net);
  ASSERT_EQ(exported.network.layers.size(), 2u);
  EXPECT_EQ(exported.network.layers[1].kind, "scale_shift");
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::randn({3, 6});
  EXPECT_LT(max_abs(net->run(x).to(torch::kFloat64), run_exported(exported, x)), 2e-5);
}

TEST(Export, NamesTensorsAsPyTorchWould) {
  const std::unique_ptr<Recipe> recipe = small_recipe("vae");
  Nets nets = recipe->family->build({1, 28, 28}).take();
  format::Writer writer;
  add_network(writer, *nets.at("decoder"), format::DType::f16);
  EXPECT_EQ(writer.header.tensors[0].name, "decoder.0.weight");
  EXPECT_EQ(writer.header.tensors[1].name, "decoder.0.bias");
  EXPECT_EQ(writer.header.tensors[2].name, "decoder.3.weight");
  // 'logits' is for losses only.
  ASSERT_EQ(writer.header.networks[0].outputs.size(), 1u);
  EXPECT_EQ(writer.header.networks[0].outputs[0].name, "image");
}

TEST(AverageTest, FollowsWeightsAndRunningStatistics) {
  torch::manual_seed(7);
  Net net(format::Role::generator, "g");
  net->output("image", net->input("x", {4}).dense(3).batch_norm());
  Nets nets = {{"g", net}};
  Average average(nets, 1000);
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> before = copy_nets(nets).at("g")->all_tensors();
  for (const torch::Tensor& tensor : net->all_tensors()) tensor.add_(1);
  constexpr std::int64_t kBatch = 100;
  StepClock clock;
  clock.images_seen = 1000000;  // late: the half-life is the option's
  average.fold(kBatch, clock);
  const double share = 1 - std::pow(0.5, 100.0 / 1000.0);
  const std::vector<torch::Tensor> after = average.nets().at("g")->all_tensors();
  ASSERT_EQ(after.size(), 6u);  // weight, bias, scale, shift, running mean, running variance
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_LT(max_abs(after[i], before[i] + share), 1e-6) << "tensor " << i;
  }
  EXPECT_FALSE(average.nets().at("g")->is_training());
  Average none(nets, 0);
  for (const torch::Tensor& tensor : net->all_tensors()) tensor.add_(1);
  none.fold(kBatch, clock);
  EXPECT_EQ(max_abs(none.nets().at("g")->all_tensors()[4], net->all_tensors()[4]), 0);
}

StepClock clock_of(double lr) {
  StepClock clock;
  clock.lr = lr;
  return clock;
}

TEST(AdamTest, TakesTheStepsOfThePaper) {
  Net net(format::Role::generator, "g");
  net->output("y", net->input("x", {1}).dense(1, false));
  Optimizer adam({net}, {}, {});
  {
    const torch::NoGradGuard no_grad;
    net->parameters()[0].fill_(2.0);
  }
  double weight = 2, mean = 0, square = 0;
  for (int step = 1; step <= 3; ++step) {
    const torch::Tensor loss = net->run(torch::ones({1, 1})).square().sum();
    adam.backward(loss);
    adam.step(clock_of(0.1));
    const double gradient = 2 * weight;
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.999 * square + 0.001 * gradient * gradient;
    weight -=
        0.1 * (mean / (1 - std::pow(0.9, step))) / (std::sqrt(square / (1 - std::pow(0.999, step))) + 1e-8);
    EXPECT_NEAR(net->parameters()[0].item<double>(), weight, 1e-5) << "step " << step;
  }
}

// Numbers of any size, an odd count: the loop's vectors have a tail.
FlatTensors random_flat(bool rmsprop) {
  FlatTensors flat;
  constexpr std::int64_t kCount = 1003;
  flat.parameters = torch::randn({kCount});
  flat.gradients = torch::randn({kCount}) * torch::exp(torch::randn({kCount}));
  if (!rmsprop) flat.mean = torch::randn({kCount});
  flat.square = torch::rand({kCount});
  flat.average = torch::randn({kCount});
  return flat;
}

UpdateBuffers buffers_of(const FlatTensors& flat) {
  const auto data = [](const torch::Tensor& t) { return t.defined() ? t.data_ptr<float>() : nullptr; };
  UpdateBuffers buffers;
  buffers.parameters = data(flat.parameters);
  buffers.gradients = data(flat.gradients);
  buffers.mean = data(flat.mean);
  buffers.square = data(flat.square);
  buffers.average = data(flat.average);
  buffers.size = flat.parameters.numel();
  return buffers;
}

FlatTensors copy_of(const FlatTensors& flat) {
  const auto copy = [](const torch::Tensor& t) { return t.defined() ? t.clone() : t; };
  return {copy(flat.parameters), copy(flat.gradients), copy(flat.mean), copy(flat.square),
          copy(flat.average)};
}

TEST(UpdatePass, AgreesWithItsPlainTwinHoweverItIsCut) {
  torch::manual_seed(21);
  for (const bool rmsprop : {false, true}) {
    for (const float clip : {0.f, 0.5f}) {
      for (const float fold : {0.f, 0.25f, 1.f}) {
        UpdateRule rule;
        rule.rmsprop = rmsprop;
        rule.beta2 = 0.99f;
        rule.clip = clip;
        const UpdateScalars now = {0.01f, 1.3f, fold};
        FlatTensors plain = random_flat(rmsprop);
        const FlatTensors fused = copy_of(plain), cut = copy_of(plain);
        update_plainly(plain, rule, now);
        update_range(buffers_of(fused), rule, now, 0, fused.parameters.numel());
        for (const auto& [begin, end] : {std::pair{0, 7}, std::pair{7, 500}, std::pair{500, 1003}}) {
          update_range(buffers_of(cut), rule, now, begin, end);
        }
        const auto compare = [&](const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& c) {
          if (!a.defined()) return;
          // A few roundings of numbers of up to about 16 apart: the twin takes its operations in other order.
          EXPECT_LT(((a - b).abs() / (a.abs() + 1)).max().item<double>(), 2e-6)
              << rmsprop << " " << clip << " " << fold;
          EXPECT_TRUE(torch::equal(b, c)) << "the result depends on where the buffer is cut";
        };
        compare(plain.parameters, fused.parameters, cut.parameters);
        compare(plain.mean, fused.mean, cut.mean);
        compare(plain.square, fused.square, cut.square);
        compare(plain.average, fused.average, cut.average);
      }
    }
  }
}

TEST(UpdatePass, RoundsItsLowPrecisionCopyAsLibTorchDoes) {
  torch::manual_seed(22);
  FlatTensors flat = random_flat(false);
  torch::Tensor low = torch::empty_like(flat.parameters, torch::kBFloat16);
  UpdateBuffers buffers = buffers_of(flat);
  buffers.low = reinterpret_cast<std::uint16_t*>(low.data_ptr());
  update_range(buffers, {}, {0.01f, 1.f, 0.f}, 0, buffers.size);
  EXPECT_TRUE(torch::equal(low, flat.parameters.to(torch::kBFloat16)));
}

TEST(UpdatePass, FoldsTheAverageTheSameAtOnceAndWithTheNextStep) {
  torch::manual_seed(23);
  const auto train = [](bool settle) {
    torch::manual_seed(24);
    Net net(format::Role::generator, "g");
    net->output("y", net->input("x", {5}).dense(7));
    Optimizer adam({net}, {}, {});
    const Net copy(net->copy());
    adam.follow({copy});
    for (int i = 0; i < 4; ++i) {
      adam.backward(net->run(torch::ones({2, 5})).square().sum());
      adam.step(clock_of(0.1));
      adam.fold([] { return 0.3; });
      if (settle) adam.settle();
    }
    adam.settle();
    return torch::cat({copy->parameters()[0].flatten(), copy->parameters()[1].flatten()}).detach();
  };
  EXPECT_TRUE(torch::equal(train(true), train(false)));
}

TEST(AdamTest, HasZeroGradientsWhereTheLossDoesNotReach) {
  Net net(format::Role::generator, "g");
  const Value x = net->input("x", {2});
  net->output("y", x.dense(3));
  net->output("z", x.dense(1));
  Optimizer adam({net}, {}, {});
  adam.gradients().fill_(7);
  adam.backward(net->forward({{"x", torch::ones({1, 2})}}).at("y").sum());
  EXPECT_EQ(adam.gradients().sum().item<double>(), 9);  // 6 weights and 3 biases; the gaps are zeros too
}

TEST(AdamTest, LeavesOtherNetworksAlone) {
  torch::manual_seed(8);
  Net first(format::Role::generator, "a"), second(format::Role::discriminator, "b");
  first->output("y", first->input("x", {2}).dense(2));
  second->output("y", second->input("x", {2}).dense(1));
  Optimizer adam({first}, {}, {}), other({second}, {}, {});
  const torch::Tensor before = other.parameters().clone();
  adam.backward(second->run(first->run(torch::ones({1, 2}))).sum());
  adam.step(clock_of(0.1));
  other.backward(second->run(torch::zeros({1, 2})).sum() * 0);
  other.step(clock_of(0.1));
  EXPECT_EQ(max_abs(before, other.parameters()), 0);
}

TEST(Schedule, CosineFallsToZeroAfterAWarmUp) {
  RunOptions run;
  run.lr = 0.5;
  EXPECT_DOUBLE_EQ(learning_rate(run, 500, 1000), 0.5);
  run.lr_schedule = "cosine";
  EXPECT_DOUBLE_EQ(learning_rate(run, 0, 1000), 0.5);
  EXPECT_NEAR(learning_rate(run, 500, 1000), 0.25, 1e-12);
  EXPECT_NEAR(learning_rate(run, 1000, 1000), 0, 1e-12);
  run.warmup_images = 1280;
  run.batch_size = 128;
  EXPECT_NEAR(learning_rate(run, 0, 1e9), 0.05, 1e-6);
}

TEST(Timeline, HasTheFirstStepsTheHundredthAndThenGrowsEvenly) {
  const std::vector<std::int64_t> moments = timeline_moments(9360, 10);
  ASSERT_EQ(moments.size(), 10u);
  EXPECT_EQ(std::vector<std::int64_t>(moments.begin(), moments.begin() + 5),
            (std::vector<std::int64_t>{1, 2, 3, 4, 100}));
  for (std::size_t i = 5; i < 10; ++i) {
    EXPECT_NEAR(static_cast<double>(moments[i]) / static_cast<double>(moments[i - 1]),
                std::pow(93.6, 1.0 / 6), 0.02);
  }
  EXPECT_TRUE(timeline_moments(9360, 0).empty());
  for (std::int64_t count = 0; count < 20; ++count) {
    for (const std::int64_t total : {1, 2, 5, 99, 101, 5000}) {
      const std::vector<std::int64_t> some = timeline_moments(total, count);
      EXPECT_LE(some.size(), static_cast<std::size_t>(count));
      for (std::size_t i = 0; i < some.size(); ++i) {
        EXPECT_GE(some[i], 1);
        EXPECT_LT(some[i], total) << "the end is the file's own networks";
        EXPECT_GT(some[i], i > 0 ? some[i - 1] : 0);
      }
    }
  }
}

TEST(Shuffle, IsAPermutationThatDependsOnSeedAndEpoch) {
  std::vector<std::int64_t> order = shuffled(1000, 5, 2);
  EXPECT_EQ(order, shuffled(1000, 5, 2));
  EXPECT_NE(order, shuffled(1000, 5, 3));
  EXPECT_NE(order, shuffled(1000, 6, 2));
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(MixtureTest, FindsTheGaussiansThatMadeThePoints) {
  one_thread();
  torch::manual_seed(9);
  const torch::Tensor left =
      torch::randn({600, 2}) * torch::tensor({0.5f, 1.0f}) + torch::tensor({-5.0f, 0.0f});
  const torch::Tensor base = torch::randn({300, 2});
  const torch::Tensor right =
      base.matmul(torch::tensor({{1.0f, 0.0f}, {0.8f, 0.6f}}).t()) + torch::tensor({5.0f, 2.0f});
  MixtureOptions options;
  options.components = 2;
  const Result<Mixture> fitted = fit_mixture(torch::cat({left, right}), options, [] { return false; });
  ASSERT_TRUE(fitted.ok()) << fitted.status().message;
  const std::int64_t l = fitted->means[0][0].item<double>() < 0 ? 0 : 1;
  EXPECT_NEAR(fitted->weights[l].item<double>(), 2.0 / 3, 0.01);
  EXPECT_NEAR(fitted->means[l][0].item<double>(), -5, 0.1);
  EXPECT_NEAR(fitted->means[1 - l][1].item<double>(), 2, 0.2);
  const torch::Tensor factor = fitted->cholesky[1 - l];
  const torch::Tensor covariance = factor.matmul(factor.t());
  EXPECT_NEAR(covariance[0][1].item<double>(), 0.8, 0.15);
  EXPECT_EQ(factor[0][1].item<double>(), 0) << "lower triangle";
  const torch::Tensor drawn = draw(fitted.value(), 4000, 1);
  EXPECT_NEAR((drawn.select(1, 0) < 0).to(torch::kFloat64).mean().item<double>(), 2.0 / 3, 0.03);
  EXPECT_TRUE(torch::equal(draw(fitted.value(), 10, 1), drawn.narrow(0, 0, 10)))
      << "picture i does not depend on the count";
  std::printf("mixture: mean log-likelihood %.3f nats a point\n", fitted->mean_log_likelihood);
}

}  // namespace
}  // namespace lc::train
