// Register tiles: a few rows (output pixels) times a few vectors of columns (output channels), for one SIMD
// target. Included once a target by simd.cpp. Everything is unrolled by template recursion, because compilers
// keep members of structs in registers, but not elements of arrays that a loop indexes.
#if defined(LC_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LC_KERNELS_TILE_INL_H_
#undef LC_KERNELS_TILE_INL_H_
#else
#define LC_KERNELS_TILE_INL_H_
#endif

#include <hwy/highway.h>

#include "shared/kernels/kernels.h"
#include "shared/kernels/math-inl.h"
#include "shared/kernels/small.h"

HWY_BEFORE_NAMESPACE();
namespace lc::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kMaxRows = 8;

// Rows r of the tile: out[r][column] = finish(bias[column] + sum over segments s and j < length of
// a[r][s * a_step + j] * weight(s, j, column)).
struct TileArgs {
  const float* a[kMaxRows];
  float* out[kMaxRows];
  const float* w;  // of segment 0
  std::size_t segments, length;
  std::size_t a_step, w_step;  // floats from one segment to the next
  std::size_t panel_step;  // floats from one packed panel to the next; dot tiles: from one column to the next
  std::size_t columns;     // stored ones; the rest of the last vector is padding
  const float* bias;       // as many as the tile has columns, padding included
  Activation activation;   // none, relu or leaky_relu
  float slope;
};

template <class D>
HWY_INLINE hn::Vec<D> finish(D d, hn::Vec<D> v, Activation activation, float slope) {
  if (activation == Activation::none) return v;
  const auto negative = hn::Lt(v, hn::Zero(d));
  if (activation == Activation::relu) return hn::IfThenZeroElse(negative, v);
  return hn::IfThenElse(negative, hn::Mul(v, hn::Set(d, slope)), v);
}

// Lanes that a vector of a dot tile is added up to before the last sum: four, or the one of scalar code.
constexpr std::size_t kDotLanes = hn::MaxLanes(hn::CappedTag<float, 4>());

template <std::size_t R>
struct Pointers {
  const float* head;
  Pointers<R - 1> tail;
  HWY_INLINE void set(const float* const* from, std::size_t offset) {
    head = from[0] + offset;
    tail.set(from + 1, offset);
  }
};
template <>
struct Pointers<0> {
  HWY_INLINE void set(const float* const*, std::size_t) {}
};

// C vectors of one row. Columns come in panels of two vectors.
template <class D, std::size_t C>
struct Strip {
  hn::Vec<D> head;
  Strip<D, C - 1> tail;

  template <std::size_t I = 0>
  HWY_INLINE void load_panels(D d, const float* from, std::size_t panel_step) {
    head = hn::LoadU(d, from + (I / 2) * panel_step + (I % 2) * hn::MaxLanes(d));
    tail.template load_panels<I + 1>(d, from, panel_step);
  }
  template <std::size_t I = 0>
  HWY_INLINE void load_columns(D d, const float* from, std::size_t column_step) {
    head = hn::LoadU(d, from + I * column_step);
    tail.template load_columns<I + 1>(d, from, column_step);
  }
  template <std::size_t I = 0, class M>
  HWY_INLINE void load_columns_masked(D d, const float* from, std::size_t column_step, M mask) {
    head = hn::IfThenElseZero(mask, hn::LoadU(d, from + I * column_step));
    tail.template load_columns_masked<I + 1>(d, from, column_step, mask);
  }
  HWY_INLINE void zero(D d) {
    head = hn::Zero(d);
    tail.zero(d);
  }
  HWY_INLINE void add(hn::Vec<D> x, const Strip& w) {
    head = multiply_add(D(), x, w.head, head);
    tail.add(x, w.tail);
  }
  template <std::size_t I = 0>
  HWY_INLINE void store(D d, float* out, Activation activation, float slope) const {
    hn::StoreU(finish(d, head, activation, slope), d, out + I * hn::MaxLanes(d));
    tail.template store<I + 1>(d, out, activation, slope);
  }
  // Each vector's lanes, added up to four.
  template <std::size_t I = 0>
  HWY_INLINE void store_fours(D d, float* out) const {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3  // eight lanes
    const hn::CappedTag<float, 4> four;
    hn::StoreU(hn::Add(hn::LowerHalf(four, head), hn::UpperHalf(four, head)), four, out + I * 4);
    (void)d;
#else
    hn::StoreU(head, d, out + I * kDotLanes);
#endif
    tail.template store_fours<I + 1>(d, out);
  }
};
template <class D>
struct Strip<D, 0> {
  template <std::size_t I>
  HWY_INLINE void load_panels(D, const float*, std::size_t) {}
  template <std::size_t I>
  HWY_INLINE void load_columns(D, const float*, std::size_t) {}
  template <std::size_t I, class M>
  HWY_INLINE void load_columns_masked(D, const float*, std::size_t, M) {}
  HWY_INLINE void zero(D) {}
  HWY_INLINE void add(hn::Vec<D>, const Strip&) {}
  template <std::size_t I>
  HWY_INLINE void store(D, float*, Activation, float) const {}
  template <std::size_t I>
  HWY_INLINE void store_fours(D, float*) const {}
};

template <class D, std::size_t R, std::size_t C>
struct Tile {
  Strip<D, C> row;
  Tile<D, R - 1, C> rest;

  HWY_INLINE void set(const Strip<D, C>& value) {
    row = value;
    rest.set(value);
  }
  // One k: every row's number times the k-th vectors of weights.
  template <std::size_t J>
  HWY_INLINE void add_broadcast(D d, const Pointers<R>& a, std::size_t j, const Strip<D, C>& w) {
    row.add(hn::Set(d, (a.head + j)[J]), w);
    rest.template add_broadcast<J>(d, a.tail, j, w);
  }
  // A vector of k: every row's numbers times those of each column.
  HWY_INLINE void add_vectors(D d, const Pointers<R>& a, std::size_t j, const Strip<D, C>& w) {
    row.add(hn::LoadU(d, a.head + j), w);
    rest.add_vectors(d, a.tail, j, w);
  }
  template <class M>
  HWY_INLINE void add_vectors_masked(D d, const Pointers<R>& a, std::size_t j, const Strip<D, C>& w, M mask) {
    row.add(hn::IfThenElseZero(mask, hn::LoadU(d, a.head + j)), w);
    rest.add_vectors_masked(d, a.tail, j, w, mask);
  }
  HWY_INLINE void store(D d, float* const* out, Activation activation, float slope) const {
    row.store(d, *out, activation, slope);
    rest.store(d, out + 1, activation, slope);
  }
  HWY_INLINE void store_fours(D d, float* fours) const {
    row.store_fours(d, fours);
    rest.store_fours(d, fours + C * kDotLanes);
  }
};
template <class D, std::size_t C>
struct Tile<D, 0, C> {
  HWY_INLINE void set(const Strip<D, C>&) {}
  template <std::size_t J>
  HWY_INLINE void add_broadcast(D, const Pointers<0>&, std::size_t, const Strip<D, C>&) {}
  HWY_INLINE void add_vectors(D, const Pointers<0>&, std::size_t, const Strip<D, C>&) {}
  template <class M>
  HWY_INLINE void add_vectors_masked(D, const Pointers<0>&, std::size_t, const Strip<D, C>&, M) {}
  HWY_INLINE void store(D, float* const*, Activation, float) const {}
  HWY_INLINE void store_fours(D, float*) const {}
};

// out[r][c] = from[r][c] for c < columns.
HWY_NOINLINE void copy_rows(const float* from, std::size_t rows, std::size_t step, std::size_t columns,
                            float* const* out) {
  for (std::size_t r = 0; r < rows; ++r) {
    LC_ROLLED for (std::size_t c = 0; c < columns; ++c) out[r][c] = from[r * step + c];
  }
}

// R rows times C vectors; weights lie k by k: [k][C, at most 2][lanes], and panel_step further on for C > 2.
template <class D, std::size_t R, std::size_t C>
HWY_NOINLINE void broadcast_tile(const TileArgs& t) {
  const D d;
  constexpr std::size_t kLanes = hn::MaxLanes(D());
  constexpr std::size_t kStep = (C < 2 ? C : 2) * kLanes;
  Tile<D, R, C> tile;
  Strip<D, C> w;
  w.load_panels(d, t.bias, 2 * kLanes);
  tile.set(w);
  for (std::size_t s = 0; s < t.segments; ++s) {
    Pointers<R> a;
    a.set(t.a, s * t.a_step);
    const float* weights = t.w + s * t.w_step;
    const std::size_t length = t.length;
    // A way out after each k also keeps V8 from moving all loads of the four to the front, where they would
    // spill.
    for (std::size_t j = 0; j < length; j += 4, weights += 4 * kStep) {
      w.load_panels(d, weights, t.panel_step);
      tile.template add_broadcast<0>(d, a, j, w);
      if (j + 1 == length) break;
      w.load_panels(d, weights + kStep, t.panel_step);
      tile.template add_broadcast<1>(d, a, j, w);
      if (j + 2 == length) break;
      w.load_panels(d, weights + 2 * kStep, t.panel_step);
      tile.template add_broadcast<2>(d, a, j, w);
      if (j + 3 == length) break;
      w.load_panels(d, weights + 3 * kStep, t.panel_step);
      tile.template add_broadcast<3>(d, a, j, w);
    }
  }
  alignas(64) float padded[R * C * kLanes];
  float* rows[R];
  LC_ROLLED for (std::size_t r = 0; r < R; ++r) rows[r] = padded + r * C * kLanes;
  const bool whole = t.columns == C * kLanes;
  tile.store(d, whole ? t.out : rows, t.activation, t.slope);
  if (!whole) copy_rows(padded, R, C * kLanes, t.columns, t.out);
}

// One row times t.columns columns, two times C vectors at a time: a single picture's dense layer, which waits
// for its weights alone. t.bias may be null.
template <class D, std::size_t C>
HWY_NOINLINE void row_tiles(const TileArgs& t) {
  const D d;
  constexpr std::size_t kStep = 2 * hn::MaxLanes(D());
  constexpr std::size_t kHalf = C * hn::MaxLanes(D());
  const std::size_t half = C / 2 * t.panel_step;
  const float* panel = t.w;
  for (std::size_t column = 0; column < t.columns; column += 2 * kHalf, panel += 2 * half) {
    Strip<D, C> low, high, w;
    low.zero(d);
    high.zero(d);
    if (t.bias) {
      low.load_panels(d, t.bias + column, kStep);
      high.load_panels(d, t.bias + column + kHalf, kStep);
    }
    for (std::size_t s = 0; s < t.segments; ++s) {
      const float* a = t.a[0] + s * t.a_step;
      const float* const end = a + t.length;
      const float* weights = panel + s * t.w_step;
      for (; a != end; ++a, weights += kStep) {
        const auto x = hn::Set(d, *a);
        w.load_panels(d, weights, t.panel_step);
        low.add(x, w);
        // Never taken; it keeps V8 from moving all loads to the front, where they would spill.
        if (weights == t.out[0]) break;
        w.load_panels(d, weights + half, t.panel_step);
        high.add(x, w);
      }
    }
    low.store(d, t.out[0] + column, t.activation, t.slope);
    high.store(d, t.out[0] + column + kHalf, t.activation, t.slope);
  }
}

// sums[i] = finish(sums[i] + the sum of vector i's lanes) for kDotLanes vectors, by transposing them.
HWY_INLINE void add_lanes(const float* vectors, float* sums, Activation activation, float slope) {
  const hn::CappedTag<float, 4> d;
#if HWY_TARGET == HWY_SCALAR
  const auto total = hn::Load(d, vectors);
#else
  const auto a = hn::Load(d, vectors), b = hn::Load(d, vectors + 4);
  const auto c = hn::Load(d, vectors + 8), e = hn::Load(d, vectors + 12);
  const auto ab = hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));  // a02 b02 a13 b13
  const auto ce = hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e));
  const auto total = hn::Add(hn::ConcatLowerLower(d, ce, ab), hn::ConcatUpperUpper(d, ce, ab));
#endif
  hn::Store(finish(d, hn::Add(hn::Load(d, sums), total), activation, slope), d, sums);
}

// R rows times C single columns, vectors run along k; for the one to three channels of a picture.
template <class D, std::size_t R, std::size_t C>
HWY_NOINLINE void dot_tile(const TileArgs& t) {
  const D d;
  constexpr std::size_t kLanes = hn::MaxLanes(D());
  constexpr std::size_t kGroups = (R * C + kDotLanes - 1) / kDotLanes;
  alignas(64) float sums[kGroups * kDotLanes] = {};
  for (std::size_t i = 0; i < R * C; ++i) sums[i] = t.bias[i % C];
  Tile<D, R, C> tile;
  Strip<D, C> w;
  w.zero(d);
  tile.set(w);
  const std::size_t whole = t.length / kLanes * kLanes;
  const auto rest = hn::Ge(hn::Iota(d, 0), hn::Set(d, static_cast<float>(whole + kLanes - t.length)));
  for (std::size_t s = 0; s < t.segments; ++s) {
    Pointers<R> a;
    a.set(t.a, s * t.a_step);
    const float* weights = t.w + s * t.w_step;
    for (std::size_t j = 0; j < whole; j += kLanes) {
      w.load_columns(d, weights + j, t.panel_step);
      tile.add_vectors(d, a, j, w);
    }
    if (whole == t.length) continue;
    // What is left over is the end of the segment's last vector: a segment is a vector long at least.
    const std::size_t last = t.length - kLanes;
    w.load_columns_masked(d, weights + last, t.panel_step, rest);
    tile.add_vectors_masked(d, a, last, w, rest);
  }
  alignas(64) float fours[kGroups * kDotLanes * kDotLanes] = {};
  tile.store_fours(d, fours);
  for (std::size_t g = 0; g < kGroups; ++g) {
    add_lanes(fours + g * kDotLanes * kDotLanes, sums + g * kDotLanes, t.activation, t.slope);
  }
  for (std::size_t r = 0; r < R; ++r) {
    for (std::size_t c = 0; c < C; ++c) t.out[r][c] = sums[r * C + c];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lc::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard
