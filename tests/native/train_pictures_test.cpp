// What growing, translating, comparing in a discriminator's eyes and drawing by coordinates promise, beyond
// what every family does.
#include <cmath>
#include <set>

#include "native/train/export.h"
#include "native/train/models/domains.h"
#include "native/train/play.h"
#include "tests/native/torch_records.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

constexpr double kTolerance = 1e-5;  // float32 sums of a few hundred terms

// The losses of one step of a family on untrained networks.
struct Step {
  std::unique_ptr<Recipe> recipe;
  Nets nets;
  Recorder recorder;
};
Step one_step(
    const std::string& family, const std::vector<std::string>& pairs,
    const std::function<void(Nets&)>& prepare = [](Nets&) {}) {
  one_thread();
  Step step;
  step.recipe = small_recipe(family, pairs);
  torch::manual_seed(5);
  step.nets = step.recipe->family->build({1, 28, 28}).take();
  prepare(step.nets);
  step.recipe->family->step(step.nets, made_up_batch(8, step.recipe->family->image_range()), step.recorder);
  return step;
}

// Whether a loss depends on a layer's weight at all.
bool reaches(const torch::Tensor& loss, const torch::Tensor& weight) {
  return torch::autograd::grad({loss}, {weight}, {}, /*retain_graph=*/true, /*create_graph=*/false,
                               /*allow_unused=*/true)[0]
      .defined();
}

const Layer& last_layer(const Net& net) {
  return net->layers().back();
}

// Pictures of `side` drawn with larger pixels.
torch::Tensor enlarged(const torch::Tensor& images, std::int64_t factor) {
  return images.repeat_interleave(factor, 2).repeat_interleave(factor, 3);
}

std::string named(const char* name, std::int64_t side) {
  return std::string(name) + "_" + std::to_string(side);
}

TEST(Factors, AreTakenOverByAveragesAndCopiesAndFoldedByTheExport) {
  torch::manual_seed(3);
  Net net(format::Role::generator, "g");
  const Value x = net->input("x", {3, 4, 4});
  net->output("y", x.conv2d(2, 3, 1, 1, true, 1.5)
                       .factor("share")
                       .leaky_relu(0.2)
                       .add(x.conv2d(2, 1, 1, 0).factor("rest")));
  net->eval();
  Nets nets = {{"g", net}};
  Average average(nets, 1000000);
  net->set_factor("share", 0.25);
  net->set_factor("rest", 0);
  StepClock clock;
  clock.images_seen = 1000000000;
  average.fold(1, clock);
  const torch::NoGradGuard no_grad;
  const torch::Tensor input = torch::randn({5, 3, 4, 4});
  const torch::Tensor whole = net->run(input);
  net->set_factor("share", 1);
  EXPECT_LT(max_abs(whole, 0.25 * net->run(input)), kTolerance) << "a factor passes LeakyReLU";
  Net averaged = average.nets().at("g");
  EXPECT_EQ(max_abs(whole, averaged->run(input)), 0) << "the weights did not move, the factor is taken over";
  EXPECT_EQ(max_abs(whole, Net(averaged->copy())->run(input)), 0);

  const ExportedNetwork exported = export_network(*averaged);
  const auto tensor = [&](std::uint32_t i) { return exported.tensors[i].values.to(torch::kFloat64); };
  const auto outputs = run_records(exported.network, tensor, {{"x", input.to(torch::kFloat64)}});
  EXPECT_LT(max_abs(outputs.at("y"), whole.to(torch::kFloat64)), kTolerance);
}

TEST(ForwardPart, RunsOnlyWhatIsNeededAndTakesNothingForZeros) {
  Net net(format::Role::discriminator, "d");
  const Value x = net->input("x", {4});
  const Value left = x.dense(3), right = x.dense(3);
  net->training_output("left", left);
  net->training_output("right", right);
  net->output("y", left.add(right).relu());
  const torch::NoGradGuard no_grad;
  const torch::Tensor input = torch::randn({2, 4});
  const Tensors all = net->forward({{"x", input}});
  EXPECT_EQ(max_abs(net->forward_part({{"x", input}}, {"y"}).at("y"), all.at("y")), 0);
  net->layers()[1].tensors->weight.fill_(std::nanf(""));  // would show if it were run
  const torch::Tensor alone = net->forward_part({{"x", input}, {"right", torch::Tensor()}}, {"y"}).at("y");
  EXPECT_EQ(max_abs(alone, all.at("left").relu()), 0);
  EXPECT_EQ(max_abs(net->forward_part({{"x", input}}, {"left"}).at("left"), all.at("left")), 0);
  EXPECT_THROW(net->forward_part({}, {"left"}), c10::Error);
}

class Growing : public ::testing::Test {
 protected:
  // 60 iterations: the stages end after 4, 12, 28 and 60.
  void SetUp() override {
    one_thread();
    recipe_ = small_recipe("progan", {"epochs=10", "batch_size=16", "max_width=8", "timeline=10"});
    trainer_ = small_trainer(*recipe_, data_);
  }
  void run_until(std::int64_t iteration) {
    while (trainer_->iteration() < iteration) ASSERT_TRUE(trainer_->step().ok());
  }

  data::Dataset data_ = small_data();
  std::unique_ptr<Recipe> recipe_;
  std::unique_ptr<Trainer> trainer_;
};

TEST_F(Growing, PadsTheDataToAPowerOfTwo) {
  EXPECT_EQ(trainer_->picture().height, 32);
  EXPECT_EQ(trainer_->picture().width, 32);
  const torch::Tensor real = trainer_->real(4);
  EXPECT_EQ(real.size(2), 32);
  EXPECT_EQ(real.narrow(2, 0, 2).max().item<float>(), 0) << "black around the digits";
}

TEST_F(Growing, EveryMomentsGraphDrawsWhatItsStageDrew) {
  run_until(60);
  const torch::NoGradGuard no_grad;
  const torch::Tensor latents = torch::randn({5, 6});
  std::set<std::int64_t> sides;
  for (const Snapshot& snapshot : trainer_->timeline()) {
    // The stage of the step that made it.
    const std::int64_t step = snapshot.iteration - 1;
    const std::int64_t side = step < 4 ? 4 : step < 12 ? 8 : step < 28 ? 16 : 32;
    sides.insert(side);
    Net net = snapshot.net;
    const Tensors whole = net->forward({{"latent", latents}});
    const torch::Tensor stage = whole.at(named("sum", side)).tanh();
    EXPECT_EQ(max_abs(whole.at("image"), enlarged(stage, 32 / side)), 0)
        << "iteration " << snapshot.iteration;
    const ExportedNetwork exported = export_network(*snapshot.net);
    const auto tensor = [&](std::uint32_t i) { return exported.tensors[i].values.to(torch::kFloat64); };
    const auto outputs = run_records(exported.network, tensor, {{"latent", latents.to(torch::kFloat64)}});
    EXPECT_LT(max_abs(outputs.at("image"), enlarged(stage, 32 / side).to(torch::kFloat64)), 1e-4)
        << "iteration " << snapshot.iteration;
  }
  EXPECT_EQ(sides, (std::set<std::int64_t>{4, 8, 16})) << "the last stage is the file's own network";
  const Tensors last = trainer_->averaged().at("generator")->forward({{"latent", latents}});
  EXPECT_EQ(max_abs(last.at("image"), last.at("sum_32").tanh()), 0);
  for (const std::int64_t end : {4, 12, 28}) {
    const auto found = std::find_if(trainer_->timeline().begin(), trainer_->timeline().end(),
                                    [&](const Snapshot& snapshot) { return snapshot.iteration == end; });
    EXPECT_TRUE(found != trainer_->timeline().end()) << "the end of a stage, iteration " << end;
  }
}

TEST_F(Growing, ANewSizeChangesNothingAtItsFirstStep) {
  run_until(5);  // the step before was the first of size 8: alpha 0
  const torch::NoGradGuard no_grad;
  NetImpl &generator = *trainer_->live().at("generator"),
          &discriminator = *trainer_->live().at("discriminator");
  const torch::Tensor latents = torch::randn({4, 6});
  const Tensors sums = generator.forward_part({{"latent", latents}}, {"sum_4", "sum_8"});
  EXPECT_EQ(max_abs(sums.at("sum_8"), enlarged(sums.at("sum_4"), 2)), 0);
  const torch::Tensor small = torch::rand({4, 1, 4, 4});
  const torch::Tensor coarse =
      discriminator.forward_part({{"picture_4", small}, {"block_8", torch::Tensor()}}, {"logit"}).at("logit");
  const torch::Tensor fine =
      discriminator
          .forward_part({{"picture_8", enlarged(small, 2)}, {"block_16", torch::Tensor()}}, {"logit"})
          .at("logit");
  EXPECT_LT(max_abs(coarse, fine), kTolerance);
}

TEST_F(Growing, TheDiscriminatorOfTheLastStageIsTheWholeNetwork) {
  run_until(60);
  const torch::NoGradGuard no_grad;
  NetImpl& discriminator = *trainer_->live().at("discriminator");
  const torch::Tensor images = torch::rand({8, 1, 32, 32});
  const torch::Tensor whole = discriminator.forward({{"image", images}}).at("logit");
  EXPECT_LT(max_abs(whole, discriminator.forward_part({{"picture_32", images}}, {"logit"}).at("logit")),
            kTolerance);
  const std::vector<torch::Tensor> colours = trainer_->averaged().at("generator")->factors();
  ASSERT_EQ(colours.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(colours[i].item<float>(), i == 3 ? 1 : 0);
}

TEST(Growth, RefusesSidesThatDoNotDouble) {
  const std::unique_ptr<Recipe> recipe = small_recipe("progan");
  EXPECT_EQ(recipe->family->build({1, 28, 28}).status().code, Code::bad_combination);
  EXPECT_EQ(recipe->family->build({1, 32, 16}).status().code, Code::bad_combination);
  EXPECT_TRUE(recipe->family->build({3, 8, 8}).ok());
}

TEST(Domains, NoImageIsInBoth) {
  Batch batch;
  batch.indices = torch::tensor({7, 2, 4, 9, 11, 100}, torch::kInt64);
  batch.images = batch.indices.to(torch::kFloat32).reshape({6, 1, 1, 1}).expand({6, 1, 4, 4}).contiguous();
  const auto [a, b] = unpaired(batch, [](const torch::Tensor& images) { return -images; });
  const auto values = [](const torch::Tensor& images) {
    std::set<float> found;
    for (std::int64_t i = 0; i < images.size(0); ++i) found.insert(images[i][0][0][0].item<float>());
    return found;
  };
  EXPECT_EQ(values(a), (std::set<float>{2, 4, 100}));
  EXPECT_EQ(values(b), (std::set<float>{-7, -9, -11}));
}

TEST(Domains, KeepPicturesInRangeAndDoWhatTheirNamesSay) {
  torch::Tensor picture = torch::full({1, 1, 9, 9}, -1.0f);
  picture.narrow(2, 3, 3).narrow(3, 3, 3).fill_(1);  // a square of 3 x 3
  const auto ink = [](const torch::Tensor& images) { return ((images + 1) / 2).sum().item<float>(); };
  const std::map<std::string, float> expected = {
      {"bold", 25}, {"thin", 4}, {"outline", 16}, {"inverted", 72}, {"inverted-outline", 65}};
  ASSERT_EQ(domains().size(), expected.size());
  for (const auto& [name, domain] : domains()) {
    const torch::Tensor made = domain(picture);
    EXPECT_EQ(made.sizes(), picture.sizes()) << name;
    EXPECT_EQ(ink(made), expected.at(name)) << name;
    EXPECT_GE(made.min().item<float>(), -1) << name;
    EXPECT_LE(made.max().item<float>(), 1) << name;
  }
}

TEST(ImagePoolTest, GivesBackHalfOfItsFakesFromEarlierSteps) {
  torch::manual_seed(8);
  constexpr std::int64_t kSize = 50;
  ImagePool pool;
  pool.make(kSize, {1, 2, 2});
  const auto numbered = [](std::int64_t first, std::int64_t count) {
    return torch::arange(first, first + count)
        .to(torch::kFloat32)
        .reshape({-1, 1, 1, 1})
        .expand({-1, 1, 2, 2})
        .contiguous();
  };
  EXPECT_EQ(max_abs(pool.exchange(numbered(0, 30), 30), numbered(0, 30)), 0) << "the first fill the pool";
  EXPECT_EQ(max_abs(pool.exchange(numbered(30, 20), 20), numbered(30, 20)), 0);
  std::set<float> held;
  for (int i = 0; i < kSize; ++i) held.insert(static_cast<float>(i));
  std::int64_t earlier = 0, total = 0;
  for (std::int64_t first = 50; first < 2050; first += 20) {
    const torch::Tensor given = pool.exchange(numbered(first, 20), 20);
    for (std::int64_t i = 0; i < 20; ++i, ++total) {
      const float mine = static_cast<float>(first + i), back = given[i][0][0][0].item<float>();
      if (back == mine) continue;
      ++earlier;
      EXPECT_EQ(held.erase(back), 1u) << "a picture that the pool held, once";
      held.insert(mine);
    }
  }
  std::set<float> stored;
  const torch::Tensor images = pool.state()[0];
  for (std::int64_t i = 0; i < kSize; ++i) stored.insert(images[i][0][0][0].item<float>());
  EXPECT_EQ(stored, held);
  const double share = static_cast<double>(earlier) / static_cast<double>(total);
  std::printf("share of earlier pictures: %.3f\n", share);
  EXPECT_NEAR(share, 0.5, 0.05);
}

TEST(CycleGanTest, DiscriminatorsSeePicturesWithoutAWayBackToTheGenerators) {
  const Step step = one_step("cyclegan", {});
  const torch::Tensor& loss = step.recorder.losses.at("discriminators").at(0);
  for (const char* label : {"a_to_b", "b_to_a"}) {
    EXPECT_FALSE(reaches(loss, step.nets.at(label)->parameters()[0])) << label;
    EXPECT_TRUE(reaches(step.recorder.losses.at("generators").at(0), step.nets.at(label)->parameters()[0]));
  }
}

TEST(CycleGanTest, PassesOverABatchOfOneDomainAlone) {
  one_thread();
  const std::unique_ptr<Recipe> recipe = small_recipe("cyclegan");
  Nets nets = recipe->family->build({1, 28, 28}).take();
  Batch batch = made_up_batch(4, {-1.f, 1.f});
  Recorder recorder;
  const Losses usual = recipe->family->step(nets, batch, recorder);
  recorder.losses.clear();
  batch.indices = batch.indices * 2;
  const Losses losses = recipe->family->step(nets, batch, recorder);
  EXPECT_TRUE(recorder.losses.empty());
  ASSERT_EQ(losses.size(), usual.size());
  for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_EQ(losses[i].first, usual[i].first);
}

TEST(VaeGanTest, NoAdversarialTermReachesTheEncoder) {
  const Step step = one_step("vaegan", {"gating=false"});
  // The score alone passes through the discriminator's last layer: its loss is what is adversarial.
  const torch::Tensor score = last_layer(step.nets.at("discriminator")).tensors->weight;
  EXPECT_FALSE(reaches(step.recorder.losses.at("encoder").at(0), score));
  EXPECT_TRUE(reaches(step.recorder.losses.at("decoder").at(0), score));
  EXPECT_TRUE(reaches(step.recorder.losses.at("discriminator").at(0), score));
  // But the comparison in its features does reach the encoder.
  EXPECT_TRUE(reaches(step.recorder.losses.at("encoder").at(0),
                      step.nets.at("discriminator")->layers()[0].tensors->weight));
  for (const Group& group : step.recipe->family->groups()) EXPECT_EQ(group.nets.size(), 1u) << group.name;
}

TEST(VaeGanTest, GatingRestsTheSideThatIsAhead) {
  // A discriminator that always says 0 has the cross-entropy log 2 on both sides.
  const auto guess = [](Nets& nets) {
    const torch::NoGradGuard no_grad;
    const Layer& score = last_layer(nets.at("discriminator"));
    score.tensors->weight.zero_();
    score.tensors->bias.zero_();
  };
  const auto trains = [&](const std::vector<std::string>& pairs) {
    std::string groups;
    for (const auto& [group, losses] : one_step("vaegan", pairs, guess).recorder.losses)
      groups += group + " ";
    return groups;
  };
  EXPECT_EQ(trains({}), "decoder discriminator encoder ");
  EXPECT_EQ(trains({"equilibrium=1.5", "margin=0.5"}), "decoder encoder ") << "it is too good";
  EXPECT_EQ(trains({"equilibrium=0.3", "margin=0.2"}), "discriminator encoder ") << "it is too bad";
  EXPECT_EQ(trains({"equilibrium=1.5", "margin=0.5", "gating=false"}), "decoder discriminator encoder ");
}

TEST(CppnTest, DrawsTheSamePictureAtAnySize) {
  Step step = one_step("cppn", {"units=12"});
  const torch::NoGradGuard no_grad;
  const torch::Tensor latents = torch::randn({3, 6});
  const auto drawn = [&](std::int64_t height, std::int64_t width) {
    const torch::Tensor place = coordinates(height, width).expand({3, -1, -1, -1});
    return step.nets.at("decoder")->forward({{"latent", latents}, {"coordinates", place}}).at("image");
  };
  const torch::Tensor small = drawn(28, 28), large = drawn(84, 140);
  // The centre of a pixel is that of the middle one of 3 x 5 smaller ones.
  const auto middle = [](const torch::Tensor& images) {
    return images.slice(2, 1, 84, 3).slice(3, 2, 140, 5);
  };
  const double worst = max_abs(small, middle(large));
  std::printf("28 x 28 against 84 x 140: max abs %.2e, pictures spread by %.2g\n", worst,
              small.std().item<double>());
  EXPECT_LT(worst, kTolerance);
  EXPECT_GT(small.std().item<double>(), 0.01) << "the pictures must not be one grey";
}

TEST(CppnTest, TheDiscriminatorTrainsOnlyWhileItIsBehind) {
  const auto steps = [](const std::vector<std::string>& pairs, const std::string& group) {
    const Step step = one_step("cppn", pairs);
    const auto found = step.recorder.losses.find(group);
    return found == step.recorder.losses.end() ? std::size_t{0} : found->second.size();
  };
  EXPECT_EQ(steps({"d_above=0", "g_below=100"}, "discriminator"), 1u);
  EXPECT_EQ(steps({"d_above=100", "g_below=100"}, "discriminator"), 0u) << "it is good enough";
  EXPECT_EQ(steps({"d_above=0", "g_below=0"}, "discriminator"), 0u) << "the generator is behind";
  EXPECT_EQ(steps({"vae_steps=2", "g_steps=4", "g_enough=0"}, "autoencoder"), 6u);
  EXPECT_EQ(steps({"vae_steps=2", "g_steps=4", "g_enough=100"}, "autoencoder"), 3u) << "fooled at once";
}

}  // namespace
}  // namespace lc::train
