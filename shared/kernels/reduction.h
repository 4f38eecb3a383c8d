// Convolutions with fewer multiplications: how a shape is cut, and which shapes are. Chosen from the shape
// alone, so that a picture is the same in every batch.
//
// Along one axis, `tile` input pixels and `taps` taps are two polynomials; their product has tile + taps - 1
// coefficients, each part of one output pixel, and is known from its values at as many points (Toom 1963,
// Cook 1966; Winograd, "Arithmetic Complexity of Computations", 1980): one multiplication a point instead of
// tile * taps. In two dimensions 25 for 64 (2 taps, tiles of 4) or 25 for 81 (3 taps, tiles of 3).
// Neighbouring tiles add to the same outputs along their seam. The phases of a transposed convolution share
// the values of the input.
#pragma once

#include <algorithm>
#include <cstddef>

#include "shared/kernels/job.h"
#include "shared/kernels/small.h"

LC_SMALL_BEGIN

namespace lc::kernels {

constexpr std::size_t kMaxPoints = 5;

struct Reduction {
  std::size_t tile = 0;    // input pixels a side; 0: no reduction
  std::size_t taps = 0;    // a side, of one phase
  std::size_t phases = 1;  // a side; phase q's outputs lie at phases * position + offset + q
  std::ptrdiff_t offset = 0;
  std::size_t tiles_y = 0, tiles_x = 0;
  std::size_t channels = 0;      // of the input, in whole vectors
  std::size_t columns = 0;       // output channels of all phases
  std::size_t chunk = 0;         // columns that are multiplied together: all of them, or one phase's
  std::size_t padded_chunk = 0;  // the same in whole vectors
  std::size_t most_tiles = 0;    // of a block, whose values stay in a cache
  std::size_t points() const { return tile + taps - 1; }
  std::size_t all_points() const { return points() * points(); }
  std::size_t all_phases() const { return phases * phases; }
  std::size_t tiles() const { return tiles_y * tiles_x; }
};

// How the shape is cut by its tile; tile == 0 where that cannot be.
inline Reduction reduction_of(const ConvShape& s, std::size_t lanes) {
  constexpr std::size_t kBlockFloats = std::size_t{3} << 16;  // 768 KB
  constexpr std::size_t kMostColumns = 256;
  Reduction r;
  const std::uint32_t phases = s.transposed ? s.stride : 1;
  const bool cut = s.transposed ? s.kernel_height % s.stride == 0 : s.stride == 1;
  if (s.tile == 0 || s.kernel_height != s.kernel_width || !cut) return r;
  r.phases = phases;
  r.taps = s.kernel_height / phases;
  if (s.tile < 2 || r.taps < 2 || r.taps > 3 || s.tile + r.taps - 1 > kMaxPoints) return r;
  const auto padding = static_cast<std::ptrdiff_t>(s.padding);
  r.offset = s.transposed ? -padding : padding - static_cast<std::ptrdiff_t>(r.taps - 1);
  // Every output must belong to some tile.
  const auto covered = [&r](std::uint32_t in, std::uint32_t out) {
    return static_cast<std::ptrdiff_t>(out) <=
           static_cast<std::ptrdiff_t>(r.phases * (in + r.taps - 1)) + r.offset;
  };
  if (r.offset > 0 || !covered(s.in_height, s.out_height) || !covered(s.in_width, s.out_width)) return r;

  const auto padded = [lanes](std::size_t n) { return (n + lanes - 1) / lanes * lanes; };
  r.tile = s.tile;
  r.tiles_y = (s.in_height + r.tile - 1) / r.tile;
  r.tiles_x = (s.in_width + r.tile - 1) / r.tile;
  r.channels = padded(s.in_channels);
  r.columns = r.all_phases() * s.out_channels;
  r.chunk = r.columns <= kMostColumns ? r.columns : s.out_channels;
  r.padded_chunk = padded(r.chunk);
  const std::size_t most = kBlockFloats / (r.all_points() * (r.channels + r.padded_chunk));
  r.most_tiles = std::max<std::size_t>(32, most / 8 * 8);
  return r;
}

// Multiply-adds of one picture without a reduction, taps outside the picture left out.
inline double direct_multiplies(const ConvShape& s) {
  const auto along = [](Axis axis) {
    double taps = 0;
    for (Run run = run_from(axis, 0);; run = run_from(axis, run.end)) {
      taps += static_cast<double>((run.end - run.begin) * (run.tap_end - run.tap_begin));
      if (run.end >= axis.count) return taps;
    }
  };
  double y = 0, x = 0;
  for (std::uint32_t phase = 0; phase < (s.transposed ? s.stride : 1); ++phase) {
    const Job job = s.transposed ? conv_transpose_job(s, phase, phase) : conv_job(s);
    y += along(job.y);
    x += along(job.x);
  }
  return y * x * s.in_channels * s.out_channels;
}

// What a SIMD set has to say about costs.
struct Machine {
  std::size_t lanes = 1;
  double multiplies_per_load = 1;  // multiply-adds in the time that one weight takes to come from a far cache
};

// The best tile for a shape, or 0.
inline std::uint32_t choose_tile(const ConvShape& shape, const Machine& machine) {
  constexpr double kMostWeights = 3 << 21;  // 25 MB: a model is more than one layer
  constexpr double kNearWeights = 1 << 17;  // 512 KB stay near
  constexpr double kGain = 0.9;             // of the direct way's time, or it is not worth its memory
  const auto time = [&](double multiplies, double weights) {
    const double loads = weights > kNearWeights ? weights * machine.multiplies_per_load : 0;
    return std::max(multiplies, loads) + 0.2 * std::min(multiplies, loads);
  };
  ConvShape s = shape;
  const double direct = direct_multiplies(s), channels = double(s.in_channels);
  const double direct_weights = channels * s.out_channels * s.kernel_height * s.kernel_width;
  std::uint32_t best = 0;
  double best_score = kGain * kGain;
  for (s.tile = 2; s.tile < kMaxPoints; ++s.tile) {
    const Reduction r = reduction_of(s, machine.lanes);
    const double weights = double(r.all_points()) * channels * double(r.columns);
    if (r.tile == 0 || s.in_channels < 8 || weights > kMostWeights) continue;
    // Measured: what evaluating, adding and starting a product cost, in multiply-adds at one point of one
    // tile.
    const double columns = double(r.columns / r.chunk * r.padded_chunk);
    const double added =
        double(r.all_phases() * ((s.out_channels + machine.lanes - 1) / machine.lanes * machine.lanes));
    const double each = columns * channels + 16 * added + 3 * channels + 300;
    const double reduced = double(r.tiles() * r.all_points()) * each;
    const double one = time(reduced, weights) / time(direct, direct_weights);
    const double many = time(16 * reduced, weights) / time(16 * direct, direct_weights);
    if (one > 1 || one * many >= best_score) continue;
    best_score = one * many;
    best = s.tile;
  }
  return best;
}

}  // namespace lc::kernels

LC_SMALL_END
