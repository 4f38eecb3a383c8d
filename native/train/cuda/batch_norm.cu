// BatchNorm on a training batch with LeakyReLU behind it: one pass for the statistics, one for the rest; the
// same backward. Sums are taken in a fixed order, so that a run repeats.
#include <cuda_bf16.h>

#include <algorithm>

#include "native/train/cuda/launch.h"

namespace lc::train::cuda {

namespace {

constexpr int kThreads = 256;
constexpr int kLanes = 32;  // channels of a block where channels come last

__device__ float load(const float* from, std::int64_t i) {
  return from[i];
}
__device__ float load(const __nv_bfloat16* from, std::int64_t i) {
  return __bfloat162float(from[i]);
}
__device__ void store(float* to, std::int64_t i, float value) {
  to[i] = value;
}
__device__ void store(__nv_bfloat16* to, std::int64_t i, float value) {
  to[i] = __float2bfloat16(value);
}

// Where row `r` (a pixel of a picture) of channel `c` lies.
__device__ std::int64_t place(const NormShape& s, std::int64_t c, std::int64_t r) {
  if (s.channels_last) return r * s.channels + c;
  return (r / s.pixels * s.channels + c) * s.pixels + r % s.pixels;
}

// A thread's channel and rows: neighbouring threads read neighbouring numbers in either layout.
struct Share {
  std::int64_t channel, row, rows, step;
  int lanes, at;  // threads at + k * lanes have this channel
};
__device__ Share share_of(const NormShape& s) {
  Share share;
  share.lanes = s.channels_last ? kLanes : 1;
  share.at = static_cast<int>(threadIdx.x) % share.lanes;
  const int in_block = kThreads / share.lanes, k = static_cast<int>(threadIdx.x) / share.lanes;
  share.channel = static_cast<std::int64_t>(blockIdx.x) * share.lanes + share.at;
  share.row = static_cast<std::int64_t>(blockIdx.y) * in_block + k;
  share.step = static_cast<std::int64_t>(gridDim.y) * in_block;
  share.rows = share.channel < s.channels ? s.batch * s.pixels : 0;
  return share;
}

// Count, mean, and sum of squared distances from it; two of them merge (Chan, Golub & LeVeque 1979).
struct Moments {
  float count, mean, squares;
};
__device__ Moments merged(const Moments& a, const Moments& b) {
  const float count = a.count + b.count;
  if (count == 0) return a;
  const float apart = b.mean - a.mean;
  return {count, a.mean + apart * (b.count / count),
          a.squares + b.squares + apart * apart * (a.count * b.count / count)};
}

// parts: [gridDim.y][channels] of Moments.
template <typename T>
__global__ void moments_kernel(NormShape s, const T* input, Moments* parts) {
  __shared__ Moments shared[kThreads];
  const Share share = share_of(s);
  Moments own = {0, 0, 0};
  if (share.row < share.rows) {
    // Sums of distances from the first number, which is near the mean: little is lost to cancellation.
    const float origin = load(input, place(s, share.channel, share.row));
    float sum = 0, squares = 0;
    for (std::int64_t r = share.row; r < share.rows; r += share.step) {
      const float apart = load(input, place(s, share.channel, r)) - origin;
      sum += apart;
      squares += apart * apart;
      own.count += 1;
    }
    own.mean = origin + sum / own.count;
    own.squares = fmaxf(squares - sum * (sum / own.count), 0.f);
  }
  shared[threadIdx.x] = own;
  __syncthreads();
  for (int half = kThreads / 2; half >= share.lanes; half /= 2) {
    if (static_cast<int>(threadIdx.x) < half) {
      shared[threadIdx.x] = merged(shared[threadIdx.x], shared[threadIdx.x + half]);
    }
    __syncthreads();
  }
  if (static_cast<int>(threadIdx.x) < share.lanes && share.channel < s.channels) {
    parts[blockIdx.y * s.channels + share.channel] = shared[threadIdx.x];
  }
}

__global__ void finish_moments_kernel(NormShape s, const Moments* parts, int count, NormForward norm) {
  const std::int64_t c = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (c >= s.channels) return;
  Moments all = parts[c];
  for (int i = 1; i < count; ++i) all = merged(all, parts[i * s.channels + c]);
  norm.mean[c] = all.mean;
  norm.inverse_deviation[c] = rsqrtf(all.squares / all.count + norm.eps);
  const float unbiased = all.squares / fmaxf(all.count - 1, 1.f);
  norm.running_mean[c] += norm.momentum * (all.mean - norm.running_mean[c]);
  norm.running_var[c] += norm.momentum * (unbiased - norm.running_var[c]);
}

template <typename T>
__global__ void apply_kernel(NormShape s, NormForward norm) {
  const std::int64_t size = s.batch * s.channels * s.pixels;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < size;
       i += step) {
    const std::int64_t c = s.channels_last ? i % s.channels : i / s.pixels % s.channels;
    const float z = (load(static_cast<const T*>(norm.input), i) - norm.mean[c]) * norm.inverse_deviation[c];
    const float y = z * norm.scale[c] + norm.shift[c];
    store(static_cast<T*>(norm.output), i, y > 0 ? y : y * norm.slope);
  }
}

// The gradient before LeakyReLU and the normed value, of element i.
struct Point {
  float gradient, normed;
};
template <typename T>
__device__ Point point(const NormBackward& norm, std::int64_t i, std::int64_t c) {
  const float z = (load(static_cast<const T*>(norm.input), i) - norm.mean[c]) * norm.inverse_deviation[c];
  const float y = z * norm.scale[c] + norm.shift[c];
  const float g = load(static_cast<const T*>(norm.gradient), i);
  return {y > 0 ? g : g * norm.slope, z};
}

// parts: [gridDim.y][channels][2], sums of the gradient and of gradient times normed value.
template <typename T>
__global__ void backward_sums_kernel(NormShape s, NormBackward norm) {
  __shared__ float2 shared[kThreads];
  const Share share = share_of(s);
  float2 own = {0, 0};
  for (std::int64_t r = share.row; r < share.rows; r += share.step) {
    const Point p = point<T>(norm, place(s, share.channel, r), share.channel);
    own.x += p.gradient;
    own.y += p.gradient * p.normed;
  }
  shared[threadIdx.x] = own;
  __syncthreads();
  for (int half = kThreads / 2; half >= share.lanes; half /= 2) {
    if (static_cast<int>(threadIdx.x) < half) {
      shared[threadIdx.x].x += shared[threadIdx.x + half].x;
      shared[threadIdx.x].y += shared[threadIdx.x + half].y;
    }
    __syncthreads();
  }
  if (static_cast<int>(threadIdx.x) < share.lanes && share.channel < s.channels) {
    float* to = norm.parts + (blockIdx.y * s.channels + share.channel) * 2;
    to[0] = shared[threadIdx.x].x;
    to[1] = shared[threadIdx.x].y;
  }
}

__global__ void finish_backward_sums_kernel(NormShape s, int count, NormBackward norm) {
  const std::int64_t c = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (c >= s.channels) return;
  float sum = 0, with_normed = 0;
  for (int i = 0; i < count; ++i) {
    sum += norm.parts[(i * s.channels + c) * 2];
    with_normed += norm.parts[(i * s.channels + c) * 2 + 1];
  }
  norm.to_shift[c] = sum;
  norm.to_scale[c] = with_normed;
}

template <typename T>
__global__ void backward_apply_kernel(NormShape s, NormBackward norm) {
  const std::int64_t size = s.batch * s.channels * s.pixels;
  const float share = 1.f / static_cast<float>(s.batch * s.pixels);
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < size;
       i += step) {
    const std::int64_t c = s.channels_last ? i % s.channels : i / s.pixels % s.channels;
    const Point p = point<T>(norm, i, c);
    const float centred = p.gradient - share * (norm.to_shift[c] + p.normed * norm.to_scale[c]);
    store(static_cast<T*>(norm.to_input), i, norm.scale[c] * norm.inverse_deviation[c] * centred);
  }
}

dim3 reduction_grid(const NormShape& s) {
  const std::int64_t lanes = s.channels_last ? kLanes : 1, in_block = kThreads / lanes;
  const std::int64_t parts = (s.batch * s.pixels + in_block - 1) / in_block;
  return {static_cast<unsigned>((s.channels + lanes - 1) / lanes),
          static_cast<unsigned>(std::min<std::int64_t>(kNormParts, parts))};
}

unsigned blocks(std::int64_t size, std::int64_t most) {
  return static_cast<unsigned>(std::min(most, (size + kThreads - 1) / kThreads));
}

template <typename T>
void run(const NormShape& s, const NormForward& norm, cudaStream_t stream) {
  const dim3 grid = reduction_grid(s);
  auto* parts = reinterpret_cast<Moments*>(norm.parts);
  moments_kernel<T><<<grid, kThreads, 0, stream>>>(s, static_cast<const T*>(norm.input), parts);
  finish_moments_kernel<<<blocks(s.channels, 65535), kThreads, 0, stream>>>(s, parts,
                                                                            static_cast<int>(grid.y), norm);
  apply_kernel<T><<<blocks(s.batch * s.channels * s.pixels, 132 * 8), kThreads, 0, stream>>>(s, norm);
}

template <typename T>
void run_backward(const NormShape& s, const NormBackward& norm, cudaStream_t stream) {
  const dim3 grid = reduction_grid(s);
  backward_sums_kernel<T><<<grid, kThreads, 0, stream>>>(s, norm);
  finish_backward_sums_kernel<<<blocks(s.channels, 65535), kThreads, 0, stream>>>(s, static_cast<int>(grid.y),
                                                                                  norm);
  backward_apply_kernel<T>
      <<<blocks(s.batch * s.channels * s.pixels, 132 * 8), kThreads, 0, stream>>>(s, norm);
}

}  // namespace

void launch_norm(const NormShape& shape, const NormForward& norm, cudaStream_t stream) {
  shape.bfloat16 ? run<__nv_bfloat16>(shape, norm, stream) : run<float>(shape, norm, stream);
}

void launch_norm_backward(const NormShape& shape, const NormBackward& norm, cudaStream_t stream) {
  shape.bfloat16 ? run_backward<__nv_bfloat16>(shape, norm, stream)
                 : run_backward<float>(shape, norm, stream);
}

}  // namespace lc::train::cuda
