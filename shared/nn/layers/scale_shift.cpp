// scale_shift: out = in * scale[channel] + shift[channel]; a BatchNorm that could not be folded into its
// neighbour.
#include <algorithm>
#include <utility>

#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

class ScaleShift : public Layer {
 public:
  ScaleShift(const kernels::Kernels& kernels, std::size_t channels, std::size_t pixels, kernels::Buffer scale,
             kernels::Buffer shift)
      : kernels_(kernels),
        channels_(channels),
        pixels_(pixels),
        scale_(std::move(scale)),
        shift_(std::move(shift)) {}

  std::uint64_t packed_floats() const override { return scale_.size() + shift_.size(); }
  bool in_place() const override { return true; }
  void run(const RunArgs& args) const override {
    const std::size_t rows = args.batch * pixels_;
    if (args.output != args.inputs[0]) std::copy_n(args.inputs[0], rows * channels_, args.output);
    kernels_.scale_shift(args.output, rows, channels_, scale_.data(), shift_.data());
  }

 private:
  const kernels::Kernels& kernels_;
  std::size_t channels_, pixels_;
  kernels::Buffer scale_, shift_;
};

}  // namespace

Result<LayerInfo> check_scale_shift(const LayerSpec& spec) {
  const Shape& in = (*spec.inputs)[0];
  LC_TRY(check_channel_weights(spec, 0, "scale"));
  LC_TRY(check_channel_weights(spec, 1, "shift"));
  LayerInfo info;
  info.output = in;
  info.multiply_adds = in.size();
  info.pixelwise = true;
  return info;
}

MadeLayer make_scale_shift(const LayerSpec& spec) {
  const Shape& in = (*spec.inputs)[0];
  Result<kernels::Buffer> scale = channel_weights(spec, 0);
  if (!scale.ok()) return scale.status();
  Result<kernels::Buffer> shift = channel_weights(spec, 1);
  if (!shift.ok()) return shift.status();
  return std::unique_ptr<Layer>(new ScaleShift(
      *spec.kernels, in.channels(), std::size_t{in.height()} * in.width(), scale.take(), shift.take()));
}

}  // namespace lc::nn
