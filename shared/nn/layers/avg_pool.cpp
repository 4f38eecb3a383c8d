// avg_pool: the mean of each kernel x kernel square, side by side; rows and columns that fill no square are
// left out.
#include <algorithm>
#include <string>

#include "shared/nn/attributes.h"
#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

constexpr std::uint32_t kMaxPool = 1024;

class AvgPool : public Layer {
 public:
  AvgPool(const kernels::Kernels& kernels, const Shape& in, std::size_t kernel)
      : kernels_(kernels), in_(in), kernel_(kernel) {}

  void run(const RunArgs& args) const override {
    const std::size_t channels = in_.channels(), height = in_.height() / kernel_,
                      width = in_.width() / kernel_;
    const float* image = args.inputs[0];
    float* out = args.output;
    for (std::size_t b = 0; b < args.batch; ++b, image += in_.size()) {
      for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x, out += channels) {
          pool(image + (y * in_.width() + x) * kernel_ * channels, out);
        }
      }
    }
  }

 private:
  // `square`: its first pixel.
  void pool(const float* square, float* out) const {
    const std::size_t channels = in_.channels();
    std::fill_n(out, channels, 0.0f);
    for (std::size_t y = 0; y < kernel_; ++y, square += in_.width() * channels) {
      for (std::size_t x = 0; x < kernel_; ++x)
        kernels_.add(out, 1, channels, square + x * channels, channels);
    }
    for (std::size_t c = 0; c < channels; ++c) out[c] /= static_cast<float>(kernel_ * kernel_);
  }

  const kernels::Kernels& kernels_;
  const Shape in_;
  const std::size_t kernel_;
};

Result<std::uint32_t> kernel_of(const LayerSpec& spec) {
  return spec.attributes->whole("kernel", 1, kMaxPool);
}

}  // namespace

Result<LayerInfo> check_avg_pool(const LayerSpec& spec) {
  LC_TRY(need_image(spec));
  const Result<std::uint32_t> kernel = kernel_of(spec);
  if (!kernel.ok()) return kernel.status();
  const Shape& in = (*spec.inputs)[0];
  LayerInfo info;
  info.output = Shape::image(in.channels(), in.height() / kernel.value(), in.width() / kernel.value());
  if (info.output.size() == 0) {
    return fail(Code::bad_layer_inputs, "{}: a kernel of {} does not fit into an image {}", spec.where,
                kernel.value(), to_string(in));
  }
  info.multiply_adds = in.size();
  return info;
}

MadeLayer make_avg_pool(const LayerSpec& spec) {
  const Result<std::uint32_t> kernel = kernel_of(spec);
  if (!kernel.ok()) return kernel.status();
  return std::unique_ptr<Layer>(new AvgPool(*spec.kernels, (*spec.inputs)[0], kernel.value()));
}

}  // namespace lc::nn
