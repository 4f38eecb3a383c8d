// What the parity tests share: a network of a file run by the engine, plain and SIMD, beside what LibTorch
// said; and the folder of vectors for tests/unit/parity_replay.cpp, which compares them again, natively and
// as wasm.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "native/io/files.h"
#include "native/io/npy.h"
#include "native/train/export.h"
#include "shared/nn/graph.h"
#include "tests/native/train_helpers.h"

namespace lc::train {

// float32 sums of up to a few thousand products in another order; values are of the size of 1.
constexpr double kTolerance = 1e-4;

inline const std::string& vectors_folder() {
  static const std::string folder = [] {
    const std::string path = std::string(LC_BINARY_DIR) + "/parity";
    std::filesystem::create_directories(path);
    std::filesystem::remove(path + "/list.txt");
    return path;
  }();
  return folder;
}

inline void save_vector(const std::string& name, const torch::Tensor& given) {
  const torch::Tensor values = given.contiguous();
  const std::vector<std::uint64_t> shape(values.sizes().begin(), values.sizes().end());
  const Status saved = io::save_npy(vectors_folder() + "/" + name + ".npy", shape,
                                    {values.data_ptr<float>(), static_cast<std::size_t>(values.numel())});
  ASSERT_TRUE(saved.ok()) << saved.message;
}

// What the engine makes of the inputs, which are in the graph's order.
inline std::vector<torch::Tensor> run_engine(const format::ModelFile& file, std::uint32_t network,
                                             std::uint32_t moment, const std::vector<torch::Tensor>& inputs,
                                             const kernels::Kernels& kernels) {
  const Result<nn::Graph> graph = nn::Graph::compile(file, network, moment, kernels);
  EXPECT_TRUE(graph.ok()) << graph.status().message;
  if (!graph.ok()) return {};
  const std::size_t batch = static_cast<std::size_t>(inputs[0].size(0));
  std::vector<const float*> in;
  for (const torch::Tensor& input : inputs) in.push_back(input.data_ptr<float>());
  std::vector<torch::Tensor> outputs;
  std::vector<float*> out;
  for (const nn::Graph::Port& port : graph->outputs()) {
    Sizes sizes = {inputs[0].size(0)};
    for (std::uint32_t d = 0; d < port.shape.rank; ++d) sizes.push_back(port.shape.dims[d]);
    outputs.push_back(torch::full(sizes, -77.0f));
    out.push_back(outputs.back().data_ptr<float>());
  }
  nn::Workspace workspace;
  Status status = workspace.reserve(graph.value(), batch);
  if (status.ok())
    status = workspace.run(graph.value(), batch, Span<const float* const>(in), Span<float* const>(out));
  EXPECT_TRUE(status.ok()) << status.message;
  return outputs;
}

struct Worst {
  double plain = 0, simd = 0;
  double spread = 0;  // standard deviation of what LibTorch said
};

// Compares one network of a file with what LibTorch said, and keeps the vectors.
inline Worst compare(const format::ModelFile& file, std::uint32_t network, const std::string& label,
                     const std::vector<torch::Tensor>& inputs,
                     const std::map<std::string, torch::Tensor>& expected) {
  Worst worst;
  const format::Network& record = file.header.networks[network];
  const std::uint32_t last = static_cast<std::uint32_t>(file.header.timeline.size());
  const std::vector<torch::Tensor> plain = run_engine(file, network, last, inputs, kernels::plain());
  const std::vector<torch::Tensor> simd = run_engine(file, network, last, inputs, kernels::simd());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    save_vector(label + "." + record.name + ".in." + record.inputs[i].name, inputs[i]);
  }
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const torch::Tensor& wanted = expected.at(record.outputs[i].name);
    EXPECT_EQ(plain[i].sizes(), wanted.sizes());
    worst.plain = std::max(worst.plain, max_abs(plain[i], wanted));
    worst.simd = std::max(worst.simd, max_abs(simd[i], wanted));
    worst.spread = std::max(worst.spread, wanted.std(/*unbiased=*/false).item<double>());
    save_vector(label + "." + record.name + ".out." + record.outputs[i].name, wanted);
  }
  return worst;
}

inline void finish_case(const std::string& label, const std::vector<std::uint8_t>& bytes) {
  ASSERT_TRUE(io::save_file(vectors_folder() + "/" + label + ".lcw", Bytes(bytes)).ok());
  std::ofstream(vectors_folder() + "/list.txt", std::ios::app) << label << "\n";
}

inline torch::Tensor random_input(const format::NetworkInput& input, std::int64_t batch) {
  Sizes sizes = {batch};
  for (const std::uint32_t size : input.shape) sizes.push_back(size);
  return input.shape.size() == 3 ? torch::rand(sizes) : torch::randn(sizes);
}

}  // namespace lc::train
