// What a run is told and what it keeps: options, its folder, its state file, the curve of its losses.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "native/train/run_folder.h"
#include "native/train/tensorboard.h"
#include "native/train/torch_message.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

TEST(TensorBoard, ChecksumsAreCastagnolis) {
  EXPECT_EQ(crc32c("123456789", 9), 0xe3069283u);  // the check value of the catalogue of CRCs
  EXPECT_EQ(crc32c(std::string(32, '\0').data(), 32), 0x8a9136aau);  // RFC 3720, appendix B.4
}

TEST(TorchMessage, IsWhatWentWrongWithoutTheStackOfCalls) {
  try {
    TORCH_CHECK(false, "two\nlines");
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()), "two\nlines");
    EXPECT_EQ(torch_message(error), "two\nlines");
  }
}

TEST(LossCurveTest, KeepsTheMeanHoweverLongTheRun) {
  LossCurve curve;
  double total = 0;
  for (std::int64_t i = 1; i <= 10000; ++i) {
    const double value = std::sin(static_cast<double>(i));
    total += value;
    curve.add({"a", "b"}, {value, 2.0}, 1, i);
  }
  const format::Curve made = curve.curve();
  EXPECT_LE(made.iterations.size(), kCurvePoints);
  EXPECT_GE(made.iterations.size(), kCurvePoints / 2);
  for (const float value : made.series[1].values) EXPECT_FLOAT_EQ(value, 2.0f);
  LossCurve copy;
  copy.unpack(curve.names(), curve.pack());
  EXPECT_EQ(copy.pack(), curve.pack());
  copy.add({"c"}, {3.0}, 1, 10001);  // other losses: starts anew
  EXPECT_EQ(copy.curve().series.size(), 1u);
  EXPECT_EQ(copy.curve().series[0].values, std::vector<float>{3.0f});
  copy.unpack({"a", "b"}, {1, 2, 3});  // cut short: starts anew
  EXPECT_TRUE(copy.curve().iterations.empty());
}

TEST(RunFolderTest, KeepsTheMetricsUpToAnIterationOrToALineThatIsBroken) {
  char path[] = "/tmp/lc-metrics-XXXXXX";
  ASSERT_NE(mkdtemp(path), nullptr);
  const Result<RunFolder> folder = RunFolder::create(path, "vae", "mnist");
  ASSERT_TRUE(folder.ok()) << folder.status().message;
  const std::string file = std::string(path) + "/metrics.jsonl";
  const std::string good = "{\"iteration\":1.0,\"loss\":2}\n{\"iteration\":20,\"loss\":1}\n";
  for (const char* next : {R"({"iteration":21})", R"({"iteration":"3"})", R"({"iteration":null})",
                           R"({"iteration":[3]})", R"({"loss":3})", "3", "[]", R"({"itera)", "\xff", ""}) {
    std::ofstream(file) << good << next << "\n" << good;
    const Status status = folder->trim_metrics(20);
    EXPECT_TRUE(status.ok()) << status.message;
    std::stringstream kept;
    kept << std::ifstream(file).rdbuf();
    EXPECT_EQ(kept.str(), good) << next;
  }
  std::filesystem::remove_all(path);
}

TEST(RunFolderTest, IsNeverSharedByRunsThatBeginAtOnce) {
  char path[] = "/tmp/lc-runs-XXXXXX";
  ASSERT_NE(mkdtemp(path), nullptr);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(path);
  constexpr std::size_t kThreads = 8, kRuns = 20;
  std::vector<std::string> paths(kThreads * kRuns);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&paths, t] {
      for (std::size_t i = 0; i < kRuns; ++i) {
        const Result<RunFolder> folder = RunFolder::create("", "vae", "mnist");
        if (folder.ok()) paths[t * kRuns + i] = folder->path();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::filesystem::current_path(before);
  std::filesystem::remove_all(path);
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(paths.front(), "runs/00000-vae-mnist");
  EXPECT_EQ(std::adjacent_find(paths.begin(), paths.end()), paths.end());
}

TEST(StateFile, ReturnsWhatWasWrittenAndRefusesEveryPrefixAndFlip) {
  State state;
  state.tensors["weights"] = torch::tensor({1.5f, -2.0f, 3.25f}).reshape({3, 1});
  state.tensors["counters"] = torch::tensor({std::int64_t{7}, std::int64_t{1} << 40});
  state.tensors["bytes"] = torch::tensor({1, 2, 255}, torch::kUInt8);
  state.tensors["double"] = torch::tensor({0.1}, torch::kFloat64);
  state.tensors["none"] = torch::zeros({0}, torch::kInt64);
  state.texts["option/lr"] = "0.001";
  const std::vector<std::uint8_t> bytes = write_state(state);
  const Result<State> back = read_state(Bytes(bytes), "state");
  ASSERT_TRUE(back.ok()) << back.status().message;
  EXPECT_EQ(back->texts, state.texts);
  for (const auto& [name, tensor] : state.tensors) {
    EXPECT_TRUE(torch::equal(back->tensors.at(name), tensor)) << name;
  }
  std::size_t refused = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    refused += read_state(Bytes(bytes).sub(0, length), "state").status().code == Code::data_damaged ? 1 : 0;
  }
  EXPECT_EQ(refused, bytes.size());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::vector<std::uint8_t> flipped = bytes;
    flipped[at] ^= 0x10;
    EXPECT_FALSE(read_state(Bytes(flipped), "state").ok()) << "flip at " << at;
  }
  // A right checksum over a lie about sizes.
  for (std::size_t at = 24; at < bytes.size(); ++at) {
    std::vector<std::uint8_t> lie = bytes;
    lie[at] = 0xff;
    const std::uint32_t crc = format::crc32(Bytes(lie).sub(20, lie.size() - 20));
    std::memcpy(lie.data() + 16, &crc, 4);
    const Result<State> read =
        read_state(Bytes(lie), "state");  // must neither crash nor allocate without bound
    static_cast<void>(read.ok());
  }
  // A size of 0 beside one that no tensor has.
  for (const std::uint64_t size : {std::uint64_t{1} << 63, UINT64_MAX, std::uint64_t{1} << 62}) {
    State empty;
    empty.tensors["none"] = torch::zeros({0, 3, 2}, torch::kInt64);
    std::vector<std::uint8_t> lie = write_state(empty);
    std::memcpy(lie.data() + lie.size() - 16, &size, 8);
    const std::uint32_t crc = format::crc32(Bytes(lie).sub(20, lie.size() - 20));
    std::memcpy(lie.data() + 16, &crc, 4);
    EXPECT_EQ(read_state(Bytes(lie), "state").status().code, Code::data_damaged) << size;
  }
  std::printf("%zu prefixes and %zu flips of a state file refused\n", refused, bytes.size());
}

TEST(Options, RefuseUnknownKeysAndBadValues) {
  const std::unique_ptr<Recipe> recipe = make_recipe("vae").take();
  const Status unknown = recipe->table.set_pair("klweight=2");
  EXPECT_EQ(unknown.code, Code::unknown_name);
  EXPECT_NE(unknown.message.find("did you mean 'kl_weight'"), std::string::npos) << unknown.message;
  for (const char* pair :
       {"epochs=0", "epochs=1.5", "epochs=", "lr=nan", "lr=-1", "net=big", "unverified_data=yes", "lr", "=3",
        "beta1=1", "beta2=1", "latent_size=99999999999999999999"}) {
    EXPECT_EQ(recipe->table.set_pair(pair).code, Code::bad_argument) << pair;
  }
  EXPECT_TRUE(
      recipe->table.set_json(R"({"options": {"epochs": 3, "lr": "0.5", "unverified_data": true}})", "x")
          .ok());
  EXPECT_EQ(recipe->run.epochs, 3);
  EXPECT_EQ(recipe->run.lr, 0.5);
  EXPECT_TRUE(recipe->run.unverified_data);
  for (const char* json : {"", "[]", "{\"epochs\": [1]}", "{\"nothing\": 1}", "{\"epochs\": null}", "{"}) {
    EXPECT_FALSE(recipe->table.set_json(json, "config").ok()) << json;
  }
  EXPECT_EQ(make_recipe("vea").status().code, Code::unknown_name);
}

// A state keeps its options as texts.
TEST(Options, ComeBackFromTheirTextsAsTheSameNumbers) {
  const std::unique_ptr<Recipe> recipe = make_recipe("vae").take(), resumed = make_recipe("vae").take();
  for (const char* pair : {"lr=0.0012345678901234567", "kl_weight=0.1", "recon_weight=333333.33333333331"})
    ASSERT_TRUE(recipe->table.set_pair(pair).ok()) << pair;
  for (const format::Option& option : recipe->table.values())
    ASSERT_TRUE(resumed->table.set(option.key, option.value).ok()) << option.key;
  EXPECT_EQ(resumed->run.lr, recipe->run.lr);
  for (std::size_t i = 0; i < recipe->table.rows().size(); ++i) {
    const auto number = [&](const Recipe& of) { return std::get_if<double*>(&of.table.rows()[i].field); };
    if (number(*recipe) == nullptr) continue;
    EXPECT_EQ(**number(*resumed), **number(*recipe)) << recipe->table.rows()[i].key;
  }
  EXPECT_EQ(recipe->table.set_pair("lr=0.1").code, Code::ok);
  EXPECT_EQ(value_text(*std::find_if(recipe->table.rows().begin(), recipe->table.rows().end(),
                                     [](const auto& row) { return row.key == "lr"; })),
            "0.1");
}

TEST(RegistryTest, RefusesASecondFamilyOfOneName) {
  Registry registry;
  FamilyEntry entry = families().entries()[0];
  EXPECT_TRUE(registry.add(entry));
  EXPECT_FALSE(registry.add(entry));
  EXPECT_EQ(registry.entries().size(), 1u);
}

TEST(Device, CudaWithoutOneIsItsOwnError) {
  if (torch::cuda::is_available()) GTEST_SKIP() << "this machine has a CUDA device";
  EXPECT_EQ(pick_device("cuda").status().code, Code::no_device);
  EXPECT_TRUE(pick_device("auto").value().is_cpu());
}

}  // namespace
}  // namespace lc::train
