// upsample: each pixel becomes factor x factor pixels of the same colour.
#include <algorithm>

#include "shared/nn/attributes.h"
#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

constexpr std::uint32_t kMaxFactor = 64;

class Upsample : public Layer {
 public:
  Upsample(const Shape& in, std::size_t factor)
      : channels_(in.channels()), height_(in.height()), width_(in.width()), factor_(factor) {}

  void run(const RunArgs& args) const override {
    const float* in = args.inputs[0];
    float* out = args.output;
    const std::size_t row = width_ * factor_ * channels_;
    for (std::size_t y = 0; y < args.batch * height_; ++y) {
      const float* first = out;
      for (std::size_t x = 0; x < width_; ++x, in += channels_) {
        for (std::size_t i = 0; i < factor_; ++i) out = std::copy_n(in, channels_, out);
      }
      for (std::size_t i = 1; i < factor_; ++i) out = std::copy_n(first, row, out);
    }
  }

 private:
  std::size_t channels_, height_, width_, factor_;
};

Result<std::uint32_t> factor_of(const LayerSpec& spec) {
  return spec.attributes->whole("factor", 1, kMaxFactor);
}

}  // namespace

Result<LayerInfo> check_upsample(const LayerSpec& spec) {
  LC_TRY(need_image(spec));
  const Result<std::uint32_t> factor = factor_of(spec);
  if (!factor.ok()) return factor.status();
  // No side is longer than 2^24 before, so that none overflows.
  const Shape& in = (*spec.inputs)[0];
  LayerInfo info;
  info.output = Shape::image(in.channels(), in.height() * factor.value(), in.width() * factor.value());
  return info;
}

MadeLayer make_upsample(const LayerSpec& spec) {
  const Result<std::uint32_t> factor = factor_of(spec);
  if (!factor.ok()) return factor.status();
  return std::unique_ptr<Layer>(new Upsample((*spec.inputs)[0], factor.value()));
}

}  // namespace lc::nn
