// Features from a TorchScript network that the person brings, and the distance that `eval --script` makes of
// them.
#include <gtest/gtest.h>
#include <torch/script.h>

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "native/data/synthetic.h"
#include "native/io/npy.h"
#include "native/train/script_features.h"

namespace lc::train {
namespace {

class Script : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("lc-script-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  // Saves a network with that forward.
  std::string network(const std::string& forward) const {
    torch::jit::Module module("network");
    module.define(forward);
    module.save(at("network.pt"));
    return at("network.pt");
  }
  ScriptFeatures desc(const std::string& script) const {
    ScriptFeatures desc;
    desc.script = script;
    desc.pictures = at("pictures.npy");
    desc.out = at("features.npy");
    desc.device = "cpu";
    desc.threads = 1;
    return desc;
  }

 private:
  std::filesystem::path folder_;
};

// Sum of all bytes, and the third channel's last byte.
constexpr const char* kForward = R"(
def forward(self, x, return_features: bool = False):
    assert return_features
    y = x.float()
    return torch.stack([y.sum([1, 2, 3]), y[:, 2, -1, -1]], 1)
)";

TEST_F(Script, GreyPicturesReachItAsBytesOfThreeChannels) {
  std::vector<float> pictures(60 * 6);  // more than one batch
  for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i] = static_cast<float>(i % 6) / 5;
  pictures[5] = 0.25f;  // 63.75 rounds to 64
  ASSERT_TRUE(io::save_npy(at("pictures.npy"), {60, 1, 2, 3}, pictures).ok());
  const Status status = script_features(desc(network(kForward)));
  ASSERT_TRUE(status.ok()) << status.message;
  const Result<io::Array> features = io::load_npy(at("features.npy"));
  ASSERT_TRUE(features.ok()) << features.status().message;
  ASSERT_EQ(features->shape, (std::vector<std::uint64_t>{60, 2}));
  EXPECT_EQ(features->values[0], 3 * (0 + 51 + 102 + 153 + 204 + 64));
  EXPECT_EQ(features->values[1], 64);
  EXPECT_EQ(features->values[118], 3 * (0 + 51 + 102 + 153 + 204 + 255));
  EXPECT_EQ(features->values[119], 255);
}

TEST_F(Script, WhatIsNoSuchNetworkIsRefusedInWords) {
  ASSERT_TRUE(io::save_npy(at("pictures.npy"), {2, 1, 2, 3}, std::vector<float>(12)).ok());
  const auto refusal = [&](const std::string& script) {
    const Status status = script_features(desc(script));
    EXPECT_EQ(status.code, Code::data_damaged) << status.message;
    std::printf("%s\n", status.message.c_str());
    return status.message;
  };
  EXPECT_NE(refusal(at("pictures.npy")).find("pictures.npy: cannot be run"), std::string::npos);
  EXPECT_NE(refusal(at("nothing.pt")).find("nothing.pt"), std::string::npos);
  EXPECT_NE(refusal(network("def forward(self, x):\n    return x.float()\n")).find("expected one row"),
            std::string::npos);
  EXPECT_NE(refusal(network("def forward(self, x, y):\n    return x\n")).find("cannot be run"),
            std::string::npos);
}

TEST_F(Script, EvalMeasuresInItsFeatures) {
  std::filesystem::create_directories(at("data/mnist"));
  ASSERT_TRUE(data::write_synthetic("mnist", at("data/mnist"), 60, 40, 1).ok());
  const std::string script = network(R"(
def forward(self, x):
    y = x.float() / 255
    return torch.stack([y.mean([1, 2, 3]), y[:, 0, :14].mean([1, 2])], 1)
)");
  const std::string command =
      std::string(LC_CLI) + " eval gan-mnist --data-dir " + at("data") +
      " --unverified-data --samples 40 --seeds 1 --json --quiet --threads 1 --script " + script + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string answer;
  char part[4096];
  while (const std::size_t got = std::fread(part, 1, sizeof part, pipe)) answer.append(part, got);
  ASSERT_EQ(::pclose(pipe), 0) << answer;
  const std::size_t found = answer.find("\"frechet_distance_script\"");
  ASSERT_NE(found, std::string::npos) << answer;
  double value = -1, real = -1;
  EXPECT_EQ(std::sscanf(answer.c_str() + answer.find("\"value\":", found), "\"value\": %lf", &value), 1);
  EXPECT_EQ(std::sscanf(answer.c_str() + answer.find("\"real\":", found), "\"real\": %lf", &real), 1);
  std::printf("generated %.5f, training pictures %.5f\n", value, real);
  EXPECT_GT(value, 4 * real) << "digits are not bars";
  EXPECT_NE(answer.find("2 features of a TorchScript file"), std::string::npos) << answer;
}

}  // namespace
}  // namespace lc::train
