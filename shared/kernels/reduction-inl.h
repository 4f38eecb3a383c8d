// Convolutions with fewer multiplications (reduction.h has the idea), for one SIMD target: the weights' and
// the inputs' values at the points, products of matrices, and the outputs from those. Included once a target
// by simd.cpp.
#if defined(LC_KERNELS_REDUCTION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LC_KERNELS_REDUCTION_INL_H_
#undef LC_KERNELS_REDUCTION_INL_H_
#else
#define LC_KERNELS_REDUCTION_INL_H_
#endif

#include "shared/kernels/matrix-inl.h"
#include "shared/kernels/reduction.h"

HWY_BEFORE_NAMESPACE();
namespace lc::kernels {
namespace HWY_NAMESPACE {

using FullVec = hn::Vec<Full>;

LC_SMALL_BEGIN

// Three points are 0, 1 and infinity (the highest coefficient alone), four have -1 too. Five are 0, 1, -1, 3
// and -3, which magnify rounding a third as much as 0, 1, -1, 2 and infinity do (measured on inputs that
// are not negative). Weights carry the divisors that the interpolation wants.
void evaluate_weights(const Reduction& r, const float* taps, std::size_t step, float* values) {
  constexpr float kPoints[] = {0, 1, -1, 3, -3};
  constexpr float kScales[][kMaxPoints] = {
      {1, 1}, {1, 0.5f, 0.5f}, {1, 1.0f / 16, 1.0f / 16, 1.0f / 144, 1.0f / 144}};
  const std::size_t points = r.points(), finite = points < kMaxPoints ? points - 1 : points;
  values[0] = taps[0];
  for (std::size_t i = 1; i < finite; ++i) {
    float sum = 0;
    for (std::size_t t = r.taps; t-- > 0;) sum = sum * kPoints[i] + taps[t * step];
    values[i] = sum * kScales[points - 3][i];
  }
  if (finite < points) values[finite] = taps[(r.taps - 1) * step];
}

LC_SMALL_END

template <std::size_t kTile, std::size_t kPoints>
HWY_INLINE void evaluate(const FullVec* in, FullVec* out) {
  const Full d;
  out[0] = in[0];
  if constexpr (kPoints == 3) {
    out[1] = hn::Add(in[0], in[1]);
  } else {
    auto even = in[0], odd = in[1];
    if constexpr (kTile > 2) even = hn::Add(even, in[2]);
    if constexpr (kTile > 3) odd = hn::Add(odd, in[3]);
    out[1] = hn::Add(even, odd);
    out[2] = hn::Sub(even, odd);
  }
  if constexpr (kPoints < kMaxPoints) {
    out[kPoints - 1] = in[kTile - 1];
  } else {
    const auto nine = hn::Set(d, 9.0f);
    const auto even = multiply_add(d, in[2], nine, in[0]);
    const auto odd = kTile > 3 ? multiply_add(d, in[kTile - 1], nine, in[1]) : in[1];
    out[3] = multiply_add(d, odd, hn::Set(d, 3.0f), even);
    out[4] = multiply_add(d, odd, hn::Set(d, -3.0f), even);
  }
}

// Values at the points in, coefficients out, in place; `step` from one to the next.
template <std::size_t kPoints>
HWY_INLINE void interpolate(FullVec* m, std::size_t step) {
  const Full d;
  const auto a = m[0], b = m[step], c = m[2 * step];
  if constexpr (kPoints == 3) {
    m[step] = hn::Sub(hn::Sub(b, a), c);
  } else if constexpr (kPoints == 4) {
    m[step] = hn::Sub(hn::Sub(b, c), m[3 * step]);
    m[2 * step] = hn::Sub(hn::Add(b, c), a);
  } else {
    const auto e = m[3 * step], f = m[4 * step], nine = hn::Set(d, 9.0f);
    const auto near_even = hn::Add(b, c), near_odd = hn::Sub(b, c);
    const auto far_even = hn::Add(e, f), far_odd = hn::Mul(hn::Set(d, 3.0f), hn::Sub(e, f));
    m[step] = hn::MulSub(near_odd, nine, far_odd);
    m[2 * step] = hn::MulSub(near_even, nine, multiply_add(d, a, hn::Set(d, 10.0f / 9), far_even));
    m[3 * step] = hn::Sub(far_odd, near_odd);
    m[4 * step] = multiply_add(d, a, hn::Set(d, 1.0f / 9), hn::Sub(far_even, near_even));
  }
}

// One layer's run: where things lie in the scratch memory. Points lie a little more than their numbers apart,
// or their addresses would fall on the same lines of the cache.
struct Reduced {
  const ConvArgs& args;
  const Reduction& r;
  std::size_t block;                     // tiles
  std::size_t value_step, product_step;  // from a point to the next
  float* values;                         // [point][tile][channel]
  float* products;                       // [point][tile][column of the chunk]

  Reduced(const ConvArgs& a, const Reduction& reduction)
      : args(a),
        r(reduction),
        block(std::min(r.most_tiles, a.batch * r.tiles())),
        value_step(apart(block * r.channels)),
        product_step(apart(block * r.padded_chunk)),
        values(a.scratch),
        products(a.scratch + r.all_points() * value_step) {}
  static std::size_t apart(std::size_t floats) { return (floats + 15) / 16 * 16 + 16; }
  std::size_t floats() const { return r.all_points() * (value_step + product_step); }
};

struct Tile2 {
  std::size_t image, y, x;
};
Tile2 tile_at(const Reduction& r, std::size_t index) {
  const std::size_t within = index % r.tiles();
  return {index / r.tiles(), within / r.tiles_x, within % r.tiles_x};
}

struct Corner {
  const float* pixels;
  std::size_t row, pixel, channels;  // floats from one to the next; as many as there are, at most a vector
};

// to: [tile][tile][lanes], zeros beyond height x width pixels.
HWY_NOINLINE void copy_edge(const Corner& from, std::size_t height, std::size_t width, std::size_t tile,
                            float* to) {
  const Full d;
  for (std::size_t y = 0; y < tile; ++y) {
    for (std::size_t x = 0; x < tile; ++x, to += kFullLanes) {
      const float* pixel = from.pixels + y * from.row + x * from.pixel;
      const std::size_t channels = y < height && x < width ? from.channels : 0;
      if (channels == kFullLanes) {
        hn::Store(hn::LoadU(d, pixel), d, to);
        continue;
      }
      hn::Store(hn::Zero(d), d, to);
      LC_ROLLED for (std::size_t c = 0; c < channels; ++c) to[c] = pixel[c];
    }
  }
}

template <std::size_t kTile, std::size_t kPoints>
HWY_NOINLINE void evaluate_inputs(const Reduced& run, std::size_t first, std::size_t count) {
  const Reduction& r = run.r;
  const ConvShape& s = run.args.shape;
  const Full d;
  const std::size_t pixel = s.in_channels, row = s.in_width * pixel;
  for (std::size_t t = 0; t < count; ++t) {
    const Tile2 tile = tile_at(r, first + t);
    const std::size_t y = tile.y * kTile, x = tile.x * kTile;
    const std::size_t height = std::min<std::size_t>(kTile, s.in_height - y);
    const std::size_t width = std::min<std::size_t>(kTile, s.in_width - x);
    const float* corner = run.args.in + (tile.image * s.in_height + y) * row + x * pixel;
    for (std::size_t c = 0; c < pixel; c += kFullLanes) {
      const float* from = corner + c;
      std::size_t down = row, right = pixel;
      alignas(64) float edge[kTile * kTile * kFullLanes];
      if (height < kTile || width < kTile || c + kFullLanes > pixel) {  // what is not there is 0
        copy_edge({from, row, pixel, std::min(kFullLanes, pixel - c)}, height, width, kTile, edge);
        from = edge;
        right = kFullLanes;
        down = kTile * kFullLanes;
      }
      FullVec pixels[kTile], rows[kTile][kPoints], column[kPoints];
      LC_ROLLED for (std::size_t i = 0; i < kTile; ++i) {
        for (std::size_t j = 0; j < kTile; ++j) pixels[j] = hn::LoadU(d, from + i * down + j * right);
        evaluate<kTile, kPoints>(pixels, rows[i]);
      }
      float* to = run.values + t * r.channels + c;
      LC_ROLLED for (std::size_t j = 0; j < kPoints; ++j) {
        for (std::size_t i = 0; i < kTile; ++i) pixels[i] = rows[i][j];
        evaluate<kTile, kPoints>(pixels, column);
        for (std::size_t i = 0; i < kPoints; ++i)
          hn::Store(column[i], d, to + (i * kPoints + j) * run.value_step);
      }
    }
  }
}

// Where one axis' positions of a tile go.
struct Seam {
  bool inside, first, last;  // the output exists; nothing was added before; nothing will be
  std::size_t at;
};
inline Seam seam_of(const Reduction& r, std::size_t tile, std::size_t tiles, std::size_t position,
                    std::size_t phase, std::size_t size) {
  const auto at = static_cast<std::ptrdiff_t>(r.phases * (tile * r.tile + position) + phase) + r.offset;
  return {at >= 0 && at < static_cast<std::ptrdiff_t>(size), tile == 0 || position + 1 >= r.taps,
          tile + 1 == tiles || position < r.tile, static_cast<std::size_t>(at)};
}

// One pixel that a tile's coefficients are added to: out = from + coefficient; null where there is none.
struct Target {
  const float* from;  // the bias for the pixel's first tile, else what is there
  float* out;
  Activation activation;  // after the pixel's last tile
};

// [y][x] of a tile's coefficients in phase p.
HWY_NOINLINE void find_targets(const Reduced& run, const Tile2& tile, std::size_t p, float* image,
                               const float* bias, Activation activation, Target* targets) {
  const Reduction& r = run.r;
  const ConvShape& s = run.args.shape;
  const std::size_t points = std::min(r.points(), kMaxPoints);  // no more than that: the compiler cannot know
  Seam columns[kMaxPoints];
  for (std::size_t i = 0; i < points; ++i)
    columns[i] = seam_of(r, tile.x, r.tiles_x, i, p % r.phases, s.out_width);
  for (std::size_t i = 0; i < points; ++i) {
    const Seam y = seam_of(r, tile.y, r.tiles_y, i, p / r.phases, s.out_height);
    for (std::size_t j = 0; j < points; ++j, ++targets) {
      *targets = {};
      const Seam& x = columns[j];
      if (!y.inside || !x.inside) continue;
      float* out = image + (y.at * s.out_width + x.at) * s.out_channels;
      *targets = {y.first && x.first ? bias : out, out, y.last && x.last ? activation : Activation::none};
    }
  }
}

// Interpolates the products of a chunk and adds the coefficients to the outputs.
template <std::size_t kPoints>
HWY_NOINLINE void add_outputs(const Reduced& run, std::size_t first, std::size_t count, std::size_t phase,
                              std::size_t phases, const float* bias, Activation activation) {
  constexpr std::size_t kAll = kPoints * kPoints;
  const Full d;
  const hn::CappedTag<float, 1> one;
  const Reduction& r = run.r;
  const ConvShape& s = run.args.shape;
  const std::size_t channels = s.out_channels;
  const float slope = run.args.epilogue.slope;
  for (std::size_t t = 0; t < count; ++t) {
    const Tile2 tile = tile_at(r, first + t);
    float* image = run.args.out + tile.image * s.out_height * s.out_width * channels;
    const float* products = run.products + t * r.padded_chunk;
    for (std::size_t p = phase; p < phase + phases; ++p, products += channels) {
      Target targets[kAll];
      find_targets(run, tile, p, image, bias, activation, targets);
      for (std::size_t c = 0; c < channels; c += kFullLanes) {
        FullVec m[kAll];
        for (std::size_t k = 0; k < kAll; ++k) m[k] = hn::LoadU(d, products + c + k * run.product_step);
        for (std::size_t i = 0; i < kPoints; ++i) interpolate<kPoints>(m + i * kPoints, 1);
        for (std::size_t i = 0; i < kPoints; ++i) interpolate<kPoints>(m + i, kPoints);
        const std::size_t lanes = std::min(kFullLanes, channels - c);
        LC_ROLLED for (std::size_t k = 0; k < kAll; ++k) {
          const Target& to = targets[k];
          if (to.out == nullptr) continue;
          if (lanes == kFullLanes) {
            const auto sum = hn::Add(m[k], hn::LoadU(d, to.from + c));
            hn::StoreU(finish(d, sum, to.activation, slope), d, to.out + c);
            continue;
          }
          alignas(64) float values[kFullLanes];
          hn::Store(m[k], d, values);
          for (std::size_t i = 0; i < lanes; ++i) {
            const auto sum = hn::Add(hn::LoadU(one, values + i), hn::LoadU(one, to.from + c + i));
            hn::StoreU(finish(one, sum, to.activation, slope), one, to.out + c + i);
          }
        }
      }
    }
  }
}

LC_SMALL_BEGIN

// The product of one chunk at one point, as a dense layer.
Job product_job(const ConvShape& s, const Reduction& r, std::size_t tiles) {
  DenseArgs args;
  args.m = tiles;
  args.k = s.in_channels;
  args.n = r.chunk;
  args.a_stride = r.channels;
  args.out_stride = r.padded_chunk;
  return dense_job(args);
}

// Packed weights: [chunk][point][panels], and zeros for a missing bias.
std::size_t packed_reduced_floats(const ConvShape& s, const Reduction& r) {
  return r.columns / r.chunk * r.all_points() * Panels(product_job(s, r, 0)).floats() + s.out_channels;
}

void pack_reduced(const ConvShape& s, const Reduction& r, const WeightLayout& layout, const float* weight,
                  float* packed) {
  const Panels panels(product_job(s, r, 0));
  const std::size_t points = r.points(), floats = panels.floats();
  std::fill_n(packed + r.columns / r.chunk * r.all_points() * floats, s.out_channels, 0.0f);
  for (std::size_t first = 0; first < r.columns; first += r.chunk, packed += r.all_points() * floats) {
    for (Panel panel = panels.next({}); panel.columns > 0; panel = panels.next(panel)) {
      for (std::size_t k = 0; k < s.in_channels; ++k) {
        for (std::size_t column = 0; column < panel.width; ++column) {
          float* to =
              packed + panel.offset + (panel.dot ? column * panels.depth + k : k * panel.width + column);
          float rows[3][kMaxPoints] = {}, values[kMaxPoints] = {};
          const std::size_t at = first + panel.first + column, phase = at / s.out_channels;
          for (std::size_t i = 0; i < r.taps && column < panel.columns; ++i) {
            // A convolution runs over its taps backwards, seen from the input.
            const std::size_t y = s.transposed ? i * r.phases + phase / r.phases : r.taps - 1 - i;
            float taps[3];
            for (std::size_t j = 0; j < r.taps; ++j) {
              const std::size_t x = s.transposed ? j * r.phases + phase % r.phases : r.taps - 1 - j;
              taps[j] = weight[at % s.out_channels * layout.column_step + k * layout.channel_step +
                               y * layout.row_step + x];
            }
            evaluate_weights(r, taps, 1, rows[i]);
          }
          for (std::size_t j = 0; j < points; ++j) {
            evaluate_weights(r, rows[0] + j, kMaxPoints, values);
            for (std::size_t i = 0; i < points; ++i) to[(i * points + j) * floats] = values[i];
          }
        }
      }
    }
  }
}

// All but the activations that need a pass of their own.
void conv_reduced(const ConvArgs& args, const Reduction& r) {
  using Evaluate = void (*)(const Reduced&, std::size_t first, std::size_t count);
  constexpr Evaluate kEvaluateTwoTaps[] = {evaluate_inputs<2, 3>, evaluate_inputs<3, 4>,
                                           evaluate_inputs<4, 5>};
  constexpr Evaluate kEvaluateThreeTaps[] = {evaluate_inputs<2, 4>, evaluate_inputs<3, 5>};
  constexpr decltype(&add_outputs<3>) kAddOutputs[] = {add_outputs<3>, add_outputs<4>, add_outputs<5>};
  const Evaluate evaluate = (r.taps == 2 ? kEvaluateTwoTaps : kEvaluateThreeTaps)[r.tile - 2];
  const auto add = kAddOutputs[r.points() - 3];

  const Reduced run(args, r);
  const std::size_t tiles = args.batch * r.tiles();
  Job job = product_job(args.shape, r, 0);
  const std::size_t floats = Panels(job).floats(), phases = r.chunk / args.shape.out_channels;
  const float* bias = args.epilogue.bias;
  if (bias == nullptr) bias = args.packed + r.columns / r.chunk * r.all_points() * floats;
  for (std::size_t first = 0; first < tiles; first += run.block) {
    const std::size_t count = std::min(run.block, tiles - first);
    evaluate(run, first, count);
    job.x.count = job.x.in_size = static_cast<std::int64_t>(count);
    job.packed = args.packed;
    for (std::size_t phase = 0; phase < r.all_phases(); phase += phases) {
      for (std::size_t point = 0; point < r.all_points(); ++point, job.packed += floats) {
        job.in = run.values + point * run.value_step;
        job.out = run.products + point * run.product_step;
        run_job(job);
      }
      add(run, first, count, phase, phases, bias, in_tile(args.epilogue.activation));
    }
  }
}

LC_SMALL_END

}  // namespace HWY_NAMESPACE
}  // namespace lc::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard
