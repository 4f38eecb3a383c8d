// scale_shift: out = in * scale[channel] + shift[channel]; a BatchNorm that could not be folded into its
// neighbour.
#include <algorithm>
#include <utility>

#include "shared/nn/layers/layers.h"
#include "shared/nn/weights.h"

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
  LC_TRY(spec.weights->expect_shape(0, "scale", {in.channels()}));
  LC_TRY(spec.weights->expect_shape(1, "shift", {in.channels()}));
  return LayerInfo{in, in.size()};
}

MadeLayer make_scale_shift(const LayerSpec& spec) {
  const Shape& in = (*spec.inputs)[0];
  kernels::Buffer buffers[2];
  for (std::size_t i = 0; i < 2; ++i) {
    Result<kernels::Buffer> read = spec.weights->read(i);
    if (!read.ok()) return read.status();
    buffers[i] = read.take();
    if (in.rank == 3 || spec.input_layout.channel_major()) continue;
    // Features in the order of an image: so are their scales.
    Result<kernels::Buffer> moved = allocate(in.size(), spec.where);
    if (!moved.ok()) return moved.status();
    for (std::size_t c = 0; c < in.size(); ++c)
      moved->data()[spec.input_layout.position(c)] = buffers[i].data()[c];
    buffers[i] = moved.take();
  }
  return std::unique_ptr<Layer>(new ScaleShift(*spec.kernels, in.channels(),
                                               std::size_t{in.height()} * in.width(), std::move(buffers[0]),
                                               std::move(buffers[1])));
}

}  // namespace lc::nn
