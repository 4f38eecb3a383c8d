// One pass of the SIMD kernels: a dense layer, a convolution, or one phase of a transposed convolution.
#pragma once

#include <cstddef>

#include "shared/kernels/geometry.h"
#include "shared/kernels/kernels.h"
#include "shared/kernels/small.h"

LC_SMALL_BEGIN

namespace lc::kernels {

// out pixel (b, y, x) = finish(bias + weights times the input pixels under the axes' taps). Strides in
// floats.
struct Job {
  const float* in = nullptr;
  const float* packed = nullptr;
  float* out = nullptr;
  std::size_t batch = 0;
  std::size_t in_image = 0, in_row = 0, in_pixel = 0;
  std::size_t out_image = 0, out_row = 0, out_pixel = 0;
  std::size_t channels = 0;  // numbers of one tap, contiguous in `in`
  std::size_t columns = 0;
  Axis y, x;
  Epilogue epilogue;
};

// Where a weight stands in PyTorch's array: weight[column * column_step + tap_row * row_step + tap_column + c
// * channel_step].
struct WeightLayout {
  std::size_t column_step = 0, channel_step = 0, row_step = 0;
};

// A dense layer is one row of m pixels of `k` channels.
inline Job dense_job(const DenseArgs& args) {
  Job job;
  job.in = args.a;
  job.packed = args.packed;
  job.out = args.out;
  job.batch = 1;
  job.channels = args.k;
  job.columns = args.n;
  job.in_pixel = args.a_stride;
  job.out_pixel = args.out_stride;
  job.y.count = job.y.in_size = job.y.taps = job.x.taps = 1;
  job.x.count = job.x.in_size = static_cast<std::int64_t>(args.m);
  job.epilogue = args.epilogue;
  return job;
}

inline Job image_job(const ConvShape& s) {
  Job job;
  job.channels = job.in_pixel = s.in_channels;
  job.in_row = std::size_t{s.in_width} * s.in_channels;
  job.in_image = job.in_row * s.in_height;
  job.columns = job.out_pixel = s.out_channels;
  job.out_row = std::size_t{s.out_width} * s.out_channels;
  job.out_image = job.out_row * s.out_height;
  return job;
}

inline Job conv_job(const ConvShape& s) {
  Job job = image_job(s);
  job.y = conv_axis(s.in_height, s.out_height, s.kernel_height, s);
  job.x = conv_axis(s.in_width, s.out_width, s.kernel_width, s);
  return job;
}

// phase_y, phase_x < s.stride
inline Job conv_transpose_job(const ConvShape& s, std::uint32_t phase_y, std::uint32_t phase_x) {
  Job job = image_job(s);
  job.y = conv_transpose_axis(s.in_height, s.out_height, s.kernel_height, s, phase_y);
  job.x = conv_transpose_axis(s.in_width, s.out_width, s.kernel_width, s, phase_x);
  return job;
}

}  // namespace lc::kernels

LC_SMALL_END
