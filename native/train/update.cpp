// The pass of update.h on the CPU. Compiled without contraction to fused multiply-adds (CMakeLists.txt), so
// that the clones for every instruction set, and fold_range, give the same bits.
#include "native/train/update.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define LC_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LC_CLONES
#endif

namespace lc::train {

namespace {

// The branches on what a group has are taken outside of the loop. `rule` and `now` are copies, which no store
// to a buffer can change: else the compiler reads them anew for each element, and makes no vectors.
template <bool kRmsProp, bool kAverage>
inline void update_loop(const UpdateBuffers& b, UpdateRule rule, UpdateScalars now, std::int64_t begin,
                        std::int64_t end) {
  rule.rmsprop = kRmsProp;
  float* __restrict parameters = b.parameters;
  const float* __restrict gradients = b.gradients;
  float* __restrict means = b.mean;
  float* __restrict squares = b.square;
  float* __restrict averages = b.average;
  for (std::int64_t i = begin; i < end; ++i) {
    const float parameter = parameters[i];
    if (kAverage) averages[i] = mixed(averages[i], parameter, now.fold);
    float mean = kRmsProp ? 0 : means[i], square = squares[i];
    parameters[i] = moved(rule, now, parameter, gradients[i], mean, square);
    if (!kRmsProp) means[i] = mean;
    squares[i] = square;
  }
}

}  // namespace

LC_CLONES void update_range(const UpdateBuffers& buffers, const UpdateRule& rule, const UpdateScalars& now,
                            std::int64_t begin, std::int64_t end) {
  const bool average = buffers.average != nullptr && now.fold > 0;
  if (rule.rmsprop) {
    average ? update_loop<true, true>(buffers, rule, now, begin, end)
            : update_loop<true, false>(buffers, rule, now, begin, end);
  } else {
    average ? update_loop<false, true>(buffers, rule, now, begin, end)
            : update_loop<false, false>(buffers, rule, now, begin, end);
  }
  if (buffers.low == nullptr) return;
  for (std::int64_t i = begin; i < end; ++i) buffers.low[i] = to_bfloat16(buffers.parameters[i]);
}

LC_CLONES void fold_range(const UpdateBuffers& buffers, float fold, std::int64_t begin, std::int64_t end) {
  float* __restrict averages = buffers.average;
  const float* __restrict parameters = buffers.parameters;
  for (std::int64_t i = begin; i < end; ++i) averages[i] = mixed(averages[i], parameters[i], fold);
}

}  // namespace lc::train
