// The kernels as plain loops: slow, obvious, the definition that the SIMD set is tested against.
#include <cmath>
#include <cstring>

#include "shared/kernels/kernels.h"

namespace lc::kernels {
namespace {

float activated(float x, Activation activation, float slope) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x < 0 ? 0 : x;
    case Activation::leaky_relu:
      return x < 0 ? x * slope : x;
    case Activation::elu:
      return x < 0 ? slope * std::expm1(x) : x;
    case Activation::softplus:
      return (x < 0 ? 0 : x) + std::log1p(std::exp(-std::fabs(x)));
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

float finish(float sum, std::size_t column, const Epilogue& epilogue) {
  if (epilogue.bias) sum += epilogue.bias[column];
  return activated(sum, epilogue.activation, epilogue.slope);
}

std::size_t packed_dense_floats(std::size_t n, std::size_t k) {
  return n * k;
}

void pack_dense(const float* weight, std::size_t n, std::size_t k, float* packed) {
  std::memcpy(packed, weight, n * k * sizeof(float));
}

void dense(const DenseArgs& args) {
  for (std::size_t m = 0; m < args.m; ++m) {
    for (std::size_t n = 0; n < args.n; ++n) {
      float sum = 0;
      for (std::size_t k = 0; k < args.k; ++k)
        sum += args.a[m * args.a_stride + k] * args.packed[n * args.k + k];
      args.out[m * args.out_stride + n] = finish(sum, n, args.epilogue);
    }
  }
}

std::uint32_t choose_tile(const ConvShape&) {
  return 0;
}

std::size_t packed_conv_floats(const ConvShape& s) {
  return std::size_t{s.in_channels} * s.out_channels * s.kernel_height * s.kernel_width;
}

void pack_conv(const ConvShape& shape, const float* weight, float* packed) {
  std::memcpy(packed, weight, packed_conv_floats(shape) * sizeof(float));
}

// The input's row or column under tap `tap` of output `out`, or -1.
std::int64_t conv_source(std::uint32_t out, std::uint32_t tap, const ConvShape& s, std::uint32_t in_size) {
  const std::int64_t at = std::int64_t{out} * s.stride + tap - s.padding;
  return at >= 0 && at < in_size ? at : -1;
}

std::int64_t conv_transpose_source(std::uint32_t out, std::uint32_t tap, const ConvShape& s,
                                   std::uint32_t in_size) {
  const std::int64_t at = std::int64_t{out} + s.padding - tap;
  return at >= 0 && at % s.stride == 0 && at / s.stride < in_size ? at / s.stride : -1;
}

// weight[out * out_step + in * in_step + ky * kernel_width + kx]
template <class Source>
void convolve(const ConvArgs& args, Source source, std::size_t out_step, std::size_t in_step) {
  const ConvShape& s = args.shape;
  for (std::size_t b = 0; b < args.batch; ++b) {
    const float* image = args.in + b * s.in_height * s.in_width * s.in_channels;
    float* out = args.out + b * s.out_height * s.out_width * s.out_channels;
    for (std::uint32_t y = 0; y < s.out_height; ++y) {
      for (std::uint32_t x = 0; x < s.out_width; ++x) {
        for (std::uint32_t o = 0; o < s.out_channels; ++o) {
          float sum = 0;
          for (std::uint32_t ky = 0; ky < s.kernel_height; ++ky) {
            const std::int64_t in_y = source(y, ky, s, s.in_height);
            if (in_y < 0) continue;
            for (std::uint32_t kx = 0; kx < s.kernel_width; ++kx) {
              const std::int64_t in_x = source(x, kx, s, s.in_width);
              if (in_x < 0) continue;
              const float* pixel =
                  image + (static_cast<std::size_t>(in_y) * s.in_width + static_cast<std::size_t>(in_x)) *
                              s.in_channels;
              const float* weight = args.packed + o * out_step + ky * s.kernel_width + kx;
              for (std::uint32_t i = 0; i < s.in_channels; ++i) sum += pixel[i] * weight[i * in_step];
            }
          }
          out[(std::size_t{y} * s.out_width + x) * s.out_channels + o] = finish(sum, o, args.epilogue);
        }
      }
    }
  }
}

void conv(const ConvArgs& args) {
  const std::size_t taps = std::size_t{args.shape.kernel_height} * args.shape.kernel_width;
  if (args.shape.transposed) {
    convolve(args, conv_transpose_source, taps, args.shape.out_channels * taps);
  } else {
    convolve(args, conv_source, args.shape.in_channels * taps, taps);
  }
}

std::size_t conv_scratch_floats(const ConvShape&, std::size_t) {
  return 0;
}

void activate(float* values, std::size_t n, Activation activation, float slope) {
  for (std::size_t i = 0; i < n; ++i) values[i] = activated(values[i], activation, slope);
}

void scale_shift(float* values, std::size_t rows, std::size_t channels, const float* scale,
                 const float* shift) {
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < channels; ++c)
      values[i * channels + c] = values[i * channels + c] * scale[c] + shift[c];
  }
}

void add(float* values, std::size_t rows, std::size_t channels, const float* other, std::size_t other_step) {
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < channels; ++c) values[i * channels + c] += other[i * other_step + c];
  }
}

void to_unit(float* values, std::size_t n, float low, float scale) {
  for (std::size_t i = 0; i < n; ++i) {
    const float unit = (values[i] - low) * scale;
    values[i] = unit > 0 ? (unit < 1 ? unit : 1) : 0;
  }
}

// The n numbers values[0], values[step], ...
void normalize(float* values, std::size_t n, std::size_t step, bool centred, float eps) {
  double mean = 0, square = 0;
  for (std::size_t i = 0; centred && i < n; ++i) mean += values[i * step];
  mean /= static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) square += (values[i * step] - mean) * (values[i * step] - mean);
  const double factor = 1 / std::sqrt(square / static_cast<double>(n) + eps);
  for (std::size_t i = 0; i < n; ++i)
    values[i * step] = static_cast<float>((values[i * step] - mean) * factor);
}

void normalize_rows(float* values, std::size_t rows, std::size_t n, bool centred, float eps) {
  for (std::size_t i = 0; i < rows; ++i) normalize(values + i * n, n, 1, centred, eps);
}

void normalize_columns(float* values, std::size_t rows, std::size_t channels, float eps) {
  for (std::size_t c = 0; c < channels; ++c) normalize(values + c, rows, channels, true, eps);
}

}  // namespace

const Kernels& plain() {
  static constexpr Kernels kPlain = {
      "plain",   packed_dense_floats, pack_dense,
      dense,     choose_tile,         packed_conv_floats,
      pack_conv, conv_scratch_floats, conv,
      activate,  scale_shift,         add,
      to_unit,   normalize_rows,      normalize_columns,
  };
  return kPlain;
}

}  // namespace lc::kernels
