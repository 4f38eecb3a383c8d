// The same network in LibTorch and in the engine, plain and SIMD: every family untrained at odd shapes, and
// every shipped file. Writes its inputs and outputs for tests/unit/parity_replay.cpp, which compares them
// again, natively and as wasm.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "native/io/files.h"
#include "native/io/npy.h"
#include "native/train/export.h"
#include "shared/nn/graph.h"
#include "shared/session/engine.h"
#include "tests/native/torch_records.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

namespace fs = std::filesystem;

// float32 sums of up to a few thousand products in another order; values are of the size of 1.
constexpr double kTolerance = 1e-4;

const std::string& vectors_folder() {
  static const std::string folder = [] {
    const std::string path = std::string(LC_BINARY_DIR) + "/parity";
    fs::create_directories(path);
    fs::remove(path + "/list.txt");
    return path;
  }();
  return folder;
}

struct Port {
  std::string name;
  torch::Tensor values;
};

void save_vector(const std::string& name, const torch::Tensor& given) {
  const torch::Tensor values = given.contiguous();
  const std::vector<std::uint64_t> shape(values.sizes().begin(), values.sizes().end());
  const Status saved = io::save_npy(vectors_folder() + "/" + name + ".npy", shape,
                                    {values.data_ptr<float>(), static_cast<std::size_t>(values.numel())});
  ASSERT_TRUE(saved.ok()) << saved.message;
}

// What the engine makes of the inputs, which are in the graph's order.
std::vector<torch::Tensor> run_engine(const format::ModelFile& file, std::uint32_t network,
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
Worst compare(const format::ModelFile& file, std::uint32_t network, const std::string& label,
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

void finish_case(const std::string& label, const std::vector<std::uint8_t>& bytes) {
  ASSERT_TRUE(io::save_file(vectors_folder() + "/" + label + ".lcw", Bytes(bytes)).ok());
  std::ofstream(vectors_folder() + "/list.txt", std::ios::app) << label << "\n";
}

torch::Tensor random_input(const format::NetworkInput& input, std::int64_t batch) {
  Sizes sizes = {batch};
  for (const std::uint32_t size : input.shape) sizes.push_back(size);
  return input.shape.size() == 3 ? torch::rand(sizes) : torch::randn(sizes);
}

struct Shape {
  DataShape image;
  std::int64_t batch;
  std::vector<std::string> pairs;
};

const std::vector<Shape>& odd_shapes() {
  static const std::vector<Shape> shapes = {
      {{1, 28, 28}, 3, {"width=5", "latent_size=7", "hidden=33"}},
      {{3, 32, 32}, 2, {"width=3", "latent_size=2", "hidden=17"}},
      {{1, 12, 20}, 5, {"width=7", "latent_size=3", "hidden=9"}},
      {{2, 8, 16}, 1, {"width=1", "latent_size=1", "hidden=1"}},
      {{3, 20, 12}, 9, {"width=9", "latent_size=13", "hidden=41"}},
  };
  return shapes;
}

class Parity : public ::testing::TestWithParam<std::string> {};

TEST_P(Parity, UntrainedNetworksOfOddShapesAgree) {
  one_thread();
  const torch::NoGradGuard no_grad;
  Worst worst;
  std::size_t networks = 0;
  for (const char* net : {"net=conv", "net=mlp"}) {
    for (std::size_t s = 0; s < odd_shapes().size(); ++s) {
      const Shape& shape = odd_shapes()[s];
      torch::manual_seed(100 + s);
      const std::unique_ptr<Recipe> recipe = make_recipe(GetParam()).take();
      if (!recipe->table.set_pair(net).ok() && std::string(net) != "net=conv") continue;
      for (const std::string& pair : shape.pairs) static_cast<void>(recipe->table.set_pair(pair).ok());
      static_cast<void>(recipe->table.set_pair("mixture_components=2").ok());
      Result<Nets> built = recipe->family->build(shape.image);
      ASSERT_TRUE(built.ok()) << built.status().message;
      Nets nets = built.take();
      format::Writer writer;
      for (auto& [label, network] : nets) {
        randomise_weights(*network);
        randomise_batch_norm(*network);
        network->eval();
        add_network(writer, *network, format::DType::f32);
      }
      const torch::Tensor pictures =
          torch::rand({40, shape.image.channels, shape.image.height, shape.image.width});
      ASSERT_TRUE(recipe->family->fit_prior(nets, pictures, true, [] { return false; }).ok());
      writer.header.family = GetParam();
      writer.header.title = GetParam();
      writer.header.provenance.dataset = "random";
      const auto side = [](std::int64_t size) { return static_cast<std::uint32_t>(size); };
      writer.header.image = {side(shape.image.channels), side(shape.image.height), side(shape.image.width),
                             recipe->family->image_range().first, recipe->family->image_range().second};
      writer.header.prior = recipe->family->export_prior(writer);
      const Result<std::vector<std::uint8_t>> bytes = writer.finish();
      ASSERT_TRUE(bytes.ok()) << bytes.status().message;
      const Result<format::ModelFile> file = format::read_model(Bytes(bytes.value()));
      ASSERT_TRUE(file.ok()) << file.status().message;

      const std::string label = GetParam() + "-" + std::string(net).substr(4) + "-" + std::to_string(s);
      for (std::uint32_t n = 0; n < file->header.networks.size(); ++n) {
        const format::Network& record = file->header.networks[n];
        Tensors inputs;
        std::vector<torch::Tensor> in_order;
        for (const format::NetworkInput& input : record.inputs) {
          in_order.push_back(random_input(input, shape.batch));
          inputs[input.name] = in_order.back();
        }
        const Worst here = compare(file.value(), n, label, in_order, nets.at(record.name)->forward(inputs));
        EXPECT_LE(here.plain, kTolerance) << label << " " << record.name;
        EXPECT_LE(here.simd, kTolerance) << label << " " << record.name;
        worst = {std::max(worst.plain, here.plain), std::max(worst.simd, here.simd),
                 std::max(worst.spread, here.spread)};
        ++networks;
      }
      finish_case(label, bytes.value());

      // The page draws the latents that training drew.
      const std::vector<float> mixture = session::read_mixture(file.value());
      session::Request request;
      request.seed = 42;
      request.count = 11;
      const torch::Tensor trained = recipe->family->latents(request.count, request.seed).contiguous();
      torch::Tensor played = torch::empty_like(trained);
      ASSERT_TRUE(session::draw_latents(file->header, Span<const float>(mixture), request,
                                        {played.data_ptr<float>(), static_cast<std::size_t>(played.numel())})
                      .ok());
      EXPECT_LE(max_abs(trained, played), kTolerance) << label;
    }
  }
  std::printf(
      "%s: %zu networks, LibTorch against plain: max abs %.2e, against %s: %.2e (values spread by %.2g)\n",
      GetParam().c_str(), networks, worst.plain, kernels::simd().name, worst.simd, worst.spread);
}

INSTANTIATE_TEST_SUITE_P(Registry, Parity, ::testing::ValuesIn(family_names()),
                         [](const auto& row) { return row.param; });

// Compared on an f32 copy of the file's own weights: LibTorch runs the records.
TEST(ShippedFiles, AgreeWithLibTorch) {
  one_thread();
  const torch::NoGradGuard no_grad;
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(std::string(LC_SOURCE_DIR) + "/weights")) {
    if (entry.path().extension() == ".lcw") paths.push_back(entry.path());
  }
  if (paths.empty()) GTEST_SKIP() << "weights/ holds no .lcw file";
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    const Result<std::vector<std::uint8_t>> bytes = io::read_file(path);
    ASSERT_TRUE(bytes.ok()) << bytes.status().message;
    const Result<format::ModelFile> file = format::read_model(Bytes(bytes.value()));
    ASSERT_TRUE(file.ok()) << file.status().message;
    const std::string label = fs::path(path).stem().string();
    const auto tensor = [&](std::uint32_t i) {
      const format::TensorRecord& record = file->header.tensors[i];
      torch::Tensor values = torch::empty(Sizes(record.shape.begin(), record.shape.end()));
      format::read_tensor(file.value(), i,
                          {values.data_ptr<float>(), static_cast<std::size_t>(values.numel())});
      return values;
    };
    torch::manual_seed(1);
    for (std::uint32_t n = 0; n < file->header.networks.size(); ++n) {
      const format::Network& network = file->header.networks[n];
      std::map<std::string, torch::Tensor> inputs;
      std::vector<torch::Tensor> in_order;
      for (const format::NetworkInput& input : network.inputs) {
        in_order.push_back(random_input(input, 8));
        inputs[input.name] = in_order.back();
      }
      const Worst worst = compare(file.value(), n, label, in_order, run_records(network, tensor, inputs));
      std::printf("%s %s: LibTorch against plain: max abs %.2e, against %s: %.2e\n", label.c_str(),
                  network.name.c_str(), worst.plain, kernels::simd().name, worst.simd);
      EXPECT_LE(worst.plain, kTolerance) << path;
      EXPECT_LE(worst.simd, kTolerance) << path;
    }
    finish_case(label, bytes.value());
  }
}

}  // namespace
}  // namespace lc::train
