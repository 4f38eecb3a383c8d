// What conv2d and conv_transpose2d share.
#include "shared/nn/layers/convolution.h"

#include <limits>
#include <utility>

#include "shared/core/checked.h"
#include "shared/nn/attributes.h"
#include "shared/nn/layers/inputs.h"
#include "shared/nn/weights.h"

namespace lc::nn {

namespace {

constexpr std::uint32_t kMaxKernel = 64, kMaxStride = 16, kMaxPadding = 64;

class Convolution : public Layer {
 public:
  Convolution(const kernels::Kernels& kernels, const kernels::ConvShape& shape, kernels::Buffer packed,
              kernels::Buffer bias)
      : kernels_(kernels), shape_(shape), packed_(std::move(packed)), bias_(std::move(bias)) {}

  std::uint64_t packed_floats() const override { return packed_.size() + bias_.size(); }
  std::size_t scratch_floats(std::size_t batch) const override {
    return kernels_.conv_scratch_floats(shape_, batch);
  }
  bool fuse(kernels::Activation activation, float slope) override {
    if (activation_ != kernels::Activation::none) return false;
    activation_ = activation;
    slope_ = slope;
    return true;
  }
  void run(const RunArgs& run) const override {
    kernels::ConvArgs args;
    args.shape = shape_;
    args.in = run.inputs[0];
    args.packed = packed_.data();
    args.out = run.output;
    args.scratch = run.scratch;
    args.batch = run.batch;
    args.epilogue = {bias_.data(), activation_, slope_};
    kernels_.conv(args);
  }

 private:
  const kernels::Kernels& kernels_;
  kernels::ConvShape shape_;
  kernels::Buffer packed_, bias_;
  kernels::Activation activation_ = kernels::Activation::none;
  float slope_ = 0;
};

// One dimension of the output, or bad_layer_inputs.
Status set_output(const LayerSpec& spec, bool transposed, const char* axis, std::uint32_t in,
                  std::uint32_t kernel, const kernels::ConvShape& shape, std::uint32_t output_padding,
                  std::uint32_t& out) {
  const std::int64_t padding = 2 * std::int64_t{shape.padding};
  const std::int64_t size = transposed
                                ? (std::int64_t{in} - 1) * shape.stride - padding + kernel + output_padding
                            : in + padding < kernel ? 0
                                                    : (in + padding - kernel) / shape.stride + 1;
  if (size < 1 || size > std::numeric_limits<std::int32_t>::max()) {
    return fail(Code::bad_layer_inputs,
                "{}: an input of {} {} with kernel {}, stride {} and padding {} leaves an output of {} {}, "
                "expected at least 1",
                spec.where, axis, in, kernel, shape.stride, shape.padding, axis, size);
  }
  out = static_cast<std::uint32_t>(size);
  return {};
}

// Everything that can be wrong with the layer.
Result<kernels::ConvShape> parse(const LayerSpec& spec, bool transposed) {
  const Shape& in = (*spec.inputs)[0];
  LC_TRY(need_image(spec));
  LC_TRY(spec.weights->expect_rank(0, "weight", 4));
  const std::vector<std::uint32_t>& weight = spec.weights->shape(0);
  kernels::ConvShape shape;
  shape.transposed = transposed;
  shape.in_channels = in.channels();
  shape.in_height = in.height();
  shape.in_width = in.width();
  shape.out_channels = weight[transposed ? 1 : 0];
  shape.kernel_height = weight[2];
  shape.kernel_width = weight[3];
  if (transposed) {
    LC_TRY(spec.weights->expect_shape(0, "weight", {in.channels(), weight[1], weight[2], weight[3]}));
  } else {
    LC_TRY(spec.weights->expect_shape(0, "weight", {weight[0], in.channels(), weight[2], weight[3]}));
  }
  if (weight[2] > kMaxKernel || weight[3] > kMaxKernel) {
    return fail(Code::bad_layer_tensors, "{}: a kernel of {}x{}, at most {}x{} is read", spec.where,
                weight[2], weight[3], kMaxKernel, kMaxKernel);
  }
  if (spec.weights->count() > 1) LC_TRY(spec.weights->expect_shape(1, "bias", {shape.out_channels}));
  const Result<std::uint32_t> stride = spec.attributes->whole("stride", 1, kMaxStride);
  if (!stride.ok()) return stride.status();
  const Result<std::uint32_t> padding = spec.attributes->whole("padding", 0, kMaxPadding);
  if (!padding.ok()) return padding.status();
  shape.stride = stride.value();
  shape.padding = padding.value();
  std::uint32_t output_padding = 0;
  if (transposed) {
    const Result<std::uint32_t> extra = spec.attributes->whole("output_padding", 0, shape.stride - 1, 0);
    if (!extra.ok()) return extra.status();
    output_padding = extra.value();
  }
  LC_TRY(set_output(spec, transposed, "height", in.height(), shape.kernel_height, shape, output_padding,
                    shape.out_height));
  LC_TRY(set_output(spec, transposed, "width", in.width(), shape.kernel_width, shape, output_padding,
                    shape.out_width));
  return shape;
}

}  // namespace

Result<LayerInfo> check_convolution(const LayerSpec& spec, bool transposed) {
  const Result<kernels::ConvShape> parsed = parse(spec, transposed);
  if (!parsed.ok()) return parsed.status();
  const kernels::ConvShape& s = parsed.value();
  LayerInfo info;
  info.output = Shape::image(s.out_channels, s.out_height, s.out_width);
  const std::uint64_t height = transposed ? s.in_height : s.out_height;
  const std::uint64_t width = transposed ? s.in_width : s.out_width;
  std::uint64_t work = 1;
  for (const std::uint64_t factor :
       {std::uint64_t{s.in_channels}, std::uint64_t{s.out_channels}, std::uint64_t{s.kernel_height},
        std::uint64_t{s.kernel_width}, height, width}) {
    if (!checked_mul(work, factor, work)) work = std::numeric_limits<std::uint64_t>::max();
  }
  info.multiply_adds = work;
  info.pixelwise = s.kernel_height == 1 && s.kernel_width == 1 && s.stride == 1 && s.padding == 0;
  return info;
}

Result<std::unique_ptr<Layer>> make_convolution(const LayerSpec& spec, bool transposed) {
  const Result<kernels::ConvShape> parsed = parse(spec, transposed);
  if (!parsed.ok()) return parsed.status();
  kernels::ConvShape shape = parsed.value();
  shape.tile = spec.kernels->choose_tile(shape);
  kernels::Buffer bias;
  if (spec.weights->count() > 1) {
    Result<kernels::Buffer> read = spec.weights->read(1);
    if (!read.ok()) return read.status();
    bias = read.take();
  }
  const Result<kernels::Buffer> weight = spec.weights->read(0);
  if (!weight.ok()) return weight.status();
  Result<kernels::Buffer> packed = allocate(spec.kernels->packed_conv_floats(shape), spec.where);
  if (!packed.ok()) return packed.status();
  spec.kernels->pack_conv(shape, weight->data(), packed->data());
  return std::unique_ptr<Layer>(new Convolution(*spec.kernels, shape, packed.take(), std::move(bias)));
}

}  // namespace lc::nn
