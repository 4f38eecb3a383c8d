// add: the sum of two values of one shape; or of an image and features, one for each of its channels.
#include <algorithm>
#include <string>

#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

class Add : public Layer {
 public:
  // `shared`: input 1 has one number a channel for all pixels.
  Add(const kernels::Kernels& kernels, const Shape& shape, bool shared)
      : kernels_(kernels),
        size_(static_cast<std::size_t>(shape.size())),
        channels_(shape.channels()),
        shared_(shared) {}

  bool in_place() const override { return true; }
  void run(const RunArgs& args) const override {
    const std::size_t n = args.batch * size_;
    if (args.output != args.inputs[0]) std::copy_n(args.inputs[0], n, args.output);
    if (!shared_) return kernels_.add(args.output, 1, n, args.inputs[1], n);
    for (std::size_t b = 0; b < args.batch; ++b) {
      kernels_.add(args.output + b * size_, size_ / channels_, channels_, args.inputs[1] + b * channels_, 0);
    }
  }

 private:
  const kernels::Kernels& kernels_;
  const std::size_t size_, channels_;
  const bool shared_;
};

bool shares(const std::vector<Shape>& inputs) {
  return inputs[0].rank == 3 && inputs[1] == Shape::features(inputs[0].channels());
}

}  // namespace

Result<LayerInfo> check_add(const LayerSpec& spec) {
  const std::vector<Shape>& inputs = *spec.inputs;
  if (inputs[0] != inputs[1] && !shares(inputs)) {
    return fail(Code::bad_layer_inputs,
                "{}: cannot add {} to {}, expected the same shape, or an image and one feature for each of "
                "its channels",
                spec.where, to_string(inputs[1]), to_string(inputs[0]));
  }
  LayerInfo info;
  info.output = inputs[0];
  info.multiply_adds = inputs[0].size();
  info.pixelwise = true;
  return info;
}

MadeLayer make_add(const LayerSpec& spec) {
  return std::unique_ptr<Layer>(new Add(*spec.kernels, (*spec.inputs)[0], shares(*spec.inputs)));
}

}  // namespace lc::nn
