// What lets a step be recorded once and replayed, tested where there is no GPU: families say truly whether
// their steps repeat, numbers bound to a recorder are those of a step made one by one, chains of operations
// that run as one agree with their plain twins, and bfloat16 trains.
#include <ATen/record_function.h>

#include <sstream>

#include "native/train/average.h"
#include "native/train/feed.h"
#include "native/train/fused.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

std::vector<std::string>* watched = nullptr;

// Name and inputs: shapes and types of tensors, values of everything that comes from the host.
std::unique_ptr<at::ObserverContext> note_operation(const at::RecordFunction& function) {
  if (watched == nullptr) return nullptr;
  std::ostringstream text;
  text << function.name() << "(";
  for (const c10::IValue& input : function.inputs()) {
    if (input.isTensor()) {
      const torch::Tensor& tensor = input.toTensor();
      if (tensor.defined()) text << tensor.sizes() << tensor.scalar_type();
    } else if (input.isDouble()) {
      text << input.toDouble();
    } else if (input.isInt()) {
      text << input.toInt();
    } else if (input.isIntList()) {
      for (const std::int64_t number : input.toIntVector()) text << number << " ";
    }
    text << ",";
  }
  text << ")";
  watched->push_back(text.str());
  return nullptr;
}

class Watch {
 public:
  Watch()
      : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(note_operation)
                                               .needsInputs(true)
                                               .scopes({at::RecordScope::FUNCTION}))) {}
  ~Watch() { at::removeCallback(handle_); }

  template <typename Work>
  std::vector<std::string> operations(const Work& work) {
    std::vector<std::string> seen;
    watched = &seen;
    work();
    watched = nullptr;
    return seen;
  }

 private:
  at::CallbackHandle handle_;
};

// A family with its optimisers and without the rest of a trainer.
struct Bench : Updater {
  explicit Bench(const std::string& model, const std::vector<std::string>& pairs = {})
      : recipe(small_recipe(model, pairs)), data(small_data_of(model)) {
    torch::manual_seed(31);
    shape = recipe->family->picture(
        {data.channels, data.height, data.width, static_cast<std::int64_t>(data.spec->classes.size())});
    nets = recipe->family->build(shape).take();
    for (const Group& group : recipe->family->groups()) {
      std::vector<Net> members;
      for (const std::string& label : group.nets) members.push_back(nets.at(label));
      optimisers.emplace(group.name, std::make_unique<Optimizer>(members, group.rule, recipe->run));
    }
    images = to_range(images_of(data, data.train, 32, shape, torch::kCPU), recipe->family->image_range());
    labels = labels_of(data.train, 32, torch::kCPU);
  }
  void update(const std::string& group, const torch::Tensor& loss) override {
    optimisers.at(group)->backward(loss);
    optimisers.at(group)->step(clock);
  }
  Losses step(std::int64_t iteration) {
    clock.iteration = iteration;
    clock.lr = recipe->run.lr;
    return recipe->family->step(nets, {images, labels, torch::arange(32), iteration, 1000}, *this);
  }

  std::unique_ptr<Recipe> recipe;
  data::Dataset data;
  DataShape shape;
  Nets nets;
  std::map<std::string, std::unique_ptr<Optimizer>> optimisers;
  torch::Tensor images, labels;
  StepClock clock;
};

class EveryFamilysSteps : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { one_thread(); }
};

TEST_P(EveryFamilysSteps, RepeatAfterTheirPeriodOrHaveAnObstacle) {
  std::vector<std::vector<std::string>> variants = {{}};
  for (const char* pair : {"net=mlp", "d_steps=3", "n_critic=2", "binarize=true", "draws=3", "gating=false",
                           "kl_warmup=0.5", "capacity=9"}) {
    if (make_recipe(GetParam()).value()->table.set_pair(pair).ok()) variants.push_back({pair});
  }
  for (const std::vector<std::string>& pairs : variants) {
    Bench bench(GetParam(), pairs);
    const Family::Repetition repetition = bench.recipe->family->repetition();
    if (!repetition.obstacle.empty()) {
      std::printf("%s: step by step, because %s\n", GetParam().c_str(), repetition.obstacle.c_str());
      continue;
    }
    Watch watch;
    std::vector<std::vector<std::string>> steps;
    for (std::int64_t i = 0; i < 3 * repetition.period + 1; ++i) {
      steps.push_back(watch.operations([&] { bench.step(i); }));
    }
    const auto period = static_cast<std::size_t>(repetition.period);
    for (std::size_t i = period; i < steps.size(); ++i) {
      ASSERT_FALSE(steps[i].empty());
      for (const std::string& operation : steps[i]) {
        EXPECT_FALSE(reads_back(operation.substr(0, operation.find('('))))
            << GetParam() << " step " << i << ": " << operation;
      }
      if (i < 2 * period) continue;  // the first steps may bring their state to the device
      ASSERT_EQ(steps[i].size(), steps[i - period].size()) << GetParam() << " step " << i;
      for (std::size_t k = 0; k < steps[i].size(); ++k) {
        ASSERT_EQ(steps[i][k], steps[i - period][k]) << GetParam() << " step " << i << " operation " << k;
      }
    }
    std::printf("%s %s: %zu operations a step, period %zu\n", GetParam().c_str(),
                pairs.empty() ? "" : pairs[0].c_str(), steps.back().size(), period);
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryFamilysSteps, ::testing::ValuesIn(family_names()),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// As a graph's, but on the CPU and asked at once; then again for each replay.
class AtOnce : public StepNumbers {
 public:
  using StepNumbers::bind;
  const void* bind(std::size_t bytes, std::function<void(void*)> write) override {
    bound_.push_back({std::make_unique<std::vector<std::uint32_t>>(bytes / 4), std::move(write)});
    bound_.back().write(bound_.back().memory->data());
    return bound_.back().memory->data();
  }
  void replay() const {
    for (const Bound& bound : bound_) bound.write(bound.memory->data());
  }
  std::size_t bound() const { return bound_.size(); }

 private:
  struct Bound {
    std::unique_ptr<std::vector<std::uint32_t>> memory;
    std::function<void(void*)> write;
  };
  std::vector<Bound> bound_;
};

TEST(StepNumbersTest, TheShareOfTrainingIsThatOfTheReplayedStep) {
  Feed feed(torch::zeros({8, 1, 2, 2}, torch::kUInt8), torch::zeros({8}, torch::kInt64), {0.f, 1.f}, 4, 1);
  AtOnce recorder;
  StepClock clock;
  clock.iteration = 3;
  feed.prepare(3);
  EXPECT_EQ(feed.batch(clock, 12).progress.item<double>(), 0.25);
  clock.recorder = &recorder;
  const Batch batch = feed.batch(clock, 12);
  EXPECT_EQ(batch.progress.item<double>(), 0.25);
  clock.iteration = 9;
  recorder.replay();
  EXPECT_EQ(batch.progress.item<double>(), 0.75);
}

TEST(StepNumbersTest, BoundNumbersAreThoseOfStepsMadeOneByOne) {
  one_thread();
  const auto train = [](bool records) {
    torch::manual_seed(41);
    // Of two groups, one moves in every third step alone: its average settles without a step.
    Net often(format::Role::generator, "a"), seldom(format::Role::generator, "b");
    often->output("y", often->input("x", {5}).dense(7).batch_norm());
    seldom->output("y", seldom->input("x", {5}).dense(3));
    Nets nets = {{"a", often}, {"b", seldom}};
    Rule rmsprop;
    rmsprop.kind = Rule::Kind::rmsprop;
    Optimizer first({often}, {}, {}), second({seldom}, rmsprop, {});
    Average average(nets, 500);
    average.leave_to(first, {"a"});
    average.leave_to(second, {"b"});
    StepClock clock;
    AtOnce recorder;
    for (int i = 0; i < 7; ++i) {
      clock.lr = 0.1 / (i + 1);
      clock.images_seen = 100 * (i + 1);
      clock.recorder = records ? &recorder : nullptr;
      first.backward(often->run(torch::randn({4, 5})).square().sum());
      first.step(clock);
      if (i % 3 == 0) {
        second.backward(seldom->run(torch::ones({4, 5})).square().sum());
        second.step(clock);
      }
      average.fold(100, clock);
    }
    EXPECT_EQ(recorder.bound(), records ? 7u + 3u + 2 * 7u + 7u : 0u);
    std::vector<torch::Tensor> all;
    for (Nets* each : {&nets, &average.nets()}) {
      for (auto& [label, net] : *each) {
        for (const torch::Tensor& tensor : net->all_tensors()) all.push_back(tensor.detach().flatten());
      }
    }
    return torch::cat(all);
  };
  // The statistics' share is a double one by one and a float where it is bound.
  EXPECT_LT(max_abs(train(true), train(false)), 1e-6);
}

TEST(Fused, CrossEntropyAgreesWithItsPlainTwinUpToTheSecondDerivative) {
  torch::manual_seed(51);
  const torch::Tensor target = torch::rand({6, 1, 5, 5});
  const auto derivatives = [&](bool fused) {
    torch::manual_seed(52);
    const torch::Tensor logits = (8 * torch::randn({6, 1, 5, 5})).requires_grad_(true);
    const torch::Tensor each =
        fused ? bce_of_samples(logits, target) : bce_of_samples_plainly(logits, target);
    const torch::Tensor sum = (each * torch::arange(1, 7)).sum();
    const torch::Tensor first = torch::autograd::grad({sum * 0.3}, {logits}, {}, true, true)[0];
    const torch::Tensor second = torch::autograd::grad({first.square().sum()}, {logits})[0];
    return std::vector<torch::Tensor>{sum.detach(), first.detach(), second};
  };
  const auto fused = derivatives(true), plain = derivatives(false);
  EXPECT_LT(max_abs(fused[0], plain[0]) / plain[0].item<double>(), 1e-6);
  EXPECT_LT(max_abs(fused[1], plain[1]), 1e-6);
  EXPECT_LT(max_abs(fused[2], plain[2]), 1e-6);
}

TEST(Fused, KlAgreesWithItsPlainTwinUpToTheSecondDerivative) {
  const auto derivatives = [](bool fused) {
    torch::manual_seed(53);
    const torch::Tensor mean = torch::randn({6, 5}).requires_grad_(true),
                        log_variance = torch::randn({6, 5}).requires_grad_(true);
    const torch::Tensor sum = fused ? kl_sum(mean, log_variance) : kl_sum_plainly(mean, log_variance);
    const auto first = torch::autograd::grad({sum * 0.3}, {mean, log_variance}, {}, true, true);
    const torch::Tensor again = first[0].square().sum() + first[1].square().sum();
    const auto second = torch::autograd::grad({again}, {mean, log_variance});
    return torch::cat({sum.detach().view({1}), first[0].detach().flatten(), first[1].detach().flatten(),
                       second[0].flatten(), second[1].flatten()});
  };
  EXPECT_LT(max_abs(derivatives(true), derivatives(false)), 1e-5);
}

TEST(Precision, Bfloat16TrainsOnCopiesAndKeepsItsWeights) {
  one_thread();
  for (const char* model : {"vae", "dcgan"}) {
    const data::Dataset data = small_data();
    std::vector<double> last;
    for (const char* precision : {"precision=fp32", "precision=bf16"}) {
      const std::unique_ptr<Recipe> recipe = small_recipe(model, {precision, "epochs=8"});
      const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
      while (!trainer->done()) {
        ASSERT_TRUE(trainer->step().ok());
        const double loss = trainer->take_losses()->at(0).second;
        if (trainer->done()) last.push_back(loss);
      }
      for (auto& [label, net] : trainer->live()) {
        for (const Layer& layer : net->layers()) {
          if (!layer.tensors) continue;
          const LayerTensorsImpl& t = *layer.tensors;
          EXPECT_EQ(t.weight.scalar_type(), torch::kFloat32);
          const bool low = recipe->run.precision == "bf16" && layer.kind != "batch_norm";
          EXPECT_EQ(t.low_weight.defined(), low) << layer.kind;
          EXPECT_TRUE(!low || torch::equal(t.low_weight, t.weight.to(torch::kBFloat16)));
        }
      }
    }
    std::printf("%s: loss %.4g in fp32, %.4g in bf16\n", model, last[0], last[1]);
    EXPECT_LT(std::abs(last[1] - last[0]), 0.1 * std::abs(last[0]));  // bfloat16 has 8 bits
  }
}

TEST(Precision, ANetThatIsAssignedTrainsOnLowCopiesOfItsNewWeights) {
  one_thread();
  torch::manual_seed(33);
  const std::unique_ptr<Recipe> recipe = small_recipe("dcgan", {"precision=bf16"});
  std::vector<Net> nets;
  std::vector<std::unique_ptr<Optimizer>> optimisers;
  for (int i = 0; i < 2; ++i) {
    nets.push_back(recipe->family->build({}).value().at("generator"));
    optimisers.push_back(std::make_unique<Optimizer>(std::vector<Net>{nets.back()}, Rule{}, recipe->run));
    optimisers.back()->use_low_precision();
  }
  const torch::Tensor z = torch::randn({8, 6});
  EXPECT_GT(max_abs(nets[0]->run(z), nets[1]->run(z)), 0.01);
  nets[1]->assign(*nets[0]);
  EXPECT_EQ(max_abs(nets[0]->run(z), nets[1]->run(z)), 0);
}

TEST(Precision, HistoricalAveragingPullsInBfloat16Too) {
  one_thread();
  const data::Dataset data = small_data();
  const auto weights = [&](const char* pull) {
    const std::unique_ptr<Recipe> recipe = small_recipe(
        "improved-gan", {"precision=bf16", "labelled=0", "minibatch_discrimination=false", pull});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(trainer->step().ok());
    return trainer->state().value().tensors.at("group/discriminator/0");
  };
  EXPECT_GT(max_abs(weights("historical_averaging=1e-6"), weights("historical_averaging=1e6")), 1e-5);
}

TEST(Precision, ABfloat16RunResumesBitForBit) {
  one_thread();
  const data::Dataset data = small_data();
  const std::vector<std::string> pairs = {"precision=bf16", "epochs=2"};
  const auto parameters = [](Trainer& trainer) {
    return trainer.state().value().tensors.at("group/autoencoder/0");
  };
  const std::unique_ptr<Recipe> recipe = small_recipe("vae", pairs);
  const std::unique_ptr<Trainer> whole = small_trainer(*recipe, data);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(whole->step().ok());
  const State state = whole->state().take();
  const std::unique_ptr<Trainer> second = small_trainer(*recipe, data);
  ASSERT_TRUE(second->restore(state).ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(second->step().ok());
  const std::unique_ptr<Trainer> third = small_trainer(*recipe, data);
  ASSERT_TRUE(third->restore(state).ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(third->step().ok());
  EXPECT_TRUE(torch::equal(parameters(*second), parameters(*third)));
  EXPECT_FALSE(torch::equal(parameters(*second), parameters(*whole)));
}

}  // namespace
}  // namespace lc::train
