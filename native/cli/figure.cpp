// A comparison as one picture: grids in columns by model and rows by moment, the metrics below.
#include "native/cli/figure.h"

#include <algorithm>
#include <cmath>

#include "native/cli/output.h"
#include "native/cli/report.h"
#include "native/cli/typeface.h"

namespace lc::cli {
namespace {

constexpr std::uint32_t kScale = 2, kGap = 28, kMargin = 56, kMomentWidth = 170, kTitleHeight = 78;
constexpr std::uint32_t kLineHeight = 38, kTableTop = 46;
constexpr float kText = 24, kSmall = 20;
constexpr std::size_t kMaxRows = 14;  // of the table: the page has them all
constexpr Ink kInk = {29, 31, 36}, kSoft = {107, 111, 120}, kBest = {11, 107, 58}, kLine = {227, 224, 218};

void fill(io::Picture& picture, std::uint32_t left, std::uint32_t top, std::uint32_t width,
          std::uint32_t height, Ink ink) {
  for (std::uint32_t y = top; y < std::min(top + height, picture.height); ++y) {
    for (std::uint32_t x = left; x < std::min(left + width, picture.width); ++x) {
      std::copy(ink.begin(), ink.end(), picture.pixels.begin() + 3 * (std::ptrdiff_t{y} * picture.width + x));
    }
  }
}

void paste(io::Picture& onto, const io::Picture& grid, std::uint32_t left, std::uint32_t top,
           std::uint32_t side) {
  // The largest whole enlargement that fits, in the middle.
  const std::uint32_t scale = std::max(1u, side / std::max(grid.width, grid.height));
  left += (side - std::min(side, grid.width * scale)) / 2;
  top += (side - std::min(side, grid.height * scale)) / 2;
  for (std::uint32_t y = 0; y < grid.height * scale; ++y) {
    for (std::uint32_t x = 0; x < grid.width * scale; ++x) {
      const std::size_t from = (std::size_t{y / scale} * grid.width + x / scale) * grid.channels;
      std::uint8_t* to = onto.pixels.data() + 3 * (std::size_t{top + y} * onto.width + left + x);
      for (std::uint32_t c = 0; c < 3; ++c) to[c] = grid.pixels[from + (grid.channels == 3 ? c : 0)];
    }
  }
}

std::uint32_t cell_side(const Comparison& comparison) {
  std::uint32_t side = 0;
  for (const Compared& model : comparison.models) {
    for (const std::optional<io::Picture>& grid : model.grids) {
      if (grid) side = std::max({side, grid->width, grid->height});
    }
  }
  if (comparison.real) side = std::max({side, comparison.real->width, comparison.real->height});
  return side * kScale;
}

// The longest beginning of the text that fits.
std::string cut(const std::string& text, float size, std::uint32_t width) {
  std::string short_text = text;
  while (short_text.size() > 1 && text_width(short_text, size) > width) {
    do short_text.pop_back();
    while (!short_text.empty() && (short_text.back() & 0xc0) == 0x80);
  }
  return short_text;
}

class Figure {
 public:
  explicit Figure(const Comparison& comparison) : comparison_(comparison), side_(cell_side(comparison)) {
    metrics_ = metric_rows(comparison.models);
    if (metrics_.size() > kMaxRows) metrics_.resize(kMaxRows);
    const auto columns = static_cast<std::uint32_t>(comparison.models.size() + 1);
    const auto rows = static_cast<std::uint32_t>(comparison.iterations.size() + 1);
    picture_.channels = 3;
    picture_.width = 2 * kMargin + kMomentWidth + columns * (side_ + kGap) - kGap;
    table_top_ = kMargin + kTitleHeight + rows * (side_ + kGap) + kTableTop;
    picture_.height = table_top_ + kLineHeight * static_cast<std::uint32_t>(metrics_.size() + 2) + kMargin;
    picture_.pixels.assign(std::size_t{picture_.width} * picture_.height * 3, 255);
  }

  io::Picture draw() {
    titles();
    grids();
    table();
    return std::move(picture_);
  }

 private:
  std::uint32_t column(std::size_t i) const {
    return kMargin + kMomentWidth + static_cast<std::uint32_t>(i) * (side_ + kGap);
  }

  void write(std::uint32_t x, std::uint32_t y, const std::string& text, float size, Ink ink,
             bool bold = false) {
    draw_text(picture_, x, y, text, size, ink, bold);
  }
  void write_right(std::uint32_t right, std::uint32_t y, const std::string& text, float size, Ink ink,
                   bool bold = false) {
    write(right - std::min(right, text_width(text, size, bold)), y, text, size, ink, bold);
  }

  void titles() {
    write(column(0), kMargin, "Real", kText, kInk, true);
    write(column(0), kMargin + 32, comparison_.dataset, kSmall, kSoft);
    for (std::size_t i = 0; i < comparison_.models.size(); ++i) {
      const Compared& model = comparison_.models[i];
      const std::string trained = model.name + ", " + duration_text(model.header.provenance.seconds);
      write(column(i + 1), kMargin, cut(model.header.title, kText, side_), kText, kInk, true);
      write(column(i + 1), kMargin + 32, cut(trained, kSmall, side_), kSmall, kSoft);
    }
  }

  void grids() {
    for (std::size_t row = 0; row <= comparison_.iterations.size(); ++row) {
      const std::uint32_t top = kMargin + kTitleHeight + static_cast<std::uint32_t>(row) * (side_ + kGap);
      write_right(kMargin + kMomentWidth - 22, top + side_ / 2 - 12, row_title(comparison_, row), kSmall,
                  kSoft);
      if (comparison_.real) paste(picture_, *comparison_.real, column(0), top, side_);
      for (std::size_t i = 0; i < comparison_.models.size(); ++i) {
        const std::optional<io::Picture>& grid = comparison_.models[i].grids[row];
        if (grid) {
          paste(picture_, *grid, column(i + 1), top, side_);
        } else {
          write(column(i + 1) + side_ / 2 - 40, top + side_ / 2 - 12, "not kept", kSmall, kSoft);
        }
      }
    }
  }

  void table() {
    std::uint32_t y = table_top_;
    for (const MetricRow& row : metrics_) {
      fill(picture_, kMargin, y, picture_.width - 2 * kMargin, 1, kLine);
      const std::string arrow = row.better < 0   ? " (lower is better)"
                                : row.better > 0 ? " (higher is better)"
                                                 : "";
      write(kMargin, y + 8, row.title, kSmall, kInk);
      write(kMargin + text_width(row.title, kSmall) + 4, y + 8, arrow, kSmall, kSoft);
      const std::size_t best = best_of(comparison_.models, row);
      for (std::size_t i = 0; i < comparison_.models.size(); ++i) {
        const format::Metric* metric = metric_of(comparison_.models[i].header, row.name);
        if (metric == nullptr) continue;
        write_right(column(i + 1) + side_ - 8, y + 8, number_text(metric->value, 4), kSmall,
                    i == best ? kBest : kInk, i == best);
      }
      y += kLineHeight;
    }
  }

  const Comparison& comparison_;
  std::vector<MetricRow> metrics_;
  io::Picture picture_;
  std::uint32_t side_ = 0, table_top_ = 0;
};

}  // namespace

io::Picture comparison_figure(const Comparison& comparison) {
  return Figure(comparison).draw();
}

}  // namespace lc::cli
