// What only a GPU can show: kernels beside their plain twins, a graph's steps beside steps made one by one,
// training beside the CPU's. Skipped where this build or this machine has no CUDA.
#include <cmath>

#include "native/train/cuda/cuda.h"
#include "native/train/fused.h"
#include "native/train/sinks.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

const torch::Device kCuda(torch::kCUDA, 0);

class Cuda : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cuda::built()) GTEST_SKIP() << "this trainer was built without CUDA";
    if (!torch::cuda::is_available()) GTEST_SKIP() << "this machine has no CUDA device";
    cuda::use_own_stream(kCuda);
    torch::manual_seed(61);
  }
};

// Largest difference, as a share of the largest number.
double apart(const torch::Tensor& a, const torch::Tensor& b) {
  const double scale = std::max(b.abs().max().item<double>(), 1e-12);
  return (a.to(torch::kFloat32) - b.to(torch::kFloat32)).abs().max().item<double>() / scale;
}

TEST_F(Cuda, UpdateKernelAgreesWithTheCpusPass) {
  for (const bool rmsprop : {false, true}) {
    UpdateRule rule;
    rule.rmsprop = rmsprop;
    rule.clip = 1.5f;
    const UpdateScalars now = {0.01f, 1.3f, 0.2f};
    constexpr std::int64_t kCount = 1003;
    std::vector<torch::Tensor> host, device;
    for (int i = 0; i < 5; ++i) host.push_back(i == 3 ? torch::rand({kCount}) : torch::randn({kCount}));
    for (const torch::Tensor& tensor : host) device.push_back(tensor.to(kCuda));
    torch::Tensor low = torch::empty({kCount}, torch::dtype(torch::kBFloat16).device(kCuda));
    const auto buffers = [](const std::vector<torch::Tensor>& t) {
      UpdateBuffers b;
      b.parameters = t[0].data_ptr<float>();
      b.gradients = t[1].data_ptr<float>();
      b.mean = t[2].data_ptr<float>();
      b.square = t[3].data_ptr<float>();
      b.average = t[4].data_ptr<float>();
      b.size = kCount;
      return b;
    };
    UpdateBuffers on_device = buffers(device);
    on_device.low = static_cast<std::uint16_t*>(low.data_ptr());
    cuda::update(on_device, rule, now, nullptr);
    update_range(buffers(host), rule, now, 0, kCount);
    for (std::size_t i = 0; i < host.size(); ++i) EXPECT_LT(apart(device[i].cpu(), host[i]), 1e-6) << i;
    EXPECT_TRUE(torch::equal(low, device[0].to(torch::kBFloat16)));
    cuda::fold(on_device, 0.4f, nullptr);
    fold_range(buffers(host), 0.4f, 0, kCount);
    EXPECT_LT(apart(device[4].cpu(), host[4]), 1e-6);
  }
}

TEST_F(Cuda, GatherKernelDealsTheSameBatchAsTheCpu) {
  const torch::Tensor images = torch::randint(256, {50, 3, 5, 7}, torch::kUInt8).to(torch::kUInt8);
  const torch::Tensor labels = torch::randint(10, {50}, torch::kInt64), order = torch::randperm(50);
  const float scale = 2.f / 255.f;
  const cuda::Gathered batch =
      cuda::gather({images.to(kCuda), labels.to(kCuda), order.to(kCuda), scale, -1.f}, 8, 17, nullptr);
  const torch::Tensor index = order.narrow(0, 17, 8);
  EXPECT_TRUE(torch::equal(batch.indices.cpu(), index));
  EXPECT_TRUE(torch::equal(batch.labels.cpu(), labels.index_select(0, index)));
  EXPECT_LT(max_abs(batch.images.cpu(), to_range(images.index_select(0, index), {-1.f, 1.f})), 1e-6);
}

TEST_F(Cuda, CrossEntropyKernelAgreesWithItsPlainTwin) {
  const torch::Tensor target = torch::rand({33, 1, 28, 28}, kCuda);
  const auto both = [&](bool fused) {
    torch::manual_seed(62);
    const torch::Tensor logits = (5 * torch::randn({33, 1, 28, 28}, kCuda)).requires_grad_(true);
    const torch::Tensor sums =
        fused ? bce_of_samples(logits, target) : bce_of_samples_plainly(logits, target);
    const torch::Tensor weights = torch::linspace(-1, 2, 33, torch::TensorOptions(kCuda));
    return std::make_pair(sums.detach(), torch::autograd::grad({(sums * weights).sum()}, {logits})[0]);
  };
  EXPECT_LT(apart(both(true).first, both(false).first), 1e-5);
  EXPECT_LT(apart(both(true).second, both(false).second), 1e-6);
}

TEST_F(Cuda, BatchNormKernelsAgreeWithTheirPlainTwinInBothLayoutsAndTypes) {
  for (const torch::ScalarType type : {torch::kFloat32, torch::kBFloat16}) {
    for (const bool last : {false, true}) {
      for (const std::vector<std::int64_t>& sizes :
           {std::vector<std::int64_t>{64, 32, 14, 14}, {5, 33, 3, 7}, {2, 1, 1, 1}}) {
        for (const double slope : {0.2, 0.0}) {
          const auto run = [&](bool fused) {
            torch::manual_seed(63);
            const std::int64_t channels = sizes[1];
            torch::Tensor input = (3 + 2 * torch::randn(sizes, kCuda)).to(type);
            if (last) input = input.contiguous(at::MemoryFormat::ChannelsLast);
            input.requires_grad_(true);
            const torch::Tensor scale = torch::rand({channels}, kCuda).add_(0.5).requires_grad_(true),
                                shift = torch::randn({channels}, kCuda).requires_grad_(true);
            const BatchNormTensors norm = {scale, shift, torch::zeros({channels}, kCuda),
                                           torch::ones({channels}, kCuda)};
            const torch::Tensor output = fused ? batch_norm_leaky_relu(input, norm, 0.1, 1e-5, slope)
                                               : batch_norm_leaky_relu_plainly(input, norm, 0.1, 1e-5, slope);
            const torch::Tensor weights = torch::randn(sizes, kCuda);
            std::vector<torch::Tensor> all =
                torch::autograd::grad({(output.to(torch::kFloat32) * weights).sum()}, {input, scale, shift});
            all.push_back(output.detach());
            all.push_back(norm.running_mean);
            all.push_back(norm.running_var);
            return all;
          };
          const auto fused = run(true), plain = run(false);
          // bfloat16 has 8 bits; where a sum's sign is in doubt LeakyReLU may take the other branch.
          const double tolerance = type == torch::kFloat32 ? 2e-4 : 4e-2;
          for (std::size_t i = 0; i < fused.size(); ++i) {
            EXPECT_LT(apart(fused[i], plain[i]), tolerance)
                << sizes << " " << type << " " << last << " " << i;
          }
        }
      }
    }
  }
}

std::vector<std::string> on_cuda(std::vector<std::string> pairs) {
  pairs.push_back("device=cuda");
  pairs.push_back("precision=fp32");
  pairs.push_back("epochs=14");  // of 3 iterations
  pairs.push_back("timeline=0");
  pairs.push_back("log_every=100");
  pairs.push_back("sample_every=100");
  return pairs;
}

torch::Tensor all_parameters(Trainer& trainer) {
  std::vector<torch::Tensor> all;
  for (Nets* nets : {&trainer.live(), &trainer.averaged()}) {
    for (auto& [label, net] : *nets) {
      for (const torch::Tensor& tensor : net->all_tensors()) all.push_back(tensor.detach().flatten().cpu());
    }
  }
  return torch::cat(all);
}

class CudaFamilies : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!cuda::built()) GTEST_SKIP() << "this trainer was built without CUDA";
    if (!torch::cuda::is_available()) GTEST_SKIP() << "this machine has no CUDA device";
  }
};

// 11 first steps, then 31 that are replayed: parameters, averages and statistics. Kernels of LibTorch that
// add with atomics give other last digits in each run.
constexpr double kGraphTolerance = 1e-3;

TEST_P(CudaFamilies, GraphStepsAreThoseMadeOneByOne) {
  const data::Dataset data = small_data_of(GetParam());
  const auto train = [&](const char* steps, std::string& text) {
    const std::unique_ptr<Recipe> recipe = small_recipe(GetParam(), on_cuda({steps}));
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    while (!trainer->done()) EXPECT_TRUE(trainer->step().ok());
    text = trainer->device_text();
    return all_parameters(*trainer);
  };
  std::string graphed, eager;
  const torch::Tensor with = train("graph_steps=3", graphed), without = train("graph_steps=0", eager);
  const double worst = apart(with, without);
  std::printf("%s: %s; apart by %.2g of the largest\n", GetParam().c_str(), graphed.c_str(), worst);
  EXPECT_LT(worst, kGraphTolerance);
  const bool repeats = make_recipe(GetParam()).value()->family->repetition().obstacle.empty();
  EXPECT_EQ(graphed.find("CUDA graphs") != std::string::npos,
            repeats && GetParam() != "wgan" && GetParam() != "wgan-gp");
}

// Same weights and images, and other noise: how far a loss may differ is what noise makes of it.
TEST_P(CudaFamilies, BeginWithLossesLikeTheCpus) {
  const data::Dataset data = small_data_of(GetParam());
  std::vector<Numbers> losses;
  for (const char* device : {"device=cpu", "device=cuda"}) {
    const std::unique_ptr<Recipe> recipe = small_recipe(GetParam(), {device, "precision=fp32", "seed=5"});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    ASSERT_TRUE(trainer->step().ok());
    losses.push_back(trainer->take_losses().take());
  }
  ASSERT_EQ(losses[0].size(), losses[1].size());
  for (std::size_t i = 0; i < losses[0].size(); ++i) {
    const double cpu = losses[0][i].second, gpu = losses[1][i].second;
    std::printf("%s: %s %.5g on the CPU, %.5g on CUDA\n", GetParam().c_str(), losses[0][i].first.c_str(), cpu,
                gpu);
    EXPECT_EQ(losses[0][i].first, losses[1][i].first);
    EXPECT_LT(std::abs(cpu - gpu), 0.2 * std::abs(cpu) + 0.1) << losses[0][i].first;
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, CudaFamilies, ::testing::ValuesIn(family_names()), [](const auto& row) {
  std::string name = row.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// The critics' steps repeat after n_critic: graphs are as long.
TEST_F(Cuda, RecordsTheDoubleBackwardOfWganGp) {
  const data::Dataset data = small_data_of("wgan-gp");
  const auto train = [&](const char* steps, std::string& text) {
    const std::unique_ptr<Recipe> recipe =
        small_recipe("wgan-gp", on_cuda({steps, "n_critic=2", "batch_size=16"}));
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    while (!trainer->done()) EXPECT_TRUE(trainer->step().ok());
    text = trainer->device_text();
    return all_parameters(*trainer);
  };
  std::string graphed, eager;
  const torch::Tensor with = train("graph_steps=4", graphed), without = train("graph_steps=0", eager);
  EXPECT_NE(graphed.find("CUDA graphs of 4"), std::string::npos) << graphed;
  EXPECT_LT(apart(with, without), kGraphTolerance);
}

TEST_F(Cuda, ReplaysDrawNewNoise) {
  // One picture, weights at rest: only the noise changes the loss.
  const data::Dataset data = small_data("mnist", 1);
  const std::unique_ptr<Recipe> recipe = small_recipe(
      "vae",
      {"device=cuda", "lr=0", "batch_size=1", "epochs=40", "timeline=0", "graph_steps=1", "log_every=1"});
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  std::vector<double> losses;
  while (!trainer->done()) {
    ASSERT_TRUE(trainer->step().ok());
    losses.push_back(trainer->take_losses()->at(0).second);
  }
  std::sort(losses.begin(), losses.end());
  EXPECT_EQ(std::adjacent_find(losses.begin(), losses.end()), losses.end()) << "two steps had the same noise";
}

// The log is read late: what was not finite is told then.
TEST_F(Cuda, AnInfiniteLossIsFoundWhenTheLogIsRead) {
  const data::Dataset data = small_data();
  const std::unique_ptr<Recipe> recipe = small_recipe("vae", on_cuda({"lr=1000", "graph_steps=0"}));
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  while (trainer->iteration() < 30) ASSERT_TRUE(trainer->step().ok());
  EXPECT_EQ(trainer->take_losses().status().code, Code::diverged);
}

// A step that asks the device for a number: after the first steps it goes on one by one.
TEST_F(Cuda, AStepThatWaitsForTheDeviceIsNotRecorded) {
  struct Waits : StepWork {
    void prepare(std::int64_t) override {}
    void issue(std::int64_t, std::int64_t, StepNumbers* recorder) override {
      EXPECT_EQ(recorder, nullptr);
      seen += value.item<float>();
    }
    torch::Tensor value = torch::ones({1}, kCuda);
    float seen = 0;
  } work;
  const std::unique_ptr<Stepper> stepper = cuda::graph_stepper(work, {}, 4);
  for (std::int64_t i = 0; i < 40; ++i) ASSERT_EQ(stepper->advance(i, 100), 1);
  EXPECT_EQ(work.seen, 40);
  EXPECT_NE(stepper->text().find("wait"), std::string::npos) << stepper->text();
}

TEST_F(Cuda, ResumesWithinTheToleranceOfItsKernels) {
  const data::Dataset data = small_data();
  const auto pairs = on_cuda({"graph_steps=3"});
  const std::unique_ptr<Recipe> recipe = small_recipe("vae", pairs);
  const std::unique_ptr<Trainer> whole = small_trainer(*recipe, data);
  while (whole->iteration() < 20) ASSERT_TRUE(whole->step().ok());
  const State state = whole->state().take();
  const std::int64_t at = whole->iteration();
  while (!whole->done()) ASSERT_TRUE(whole->step().ok());
  const std::unique_ptr<Trainer> second = small_trainer(*recipe, data);
  State cut = state;
  cut.tensors["rng/cuda"] = state.tensors.at("rng/cuda").narrow(0, 0, 3).clone();
  EXPECT_EQ(second->restore(cut).code, Code::data_damaged);
  ASSERT_TRUE(second->restore(state).ok());
  EXPECT_EQ(second->iteration(), at);
  while (!second->done()) ASSERT_TRUE(second->step().ok());
  EXPECT_LT(apart(all_parameters(*second), all_parameters(*whole)), kGraphTolerance);
}

}  // namespace
}  // namespace lc::train
