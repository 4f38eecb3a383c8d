// Means of losses over the run, at most kCurvePoints of them however long it is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/format/schema.h"

namespace lc::train {

constexpr std::size_t kCurvePoints = 256;

class LossCurve {
 public:
  // Sums of each loss over `count` iterations that ended at `iteration`. Other names than before begin anew.
  void add(const std::vector<std::string>& names, const std::vector<double>& sums, std::int64_t count,
           std::int64_t iteration);
  format::Curve curve() const;  // an unfinished last point included

  // For the state file: [stride, names, points, then a row a point: iteration, count, sums...; the open point
  // last].
  std::vector<double> pack() const;
  void unpack(const std::vector<std::string>& names, const std::vector<double>& packed);
  const std::vector<std::string>& names() const { return names_; }

 private:
  struct Point {
    std::int64_t iteration = 0, count = 0;
    std::vector<double> sums;
  };
  void merge_pairs();
  static void put(std::vector<double>& packed, const Point& point);

  std::vector<std::string> names_;
  std::int64_t stride_ = 1;  // iterations of a point
  std::vector<Point> points_;
  Point open_;
};

}  // namespace lc::train
