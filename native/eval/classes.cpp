// What a classifier sees in pictures.
#include "native/eval/classes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "shared/core/statistics.h"

namespace lc::eval {

std::vector<std::uint32_t> predicted_classes(const Matrix& logits) {
  std::vector<std::uint32_t> classes(logits.rows);
  for (std::size_t i = 0; i < logits.rows; ++i) {
    const Span<const float> row = logits.row(i);
    classes[i] = static_cast<std::uint32_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }
  return classes;
}

std::vector<std::uint64_t> class_histogram(const std::vector<std::uint32_t>& predicted, std::size_t classes) {
  std::vector<std::uint64_t> histogram(classes);
  for (const std::uint32_t c : predicted) ++histogram[c];
  return histogram;
}

double kl_to_uniform(const std::vector<std::uint64_t>& histogram) {
  return std::log(static_cast<double>(histogram.size())) - entropy(histogram);
}

double agreement(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += a[i] == b[i] ? 1 : 0;
  return static_cast<double>(same) / static_cast<double>(a.size());
}

double matched_share(const std::vector<std::vector<std::uint64_t>>& table) {
  // The Hungarian method with potentials, O(n^3); rows and columns count from 1, column 0 is a helper.
  const std::size_t n = table.size();
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> row_potential(n + 1), column_potential(n + 1);
  std::vector<std::size_t> row_of(n + 1), way(n + 1);
  for (std::size_t row = 1; row <= n; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::vector<double> slack(n + 1, infinity);
    std::vector<char> done(n + 1);
    do {
      done[column] = 1;
      const std::size_t current = row_of[column];
      double least = infinity;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= n; ++j) {
        if (done[j]) continue;
        const double cost =
            -static_cast<double>(table[current - 1][j - 1]) - row_potential[current] - column_potential[j];
        if (cost < slack[j]) {
          slack[j] = cost;
          way[j] = column;
        }
        if (slack[j] < least) {
          least = slack[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= n; ++j) {
        if (done[j]) {
          row_potential[row_of[j]] += least;
          column_potential[j] -= least;
        } else {
          slack[j] -= least;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    while (column != 0) {
      row_of[column] = row_of[way[column]];
      column = way[column];
    }
  }
  double matched = 0, total = 0;
  for (std::size_t j = 1; j <= n; ++j) matched += static_cast<double>(table[row_of[j] - 1][j - 1]);
  for (const auto& row : table) {
    for (const std::uint64_t count : row) total += static_cast<double>(count);
  }
  return total > 0 ? matched / total : 0;
}

}  // namespace lc::eval
