// reshape: the same numbers in channel-major order under another shape. Moves them only where the memory's
// order differs, which the graph avoids when a dense layer stands beside it.
#include <utility>
#include <vector>

#include "shared/nn/attributes.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

class View : public Layer {
 public:
  bool is_view() const override { return true; }
  void run(const RunArgs&) const override {}
};

class Permute : public Layer {
 public:
  explicit Permute(std::vector<std::uint32_t> from) : from_(std::move(from)) {}

  void run(const RunArgs& args) const override {
    const std::size_t size = from_.size();
    for (std::size_t b = 0; b < args.batch; ++b) {
      const float* in = args.inputs[0] + b * size;
      float* out = args.output + b * size;
      for (std::size_t i = 0; i < size; ++i) out[i] = in[from_[i]];
    }
  }

 private:
  std::vector<std::uint32_t> from_;
};

}  // namespace

Result<LayerInfo> check_reshape(const LayerSpec& spec) {
  const Shape& in = (*spec.inputs)[0];
  constexpr std::uint32_t kMax = 1u << 24;
  Shape out;
  const char* names[] = {"channels", "height", "width"};
  if (spec.attributes->has("features")) {
    const Result<std::uint32_t> features = spec.attributes->whole("features", 1, kMax);
    if (!features.ok()) return features.status();
    out = Shape::features(features.value());
  } else {
    out.rank = 3;
    for (std::size_t i = 0; i < 3; ++i) {
      const Result<std::uint32_t> n = spec.attributes->whole(names[i], 1, kMax);
      if (!n.ok()) return n.status();
      out.dims[i] = n.value();
    }
  }
  // Three numbers of 24 bits may overflow 64 bits; no input is that large.
  if (std::uint64_t{out.channels()} * out.height() > kMax || out.size() != in.size()) {
    return fail(Code::bad_layer_inputs, "{}: cannot reshape {} of {} numbers to {}", spec.where,
                to_string(in), in.size(), to_string(out));
  }
  return LayerInfo{out, 0};
}

MadeLayer make_reshape(const LayerSpec& spec) {
  if (spec.input_layout == spec.output_layout) return std::unique_ptr<Layer>(new View);
  std::vector<std::uint32_t> from(static_cast<std::size_t>((*spec.inputs)[0].size()));
  for (std::size_t i = 0; i < from.size(); ++i) {
    from[spec.output_layout.position(i)] = static_cast<std::uint32_t>(spec.input_layout.position(i));
  }
  return std::unique_ptr<Layer>(new Permute(std::move(from)));
}

}  // namespace lc::nn
