// Random networks of every kind of layer: LibTorch, the engine, and the records read literally agree.
#include "shared/nn/layer.h"
#include "tests/native/parity_cases.h"
#include "tests/native/torch_records.h"

namespace lc::train {
namespace {

// A value of a random kind that reads `value`, and sometimes `other`.
Value random_layer(const Value& value, const Value& other, std::int64_t kind) {
  const bool image = value.shape().size() == 3;
  const std::int64_t channels = value.shape()[0];
  switch (kind) {
    case 0:
      return value.elu(0.8);
    case 1:
      return value.softplus();
    case 2:
      return image ? value.pixel_norm() : value.softmax();
    case 3:
      return value.layer_norm(channels % 2 == 0);
    case 4:
      return image ? value.instance_norm(channels % 2 == 0) : value.layer_norm();
    case 5:
      return image && value.shape()[1] < 12 ? value.upsample(2) : value.leaky_relu(0.2);
    case 6:
      return image && value.shape()[1] > 4 ? value.avg_pool(value.shape()[1] > 10 ? 3 : 2) : value.tanh();
    case 7:
      return value.batch_norm();
    case 8:
      return value.shape() == other.shape() ? value.add(other) : value.sigmoid();
    case 9: {
      Sizes like = other.shape();
      like[0] = channels;
      return like == value.shape() ? Value::concat({value, other, value}) : value.relu();
    }
    case 10:
      return image ? value.minibatch_stddev(3) : value.minibatch_discrimination(5, 3, 3);
    case 11:
      return image ? value.relu() : Value::concat({value, value.logsumexp()});
    default:
      return image ? value.add(value.flatten().dense(channels, true, 1.4)) : value.add(value);
  }
}

// Layers of weights between layers of every other kind, down to features.
Net random_net(std::int64_t seed) {
  torch::manual_seed(seed);
  const auto below = [](std::int64_t n) { return torch::randint(n, {1}).item<std::int64_t>(); };
  // A norm right behind weights alone: behind another it may divide rounding errors by their own spread.
  const auto unnormed = [&below] {
    const std::int64_t kind = below(10);
    return kind < 2 ? kind : kind + 3;
  };
  Net net(format::Role::discriminator, "critic");
  Value value = net->input("image", {1 + seed % 3, 12, 10});
  const double gain = seed % 2 == 0 ? 0 : 1.4;
  for (std::int64_t i = 0; i < 4; ++i) {
    const std::int64_t out = 1 + below(11);
    value = below(4) == 0 ? value.conv_transpose2d(out, 3, 1, 1) : value.conv2d(out, 3, 1, 1, true, gain);
    const Value made = value;
    for (std::int64_t k = 0; k < 3; ++k) value = random_layer(value, made, k == 0 ? below(13) : unnormed());
    value = value.tanh();  // numbers of the size of 1, which the tolerance is for
  }
  net->output("picture", value);
  value = value.flatten().dense(2 + below(30), true, gain);
  const Value made = value;
  for (std::int64_t k = 0; k < 4; ++k) value = random_layer(value, made, k == 0 ? below(13) : unnormed());
  net->output("logit", value.tanh().dense(3));
  return net;
}

TEST(RandomNetworks, OfEveryKindOfLayerAgree) {
  one_thread();
  const torch::NoGradGuard no_grad;
  constexpr std::int64_t kNetworks = 60, kKept = 12;
  Worst worst;
  std::map<std::string, int> seen;
  for (std::int64_t seed = 0; seed < kNetworks; ++seed) {
    Net net = random_net(seed);
    for (const Layer& layer : net->layers()) ++seen[layer.kind];
    randomise_weights(*net);
    randomise_norms(*net);
    net->eval();
    format::Writer writer;
    add_network(writer, *net, format::DType::f32);
    const Sizes& shape = net->inputs()[0].shape;
    writer.header.family = writer.header.title = writer.header.provenance.dataset = "random";
    writer.header.image = {static_cast<std::uint32_t>(shape[0]), 12, 10, 0, 1};
    const Result<std::vector<std::uint8_t>> bytes = writer.finish();
    ASSERT_TRUE(bytes.ok()) << bytes.status().message;
    const Result<format::ModelFile> file = format::read_model(Bytes(bytes.value()));
    ASSERT_TRUE(file.ok()) << file.status().message;
    const torch::Tensor input = torch::rand({1 + seed % 8, shape[0], 12, 10});
    const std::string label = "layers-" + std::to_string(seed);
    const Tensors expected = net->forward({{"image", input}});
    const Worst here = compare(file.value(), 0, label, {input}, expected);
    EXPECT_LE(here.plain, kTolerance) << label;
    EXPECT_LE(here.simd, kTolerance) << label;
    // The records mean what LibTorch's functions of their names mean.
    const auto tensor = [&](std::uint32_t i) {
      const format::TensorRecord& record = file->header.tensors[i];
      torch::Tensor values = torch::empty(Sizes(record.shape.begin(), record.shape.end()));
      format::read_tensor(file.value(), i,
                          {values.data_ptr<float>(), static_cast<std::size_t>(values.numel())});
      return values;
    };
    const auto records = run_records(file->header.networks[0], tensor, {{"image", input}});
    for (const auto& [name, values] : expected) {
      EXPECT_LE(max_abs(records.at(name), values), kTolerance) << label << " " << name;
    }
    worst = {std::max(worst.plain, here.plain), std::max(worst.simd, here.simd),
             std::max(worst.spread, here.spread)};
    if (seed < kKept) finish_case(label, bytes.value());
  }
  std::printf(
      "%d random networks, LibTorch against plain: max abs %.2e, against %s: %.2e (values spread by %.2g)\n",
      static_cast<int>(kNetworks), worst.plain, kernels::simd().name, worst.simd, worst.spread);
  for (const nn::LayerKind& kind : nn::layer_kinds()) {
    if (kind.name == "scale_shift") continue;  // what is left of a batch_norm
    EXPECT_GT(seen[std::string(kind.name)], 0) << kind.name;
  }
}

}  // namespace
}  // namespace lc::train
