// Fuzzes the reader of weights files and the compiler of their networks. The frame (magic, version, length,
// checksum) is made right before reading, so that what lies behind it is reached; a mutator of our own also
// changes the header alone and single fields of a decoded model.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "shared/format/format.h"
#include "shared/format/layout.h"
#include "shared/kernels/kernels.h"
#include "shared/nn/graph.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using namespace lc;
using Buffer = std::vector<std::uint8_t>;
using Random = std::minstd_rand;

template <class T>
void put(Buffer& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

void mend_frame(Buffer& bytes) {
  if (bytes.size() < format::kHeaderAt) return;
  std::copy(format::kMagic.begin(), format::kMagic.end(), bytes.begin());
  put(bytes, format::kVersionAt, format::kVersion);
  put(bytes, format::kLengthAt, std::uint64_t{bytes.size()});
  put(bytes, format::kChecksumAt,
      format::crc32({bytes.data() + format::kHeaderLengthAt, bytes.size() - format::kHeaderLengthAt}));
}

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// Runs three samples, so that layers that look across a batch have something to see, when that is quick.
void run(const nn::Graph& graph) {
  constexpr std::uint64_t kQuick = 1u << 20;
  constexpr std::size_t kBatch = 3;
  if (graph.multiply_adds() > kQuick || graph.workspace_floats(kBatch) > kQuick) return;
  std::vector<std::vector<float>> inputs, outputs;
  for (const auto& port : graph.inputs()) inputs.emplace_back(kBatch * port.shape.size(), 0.5f);
  for (const auto& port : graph.outputs()) outputs.emplace_back(kBatch * port.shape.size());
  std::vector<const float*> in;
  std::vector<float*> out;
  for (const auto& values : inputs) in.push_back(values.data());
  for (auto& values : outputs) out.push_back(values.data());
  nn::Workspace workspace;
  if (!workspace.reserve(graph, kBatch).ok()) return;
  require(workspace.run(graph, kBatch, {in.data(), in.size()}, {out.data(), out.size()}).ok(),
          "a compiled network runs");
}

void use(const format::ModelFile& file, const Buffer& bytes) {
  for (std::uint32_t i = 0; i < file.header.tensors.size(); ++i) {
    std::vector<float> values(format::element_count(file.header.tensors[i]));
    format::read_tensor(file, i, values);
    require(std::all_of(values.begin(), values.end(), [](float x) { return x - x == 0; }),
            "weights are finite");
  }
  require(format::assemble(file.header, file.payload) == bytes, "each model has one encoding");
  for (std::uint32_t network = 0; network < file.header.networks.size(); ++network) {
    for (std::uint32_t moment = 0; moment <= std::min<std::size_t>(file.header.timeline.size(), 3);
         ++moment) {
      for (const kernels::Kernels* kernels : {&kernels::plain(), &kernels::simd()}) {
        const auto graph = nn::Graph::compile(file, network, moment, *kernels);
        if (graph.ok()) run(graph.value());
        require(graph.ok() || !graph.status().message.empty(), "a refusal has a message");
      }
    }
  }
}

// A number that tends to sit at an edge.
std::uint32_t edge(Random& random) {
  constexpr std::uint32_t kEdges[] = {0,  1,   2,   3,    4,     5,        7,        8,  16,
                                      64, 255, 256, 1024, 65535, 1u << 20, 1u << 31, ~0u};
  return random() % 4 == 0 ? static_cast<std::uint32_t>(random()) : kEdges[random() % std::size(kEdges)];
}

template <class List>
auto* any(List& list, Random& random) {
  return list.empty() ? nullptr : &list[random() % list.size()];
}

void change(std::vector<std::uint32_t>& list, Random& random) {
  const auto choice = random() % 4;
  if (choice == 0) list.push_back(edge(random));
  if (choice == 1 && !list.empty()) list.pop_back();
  if (choice > 1 && !list.empty()) list[random() % list.size()] = edge(random);
}

void change_layer(format::LayerRecord& layer, Random& random) {
  constexpr const char* kKinds[] = {"dense",      "conv2d", "conv_transpose2d", "scale_shift", "relu",
                                    "leaky_relu", "tanh",   "sigmoid",          "reshape",     "none"};
  constexpr const char* kAttributes[] = {"stride", "padding", "output_padding", "slope", "channels",
                                         "height", "width",   "features",       "none"};
  switch (random() % 5) {
    case 0:
      layer.kind = kKinds[random() % std::size(kKinds)];
      break;
    case 1:
      change(layer.inputs, random);
      break;
    case 2:
      change(layer.tensors, random);
      break;
    case 3:
      layer.attributes.push_back({kAttributes[random() % std::size(kAttributes)], 1.0 * edge(random)});
      break;
    default:
      if (auto* attribute = any(layer.attributes, random)) {
        attribute->value = random() % 8 == 0 ? 0.5 - edge(random) : edge(random);
      }
  }
}

void change_network(format::Network& network, Random& random) {
  const auto choice = random() % 8;
  if (choice == 0) network.role = static_cast<format::Role>(random() % 6);
  if (choice == 1 && !network.inputs.empty()) change(any(network.inputs, random)->shape, random);
  if (choice == 2 && !network.outputs.empty()) any(network.outputs, random)->value = edge(random);
  if (choice == 3 && !network.layers.empty()) {
    const format::LayerRecord copy = *any(network.layers, random);
    network.layers.insert(
        network.layers.begin() + static_cast<std::ptrdiff_t>(random() % network.layers.size()), copy);
  }
  if (choice == 4 && !network.layers.empty()) {
    network.layers.erase(network.layers.begin() +
                         static_cast<std::ptrdiff_t>(random() % network.layers.size()));
  }
  if (choice > 4 && !network.layers.empty()) change_layer(*any(network.layers, random), random);
}

// One field of the model; small whole images and tensors of equal size keep many of the results valid.
void change_header(format::Header& header, Random& random) {
  switch (random() % 6) {
    case 0:
      if (auto* tensor = any(header.tensors, random)) {
        if (tensor->shape.size() > 1 && random() % 2 == 0) {
          std::swap(tensor->shape[0], tensor->shape[1]);
        } else {
          change(tensor->shape, random);
        }
      }
      break;
    case 1:
      if (auto* part = any(header.prior, random)) {
        part->kind = static_cast<format::PriorKind>(random() % 5);
        if (random() % 2 == 0) part->size = edge(random);
        change(part->mixture, random);
      }
      break;
    case 2:
      if (auto* moment = any(header.timeline, random))
        change(random() % 2 == 0 ? moment->replaced : moment->by, random);
      break;
    case 3:
      header.image.width = edge(random);
      break;
    default:
      if (auto* network = any(header.networks, random)) change_network(*network, random);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Buffer bytes(data, data + size);
  mend_frame(bytes);
  const auto model = format::read_model(bytes);
  if (model.ok()) {
    use(model.value(), bytes);
  } else {
    require(!model.status().message.empty() && exit_code(model.status().code) == 4,
            "a refusal has a code and a message");
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  Random random(seed);
  const auto choice = random() % 4;
  if (choice == 0 || size < format::kHeaderAt) return LLVMFuzzerMutate(data, size, max_size);
  Buffer bytes(data, data + size);
  mend_frame(bytes);
  Buffer result;
  if (choice == 1) {  // the header's bytes, with its length kept right
    std::uint64_t header_bytes = 0;
    std::memcpy(&header_bytes, bytes.data() + format::kHeaderLengthAt, sizeof header_bytes);
    if (header_bytes > format::kMaxHeaderBytes || format::payload_start(header_bytes) > size) {
      return LLVMFuzzerMutate(data, size, max_size);
    }
    const auto payload = static_cast<std::size_t>(format::payload_start(header_bytes));
    Buffer header(bytes.begin() + format::kHeaderAt,
                  bytes.begin() + static_cast<std::ptrdiff_t>(format::kHeaderAt + header_bytes));
    const std::size_t before = header.size();
    header.resize(before + 64);
    header.resize(LLVMFuzzerMutate(header.data(), before, header.size()));
    result.assign(bytes.begin(), bytes.begin() + format::kHeaderAt);
    put(result, format::kHeaderLengthAt, std::uint64_t{header.size()});
    result.insert(result.end(), header.begin(), header.end());
    result.resize(static_cast<std::size_t>(format::payload_start(header.size())));
    result.insert(result.end(), bytes.begin() + static_cast<std::ptrdiff_t>(payload), bytes.end());
    mend_frame(result);
  } else {
    const auto model = format::read_model(bytes);
    if (!model.ok()) return LLVMFuzzerMutate(data, size, max_size);
    format::Header header = model.value().header;
    for (auto times = 1 + random() % 2; times > 0; --times) change_header(header, random);
    result = format::assemble(header, model.value().payload);
  }
  if (result.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(result.begin(), result.end(), data);
  return result.size();
}
