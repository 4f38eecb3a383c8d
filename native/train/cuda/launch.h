// Launches of the kernels: pointers on the device and sizes in, nothing of LibTorch. Each goes to `stream`
// and returns before the work is done.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "native/train/update.h"

namespace lc::train::cuda {

void launch_update(const UpdateBuffers& buffers, const UpdateRule& rule, const UpdateScalars& now,
                   const UpdateScalars* recorded, cudaStream_t stream);
void launch_fold(const UpdateBuffers& buffers, float share, const float* recorded, cudaStream_t stream);

struct GatherRows {
  const std::uint8_t* images;  // [n][pixels]
  const std::int64_t* labels;  // [n]
  const std::int64_t* order;   // [m]
  std::int64_t pixels, count;
  float scale, shift;
  std::int32_t first;
  const std::int32_t* recorded;  // holds `first` when not null
  float* to_images;              // [count][pixels]
  std::int64_t *to_labels, *to_indices;
};
void launch_gather(const GatherRows& rows, cudaStream_t stream);

// logits, target, to: [rows][size]; sums, gradient: [rows]. Sums are taken in a fixed order.
void launch_bce(const float* logits, const float* target, std::int64_t rows, std::int64_t size, float* sums,
                cudaStream_t stream);
void launch_bce_backward(const float* gradient, const float* logits, const float* target, std::int64_t rows,
                         std::int64_t size, float* to, cudaStream_t stream);

// [batch][channels][pixels], or [batch][pixels][channels] when channels_last; float or bfloat16.
struct NormShape {
  std::int64_t batch, channels, pixels;
  bool channels_last, bfloat16;
};
constexpr int kNormParts = 64;  // `parts`: room for [kNormParts][channels][3] numbers
struct NormForward {
  const void* input;
  void* output;
  const float *scale, *shift;
  float *running_mean, *running_var, *mean, *inverse_deviation, *parts;
  float momentum, eps, slope;
};
void launch_norm(const NormShape& shape, const NormForward& norm, cudaStream_t stream);
struct NormBackward {
  const void *gradient, *input;
  void* to_input;
  const float *scale, *shift, *mean, *inverse_deviation;
  float *to_scale, *to_shift, *parts;
  float slope;
};
void launch_norm_backward(const NormShape& shape, const NormBackward& norm, cudaStream_t stream);

// Writes up to kNumberWords words of the host to the device; they travel with the launch, so that the host
// may change its own at once.
constexpr int kNumberWords = 768;
void launch_write(const std::uint32_t* words, int count, std::uint32_t* to, cudaStream_t stream);

}  // namespace lc::train::cuda
