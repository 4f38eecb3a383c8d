// concat: features behind one another, or images of one height and width along their channels.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

class Concat : public Layer {
 public:
  Concat(const std::vector<Shape>& inputs) : pixels_(std::size_t{inputs[0].height()} * inputs[0].width()) {
    for (const Shape& shape : inputs) channels_.push_back(shape.channels());
  }

  void run(const RunArgs& args) const override {
    float* out = args.output;
    for (std::size_t p = 0; p < args.batch * pixels_; ++p) {
      for (std::size_t i = 0; i < channels_.size(); ++i) {
        out = std::copy_n(args.inputs[i] + p * channels_[i], channels_[i], out);
      }
    }
  }

 private:
  const std::size_t pixels_;
  std::vector<std::size_t> channels_;
};

}  // namespace

Result<LayerInfo> check_concat(const LayerSpec& spec) {
  const std::vector<Shape>& inputs = *spec.inputs;
  LayerInfo info;
  info.output = inputs[0];
  info.output.dims[0] = 0;
  info.pixelwise = true;
  for (const Shape& shape : inputs) {
    if (shape.rank != inputs[0].rank || shape.height() != inputs[0].height() ||
        shape.width() != inputs[0].width()) {
      return fail(Code::bad_layer_inputs,
                  "{}: cannot join {} and {}, expected features, or images of one height and width",
                  spec.where, to_string(inputs[0]), to_string(shape));
    }
    info.output.dims[0] += shape.channels();
  }
  return info;
}

MadeLayer make_concat(const LayerSpec& spec) {
  return std::unique_ptr<Layer>(new Concat(*spec.inputs));
}

}  // namespace lc::nn
