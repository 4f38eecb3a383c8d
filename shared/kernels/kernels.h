// The arithmetic of the engine as a table of functions, twice: plain loops that define the result, and SIMD.
// Images are [batch][height][width][channels] here (channels innermost), features [batch][features], all f32.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lc::kernels {

// Applied to each output as it is stored. NaN stays NaN in all of them.
enum class Activation : std::uint8_t { none, relu, leaky_relu, elu, softplus, tanh, sigmoid };

struct Epilogue {
  const float* bias = nullptr;  // one per output column, or null
  Activation activation = Activation::none;
  float slope = 0;  // leaky_relu's slope, elu's alpha
};

// out[m][n] = epilogue(sum over k of a[m][k] * b[n][k]); b was packed by pack_dense. Rows lie *_stride floats
// apart.
struct DenseArgs {
  const float* a = nullptr;
  const float* packed = nullptr;
  float* out = nullptr;
  std::size_t m = 0, n = 0, k = 0;
  std::size_t a_stride = 0, out_stride = 0;
  Epilogue epilogue;
};

// Every number fits 31 bits and so does the product of any two neighbours; strides are at least 1.
// A convolution's out_height is (in_height + 2 * padding - kernel_height) / stride + 1, a transposed one's
// (in_height - 1) * stride - 2 * padding + kernel_height + output_padding; widths likewise.
struct ConvShape {
  std::uint32_t in_channels = 0, in_height = 0, in_width = 0;
  std::uint32_t out_channels = 0, out_height = 0, out_width = 0;
  std::uint32_t kernel_height = 0, kernel_width = 0, stride = 1, padding = 0;
  bool transposed = false;
  // Side of the tiles of input pixels by which the convolution is computed with fewer multiplications
  // (reduction.h); 0, or one that the shape cannot be cut by: directly.
  std::uint32_t tile = 0;
};

struct ConvArgs {
  ConvShape shape;
  const float* in = nullptr;
  const float* packed = nullptr;
  float* out = nullptr;
  float* scratch = nullptr;  // conv_scratch_floats() of this batch or a larger one, aligned as a Buffer is
  std::size_t batch = 0;
  Epilogue epilogue;
};

// One complete set. Packed formats are private to a set: what one packs, another cannot read. None allocates.
struct Kernels {
  const char* name;  // "plain", "AVX3", "WASM"
  std::size_t (*packed_dense_floats)(std::size_t n, std::size_t k);
  void (*pack_dense)(const float* weight, std::size_t n, std::size_t k, float* packed);  // weight: [n][k]
  void (*dense)(const DenseArgs&);
  std::uint32_t (*choose_tile)(const ConvShape&);  // the fastest for the shape: set it before packing
  std::size_t (*packed_conv_floats)(const ConvShape&);
  // weight: [out][in][kh][kw], transposed: [in][out][kh][kw]
  void (*pack_conv)(const ConvShape&, const float* weight, float* packed);
  std::size_t (*conv_scratch_floats)(const ConvShape&, std::size_t batch);
  void (*conv)(const ConvArgs&);
  // In place on n floats. `slope` as in Epilogue. Largest errors of the SIMD set: kTanhError and its
  // neighbours.
  void (*activate)(float* values, std::size_t n, Activation activation, float slope);
  // values[i][c] = values[i][c] * scale[c] + shift[c] for i < rows.
  void (*scale_shift)(float* values, std::size_t rows, std::size_t channels, const float* scale,
                      const float* shift);
  // values[i][c] += other[i * other_step + c] for i < rows, c < channels: other_step is `channels`, or 0 for
  // one row that is added to all.
  void (*add)(float* values, std::size_t rows, std::size_t channels, const float* other,
              std::size_t other_step);
  // values[i] = (values[i] - low) * scale, cut to [0, 1]; NaN becomes 0. The same bits in every set.
  void (*to_unit)(float* values, std::size_t n, float low, float scale);
  // Each row of n numbers by itself: minus its mean when `centred`, then over sqrt(mean square + eps).
  void (*normalize_rows)(float* values, std::size_t rows, std::size_t n, bool centred, float eps);
  // Each column c of values[rows][channels] by itself, centred.
  void (*normalize_columns)(float* values, std::size_t rows, std::size_t channels, float eps);
};

// A convolution that is computed with fewer multiplications (reduction.h) differs from the definition by at
// most this times the largest sum of the magnitudes of an output's terms (tested).
constexpr float kReductionError = 8e-7f;

// Largest absolute error of the SIMD activations against double precision, over all finite inputs (tested).
// elu's is for a slope of 1; softplus adds half a unit in the last place of its result, which grows with the
// input.
constexpr float kTanhError = 2e-7f;
constexpr float kSigmoidError = 1.5e-7f;
constexpr float kEluError = 2e-7f;
constexpr float kSoftplusError = 4e-7f;

const Kernels& plain();
const Kernels& simd();  // the best that this machine runs
// The i-th SIMD set that this machine runs, best first; null past the last. For tests, while nothing else
// runs.
const Kernels* simd_set(std::size_t i);

}  // namespace lc::kernels
