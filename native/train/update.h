// One step of an optimiser over flat buffers, in one pass: the moving average, the rule, the clip and the
// low-precision copy. Knows no LibTorch: the same formulas run on the CPU and in cuda/update.cu.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#ifdef __CUDACC__
#define LC_HOST_DEVICE __host__ __device__
#else
#define LC_HOST_DEVICE
#endif

namespace lc::train {

// What stays the same from step to step.
struct UpdateRule {
  bool rmsprop = false;  // Adam otherwise
  float beta1 = 0.9f, beta2 = 0.999f, eps = 1e-8f;
  float clip = 0;  // afterwards every parameter lies in [-clip, clip]; 0: not clipped
};

// What changes. Adam's bias corrections (Kingma & Ba 2015, section 2) are taken on the host, in doubles.
struct UpdateScalars {
  float step_size = 0;   // Adam: lr / (1 - beta1^n) at step n = 1, 2, ...; RMSProp: lr
  float root_scale = 1;  // Adam: 1 / sqrt(1 - beta2^n)
  float fold = 0;        // how far the average moves, from 0 to 1, towards the parameters as they were before
};

// `size` numbers each. Null where there is none: RMSProp has no mean; not every group has an average or a
// low-precision copy (bfloat16).
struct UpdateBuffers {
  float* parameters = nullptr;
  const float* gradients = nullptr;
  float* mean = nullptr;
  float* square = nullptr;
  float* average = nullptr;
  std::uint16_t* low = nullptr;
  std::int64_t size = 0;
};

// Linear interpolation that is exact at both ends.
LC_HOST_DEVICE inline float mixed(float from, float to, float share) {
  return share < 0.5f ? from + share * (to - from) : to - (1 - share) * (to - from);
}

// The parameter after the step. Adam: Kingma & Ba 2015, algorithm 1. RMSProp: Hinton's lecture 6e.
LC_HOST_DEVICE inline float moved(const UpdateRule& rule, const UpdateScalars& now, float parameter,
                                  float gradient, float& mean, float& square) {
  square = rule.beta2 * square + (1 - rule.beta2) * (gradient * gradient);
  const float root = std::sqrt(square);
  float result = 0;
  if (rule.rmsprop) {
    result = parameter - now.step_size * (gradient / (root + rule.eps));
  } else {
    mean = mixed(mean, gradient, 1 - rule.beta1);
    result = parameter - now.step_size * (mean / (root * now.root_scale + rule.eps));
  }
  // Without a branch, which would keep the CPU's loop from being vectors.
  const float limit = rule.clip > 0 ? rule.clip : INFINITY;
  result = result > limit ? limit : result;
  return result < -limit ? -limit : result;
}

// To bfloat16, ties to even. A NaN stays one.
LC_HOST_DEVICE inline std::uint16_t to_bfloat16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  if (value != value) return 0x7fc0;
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// Elements `begin` up to `end`; the result does not depend on how a buffer is cut into ranges.
void update_range(const UpdateBuffers& buffers, const UpdateRule& rule, const UpdateScalars& now,
                  std::int64_t begin, std::int64_t end);
// The fold alone.
void fold_range(const UpdateBuffers& buffers, float fold, std::int64_t begin, std::int64_t end);

}  // namespace lc::train
