// A batch out of the data set's bytes, and the cross-entropy of pictures.
#include "native/train/cuda/launch.h"

namespace lc::train::cuda {

namespace {

constexpr int kThreads = 256;

// One block a picture. Multiplied, then added, each with its own rounding, as LibTorch's two operations do.
__global__ void gather_kernel(GatherRows rows) {
  const std::int64_t row = blockIdx.x;
  const std::int64_t first = rows.recorded != nullptr ? *rows.recorded : rows.first;
  const std::int64_t index = rows.order[first + row];
  const std::uint8_t* from = rows.images + index * rows.pixels;
  float* to = rows.to_images + row * rows.pixels;
  for (std::int64_t i = threadIdx.x; i < rows.pixels; i += blockDim.x) {
    to[i] = __fadd_rn(__fmul_rn(static_cast<float>(from[i]), rows.scale), rows.shift);
  }
  if (threadIdx.x != 0) return;
  rows.to_indices[row] = index;
  rows.to_labels[row] = rows.labels[index];
}

__device__ float sum_of_block(float value) {
  __shared__ float shared[kThreads];
  shared[threadIdx.x] = value;
  __syncthreads();
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
    __syncthreads();
  }
  return shared[0];
}

// One block a sample.
__global__ void bce_kernel(const float* logits, const float* target, std::int64_t size, float* sums) {
  logits += blockIdx.x * size;
  target += blockIdx.x * size;
  float sum = 0;
  for (std::int64_t i = threadIdx.x; i < size; i += blockDim.x) {
    const float x = logits[i];
    sum += fmaxf(x, 0.f) - x * target[i] + log1pf(expf(-fabsf(x)));
  }
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

__global__ void bce_backward_kernel(const float* gradient, const float* logits, const float* target,
                                    std::int64_t size, float* to) {
  const std::int64_t row = blockIdx.x * size;
  const float scale = gradient[blockIdx.x];
  for (std::int64_t i = threadIdx.x; i < size; i += blockDim.x) {
    to[row + i] = (1.f / (1.f + expf(-logits[row + i])) - target[row + i]) * scale;
  }
}

}  // namespace

void launch_gather(const GatherRows& rows, cudaStream_t stream) {
  gather_kernel<<<static_cast<unsigned>(rows.count), kThreads, 0, stream>>>(rows);
}

void launch_bce(const float* logits, const float* target, std::int64_t rows, std::int64_t size, float* sums,
                cudaStream_t stream) {
  bce_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(logits, target, size, sums);
}

void launch_bce_backward(const float* gradient, const float* logits, const float* target, std::int64_t rows,
                         std::int64_t size, float* to, cudaStream_t stream) {
  bce_backward_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(gradient, logits, target, size,
                                                                            to);
}

}  // namespace lc::train::cuda
