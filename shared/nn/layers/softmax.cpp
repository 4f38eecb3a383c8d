// softmax: out[i] = exp(in[i]) / sum of exp(in[j]), over a sample's features.
#include <algorithm>
#include <cmath>

#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

class Softmax : public Layer {
 public:
  explicit Softmax(std::size_t n) : n_(n) {}

  bool in_place() const override { return true; }
  void run(const RunArgs& args) const override {
    for (std::size_t b = 0; b < args.batch; ++b) {
      const float* in = args.inputs[0] + b * n_;
      float* out = args.output + b * n_;
      const float largest = *std::max_element(in, in + n_);  // exp would overflow without
      float sum = 0;
      for (std::size_t i = 0; i < n_; ++i) sum += out[i] = std::exp(in[i] - largest);
      for (std::size_t i = 0; i < n_; ++i) out[i] /= sum;
    }
  }

 private:
  std::size_t n_;
};

}  // namespace

Result<LayerInfo> check_softmax(const LayerSpec& spec) {
  LC_TRY(need_features(spec));
  LayerInfo info;
  info.output = (*spec.inputs)[0];
  return info;
}

MadeLayer make_softmax(const LayerSpec& spec) {
  return std::unique_ptr<Layer>(new Softmax((*spec.inputs)[0].channels()));
}

}  // namespace lc::nn
