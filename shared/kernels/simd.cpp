// The SIMD kernels: this file is compiled once for each target (Highway's foreach_target.h), and simd() picks
// the best that the machine runs.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "shared/kernels/simd.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include <cstring>
#include <utility>

#include "shared/kernels/job.h"
#include "shared/kernels/kernels.h"
#include "shared/kernels/math-inl.h"
#include "shared/kernels/matrix-inl.h"
#include "shared/kernels/norm-inl.h"
#include "shared/kernels/reduction-inl.h"
#include "shared/kernels/reduction.h"
#include "shared/kernels/small.h"
#include "shared/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lc::kernels {
namespace HWY_NAMESPACE {

void activate(float* values, std::size_t n, Activation activation, float slope) {
  const Full d;
  alignas(64) float tail[kFullLanes] = {};
  for (std::size_t i = 0; i < n; i += kFullLanes) {
    const std::size_t left = n - i;
    float* at = values + i;
    if (left < kFullLanes) {
      std::memcpy(tail, at, left * sizeof(float));
      at = tail;
    }
    hn::StoreU(activate_vector(d, hn::LoadU(d, at), activation, slope), d, at);
    if (left < kFullLanes) std::memcpy(values + i, tail, left * sizeof(float));
  }
}

LC_SMALL_BEGIN

std::size_t packed_dense_floats(std::size_t n, std::size_t k) {
  DenseArgs args;
  args.n = n;
  args.k = k;
  return Panels(dense_job(args)).floats();
}

void pack_dense(const float* weight, std::size_t n, std::size_t k, float* packed) {
  DenseArgs args;
  args.n = n;
  args.k = k;
  pack(dense_job(args), {k, 1, 0}, weight, packed);
}

void dense(const DenseArgs& args) {
  if (args.m == 0 || args.n == 0) return;
  run_job(dense_job(args));
  if (!needs_pass(args.epilogue.activation)) return;
  for (std::size_t m = 0; m < args.m; ++m) {
    activate(args.out + m * args.out_stride, args.n, args.epilogue.activation, args.epilogue.slope);
  }
}

// Measured: four vectors of weights come from a far cache in the time of three vectors of products a lane.
std::uint32_t choose_tile(const ConvShape& shape) {
  return kernels::choose_tile(shape, {kFullLanes, 0.75 * kFullLanes});
}

// A transposed convolution is one job a phase.
std::size_t jobs(const ConvShape& shape) {
  return shape.transposed ? std::size_t{shape.stride} * shape.stride : 1;
}

Job job_of(const ConvShape& shape, std::size_t i) {
  if (!shape.transposed) return conv_job(shape);
  return conv_transpose_job(shape, static_cast<std::uint32_t>(i / shape.stride),
                            static_cast<std::uint32_t>(i % shape.stride));
}

std::size_t packed_conv_floats(const ConvShape& shape) {
  const Reduction reduction = reduction_of(shape, kFullLanes);
  if (reduction.tile > 0) return packed_reduced_floats(shape, reduction);
  std::size_t floats = 0;
  for (std::size_t i = 0; i < jobs(shape); ++i) floats += Panels(job_of(shape, i)).floats();
  return floats;
}

void pack_conv(const ConvShape& shape, const float* weight, float* packed) {
  const std::size_t taps = std::size_t{shape.kernel_height} * shape.kernel_width;
  WeightLayout layout{shape.in_channels * taps, taps, shape.kernel_width};
  if (shape.transposed) layout = {taps, shape.out_channels * taps, shape.kernel_width};
  const Reduction reduction = reduction_of(shape, kFullLanes);
  if (reduction.tile > 0) return pack_reduced(shape, reduction, layout, weight, packed);
  for (std::size_t i = 0; i < jobs(shape); ++i) {
    const Job job = job_of(shape, i);
    pack(job, layout, weight, packed);
    packed += Panels(job).floats();
  }
}

std::size_t conv_scratch_floats(const ConvShape& shape, std::size_t batch) {
  const Reduction reduction = reduction_of(shape, kFullLanes);
  ConvArgs args;
  args.shape = shape;
  args.batch = batch;
  return reduction.tile > 0 ? Reduced(args, reduction).floats() : 0;
}

void conv_direct(const ConvArgs& args) {
  const float* packed = args.packed;
  for (std::size_t i = 0; i < jobs(args.shape); ++i) {
    Job job = job_of(args.shape, i);
    job.in = args.in;
    job.out = args.out;
    job.packed = packed;
    job.batch = args.batch;
    job.epilogue = args.epilogue;
    if (job.y.count > 0 && job.x.count > 0) run_job(job);
    packed += Panels(job).floats();
  }
}

void conv(const ConvArgs& args) {
  const ConvShape& s = args.shape;
  if (args.batch == 0 || s.out_channels == 0) return;
  const Reduction reduction = reduction_of(s, kFullLanes);
  if (reduction.tile > 0) {
    conv_reduced(args, reduction);
  } else {
    conv_direct(args);
  }
  if (!needs_pass(args.epilogue.activation)) return;
  activate(args.out, args.batch * s.out_height * s.out_width * s.out_channels, args.epilogue.activation,
           args.epilogue.slope);
}

LC_SMALL_END

void scale_shift(float* values, std::size_t rows, std::size_t channels, const float* scale,
                 const float* shift) {
  const Full d;
  for (std::size_t i = 0; i < rows; ++i, values += channels) {
    std::size_t c = 0;
    for (; c + kFullLanes <= channels; c += kFullLanes) {
      const auto v = hn::MulAdd(hn::LoadU(d, values + c), hn::LoadU(d, scale + c), hn::LoadU(d, shift + c));
      hn::StoreU(v, d, values + c);
    }
    for (; c < channels; ++c) values[c] = values[c] * scale[c] + shift[c];
  }
}

void add_row(float* values, std::size_t n, const float* other) {
  const Full d;
  std::size_t i = 0;
  for (; i + kFullLanes <= n; i += kFullLanes)
    hn::StoreU(hn::Add(hn::LoadU(d, values + i), hn::LoadU(d, other + i)), d, values + i);
  for (; i < n; ++i) values[i] += other[i];
}

void add(float* values, std::size_t rows, std::size_t channels, const float* other, std::size_t other_step) {
  if (other_step == channels) return add_row(values, rows * channels, other);
  for (std::size_t i = 0; i < rows; ++i) add_row(values + i * channels, channels, other + i * other_step);
}

void to_unit(float* values, std::size_t n, float low, float scale) {
  const auto run = [&](auto d, std::size_t i) {
    const auto unit = hn::Mul(hn::Sub(hn::LoadU(d, values + i), hn::Set(d, low)), hn::Set(d, scale));
    const auto above = hn::Gt(unit, hn::Zero(d));  // false for NaN
    hn::StoreU(hn::IfThenElseZero(above, hn::Min(unit, hn::Set(d, 1.0f))), d, values + i);
  };
  std::size_t i = 0;
  for (; i + kFullLanes <= n; i += kFullLanes) run(Full(), i);
  for (; i < n; ++i) run(hn::CappedTag<float, 1>(), i);
}

const Kernels& kernels_of_target() {
  static const Kernels kKernels = {
      hwy::TargetName(HWY_TARGET),
      packed_dense_floats,
      pack_dense,
      dense,
      choose_tile,
      packed_conv_floats,
      pack_conv,
      conv_scratch_floats,
      conv,
      activate,
      scale_shift,
      add,
      to_unit,
      normalize_rows,
      normalize_columns,
  };
  return kKernels;
}

}  // namespace HWY_NAMESPACE
}  // namespace lc::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lc::kernels {

HWY_EXPORT(kernels_of_target);

const Kernels& simd() {
  static const Kernels& best = HWY_DYNAMIC_DISPATCH(kernels_of_target)();
  return best;
}

#if defined(HWY_COMPILE_ONLY_STATIC) || defined(HWY_COMPILE_ONLY_SCALAR)
const Kernels* simd_set(std::size_t i) {
  return i == 0 ? &simd() : nullptr;
}
#else
const Kernels* simd_set(std::size_t i) {
  // Targets are bits, the best lowest.
  std::int64_t left = hwy::SupportedTargets() & HWY_TARGETS;
  for (; i > 0; --i) left &= left - 1;
  if (left == 0) return nullptr;
  hwy::GetChosenTarget().Update(left & -left);
  const Kernels* set = &HWY_DYNAMIC_DISPATCH(kernels_of_target)();
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  return set;
}
#endif

}  // namespace lc::kernels
#endif
