// What a layer kind is: a name, a check, and a layer that runs. One file a kind in layers/, one line in
// registry.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"
#include "shared/kernels/kernels.h"

namespace lc::nn {

// Shape of one sample: [features] or [channels][height][width]. In memory images are channels-last.
struct Shape {
  std::uint32_t rank = 1;  // 1 or 3
  std::uint32_t dims[3] = {0, 1, 1};

  static Shape features(std::uint32_t n) { return {1, {n, 1, 1}}; }
  static Shape image(std::uint32_t channels, std::uint32_t height, std::uint32_t width) {
    return {3, {channels, height, width}};
  }
  std::uint32_t channels() const { return dims[0]; }
  std::uint32_t height() const { return rank == 3 ? dims[1] : 1; }
  std::uint32_t width() const { return rank == 3 ? dims[2] : 1; }
  std::uint64_t size() const { return std::uint64_t{dims[0]} * height() * width(); }
  bool operator==(const Shape& other) const {
    return rank == other.rank && dims[0] == other.dims[0] && height() == other.height() &&
           width() == other.width();
  }
  bool operator!=(const Shape& other) const { return !(*this == other); }
};

// "[128][7][7]"
std::string to_string(const Shape& shape);

// The order of one sample's numbers in memory: that of an image's channels-last array, or the channel-major
// order of the file when `image` has one channel or one pixel (then the two are the same). Images are always
// stored by their own shape; features usually by themselves, but may be stored by the image that they are
// reshaped from or to.
struct Layout {
  Shape image;
  bool channel_major() const { return image.channels() == 1 || image.height() * image.width() == 1; }
  // Where in memory the number lies that is `index`-th in channel-major order.
  std::size_t position(std::size_t index) const {
    const std::size_t pixels = std::size_t{image.height()} * image.width();
    return channel_major() ? index : index % pixels * image.channels() + index / pixels;
  }
  bool operator==(const Layout& other) const {
    return (channel_major() && other.channel_major()) || image == other.image;
  }
};

class Attributes;  // attributes.h
class Weights;     // weights.h

struct RunArgs {
  std::size_t batch = 0;
  const float* const* inputs = nullptr;
  float* output = nullptr;
  float* scratch = nullptr;  // scratch_floats() of this batch
};

// A layer with its weights packed. Immutable after fuse(): many threads may run one with buffers of their
// own.
class Layer {
 public:
  virtual ~Layer() = default;
  virtual std::uint64_t packed_floats() const { return 0; }
  // Memory that run() may write to, the same for every layer; never less for a larger batch.
  virtual std::size_t scratch_floats(std::size_t /*batch*/) const { return 0; }
  // True for a layer that is an activation alone, with what it applies.
  virtual bool as_activation(kernels::Activation& /*activation*/, float& /*slope*/) const { return false; }
  // Takes over the activation that follows, when it can: then the graph drops that layer.
  virtual bool fuse(kernels::Activation /*activation*/, float /*slope*/) { return false; }
  // True when output may be the same memory as inputs[0].
  virtual bool in_place() const { return false; }
  // True when the output is the input's memory as it is: the graph drops the layer.
  virtual bool is_view() const { return false; }
  virtual void run(const RunArgs& args) const = 0;
};

struct LayerSpec {
  std::string_view where;  // "decoder, layer 3 (conv2d)" for messages
  const std::vector<Shape>* inputs = nullptr;
  Attributes* attributes = nullptr;
  Weights* weights = nullptr;
  // Given to make() alone:
  const kernels::Kernels* kernels = nullptr;
  Layout input_layout, output_layout;  // of inputs[0] and of the output
};

// What check() found, before anything was allocated.
struct LayerInfo {
  Shape output;
  std::uint64_t multiply_adds = 0;  // of one sample
  std::uint64_t scratch = 0;        // floats besides the output, of one sample
  std::uint32_t group = 1;          // samples that the layer looks across
  bool pixelwise = false;           // each pixel of the output comes from the same pixel of the inputs alone
};

// How a kind gets along with features that are stored by an image's layout.
enum class LayoutUse : std::uint8_t {
  fixed,   // wants features in channel-major order
  passes,  // any layout, and the output has it too
  folds,   // any layout of the input, any of the output: its weights are packed to fit
  reshapes
};

struct LayerKind {
  std::string_view name;
  std::uint32_t min_inputs, max_inputs, min_tensors, max_tensors;
  LayoutUse layout_use;
  // Checks inputs' and tensors' shapes and the attributes; allocates nothing that grows with the file.
  Result<LayerInfo> (*check)(const LayerSpec& spec);
  // Called after check() of every layer has passed. Fails with out_of_memory alone.
  Result<std::unique_ptr<Layer>> (*make)(const LayerSpec& spec);
};

constexpr std::uint32_t kMaxLayerInputs = 4;
constexpr std::uint32_t kMaxGroup = 64;  // samples

// Every kind that this build knows.
Span<const LayerKind> layer_kinds();

// The kind's row, or unknown_layer with the known names.
Result<const LayerKind*> find_layer_kind(std::string_view name, const std::string& where);

}  // namespace lc::nn
