// logsumexp: out = log of the sum of exp(in[i]), over a sample's features.
#include <algorithm>
#include <cmath>

#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

class LogSumExp : public Layer {
 public:
  explicit LogSumExp(std::size_t n) : n_(n) {}

  void run(const RunArgs& args) const override {
    for (std::size_t b = 0; b < args.batch; ++b) {
      const float* in = args.inputs[0] + b * n_;
      const float largest = *std::max_element(in, in + n_);  // exp would overflow without
      float sum = 0;
      for (std::size_t i = 0; i < n_; ++i) sum += std::exp(in[i] - largest);
      args.output[b] = largest + std::log(sum);
    }
  }

 private:
  std::size_t n_;
};

}  // namespace

Result<LayerInfo> check_logsumexp(const LayerSpec& spec) {
  LC_TRY(need_features(spec));
  LayerInfo info;
  info.output = Shape::features(1);
  return info;
}

MadeLayer make_logsumexp(const LayerSpec& spec) {
  return std::unique_ptr<Layer>(new LogSumExp((*spec.inputs)[0].channels()));
}

}  // namespace lc::nn
