// instance_norm, layer_norm, pixel_norm: numbers over their spread; they differ in whose spread it is.
#include <algorithm>
#include <utility>

#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"
#include "shared/nn/weights.h"

namespace lc::nn {

namespace {

constexpr float kNormEps = 1e-5f;       // PyTorch's
constexpr float kPixelNormEps = 1e-8f;  // of Karras et al. 2018, section 4.2

enum class Over { pixels_of_a_channel, sample, channels_of_a_pixel };

class Norm : public Layer {
 public:
  Norm(const kernels::Kernels& kernels, const Shape& shape, Over over, kernels::Buffer scale,
       kernels::Buffer shift)
      : kernels_(kernels), shape_(shape), over_(over), scale_(std::move(scale)), shift_(std::move(shift)) {}

  std::uint64_t packed_floats() const override { return scale_.size() + shift_.size(); }
  bool in_place() const override { return true; }
  void run(const RunArgs& args) const override {
    const auto size = static_cast<std::size_t>(shape_.size());
    const std::size_t channels = shape_.channels(), pixels = size / channels;
    float* values = args.output;
    if (values != args.inputs[0]) std::copy_n(args.inputs[0], args.batch * size, values);
    switch (over_) {
      case Over::pixels_of_a_channel:
        for (std::size_t b = 0; b < args.batch; ++b)
          kernels_.normalize_columns(values + b * size, pixels, channels, kNormEps);
        break;
      case Over::sample:
        kernels_.normalize_rows(values, args.batch, size, /*centred=*/true, kNormEps);
        break;
      case Over::channels_of_a_pixel:
        kernels_.normalize_rows(values, args.batch * pixels, channels, /*centred=*/false, kPixelNormEps);
        break;
    }
    if (scale_.size() > 0)
      kernels_.scale_shift(values, args.batch * pixels, channels, scale_.data(), shift_.data());
  }

 private:
  const kernels::Kernels& kernels_;
  const Shape shape_;
  const Over over_;
  kernels::Buffer scale_, shift_;
};

Result<LayerInfo> check_norm(const LayerSpec& spec) {
  if (spec.weights->count() == 1) {
    return fail(Code::bad_layer_tensors, "{}: has 1 tensors, expected a scale and a shift, or none",
                spec.where);
  }
  if (spec.weights->count() > 0) {
    LC_TRY(check_channel_weights(spec, 0, "scale"));
    LC_TRY(check_channel_weights(spec, 1, "shift"));
  }
  LayerInfo info;
  info.output = (*spec.inputs)[0];
  info.multiply_adds = 2 * info.output.size();
  return info;
}

MadeLayer make_norm(const LayerSpec& spec, Over over) {
  kernels::Buffer buffers[2];
  for (std::size_t i = 0; i < spec.weights->count(); ++i) {
    Result<kernels::Buffer> read = channel_weights(spec, i);
    if (!read.ok()) return read.status();
    buffers[i] = read.take();
  }
  return std::unique_ptr<Layer>(
      new Norm(*spec.kernels, (*spec.inputs)[0], over, std::move(buffers[0]), std::move(buffers[1])));
}

}  // namespace

Result<LayerInfo> check_instance_norm(const LayerSpec& spec) {
  LC_TRY(need_image(spec));
  return check_norm(spec);
}
Result<LayerInfo> check_layer_norm(const LayerSpec& spec) {
  return check_norm(spec);
}
Result<LayerInfo> check_pixel_norm(const LayerSpec& spec) {
  Result<LayerInfo> info = check_norm(spec);
  if (info.ok()) info->pixelwise = true;
  return info;
}

MadeLayer make_instance_norm(const LayerSpec& spec) {
  return make_norm(spec, Over::pixels_of_a_channel);
}
MadeLayer make_layer_norm(const LayerSpec& spec) {
  return make_norm(spec, Over::sample);
}
MadeLayer make_pixel_norm(const LayerSpec& spec) {
  return make_norm(spec, Over::channels_of_a_pixel);
}

}  // namespace lc::nn
