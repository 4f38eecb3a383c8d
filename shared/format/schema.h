// What a .lcw file says: plain structs, no behaviour. docs/format.md tells the bytes, docs/layers.md the
// layer kinds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lc::format {

constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kMaxHeaderBytes = 1u << 20;
constexpr std::uint64_t kMaxHeaderMemory = 896u << 10;  // unpacked; with the rest of a load below 1 MiB
constexpr std::uint32_t kMaxTensors = 1024;
constexpr std::uint32_t kMaxRank = 8;
constexpr std::uint32_t kMaxNameBytes = 128;
constexpr std::uint32_t kMaxTextBytes = 4096;
constexpr std::uint32_t kMaxLayers = 512;  // of one network
constexpr std::uint32_t kMaxNetworks = 16;
constexpr std::uint32_t kMaxPorts = 16;  // inputs, and outputs, of one network
constexpr std::uint32_t kMaxPriorParts = 64;
constexpr std::uint32_t kMaxLatentSize = 1u << 16;
constexpr std::uint32_t kMaxClasses = 1000;
constexpr std::uint32_t kMaxImageSide = 1024;
constexpr std::uint32_t kMaxImageChannels = 4;
constexpr std::uint32_t kMaxNotes = 1024;  // options, and metrics
constexpr std::uint32_t kMaxSeries = 64;   // and strips
constexpr std::uint32_t kMaxMoments = 256;

enum class DType : std::uint8_t { f32 = 0, f16 = 1, i8 = 2 };

// Weights in PyTorch's layout: dense [out][in], conv2d [out][in][kh][kw], conv_transpose2d [in][out][kh][kw].
// Payload of a tensor: f32 or f16 values, row-major, little-endian; for i8 first shape[scale_axis] f32
// scales, then the values, and value = scale * i8.
struct TensorRecord {
  std::string name;  // [a-z0-9._/-], unique, PyTorch's parameter name: "decoder.0.weight"
  DType dtype = DType::f32;
  std::vector<std::uint32_t> shape;
  std::uint8_t scale_axis = 0;  // the axis of output channels; i8 only, else 0
  std::uint64_t offset = 0;     // in bytes from the payload's first byte
};

struct Attribute {
  std::string name;
  double value = 0;  // whole numbers are stored exactly
};

// Values are numbered: the network's inputs first, then one value a layer, in order. A layer reads earlier
// values only.
struct LayerRecord {
  std::string kind;  // a row of docs/layers.md
  std::string name;  // the PyTorch module's name in its network: "0", "head.mean"
  std::vector<std::uint32_t> inputs;
  std::vector<Attribute> attributes;
  std::vector<std::uint32_t> tensors;  // indices of the tensor table, in the kind's order
};

enum class Role : std::uint8_t { decoder = 0, generator = 1, encoder = 2, discriminator = 3, classifier = 4 };

struct NetworkInput {
  std::string name;                  // "latent", "label" (one-hot), "image"
  std::vector<std::uint32_t> shape;  // of one sample: [features] or [channels][height][width]
};

struct NetworkOutput {
  std::string name;  // "image", "mean", "log_variance", "logit", "classes"
  std::uint32_t value = 0;
};

struct Network {
  Role role = Role::decoder;
  std::string name;  // unique: "decoder", "generator"; the prefix of its tensors' names
  std::vector<NetworkInput> inputs;
  std::vector<LayerRecord> layers;
  std::vector<NetworkOutput> outputs;
};

// A latent vector is the parts of the prior in order.
enum class PriorKind : std::uint8_t { normal = 0, uniform = 1, categorical = 2, mixture = 3 };

struct PriorPart {
  std::string name;  // "z", "category", "code"
  PriorKind kind = PriorKind::normal;
  std::uint32_t size = 0;    // numbers of the latent vector; a categorical part is one-hot
  float low = -1, high = 1;  // uniform only
  // Mixture of Gaussians with full covariance: weights [components], means [components][size],
  // cholesky [components][size][size] (lower), as indices of the tensor table; empty for other kinds.
  // Weights are not negative and add up to 1 within 1e-3 (they may be stored as f16).
  std::vector<std::uint32_t> mixture;
};

struct ImageSpec {
  std::uint32_t channels = 1, height = 28, width = 28;
  float low = 0, high = 1;  // the network's values of black and white: 0..1 after sigmoid, -1..1 after tanh
};

struct Option {
  std::string key, value;
};

struct Provenance {
  std::string dataset;         // "mnist"
  std::string dataset_sha256;  // of the training images, 64 hex digits in lower case; empty when there is no
                               // such file
  bool dataset_verified = true;
  std::vector<Option> options;  // every training option, in full
  std::uint64_t seed = 0;
  std::uint64_t iterations = 0;
  std::uint64_t images_seen = 0;
  double seconds = 0;  // of training
  std::string trainer_version;
  std::string device;  // "cpu, 2 threads", "cuda: NVIDIA H200"
};

struct Metric {
  std::string name;  // "test_loss", "frechet_distance"
  double value = 0;
  std::string note;  // unit and protocol
};

// Loss curve: the rows of one plot. Every series has as many values as there are iterations.
struct Series {
  std::string name;
  std::vector<float> values;
};
struct Curve {
  std::vector<std::uint64_t> iterations;
  std::vector<Series> series;
};

// A row of small pictures: count x channels x height x width bytes, 0 black to 255 white.
struct Strip {
  std::string name;  // "real", "samples", "reconstructions"
  std::uint32_t count = 0;
  std::vector<std::uint8_t> pixels;
};

// The playing networks at an earlier moment of training: tensor `replaced[i]` has the data of tensor `by[i]`.
struct Moment {
  std::uint64_t iteration = 0;
  std::uint64_t images_seen = 0;
  std::vector<std::uint32_t> replaced, by;
};

struct Header {
  std::string family;  // "vae"
  std::string title;   // for people: "VAE, MNIST"
  ImageSpec image;
  std::vector<PriorPart> prior;
  std::vector<std::string> classes;  // names of the classes of a conditional model, else empty
  std::vector<Network> networks;
  std::vector<TensorRecord> tensors;
  Provenance provenance;
  std::vector<Metric> metrics;
  Curve curve;
  std::vector<Strip> strips;
  std::vector<Moment> timeline;  // by iteration, ascending; the file's own networks are the last moment
};

// Length of the latent vector.
inline std::uint32_t latent_size(const Header& header) {
  std::uint32_t size = 0;
  for (const PriorPart& part : header.prior) size += part.size;
  return size;
}

}  // namespace lc::format
