// Normalising rows and columns for one SIMD target. Included once a target by simd.cpp.
#if defined(LC_KERNELS_NORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LC_KERNELS_NORM_INL_H_
#undef LC_KERNELS_NORM_INL_H_
#else
#define LC_KERNELS_NORM_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>

#include "shared/kernels/matrix-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lc::kernels {
namespace HWY_NAMESPACE {

// Two passes: the mean, then the squares of what is left, so that nothing cancels.

HWY_INLINE float sum_of(Full d, hn::Vec<Full> v) {
  return hn::GetLane(hn::SumOfLanes(d, v));
}

HWY_INLINE void normalize_row(float* values, std::size_t n, bool centred, float eps) {
  const Full d;
  const std::size_t whole = n - n % kFullLanes;
  float mean = 0;
  if (centred) {
    auto sum = hn::Zero(d);
    for (std::size_t i = 0; i < whole; i += kFullLanes) sum = hn::Add(sum, hn::LoadU(d, values + i));
    mean = sum_of(d, sum);
    for (std::size_t i = whole; i < n; ++i) mean += values[i];
    mean /= static_cast<float>(n);
  }
  const auto means = hn::Set(d, mean);
  auto squares = hn::Zero(d);
  for (std::size_t i = 0; i < whole; i += kFullLanes) {
    const auto x = hn::Sub(hn::LoadU(d, values + i), means);
    squares = hn::MulAdd(x, x, squares);
  }
  float square = sum_of(d, squares);
  for (std::size_t i = whole; i < n; ++i) square += (values[i] - mean) * (values[i] - mean);
  const float factor = 1 / std::sqrt(square / static_cast<float>(n) + eps);
  const auto factors = hn::Set(d, factor);
  for (std::size_t i = 0; i < whole; i += kFullLanes)
    hn::StoreU(hn::Mul(hn::Sub(hn::LoadU(d, values + i), means), factors), d, values + i);
  for (std::size_t i = whole; i < n; ++i) values[i] = (values[i] - mean) * factor;
}

void normalize_rows(float* values, std::size_t rows, std::size_t n, bool centred, float eps) {
  for (std::size_t i = 0; i < rows; ++i) normalize_row(values + i * n, n, centred, eps);
}

// As many columns as D has lanes; one for the tail.
template <class D>
HWY_INLINE void normalize_column(D d, float* values, std::size_t rows, std::size_t channels, float eps) {
  const auto over_rows = hn::Set(d, 1 / static_cast<float>(rows));
  auto sum = hn::Zero(d), squares = hn::Zero(d);
  for (std::size_t i = 0; i < rows; ++i) sum = hn::Add(sum, hn::LoadU(d, values + i * channels));
  const auto mean = hn::Mul(sum, over_rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto x = hn::Sub(hn::LoadU(d, values + i * channels), mean);
    squares = hn::MulAdd(x, x, squares);
  }
  const auto deviation = hn::Sqrt(hn::MulAdd(squares, over_rows, hn::Set(d, eps)));
  const auto factor = hn::Div(hn::Set(d, 1.0f), deviation);
  for (std::size_t i = 0; i < rows; ++i) {
    float* at = values + i * channels;
    hn::StoreU(hn::Mul(hn::Sub(hn::LoadU(d, at), mean), factor), d, at);
  }
}

void normalize_columns(float* values, std::size_t rows, std::size_t channels, float eps) {
  std::size_t c = 0;
  for (; c + kFullLanes <= channels; c += kFullLanes)
    normalize_column(Full(), values + c, rows, channels, eps);
  for (; c < channels; ++c) normalize_column(hn::CappedTag<float, 1>(), values + c, rows, channels, eps);
}

}  // namespace HWY_NAMESPACE
}  // namespace lc::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard
