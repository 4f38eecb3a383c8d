// The same network in LibTorch and in the engine, plain and SIMD: every family untrained at odd shapes, and
// every shipped file.
#include "shared/session/engine.h"
#include "tests/native/parity_cases.h"
#include "tests/native/torch_records.h"

namespace lc::train {
namespace {

namespace fs = std::filesystem;

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

// The shapes that the family trains on: any, or those of its own data sets.
std::vector<Shape> shapes_for(const FamilyEntry& entry) {
  if (entry.datasets.empty()) return odd_shapes();
  std::vector<Shape> shapes;
  for (const std::string& name : entry.datasets) {
    const data::DatasetSpec& spec = *data::find_spec(name).value();
    Shape shape = odd_shapes()[shapes.size() % odd_shapes().size()];
    shape.image = {spec.channels, spec.height, spec.width, static_cast<std::int64_t>(spec.classes.size())};
    shapes.push_back(shape);
  }
  return shapes;
}

class Parity : public ::testing::TestWithParam<std::string> {};

TEST_P(Parity, UntrainedNetworksOfOddShapesAgree) {
  one_thread();
  const torch::NoGradGuard no_grad;
  Worst worst;
  std::size_t networks = 0;
  for (const char* net : {"net=conv", "net=mlp"}) {
    const std::vector<Shape> shapes = shapes_for(*find_family(GetParam()).value());
    for (std::size_t s = 0; s < shapes.size(); ++s) {
      const Shape& shape = shapes[s];
      torch::manual_seed(100 + s);
      const std::unique_ptr<Recipe> recipe = make_recipe(GetParam()).take();
      if (!recipe->table.set_pair(net).ok() && std::string(net) != "net=conv") continue;
      for (const std::string& pair : shape.pairs) static_cast<void>(recipe->table.set_pair(pair).ok());
      static_cast<void>(recipe->table.set_pair("mixture_components=2").ok());
      const DataShape picture = recipe->family->picture(shape.image);
      Result<Nets> built = recipe->family->build(picture);
      // A family may need a second latent number.
      if (!built.ok() && recipe->table.set_pair("latent_size=2").ok()) built = recipe->family->build(picture);
      // Nor does each take every shape: it says so.
      if (built.status().code == Code::bad_combination) continue;
      ASSERT_TRUE(built.ok()) << built.status().message;
      Nets nets = built.take();
      for (auto& [label, network] : nets) {
        randomise_weights(*network);
        randomise_norms(*network);
        network->eval();
      }
      format::Writer writer;
      std::vector<std::string> labels = recipe->family->exported(nets);
      const std::string player = recipe->family->player();
      if (!player.empty() && std::find(labels.begin(), labels.end(), player) == labels.end())
        labels.push_back(player);
      for (const std::string& label : labels) add_network(writer, *nets.at(label), format::DType::f32);
      const torch::Tensor pictures =
          torch::randint(256, {40, picture.channels, picture.height, picture.width}, torch::kUInt8);
      ASSERT_TRUE(recipe->family->fit_prior(nets, pictures, true, [] { return false; }).ok());
      writer.header.family = GetParam();
      writer.header.title = GetParam();
      writer.header.provenance.dataset = "random";
      const auto side = [](std::int64_t size) { return static_cast<std::uint32_t>(size); };
      writer.header.image = {side(picture.channels), side(picture.height), side(picture.width),
                             recipe->family->image_range().first, recipe->family->image_range().second};
      for (std::int64_t c = 0; recipe->family->conditional() && c < shape.image.classes; ++c)
        writer.header.classes.push_back(std::to_string(c));
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

      if (file->header.prior.empty()) continue;
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
  EXPECT_GT(networks, 0u);
  std::printf(
      "%s: %zu networks, LibTorch against plain: max abs %.2e, against %s: %.2e (values spread by %.2g)\n",
      GetParam().c_str(), networks, worst.plain, kernels::simd().name, worst.simd, worst.spread);
}

INSTANTIATE_TEST_SUITE_P(Registry, Parity, ::testing::ValuesIn(family_names()), [](const auto& row) {
  std::string name = row.param;  // GoogleTest takes letters and digits alone
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

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
