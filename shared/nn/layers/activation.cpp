// relu, leaky_relu, elu, softplus, tanh, sigmoid: each number by itself. Usually fused into the layer before.
#include <algorithm>

#include "shared/nn/attributes.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

using kernels::Activation;

class ActivationLayer : public Layer {
 public:
  ActivationLayer(const kernels::Kernels& kernels, std::size_t size, Activation activation, float slope)
      : kernels_(kernels), size_(size), activation_(activation), slope_(slope) {}

  bool as_activation(Activation& activation, float& slope) const override {
    activation = activation_;
    slope = slope_;
    return true;
  }
  bool in_place() const override { return true; }
  void run(const RunArgs& args) const override {
    const std::size_t n = args.batch * size_;
    if (args.output != args.inputs[0]) std::copy_n(args.inputs[0], n, args.output);
    kernels_.activate(args.output, n, activation_, slope_);
  }

 private:
  const kernels::Kernels& kernels_;
  std::size_t size_;
  Activation activation_;
  float slope_;
};

MadeLayer make(const LayerSpec& spec, Activation activation, float slope = 0) {
  const auto size = static_cast<std::size_t>((*spec.inputs)[0].size());
  return std::unique_ptr<Layer>(new ActivationLayer(*spec.kernels, size, activation, slope));
}

Result<float> slope_of(const LayerSpec& spec) {
  return spec.attributes->number("slope", -100, 100);
}
Result<float> alpha_of(const LayerSpec& spec) {
  return spec.attributes->number("alpha", -100, 100);
}

}  // namespace

Result<LayerInfo> check_activation(const LayerSpec& spec) {
  LayerInfo info;
  info.output = (*spec.inputs)[0];
  info.pixelwise = true;
  return info;
}

Result<LayerInfo> check_leaky_relu(const LayerSpec& spec) {
  const Result<float> slope = slope_of(spec);
  if (!slope.ok()) return slope.status();
  return check_activation(spec);
}

Result<LayerInfo> check_elu(const LayerSpec& spec) {
  const Result<float> alpha = alpha_of(spec);
  if (!alpha.ok()) return alpha.status();
  return check_activation(spec);
}

MadeLayer make_relu(const LayerSpec& spec) {
  return make(spec, Activation::relu);
}
MadeLayer make_tanh(const LayerSpec& spec) {
  return make(spec, Activation::tanh);
}
MadeLayer make_sigmoid(const LayerSpec& spec) {
  return make(spec, Activation::sigmoid);
}

MadeLayer make_softplus(const LayerSpec& spec) {
  return make(spec, Activation::softplus);
}

MadeLayer make_elu(const LayerSpec& spec) {
  const Result<float> alpha = alpha_of(spec);
  if (!alpha.ok()) return alpha.status();
  return make(spec, Activation::elu, alpha.value());
}

MadeLayer make_leaky_relu(const LayerSpec& spec) {
  const Result<float> slope = slope_of(spec);
  if (!slope.ok()) return slope.status();
  return make(spec, Activation::leaky_relu, slope.value());
}

}  // namespace lc::nn
