// The optimiser's pass (native/train/update.h) and the numbers of the host that recorded work reads.
#include <algorithm>

#include "native/train/cuda/launch.h"

namespace lc::train::cuda {

namespace {

constexpr int kThreads = 256;

int blocks(std::int64_t size) {
  constexpr std::int64_t kMost = 132 * 8;  // enough to fill the largest GPU of today
  return static_cast<int>(std::min(kMost, (size + kThreads - 1) / kThreads));
}

__device__ std::int64_t first_index() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ std::int64_t index_step() {
  return static_cast<std::int64_t>(gridDim.x) * blockDim.x;
}

template <bool kRmsProp>
__global__ void update_kernel(UpdateBuffers b, UpdateRule rule, UpdateScalars now,
                              const UpdateScalars* recorded) {
  if (recorded != nullptr) now = *recorded;
  rule.rmsprop = kRmsProp;
  for (std::int64_t i = first_index(); i < b.size; i += index_step()) {
    const float parameter = b.parameters[i];
    if (b.average != nullptr && now.fold > 0) b.average[i] = mixed(b.average[i], parameter, now.fold);
    float mean = kRmsProp ? 0.f : b.mean[i], square = b.square[i];
    const float result = moved(rule, now, parameter, b.gradients[i], mean, square);
    b.parameters[i] = result;
    if (!kRmsProp) b.mean[i] = mean;
    b.square[i] = square;
    if (b.low != nullptr) b.low[i] = to_bfloat16(result);
  }
}

__global__ void fold_kernel(UpdateBuffers b, float share, const float* recorded) {
  if (recorded != nullptr) share = *recorded;
  if (share == 0) return;
  for (std::int64_t i = first_index(); i < b.size; i += index_step()) {
    b.average[i] = mixed(b.average[i], b.parameters[i], share);
  }
}

struct Words {
  std::uint32_t words[kNumberWords];
};

__global__ void write_kernel(Words from, int count, std::uint32_t* to) {
  for (int i = static_cast<int>(threadIdx.x); i < count; i += static_cast<int>(blockDim.x)) {
    to[i] = from.words[i];
  }
}

}  // namespace

void launch_update(const UpdateBuffers& buffers, const UpdateRule& rule, const UpdateScalars& now,
                   const UpdateScalars* recorded, cudaStream_t stream) {
  const auto kernel = rule.rmsprop ? update_kernel<true> : update_kernel<false>;
  kernel<<<blocks(buffers.size), kThreads, 0, stream>>>(buffers, rule, now, recorded);
}

void launch_fold(const UpdateBuffers& buffers, float share, const float* recorded, cudaStream_t stream) {
  fold_kernel<<<blocks(buffers.size), kThreads, 0, stream>>>(buffers, share, recorded);
}

void launch_write(const std::uint32_t* words, int count, std::uint32_t* to, cudaStream_t stream) {
  Words by_value = {};
  std::copy(words, words + count, by_value.words);
  write_kernel<<<1, kThreads, 0, stream>>>(by_value, count, to);
}

}  // namespace lc::train::cuda
