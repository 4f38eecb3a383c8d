// Which input pixels an output pixel of a convolution reads, without padding and without inserted zeros.
// A transposed convolution of stride s is s x s small dense convolutions, one a phase: output positions of
// one phase use the same kernel taps (Dumoulin & Visin, "A guide to convolution arithmetic", 2016, section
// 4).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "shared/kernels/kernels.h"
#include "shared/kernels/small.h"

LC_SMALL_BEGIN

namespace lc::kernels {

// One dimension of one phase. Output i of `count` lies at position out_first + i * out_step; under its tap t
// < taps lies input position in_first + i * in_step + t, which may be outside [0, in_size). Tap t is the
// kernel's row or column tap_first + t * tap_step.
struct Axis {
  std::int64_t count = 0, out_first = 0, out_step = 1;
  std::int64_t in_first = 0, in_step = 1, in_size = 0;
  std::int64_t taps = 0, tap_first = 0, tap_step = 1;
};

inline Axis conv_axis(std::uint32_t in_size, std::uint32_t out_size, std::uint32_t kernel,
                      const ConvShape& shape) {
  Axis axis;
  axis.count = out_size;
  axis.in_first = -std::int64_t{shape.padding};
  axis.in_step = shape.stride;
  axis.in_size = in_size;
  axis.taps = kernel;
  return axis;
}

// Phase `phase` < shape.stride: the outputs o with (o + padding) mod stride == phase, which read input
// (o + padding - k) / stride under the kernel's taps k = phase, phase + stride, ...; here from the last to
// the first, so that the inputs ascend.
inline Axis conv_transpose_axis(std::uint32_t in_size, std::uint32_t out_size, std::uint32_t kernel,
                                const ConvShape& shape, std::uint32_t phase) {
  const std::int64_t stride = shape.stride, padding = shape.padding, first = phase;
  Axis axis;
  axis.out_first = ((first - padding) % stride + stride) % stride;
  axis.out_step = stride;
  axis.count = axis.out_first < out_size ? (out_size - axis.out_first + stride - 1) / stride : 0;
  axis.taps = first < kernel ? (kernel - first + stride - 1) / stride : 0;
  axis.tap_first = first + stride * (axis.taps - 1);
  axis.tap_step = -stride;
  axis.in_first = (axis.out_first + padding) / stride - (axis.taps - 1);
  axis.in_step = 1;
  axis.in_size = in_size;
  return axis;
}

// Neighbouring outputs [begin, end) whose taps [tap_begin, tap_end) lie inside the input; none: 0, 0.
struct Run {
  std::int64_t begin, end, tap_begin, tap_end;
};

// The longest run that begins at output i.
inline Run run_from(const Axis& axis, std::int64_t i) {
  const auto taps_of = [&axis](std::int64_t output, std::int64_t& begin, std::int64_t& end) {
    const std::int64_t base = axis.in_first + output * axis.in_step;
    begin = std::max<std::int64_t>(0, -base);
    end = std::min(axis.taps, axis.in_size - base);
    if (begin >= end) begin = end = 0;
  };
  Run run{i, i + 1, 0, 0};
  taps_of(i, run.tap_begin, run.tap_end);
  if (run.tap_begin == 0 && run.tap_end == axis.taps && axis.taps > 0) {
    // All taps are inside, and stay so up to the last output whose last tap is.
    const std::int64_t last = (axis.in_size - axis.taps - axis.in_first) / axis.in_step;
    run.end = std::min(axis.count, last + 1);
    return run;
  }
  for (std::int64_t begin = 0, end = 0; run.end < axis.count; ++run.end) {
    taps_of(run.end, begin, end);
    if (begin != run.tap_begin || end != run.tap_end) break;
  }
  return run;
}

}  // namespace lc::kernels

LC_SMALL_END
