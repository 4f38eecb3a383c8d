// What tells one family from another: whether labels matter, which terms a loss has, what a switch changes.
#include <cmath>

#include "native/train/models/networks.h"
#include "native/train/play.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

constexpr double kLog2 = 0.6931471805599453;
// Sums of a few hundred float32 terms.
constexpr double kLossTolerance = 2e-3;

using LossMap = std::map<std::string, double>;

LossMap step_losses(Trainer& trainer) {
  EXPECT_TRUE(trainer.step().ok());
  LossMap losses;
  for (const auto& [name, value] : trainer.take_losses().take()) losses[name] = value;
  return losses;
}

double metric(const std::vector<format::Metric>& metrics, const std::string& name) {
  for (const format::Metric& one : metrics) {
    if (one.name == name) return one.value;
  }
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

std::vector<format::Metric> evaluated(Trainer& trainer) {
  return trainer.evaluate([] { return false; });
}

data::Dataset relabelled(data::Dataset data) {
  for (std::uint8_t& label : data.train.labels) label = static_cast<std::uint8_t>((label + 3) % 10);
  return data;
}

torch::Tensor flat(Net& net) {
  std::vector<torch::Tensor> values;
  for (const torch::Tensor& tensor : net->all_tensors())
    values.push_back(tensor.detach().to(torch::kFloat32).flatten().clone());
  return torch::cat(values);
}

// All networks' numbers after two steps.
torch::Tensor trained(const std::string& family, const std::vector<std::string>& pairs,
                      const data::Dataset& data) {
  const std::unique_ptr<Recipe> recipe = small_recipe(family, pairs);
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(trainer->step().ok());
  std::vector<torch::Tensor> values;
  for (auto& [label, net] : trainer->live()) values.push_back(flat(net));
  return torch::cat(values);
}

bool labels_matter(const std::string& family, const std::vector<std::string>& pairs = {}) {
  const data::Dataset data = small_data();
  return !torch::equal(trained(family, pairs, data), trained(family, pairs, relabelled(data)));
}

TEST(Labels, MatterToTheFamiliesThatAskForThemAndToNoOther) {
  one_thread();
  for (const char* family : {"cvae", "cgan", "acgan", "label-gan"}) {
    EXPECT_TRUE(labels_matter(family)) << family;
    EXPECT_EQ(families().find(family)->needs, "images and labels");
  }
  for (const char* family :
       {"vae", "beta-vae", "gan", "dcgan", "infogan", "latent-prior-gan", "vae-gan-hybrid"}) {
    EXPECT_FALSE(labels_matter(family)) << family;
    EXPECT_EQ(families().find(family)->needs, "images");
  }
  EXPECT_FALSE(labels_matter("label-gan", {"use_labels=false"}));
}

TEST(Labels, ReachBothPlayersOfAConditionalGanAndBothHalvesOfAConditionalVae) {
  torch::manual_seed(21);
  const torch::NoGradGuard no_grad;
  const torch::Tensor one = one_hot_rows(torch::tensor({std::int64_t{1}}), 10),
                      two = one_hot_rows(torch::tensor({std::int64_t{2}}), 10);
  for (const char* kind : {"net=conv", "net=mlp"}) {
    for (const char* family : {"cgan", "cvae"}) {
      const std::unique_ptr<Recipe> recipe = small_recipe(family, {kind});
      Nets nets = recipe->family->build({1, 28, 28, 10}).take();
      EXPECT_TRUE(recipe->family->conditional());
      for (auto& [label, net] : nets) {
        net->eval();
        Tensors inputs = {
            {"latent", torch::randn({1, 6})}, {"image", torch::rand({1, 1, 28, 28})}, {"label", one}};
        const std::string output = net->outputs()[0].name;
        const torch::Tensor first = net->forward(inputs).at(output);
        inputs["label"] = two;
        const double change = max_abs(first, net->forward(inputs).at(output));
        std::printf("%s %s %s: another label changes the answer by %.2g\n", family, kind, label.c_str(),
                    change);
        EXPECT_GT(change, 1e-5) << family << " " << kind << " " << label;
      }
    }
  }
}

// Pictures of class c are bars at a place of their own: a decoder that heeds its label draws the bar there.
TEST(Labels, AreDrawnByATrainedConditionalVae) {
  one_thread();
  const data::Dataset data = small_data("mnist", 320);
  const std::unique_ptr<Recipe> recipe =
      small_recipe("cvae", {"net=mlp", "hidden=32", "latent_size=2", "epochs=30", "lr=0.01", "timeline=0"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  while (!trainer->done()) ASSERT_TRUE(trainer->step().ok());
  const torch::Tensor images =
      torch::tensor(data.train.images, torch::kUInt8).to(torch::kFloat32).div_(255).reshape({320, 784});
  const torch::Tensor labels = torch::tensor(data.train.labels, torch::kUInt8).to(torch::kInt64);
  const torch::Tensor sums = torch::zeros({10, 784}).index_add_(0, labels, images);
  const torch::Tensor means = sums / torch::bincount(labels, {}, 10).unsqueeze(1);
  const torch::Tensor drawn = trainer->samples(100, 5).reshape({100, 784});
  const torch::Tensor nearest = torch::cdist(drawn, means).argmin(1);
  const double right = nearest.eq(torch::arange(100).remainder(10)).to(torch::kFloat32).mean().item<double>();
  std::printf("the asked class is the drawn class: %.2f\n", right);
  EXPECT_GE(right, 0.95);
}

TEST(Reconstruction, IsASumOverPixelsBesideASumOverLatentNumbersInEveryAutoencoder) {
  one_thread();
  const data::Dataset data = small_data();
  for (const char* family : {"vae", "beta-vae", "cvae", "vae-gan-hybrid"}) {
    const std::unique_ptr<Recipe> recipe = small_recipe(family);
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    const LossMap losses = step_losses(*trainer);
    std::printf("%s: untrained reconstruction %.1f nats (784 log 2 = %.1f)\n", family,
                losses.at("reconstruction"), 784 * kLog2);
    EXPECT_NEAR(losses.at("reconstruction"), 784 * kLog2, 150) << family;
  }
}

TEST(BetaVae, WeighsTheKlTermOrItsDistanceFromAGrowingCapacity) {
  one_thread();
  const data::Dataset data = small_data();
  const auto check = [&](const std::vector<std::string>& pairs, double (*expected)(double recon, double kl)) {
    const std::unique_ptr<Recipe> recipe = small_recipe("beta-vae", pairs);
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    const LossMap losses = step_losses(*trainer);
    EXPECT_NEAR(losses.at("loss"), expected(losses.at("reconstruction"), losses.at("kl")), kLossTolerance);
  };
  check({"beta=7"}, [](double recon, double kl) { return recon + 7 * kl; });
  check({"beta=7", "capacity=50", "capacity_share=0.5"},
        [](double recon, double kl) { return recon + 7 * kl; });
  check({"beta=7", "capacity=50", "capacity_share=0"},
        [](double recon, double kl) { return recon + 7 * std::abs(kl - 50); });
}

TEST(BetaVae, ALargerBetaLeavesFewerUnitsInUse) {
  one_thread();
  const data::Dataset data = small_data("mnist", 320, 200);
  std::vector<double> active;
  for (const char* beta : {"beta=0.5", "beta=30"}) {
    const std::unique_ptr<Recipe> recipe = small_recipe(
        "beta-vae", {beta, "net=mlp", "hidden=32", "epochs=15", "lr=0.01", "timeline=0", "eval_images=200"});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    while (!trainer->done()) ASSERT_TRUE(trainer->step().ok());
    const std::vector<format::Metric> metrics = evaluated(*trainer);
    active.push_back(metric(metrics, "active_units"));
    double sum = 0;
    for (int i = 0; i < 6; ++i) sum += metric(metrics, "kl_" + std::to_string(i));
    EXPECT_NEAR(sum, metric(metrics, "test_kl"), 1e-3);
    std::printf("%s: %.0f of 6 units in use, KL %.2f nats\n", beta, active.back(), sum);
  }
  EXPECT_GT(active[0], active[1]);
}

// Every weight 0: D answers 1/2 to everything.
void silence(Net& net) {
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& parameter : net->parameters()) parameter.zero_();
}

TEST(Gan, MinimisesTheLossThatItsOptionNames) {
  one_thread();
  const data::Dataset data = small_data();
  const auto g_loss = [&](const char* loss) {
    const std::unique_ptr<Recipe> recipe = small_recipe("gan", {loss, "lr=0"});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    silence(trainer->live().at("discriminator"));
    return step_losses(*trainer).at("g_loss");
  };
  EXPECT_NEAR(g_loss("loss=non-saturating"), kLog2, 1e-6);
  EXPECT_NEAR(g_loss("loss=minimax"), -kLog2, 1e-6);
}

TEST(Gan, MovesTheGeneratorAfterItsNumberOfDiscriminatorSteps) {
  one_thread();
  const data::Dataset data = small_data();
  const std::unique_ptr<Recipe> recipe = small_recipe("gan", {"d_steps=3"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  const auto weight = [&](const char* net) { return trainer->live().at(net)->parameters()[0].clone(); };
  for (int i = 1; i <= 6; ++i) {
    const torch::Tensor generator = weight("generator"), discriminator = weight("discriminator");
    ASSERT_TRUE(trainer->step().ok());
    EXPECT_EQ(torch::equal(generator, weight("generator")), i % 3 != 0) << "step " << i;
    EXPECT_FALSE(torch::equal(discriminator, weight("discriminator"))) << "step " << i;
  }
}

TEST(LabelGan, HasTheLossesOfItsFormulaOrThePlainOnes) {
  one_thread();
  const data::Dataset data = small_data();
  const auto losses = [&](const char* use) {
    const std::unique_ptr<Recipe> recipe = small_recipe("label-gan", {use, "lr=0"});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    silence(trainer->live().at("discriminator"));
    return step_losses(*trainer);
  };
  // A softmax that cannot tell: CE(y) = log 10, and so is that of the nine other classes.
  const LossMap with = losses("use_labels=true"), without = losses("use_labels=false");
  EXPECT_NEAR(with.at("d_loss"), 2 * std::log(10.0), 1e-5);
  EXPECT_NEAR(with.at("g_loss"), std::log(10.0), 1e-5);
  EXPECT_NEAR(without.at("d_loss"), 2 * kLog2, 1e-5);
  EXPECT_NEAR(without.at("g_loss"), kLog2, 1e-5);
}

TEST(LabelGan, TheClassInALatentVectorShowsInThePicture) {
  one_thread();
  const data::Dataset data = small_data();
  const std::unique_ptr<Recipe> recipe =
      small_recipe("label-gan", {"net=mlp", "hidden=48", "epochs=60", "lr=0.002", "timeline=0"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  while (!trainer->done()) ASSERT_TRUE(trainer->step().ok());
  const torch::NoGradGuard no_grad;
  torch::Tensor z = torch::zeros({2, 6 + 10});  // the same noise
  z[0][6] = z[1][9] = 1;
  const torch::Tensor images = trainer->averaged().at("generator")->run(z);
  EXPECT_GT(max_abs(images[0], images[1]), 1);  // of 2
}

TEST(Cgan, LearnsToRefuseARealPictureUnderAnotherLabel) {
  one_thread();
  const data::Dataset data = small_data("mnist", 320);
  const auto preference = [&](const char* mismatched) {
    const std::unique_ptr<Recipe> recipe =
        small_recipe("cgan", {"epochs=12", "lr=0.002", "lr_schedule=constant", "timeline=0", mismatched});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    while (!trainer->done()) EXPECT_TRUE(trainer->step().ok());
    const torch::NoGradGuard no_grad;
    const torch::Tensor images =
        to_range(images_of(data, data.test, 32, {1, 28, 28, 10}, torch::kCPU), recipe->family->image_range());
    const torch::Tensor labels = labels_of(data.test, 32, torch::kCPU);
    const auto mean_logit = [&](const torch::Tensor& told) {
      return trainer->averaged()
          .at("discriminator")
          ->forward({{"image", images}, {"label", one_hot_rows(told, 10)}})
          .at("logit")
          .mean()
          .item<double>();
    };
    return mean_logit(labels) - mean_logit((labels + 4).remainder(10));
  };
  const double with = preference("mismatched=true"), without = preference("mismatched=false");
  std::printf("logit of a real picture less that of the same with a wrong label: %.2f, %.2f without\n", with,
              without);
  EXPECT_GT(with, 1);
  EXPECT_GT(with, without);
}

TEST(Acgan, ClassifiesFakesOnlyIfAsked) {
  one_thread();
  const data::Dataset data = small_data();
  const auto d_class = [&](const char* fakes) {
    const std::unique_ptr<Recipe> recipe = small_recipe("acgan", {fakes, "lr=0"});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    silence(trainer->live().at("discriminator"));
    return step_losses(*trainer).at("d_class");
  };
  EXPECT_NEAR(d_class("classify_fakes=false"), std::log(10.0), 1e-5);
  EXPECT_NEAR(d_class("classify_fakes=true"), 2 * std::log(10.0), 1e-5);
}

TEST(InfoGan, TheInformationTermsMoveQAndTheGenerator) {
  one_thread();
  const data::Dataset data = small_data();
  for (const char* pair : {"category_weight=0", "code_weight=0"}) {
    torch::Tensor with[2], without[2];
    for (const bool on : {true, false}) {
      const std::unique_ptr<Recipe> recipe =
          small_recipe("infogan", on ? std::vector<std::string>{} : std::vector<std::string>{pair});
      const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
      ASSERT_TRUE(trainer->step().ok());
      torch::Tensor* into = on ? with : without;
      into[0] = flat(trainer->live().at("generator"));
      into[1] = flat(trainer->live().at("discriminator"));
    }
    EXPECT_FALSE(torch::equal(with[0], without[0])) << pair << " leaves the generator as it was";
    EXPECT_FALSE(torch::equal(with[1], without[1])) << pair << " leaves Q as it was";
  }
}

TEST(InfoGan, SlantsEachPictureAboutItsMiddle) {
  torch::manual_seed(3);
  const std::int64_t count = 200, side = 28;
  torch::Tensor bar = torch::zeros({count, 1, side, side});
  bar.slice(3, 13, 15).fill_(1);  // upright, in the middle
  EXPECT_TRUE(torch::equal(slanted(bar, 0), bar));
  const torch::Tensor result = slanted(bar, 0.5);
  // Every row still has the bar's ink, and its centre of mass, in pixels from the middle, is proportional to
  // the row's own distance from the middle.
  EXPECT_TRUE(torch::allclose(result.sum(3), torch::full({count, 1, side}, 2.0), 0, 1e-4));
  const torch::Tensor place = torch::arange(side) - 0.5 * (side - 1);
  const torch::Tensor centre = (result.select(1, 0) * place).sum(2) / 2;  // [count][row]
  const torch::Tensor slope = centre.select(1, 0) / place[0];
  EXPECT_TRUE(torch::allclose(centre, slope.unsqueeze(1) * place, 0, 1e-3));
  EXPECT_LE(slope.abs().max().item<double>(), 0.5 + 1e-4);
  EXPECT_GT(slope.max().item<double>(), 0.4);
  EXPECT_LT(slope.min().item<double>(), -0.4);
}

TEST(InfoGan, ReadsTheCategoryFromSlantedPicturesAndTheRestFromUprightOnes) {
  one_thread();
  const data::Dataset data = small_data();
  // Without noise on the pictures the first step differs by the slant alone.
  const auto first = [&](const std::string& slant) {
    const std::unique_ptr<Recipe> recipe = small_recipe("infogan", {"input_noise=0", "slant=" + slant});
    return step_losses(*small_trainer(*recipe, data));
  };
  const LossMap upright = first("0"), slanted = first("0.5");
  EXPECT_NE(slanted.at("category_loss"), upright.at("category_loss"));
  EXPECT_EQ(slanted.at("d_loss"), upright.at("d_loss"));
}

TEST(InfoGan, ReadsItsCodesBackFromItsPictures) {
  one_thread();
  const data::Dataset data = small_data();
  const auto last = [&](const std::vector<std::string>& pairs) {
    std::vector<std::string> all = {"net=mlp", "epochs=40", "lr=0.002", "timeline=0"};
    all.insert(all.end(), pairs.begin(), pairs.end());
    const std::unique_ptr<Recipe> recipe = small_recipe("infogan", all);
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    LossMap losses;
    while (!trainer->done()) losses = step_losses(*trainer);
    return losses;
  };
  const LossMap with = last({}), without = last({"category_weight=0", "code_weight=0"});
  std::printf("category: %.2f nats with the term, %.2f without (log 10 = %.2f)\n", with.at("category_loss"),
              without.at("category_loss"), std::log(10.0));
  EXPECT_LT(with.at("category_loss"), 0.7 * std::log(10.0));
  EXPECT_GT(without.at("category_loss"), 0.9 * std::log(10.0));
}

TEST(Hybrid, TheAdversarialWeightScalesItsTerm) {
  one_thread();
  const data::Dataset data = small_data();
  for (const double weight : {0.0, 0.75}) {
    const std::unique_ptr<Recipe> recipe =
        small_recipe("vae-gan-hybrid", {"beta=2", "adversarial_weight=" + std::to_string(weight)});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    const LossMap losses = step_losses(*trainer);
    EXPECT_NEAR(losses.at("loss"),
                losses.at("reconstruction") + 2 * losses.at("kl") + weight * 784 * losses.at("adversarial"),
                kLossTolerance);
    EXPECT_GT(losses.at("adversarial"), 0);
  }
}

TEST(Hybrid, DrawsItsSamplesFromWhereTheCodesAre) {
  one_thread();
  const data::Dataset data = small_data("mnist", 320);
  const std::unique_ptr<Recipe> recipe = small_recipe("vae-gan-hybrid");
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  Net& encoder = trainer->averaged().at("encoder");
  const torch::NoGradGuard no_grad;
  encoder->parameters().end()[-3].fill_(3);  // the means' bias: far from N(0, I)
  ASSERT_TRUE(trainer->fit_prior(true, [] { return false; }).ok());
  const torch::Tensor images =
      torch::tensor(data.train.images, torch::kUInt8).to(torch::kFloat32).reshape({320, 1, 28, 28}) / 255;
  const Tensors code = encoder->forward({{"image", images}});
  const torch::Tensor variance = code.at("mean").var(0) + code.at("log_variance").exp().mean(0);
  const torch::Tensor drawn = recipe->family->latents(4000, 3);
  const double apart = max_abs(code.at("mean").mean(0), drawn.mean(0));
  const double spread = (drawn.var(0) / variance).mean().item<double>();
  std::printf("means of codes and of drawn vectors %.3f apart, variances %.3f\n", apart, spread);
  EXPECT_GT(code.at("mean").mean().item<double>(), 2);
  EXPECT_LT(apart, 0.3);
  EXPECT_NEAR(spread, 1, 0.2);
}

TEST(LatentPriorGan, PlaysWithCodesOfAnAutoencoderThatCameFirst) {
  one_thread();
  const data::Dataset data = small_data("mnist", 320);
  const std::unique_ptr<Recipe> recipe =
      small_recipe("latent-prior-gan", {"net=mlp", "epochs=4", "encoder_share=0.5"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);  // 40 iterations
  const torch::Tensor generator = flat(trainer->live().at("generator"));
  while (trainer->iteration() < 20) ASSERT_TRUE(trainer->step().ok());
  EXPECT_TRUE(torch::equal(generator, flat(trainer->live().at("generator"))));
  // The latent vectors that the file's reader draws are spread as the codes are.
  const torch::Tensor images =
      torch::tensor(data.train.images, torch::kUInt8).to(torch::kFloat32).reshape({320, 1, 28, 28}) / 127.5 -
      1;
  const torch::NoGradGuard no_grad;
  const torch::Tensor codes = trainer->live().at("encoder")->run(images);
  const torch::Tensor drawn = recipe->family->latents(4000, 3);
  const double spread = codes.std(0).mean().item<double>();
  const double apart = max_abs(codes.mean(0), drawn.mean(0));
  std::printf("codes: mean deviation %.2f; means of codes and of drawn vectors %.3f apart\n", spread, apart);
  EXPECT_LT(apart, 0.5 * spread);
  const torch::Tensor encoder = flat(trainer->live().at("encoder"));
  {
    const torch::AutoGradMode grad(true);
    ASSERT_TRUE(trainer->step().ok());
    // The generator enters the game as the decoder, one step of Adam away: at most the rate a weight.
    const std::vector<torch::Tensor> of_decoder = trainer->live().at("decoder")->parameters(),
                                     of_generator = trainer->live().at("generator")->parameters();
    double moved = 0;
    for (std::size_t i = 0; i < of_decoder.size(); ++i)
      moved = std::max(moved, max_abs(of_decoder[i], of_generator[i]));
    EXPECT_GT(moved, 0);
    EXPECT_LE(moved, 1.001 * 5e-4);
    while (!trainer->done()) ASSERT_TRUE(trainer->step().ok());
  }
  EXPECT_FALSE(torch::equal(generator, flat(trainer->live().at("generator"))));
  EXPECT_TRUE(torch::equal(encoder, flat(trainer->live().at("encoder")))) << "the code moves under the game";
}

TEST(Painters, ScoreIsTwoLogHalfWhereTheCriticCannotTellAndBoundsAreCounted) {
  one_thread();
  const data::Dataset data = small_data_of("painters");
  const std::unique_ptr<Recipe> recipe = small_recipe("painters");
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  silence(trainer->averaged().at("discriminator"));
  Net& generator = trainer->averaged().at("generator");
  silence(generator);
  const torch::Tensor x = torch::linspace(-1, 1, 15);
  const auto inside = [&](const torch::Tensor& curve) {
    const torch::NoGradGuard no_grad;
    generator->parameters().back().copy_(curve);
    return metric(evaluated(*trainer), "between_bounds");
  };
  EXPECT_EQ(inside(1.5 * x * x + 0.5), 1);
  EXPECT_EQ(inside(x * x), 1);
  EXPECT_EQ(inside(2 * x * x + 1), 1);
  EXPECT_EQ(inside(torch::full({15}, 3.5)), 0);
  EXPECT_NEAR(inside(torch::zeros({15})), 5.0 / 15, 1e-6);  // x^2 <= 0.1 at five points
  EXPECT_NEAR(metric(evaluated(*trainer), "score"), -2 * kLog2, 1e-5);
}

TEST(Gan1d, MovesItsNumbersToTheData) {
  one_thread();
  const data::Dataset data = small_data_of("gan1d", 640, 400);
  const std::unique_ptr<Recipe> recipe = small_recipe(
      "gan1d", {"hidden=32", "latent_size=1", "batch_size=64", "epochs=60", "lr=0.003", "eval_images=400"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  const double before = std::abs(metric(evaluated(*trainer), "generated_mean"));
  while (!trainer->done()) ASSERT_TRUE(trainer->step().ok());
  const double after = std::abs(metric(evaluated(*trainer), "generated_mean"));
  std::printf("mean of the drawn numbers: %.2f from the data's at first, %.2f at last\n", before, after);
  EXPECT_LT(after, 0.5 * before);
}

TEST(Toys, TakeTheirOwnDataAlone) {
  for (const char* family : {"gan1d", "painters"}) {
    const std::unique_ptr<Recipe> recipe = small_recipe(family);
    EXPECT_EQ(recipe->run.dataset, families().find(family)->datasets.at(0));
    const Result<Nets> nets = recipe->family->build({1, 28, 28, 10});
    ASSERT_FALSE(nets.ok());
    EXPECT_EQ(nets.status().code, Code::bad_combination);
    EXPECT_NE(nets.status().message.find("--dataset"), std::string::npos) << nets.status().message;
  }
}

}  // namespace
}  // namespace lc::train
