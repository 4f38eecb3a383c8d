// Means of losses over the run, at most kCurvePoints of them however long it is.
#include "native/train/curve.h"

namespace lc::train {

void LossCurve::add(const std::vector<std::string>& names, const std::vector<double>& sums,
                    std::int64_t count, std::int64_t iteration) {
  if (names_ != names) {  // the first ones, or other than those of a state
    *this = {};
    names_ = names;
  }
  open_.sums.resize(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) open_.sums[i] += sums[i];
  open_.count += count;
  open_.iteration = iteration;
  if (open_.count < stride_) return;
  if (points_.size() + 1 > kCurvePoints) merge_pairs();
  points_.push_back(open_);
  open_ = {};
}

void LossCurve::merge_pairs() {
  std::vector<Point> merged;
  for (std::size_t i = 0; i + 1 < points_.size(); i += 2) {
    Point pair = points_[i + 1];
    pair.count += points_[i].count;
    for (std::size_t k = 0; k < pair.sums.size(); ++k) pair.sums[k] += points_[i].sums[k];
    merged.push_back(std::move(pair));
  }
  points_ = std::move(merged);
  stride_ *= 2;
}

format::Curve LossCurve::curve() const {
  std::vector<Point> points = points_;
  if (open_.count > 0 && points.size() < kCurvePoints) points.push_back(open_);
  format::Curve curve;
  for (const std::string& name : names_) curve.series.push_back({name, {}});
  for (const Point& point : points) {
    curve.iterations.push_back(static_cast<std::uint64_t>(point.iteration));
    for (std::size_t i = 0; i < names_.size(); ++i) {
      curve.series[i].values.push_back(static_cast<float>(point.sums[i] / static_cast<double>(point.count)));
    }
  }
  return curve;
}

void LossCurve::put(std::vector<double>& packed, const Point& point) {
  packed.push_back(static_cast<double>(point.iteration));
  packed.push_back(static_cast<double>(point.count));
  packed.insert(packed.end(), point.sums.begin(), point.sums.end());
}

std::vector<double> LossCurve::pack() const {
  std::vector<double> packed = {static_cast<double>(stride_), static_cast<double>(names_.size()),
                                static_cast<double>(points_.size())};
  for (const Point& point : points_) put(packed, point);
  Point open = open_;
  open.sums.resize(names_.size());
  put(packed, open);
  return packed;
}

void LossCurve::unpack(const std::vector<std::string>& names, const std::vector<double>& packed) {
  *this = {};
  if (packed.size() < 3) return;
  const std::size_t width = names.size() + 2;
  if (packed[1] != static_cast<double>(names.size()) || packed.size() < 3 + width ||
      (packed.size() - 3) % width != 0) {
    return;
  }
  names_ = names;
  stride_ = static_cast<std::int64_t>(packed[0]);
  for (std::size_t at = 3; at < packed.size(); at += width) {
    const auto value = packed.begin() + static_cast<std::ptrdiff_t>(at);
    Point point{static_cast<std::int64_t>(value[0]),
                static_cast<std::int64_t>(value[1]),
                {value + 2, value + static_cast<std::ptrdiff_t>(width)}};
    if (at + width < packed.size()) {
      points_.push_back(std::move(point));
    } else {
      open_ = std::move(point);
    }
  }
}

}  // namespace lc::train
