// Packs weights into panels and walks the tiles of a Job, for one SIMD target. Included once a target by
// simd.cpp.
#if defined(LC_KERNELS_MATRIX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LC_KERNELS_MATRIX_INL_H_
#undef LC_KERNELS_MATRIX_INL_H_
#else
#define LC_KERNELS_MATRIX_INL_H_
#endif

#include "shared/kernels/job.h"
#include "shared/kernels/small.h"
#include "shared/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lc::kernels {
namespace HWY_NAMESPACE {

using Full = hn::ScalableTag<float>;
using Half = hn::CappedTag<float, 8>;
using Quarter = hn::CappedTag<float, 4>;
constexpr std::size_t kFullLanes = hn::MaxLanes(Full());
constexpr std::size_t kHalfLanes = hn::MaxLanes(Half());
constexpr std::size_t kQuarterLanes = hn::MaxLanes(Quarter());
constexpr std::size_t kWide = 2 * kFullLanes;

// Sizes of tiles: as many rows as keep every accumulator, a step's weights and its inputs in registers.
struct TileSizes {
  std::size_t wide_rows;    // of two vectors
  std::size_t narrow_rows;  // of one vector
  std::size_t dot_rows[3];  // of one, two, three columns
};
#if HWY_TARGET == HWY_AVX3 || HWY_ARCH_ARM
constexpr TileSizes kSizes = {8, 8, {8, 4, 4}};  // 32 registers
#elif HWY_TARGET == HWY_AVX2
constexpr TileSizes kSizes = {6, 8, {8, 4, 3}};  // 16 registers, a multiply-add reads its weights from memory
#else
constexpr TileSizes kSizes = {4, 6, {6, 4, 2}};  // 15 registers; all of a step's inputs are loaded first
#endif

LC_SMALL_BEGIN

using TileFunction = void (*)(const TileArgs&);

// The tile of r + 1 rows.
template <class D, std::size_t C, std::size_t... R>
constexpr TileFunction broadcast_function(std::size_t rows, std::index_sequence<R...>) {
  constexpr TileFunction kTable[] = {broadcast_tile<D, R + 1, C>...};
  return kTable[rows - 1];
}
// Columns [first, first + columns) of the weights, packed together at `offset`.
struct Panel {
  std::size_t first = 0, columns = 0;
  std::size_t width = 0;   // columns with padding; the packed panel has width * depth floats
  std::size_t offset = 0;  // in floats
  bool dot = false;
};

// How the columns are cut: two-vector panels first, then narrower ones, padded only when most of a panel is
// used; one to three last columns as dot products when there are enough channels to fill vectors with.
struct Panels {
  std::size_t columns, channels, depth;

  explicit Panels(const Job& job)
      : columns(job.columns),
        channels(job.channels),
        depth(job.channels * static_cast<std::size_t>(job.y.taps * job.x.taps)) {}

  // The panel after `last`; columns == 0 when there is none.
  Panel next(const Panel& last) const {
    Panel panel;
    panel.first = last.first + last.columns;
    panel.offset = last.offset + last.width * depth;
    const std::size_t left = columns - panel.first;
    constexpr std::size_t kWidths[] = {kWide, kFullLanes, kHalfLanes, kQuarterLanes};
    for (const std::size_t width : kWidths) {
      if (left >= width || 4 * left > 3 * width) {
        panel.width = width;
        panel.columns = left < width ? left : width;
        return panel;
      }
    }
    panel.columns = left;
    panel.dot = channels >= kHalfLanes;
    panel.width = panel.dot ? left : kQuarterLanes;
    return panel;
  }
  std::size_t floats() const {
    Panel panel;
    do panel = next(panel);
    while (panel.first + panel.columns < columns);
    return panel.offset + panel.width * depth;
  }
};

// Whole tiles and single rows: what a picture's last layer has beside whole ones is little.
template <std::size_t C>
TileFunction dot_of(std::size_t rows) {
  return rows == 1 ? dot_tile<Half, 1, C> : dot_tile<Half, kSizes.dot_rows[C - 1], C>;
}

TileFunction tile_of(const Panel& panel, std::size_t rows) {
  using Narrow = std::make_index_sequence<kSizes.narrow_rows>;
  if (panel.dot)
    return panel.columns == 1 ? dot_of<1>(rows) : panel.columns == 2 ? dot_of<2>(rows) : dot_of<3>(rows);
  if (panel.width == kWide)
    return broadcast_function<Full, 2>(rows, std::make_index_sequence<kSizes.wide_rows>());
  if (panel.width == kFullLanes) return broadcast_function<Full, 1>(rows, Narrow());
  if (panel.width == kHalfLanes) return broadcast_function<Half, 1>(rows, Narrow());
  return broadcast_function<Quarter, 1>(rows, Narrow());
}

std::size_t most_rows(const Panel& panel) {
  if (panel.dot) return kSizes.dot_rows[panel.columns - 1];
  return panel.width == kWide ? kSizes.wide_rows : kSizes.narrow_rows;
}

void pack(const Job& job, const WeightLayout& layout, const float* weight, float* packed) {
  const Panels panels(job);
  for (Panel panel = panels.next({}); panel.columns > 0; panel = panels.next(panel)) {
    float* to = packed + panel.offset;
    std::size_t k = 0;
    for (std::int64_t ty = 0; ty < job.y.taps; ++ty) {
      for (std::int64_t tx = 0; tx < job.x.taps; ++tx) {
        const float* tap = weight +
                           static_cast<std::size_t>(job.y.tap_first + ty * job.y.tap_step) * layout.row_step +
                           static_cast<std::size_t>(job.x.tap_first + tx * job.x.tap_step);
        for (std::size_t c = 0; c < job.channels; ++c, ++k) {
          const float* from = tap + panel.first * layout.column_step + c * layout.channel_step;
          for (std::size_t column = 0; column < panel.width; ++column) {
            const std::size_t at = panel.dot ? column * panels.depth + k : k * panel.width + column;
            to[at] = column < panel.columns ? from[column * layout.column_step] : 0;
          }
        }
      }
    }
  }
}

LC_SMALL_END

// The output pixels of one run of rows and one of columns, in all pictures: they share their taps.
class Patch {
 public:
  Patch() = default;
  Patch(const Job& job, const Run& y, const Run& x)
      : job_(&job),
        y_(y),
        x_(x),
        height_(static_cast<std::size_t>(y.end - y.begin)),
        width_(static_cast<std::size_t>(x.end - x.begin)),
        reads_(y.tap_end > y.tap_begin && x.tap_end > x.tap_begin),
        in_step_(reads_ ? static_cast<std::size_t>(job.x.in_step) * job.in_pixel : 0),
        in_down_(reads_ ? static_cast<std::size_t>(job.y.in_step) * job.in_row : 0),
        out_step_(static_cast<std::size_t>(job.x.out_step) * job.out_pixel),
        out_down_(static_cast<std::size_t>(job.y.out_step) * job.out_row) {}
  std::size_t rows() const { return job_->batch * height_ * width_; }
  // Back to the first pixel, for the columns from `column` on.
  void rewind(std::size_t column) {
    first_column_ = column;
    image_ = 0;
    find_image();
  }
  // The next `count` pixels' addresses.
  void take(std::size_t count, TileArgs& t) {
    for (std::size_t r = 0; r < count; ++r) {
      t.a[r] = in_;
      t.out[r] = out_;
      in_ += in_step_;
      out_ += out_step_;
      if (--columns_left_ == 0) find_row();
    }
  }
  // Sets the part of the arguments that all tiles of the patch share.
  void describe(const Panels& panels, const Panel& panel, TileArgs& t) const {
    const auto taps_y = static_cast<std::size_t>(y_.tap_end - y_.tap_begin);
    const auto taps_x = static_cast<std::size_t>(x_.tap_end - x_.tap_begin);
    const std::size_t step = panel.dot ? 1 : panel.width;
    const auto first_tap = static_cast<std::size_t>(y_.tap_begin * job_->x.taps + x_.tap_begin);
    t.segments = reads_ ? taps_y : 0;
    t.length = taps_x * job_->channels;
    t.a_step = job_->in_row;
    t.w_step = static_cast<std::size_t>(job_->x.taps) * job_->channels * step;
    t.w = job_->packed + panel.offset + first_tap * job_->channels * step;
    t.panel_step = panel.dot ? panels.depth : panel.width * panels.depth;
    if (t.length == t.a_step && t.length * step == t.w_step) {  // the segments touch: they are one
      t.length *= t.segments;
      t.segments = t.segments > 0 ? 1 : 0;
    }
  }

 private:
  // Addresses of the next row's first pixel.
  void find_row() {
    if (--rows_left_ == 0) {
      if (++image_ < job_->batch) find_image();
      return;
    }
    in_ = in_first_ += in_down_;
    out_ = out_first_ += out_down_;
    columns_left_ = width_;
  }
  // Addresses of the current image's first pixel.
  void find_image() {
    const auto out_y = static_cast<std::size_t>(job_->y.out_first + y_.begin * job_->y.out_step);
    const auto out_x = static_cast<std::size_t>(job_->x.out_first + x_.begin * job_->x.out_step);
    out_ = job_->out + image_ * job_->out_image + out_y * job_->out_row + out_x * job_->out_pixel +
           first_column_;
    in_ = job_->in;
    if (reads_) {
      const auto in_y =
          static_cast<std::size_t>(job_->y.in_first + y_.begin * job_->y.in_step + y_.tap_begin);
      const auto in_x =
          static_cast<std::size_t>(job_->x.in_first + x_.begin * job_->x.in_step + x_.tap_begin);
      in_ += image_ * job_->in_image + in_y * job_->in_row + in_x * job_->in_pixel;
    }
    in_first_ = in_;
    out_first_ = out_;
    rows_left_ = height_;
    columns_left_ = width_;
  }

  const Job* job_;
  Run y_, x_;
  std::size_t height_, width_;  // in output pixels
  bool reads_;                  // false where no tap lies inside the input: bias alone
  std::size_t in_step_, in_down_, out_step_, out_down_;  // from a pixel to the next, from a row to the next
  // Where the walk stands:
  std::size_t first_column_, image_, rows_left_, columns_left_;
  const float *in_, *in_first_;  // the pixel, the first one of its row
  float *out_, *out_first_;
};

// Activations whose code is long have a pass of their own over the outputs.
bool needs_pass(Activation activation) {
  return activation > Activation::leaky_relu;
}
Activation in_tile(Activation activation) {
  return needs_pass(activation) ? Activation::none : activation;
}

// As many numbers as the tile has columns: where they lie, or else copied to `room` with zeros for what is
// missing.
const float* bias_of(const Job& job, std::size_t first, std::size_t columns, std::size_t width, float* room) {
  const float* bias = job.epilogue.bias;
  if (bias && columns == width) return bias + first;
  for (std::size_t c = 0; c < width; ++c) room[c] = bias && c < columns ? bias[first + c] : 0;
  return room;
}

HWY_NOINLINE void run_panel(const Panels& panels, const Panel& panel, Patch& patch, TileArgs& t) {
  patch.describe(panels, panel, t);
  t.columns = panel.columns;
  const std::size_t rows = patch.rows(), most = most_rows(panel);
  std::size_t tiles = (rows + most - 1) / most, low = rows / tiles, high = low + 1, higher = rows % tiles;
  if (panel.dot) {
    low = 1;
    high = most;
    higher = rows / most;
    tiles = higher + rows % most;
  }  // others are of nearly the same height
  patch.rewind(panel.first);
  for (std::size_t i = 0; i < tiles;) {
    const std::size_t end = i < higher ? higher : tiles, height = i < higher ? high : low;
    const TileFunction tile = tile_of(panel, height);
    for (; i < end; ++i) {
      patch.take(height, t);
      tile(t);
    }
  }
}

// A single row times all wide panels: eight vectors at a time keep the multipliers busy.
template <std::size_t... C>
void run_row(const Panels& panels, Patch& patch, TileArgs& t, std::index_sequence<C...>) {
  patch.describe(panels, panels.next({}), t);
  patch.rewind(0);
  patch.take(1, t);
  std::size_t left = panels.columns / (2 * kWide) * 2 * kWide;
  const auto run = [&](std::size_t columns, TileFunction tiles) {
    t.columns = left / columns * columns;
    tiles(t);
    t.w += t.columns / kWide * t.panel_step;
    t.out[0] += t.columns;
    if (t.bias) t.bias += t.columns;
    left -= t.columns;
  };
  (run(2 * C * kFullLanes, row_tiles<Full, C>), ...);
}

// Two rows times two wide panels from `panel` on, for the same reason.
void run_pair(const Panels& panels, const Panel& panel, Patch& patch, TileArgs& t) {
  patch.describe(panels, panel, t);
  t.columns = 2 * kWide;
  patch.rewind(panel.first);
  patch.take(2, t);
  broadcast_tile<Full, 2, 4>(t);
}

LC_SMALL_BEGIN

// The patches of a job: one, or the inside, the edges and the corners of its pictures, at most this many at a
// time.
constexpr std::size_t kMostPatches = 9;

void run_patches(const Job& job, Patch* patches, std::size_t count) {
  const Panels panels(job);
  alignas(64) float bias[2 * kWide];
  TileArgs t;
  t.activation = in_tile(job.epilogue.activation);
  t.slope = job.epilogue.slope;
  const std::size_t paired = job.columns / (2 * kWide) * 2 * kWide;  // columns that come in pairs of panels
  for (Panel panel = panels.next({}); panel.columns > 0; panel = panels.next(panel)) {
    const bool in_pair = panel.first < paired;
    for (Patch* patch = patches; patch < patches + count; ++patch) {
      if (patch->rows() == 1 && in_pair) {
        t.bias = job.epilogue.bias;
        if (panel.first == 0) run_row(panels, *patch, t, std::index_sequence<4, 2>());
      } else if (patch->rows() == 2 && in_pair) {
        t.bias = bias_of(job, panel.first, 2 * kWide, 2 * kWide, bias);
        if (panel.first % (2 * kWide) == 0) run_pair(panels, panel, *patch, t);
      } else {
        t.bias = bias_of(job, panel.first, panel.columns, panel.width, bias);
        run_panel(panels, panel, *patch, t);
      }
    }
  }
}

// Everything but the activations that a tile cannot apply. Weights outside, pixels inside: a panel stays in
// the cache while all pictures pass.
void run_job(const Job& job) {
  Patch patches[kMostPatches];
  std::size_t count = 0;
  for (Run y = run_from(job.y, 0);; y = run_from(job.y, y.end)) {
    for (Run x = run_from(job.x, 0);; x = run_from(job.x, x.end)) {
      patches[count++] = Patch(job, y, x);
      const bool last_column = x.end >= job.x.count, last = last_column && y.end >= job.y.count;
      if (last || count == kMostPatches) {
        run_patches(job, patches, count);
        count = 0;
      }
      if (last) return;
      if (last_column) break;
    }
  }
}

LC_SMALL_END

}  // namespace HWY_NAMESPACE
}  // namespace lc::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard
