// Chains of multiply-adds in registers on the best SIMD target, nothing loaded or stored in the loop.
#include "tests/bench/ceiling.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/bench/ceiling.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lc::bench {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

std::uint64_t chains(std::uint64_t rounds, float* sink) {
  const hn::ScalableTag<float> d;
  // Every chain tends to 1: no denormal numbers, which are slow. Lanes differ, or a compiler would compute
  // one.
  const auto m = hn::Set(d, 0.999f), b = hn::Set(d, 0.001f + sink[0]), first = hn::Iota(d, 1.0f + sink[0]);
  const auto from = [&](float more) { return hn::Add(first, hn::Set(d, more)); };
  auto a0 = from(0.0f), a1 = from(0.1f), a2 = from(0.2f), a3 = from(0.3f), a4 = from(0.4f), a5 = from(0.5f);
  auto a6 = from(0.6f), a7 = from(0.7f), a8 = from(0.8f), a9 = from(0.9f), a10 = from(1.1f), a11 = from(1.2f);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    a0 = hn::MulAdd(a0, m, b);
    a1 = hn::MulAdd(a1, m, b);
    a2 = hn::MulAdd(a2, m, b);
    a3 = hn::MulAdd(a3, m, b);
    a4 = hn::MulAdd(a4, m, b);
    a5 = hn::MulAdd(a5, m, b);
    a6 = hn::MulAdd(a6, m, b);
    a7 = hn::MulAdd(a7, m, b);
    a8 = hn::MulAdd(a8, m, b);
    a9 = hn::MulAdd(a9, m, b);
    a10 = hn::MulAdd(a10, m, b);
    a11 = hn::MulAdd(a11, m, b);
  }
  const auto s0 =
      hn::Add(hn::Add(hn::Add(a0, a1), hn::Add(a2, a3)), hn::Add(hn::Add(a4, a5), hn::Add(a6, a7)));
  sink[0] = hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, hn::Add(hn::Add(a8, a9), hn::Add(a10, a11))))) * 1e-20f;
  return rounds * 12 * 2 * hn::Lanes(d);
}

}  // namespace HWY_NAMESPACE
}  // namespace lc::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lc::bench {

HWY_EXPORT(chains);

std::uint64_t multiply_adds(std::uint64_t rounds, float* sink) {
  // Called by address: inlined into a function that runs once, it would stay the work of a browser's first,
  // hasty compiler.
  static std::uint64_t (*volatile const run)(std::uint64_t, float*) = HWY_DYNAMIC_DISPATCH(chains);
  return run(rounds, sink);
}

}  // namespace lc::bench
#endif
