// dense: out[n] = sum over k of weight[n][k] * in[k] + bias[n].
#include <utility>

#include "shared/nn/attributes.h"
#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"
#include "shared/nn/weights.h"

namespace lc::nn {

namespace {

class Dense : public Layer {
 public:
  Dense(const kernels::Kernels& kernels, std::size_t n, std::size_t k, kernels::Buffer packed,
        kernels::Buffer bias)
      : kernels_(kernels), n_(n), k_(k), packed_(std::move(packed)), bias_(std::move(bias)) {}

  std::uint64_t packed_floats() const override { return packed_.size() + bias_.size(); }
  bool fuse(kernels::Activation activation, float slope) override {
    if (activation_ != kernels::Activation::none) return false;
    activation_ = activation;
    slope_ = slope;
    return true;
  }
  void run(const RunArgs& run) const override {
    kernels::DenseArgs args;
    args.a = run.inputs[0];
    args.packed = packed_.data();
    args.out = run.output;
    args.m = run.batch;
    args.n = args.out_stride = n_;
    args.k = args.a_stride = k_;
    args.epilogue = {bias_.data(), activation_, slope_};
    kernels_.dense(args);
  }

 private:
  const kernels::Kernels& kernels_;
  std::size_t n_, k_;
  kernels::Buffer packed_, bias_;
  kernels::Activation activation_ = kernels::Activation::none;
  float slope_ = 0;
};

}  // namespace

Result<LayerInfo> check_dense(const LayerSpec& spec) {
  const Shape& in = (*spec.inputs)[0];
  LC_TRY(need_features(spec));
  LC_TRY(spec.weights->expect_rank(0, "weight", 2));
  const std::uint32_t n = spec.weights->shape(0)[0];
  LC_TRY(spec.weights->expect_shape(0, "weight", {n, in.dims[0]}));
  if (spec.weights->count() > 1) LC_TRY(spec.weights->expect_shape(1, "bias", {n}));
  return LayerInfo{Shape::features(n), std::uint64_t{n} * in.dims[0]};
}

MadeLayer make_dense(const LayerSpec& spec) {
  const std::size_t n = spec.weights->shape(0)[0], k = spec.weights->shape(0)[1];
  Result<kernels::Buffer> weight = spec.weights->read(0);
  if (!weight.ok()) return weight.status();
  kernels::Buffer bias;
  if (spec.weights->count() > 1) {
    Result<kernels::Buffer> read = spec.weights->read(1);
    if (!read.ok()) return read.status();
    bias = read.take();
  }
  const Layout &from = spec.input_layout, &to = spec.output_layout;
  if (!from.channel_major() || !to.channel_major()) {
    // Rows and columns change places once here, instead of numbers in every run.
    Result<kernels::Buffer> moved = allocate(std::uint64_t{n} * k, spec.where);
    if (!moved.ok()) return moved.status();
    for (std::size_t row = 0; row < n; ++row) {
      float* target = moved->data() + to.position(row) * k;
      for (std::size_t column = 0; column < k; ++column)
        target[from.position(column)] = weight->data()[row * k + column];
    }
    weight = std::move(moved);
    if (bias.data()) {
      Result<kernels::Buffer> moved_bias = allocate(n, spec.where);
      if (!moved_bias.ok()) return moved_bias.status();
      for (std::size_t row = 0; row < n; ++row) moved_bias->data()[to.position(row)] = bias.data()[row];
      bias = moved_bias.take();
    }
  }
  Result<kernels::Buffer> packed = allocate(spec.kernels->packed_dense_floats(n, k), spec.where);
  if (!packed.ok()) return packed.status();
  spec.kernels->pack_dense(weight->data(), n, k, packed->data());
  return std::unique_ptr<Layer>(new Dense(*spec.kernels, n, k, packed.take(), std::move(bias)));
}

}  // namespace lc::nn
