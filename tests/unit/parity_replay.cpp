// Runs networks on inputs whose outputs LibTorch computed, and compares: plain and SIMD, natively and as
// wasm. The vectors are those of tests/golden/parity, and of the folder that LC_PARITY_DIR names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "shared/format/format.h"
#include "shared/nn/graph.h"

namespace lc {
namespace {

constexpr float kTolerance = 1e-4f;  // as tests/native/parity_test.cpp

std::vector<std::uint8_t> read(const std::string& path) {
  std::vector<std::uint8_t> bytes;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return bytes;
  std::uint8_t buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
    bytes.insert(bytes.end(), buffer, buffer + got);
  std::fclose(file);
  return bytes;
}

// The numbers of a version 1.0 .npy file of float32; its shape is the port's.
std::vector<float> read_npy(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read(path);
  if (bytes.size() < 10 || bytes[0] != 0x93) return {};
  const std::size_t start = 10 + bytes[8] + 256u * bytes[9];
  std::vector<float> values((bytes.size() - start) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + start, values.size() * sizeof(float));
  return values;
}

struct Worst {
  float value = 0;
  std::size_t networks = 0;
};

void replay(const std::string& folder, const std::string& label, const kernels::Kernels& kernels,
            Worst& worst) {
  const std::vector<std::uint8_t> bytes = read(folder + "/" + label + ".lcw");
  const Result<format::ModelFile> file = format::read_model(Bytes(bytes));
  ASSERT_TRUE(file.ok()) << label << ": " << file.status().message;
  for (std::uint32_t n = 0; n < file->header.networks.size(); ++n) {
    const format::Network& network = file->header.networks[n];
    const Result<nn::Graph> graph = nn::Graph::compile(
        file.value(), n, static_cast<std::uint32_t>(file->header.timeline.size()), kernels);
    ASSERT_TRUE(graph.ok()) << label << ": " << graph.status().message;
    const std::string stem = folder + "/" + label + "." + network.name;
    std::vector<std::vector<float>> inputs, expected, outputs;
    std::vector<const float*> in;
    std::vector<float*> out;
    for (const nn::Graph::Port& port : graph->inputs()) {
      inputs.push_back(read_npy(stem + ".in." + port.name + ".npy"));
      ASSERT_FALSE(inputs.back().empty()) << stem << ".in." << port.name;
    }
    const std::size_t batch = inputs[0].size() / graph->inputs()[0].shape.size();
    for (const nn::Graph::Port& port : graph->outputs()) {
      expected.push_back(read_npy(stem + ".out." + port.name + ".npy"));
      ASSERT_EQ(expected.back().size(), batch * port.shape.size()) << stem << ".out." << port.name;
      outputs.emplace_back(expected.back().size(), -77.0f);
    }
    for (const std::vector<float>& values : inputs) in.push_back(values.data());
    for (std::vector<float>& values : outputs) out.push_back(values.data());
    nn::Workspace workspace;
    ASSERT_TRUE(workspace.reserve(graph.value(), batch).ok());
    ASSERT_TRUE(
        workspace.run(graph.value(), batch, Span<const float* const>(in), Span<float* const>(out)).ok());
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      for (std::size_t i = 0; i < outputs[o].size(); ++i) {
        const float difference = std::fabs(outputs[o][i] - expected[o][i]);
        ASSERT_LE(difference, kTolerance)
            << label << " " << network.name << ", number " << i << ", " << kernels.name;
        worst.value = std::max(worst.value, difference);
      }
    }
    ++worst.networks;
  }
}

void replay_folder(const std::string& folder) {
  const std::vector<std::uint8_t> list = read(folder + "/list.txt");
  ASSERT_FALSE(list.empty()) << folder << "/list.txt names the cases";
  std::vector<std::string> labels;
  std::string label;
  for (const std::uint8_t c : list) {
    if (c != '\n') {
      label += static_cast<char>(c);
      continue;
    }
    labels.push_back(label);
    label.clear();
  }
  for (const kernels::Kernels* kernels : {&kernels::plain(), &kernels::simd()}) {
    Worst worst;
    for (const std::string& name : labels) replay(folder, name, *kernels, worst);
    std::printf("%zu networks of %zu files against LibTorch, %s: max abs %.2e\n", worst.networks,
                labels.size(), kernels->name, static_cast<double>(worst.value));
  }
}

TEST(ParityReplay, TheEngineGivesWhatLibTorchGave) {
  replay_folder(std::string(LC_SOURCE_DIR) + "/tests/golden/parity");
}

TEST(ParityReplay, TheEngineGivesWhatLibTorchGaveForFreshVectors) {
  const std::string folder = LC_PARITY_DIR;
  if (folder.empty()) GTEST_SKIP() << "configure with -DLC_PARITY_DIR=<build folder of the trainer>/parity";
  replay_folder(folder);
}

}  // namespace
}  // namespace lc
