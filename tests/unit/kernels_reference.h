// Textbook definitions in double precision, and random inputs, for the tests of the kernels and of the
// layers.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/random.h"
#include "shared/kernels/kernels.h"

namespace lc::test {

// Uniform in [-1, 1); `seed` tells vectors apart.
inline std::vector<float> random_floats(std::size_t n, std::uint64_t seed) {
  std::vector<float> values(n);
  fill_uniform(seed, Stream::test, 0, values);
  for (float& v : values) v = 2 * v - 1;
  return values;
}

// Every SIMD set that this machine runs.
inline const std::vector<const kernels::Kernels*>& simd_sets() {
  static const std::vector<const kernels::Kernels*> kSets = [] {
    std::vector<const kernels::Kernels*> sets;
    while (const kernels::Kernels* set = kernels::simd_set(sets.size())) sets.push_back(set);
    return sets;
  }();
  return kSets;
}

inline double activated(double x, kernels::Activation activation, double slope) {
  using kernels::Activation;
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x > 0 ? x : 0;
    case Activation::leaky_relu:
      return x > 0 ? x : slope * x;
    case Activation::elu:
      return x > 0 ? x : slope * std::expm1(x);
    case Activation::softplus:
      return x > 30 ? x + std::exp(-x) : std::log1p(std::exp(x));
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return NAN;
}

// out[b][y][x][o] by gathering: y * stride - padding + ky is the input row. weight: [out][in][kh][kw].
inline std::vector<double> textbook_conv(const kernels::ConvShape& s, std::size_t batch, const float* in,
                                         const float* weight, const kernels::Epilogue& epilogue) {
  std::vector<double> out(batch * s.out_height * s.out_width * s.out_channels);
  std::size_t at = 0;
  for (std::size_t b = 0; b < batch; ++b) {
    for (int y = 0; y < int(s.out_height); ++y) {
      for (int x = 0; x < int(s.out_width); ++x) {
        for (std::size_t o = 0; o < s.out_channels; ++o, ++at) {
          double sum = epilogue.bias ? epilogue.bias[o] : 0;
          for (std::size_t i = 0; i < s.in_channels; ++i) {
            for (int ky = 0; ky < int(s.kernel_height); ++ky) {
              for (int kx = 0; kx < int(s.kernel_width); ++kx) {
                const int iy = y * int(s.stride) - int(s.padding) + ky,
                          ix = x * int(s.stride) - int(s.padding) + kx;
                if (iy < 0 || ix < 0 || iy >= int(s.in_height) || ix >= int(s.in_width)) continue;
                const std::size_t from =
                    ((b * s.in_height + std::size_t(iy)) * s.in_width + std::size_t(ix)) * s.in_channels + i;
                const std::size_t w =
                    ((o * s.in_channels + i) * s.kernel_height + std::size_t(ky)) * s.kernel_width +
                    std::size_t(kx);
                sum += double(in[from]) * weight[w];
              }
            }
          }
          out[at] = activated(sum, epilogue.activation, epilogue.slope);
        }
      }
    }
  }
  return out;
}

// By scattering, the other way round from the kernels: each input number adds to the outputs that it touches.
// weight: [in][out][kh][kw].
inline std::vector<double> textbook_conv_transpose(const kernels::ConvShape& s, std::size_t batch,
                                                   const float* in, const float* weight,
                                                   const kernels::Epilogue& epilogue) {
  std::vector<double> out(batch * s.out_height * s.out_width * s.out_channels);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = epilogue.bias ? epilogue.bias[i % s.out_channels] : 0;
  for (std::size_t b = 0; b < batch; ++b) {
    for (int iy = 0; iy < int(s.in_height); ++iy) {
      for (int ix = 0; ix < int(s.in_width); ++ix) {
        for (std::size_t i = 0; i < s.in_channels; ++i) {
          const double value =
              in[((b * s.in_height + std::size_t(iy)) * s.in_width + std::size_t(ix)) * s.in_channels + i];
          for (std::size_t o = 0; o < s.out_channels; ++o) {
            for (int ky = 0; ky < int(s.kernel_height); ++ky) {
              for (int kx = 0; kx < int(s.kernel_width); ++kx) {
                const int y = iy * int(s.stride) - int(s.padding) + ky,
                          x = ix * int(s.stride) - int(s.padding) + kx;
                if (y < 0 || x < 0 || y >= int(s.out_height) || x >= int(s.out_width)) continue;
                const std::size_t to =
                    ((b * s.out_height + std::size_t(y)) * s.out_width + std::size_t(x)) * s.out_channels + o;
                out[to] +=
                    value *
                    weight[((i * s.out_channels + o) * s.kernel_height + std::size_t(ky)) * s.kernel_width +
                           std::size_t(kx)];
              }
            }
          }
        }
      }
    }
  }
  for (double& v : out) v = activated(v, epilogue.activation, epilogue.slope);
  return out;
}

}  // namespace lc::test
