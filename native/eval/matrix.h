// Rows of numbers, and the two products of them that the metrics are made of.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/statistics.h"

namespace lc::eval {

// One sample a row: [rows][columns], row-major.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<float> values;

  Matrix() = default;
  Matrix(std::size_t row_count, std::size_t column_count)
      : rows(row_count), columns(column_count), values(row_count * column_count) {}
  Span<const float> row(std::size_t i) const { return {values.data() + i * columns, columns}; }
  Span<float> row(std::size_t i) { return {values.data() + i * columns, columns}; }
  // Rows [first, first + count).
  Matrix part(std::size_t first, std::size_t count) const;
};

// Mean and covariance of the rows.
inline Gaussian gaussian_of(const Matrix& samples) {
  return fit_gaussian(samples.values, samples.columns);
}

// Calls work(0) ... work(jobs - 1), each once, on up to `threads` threads (0: one a core). The jobs share
// nothing that is written.
void parallel(std::size_t jobs, unsigned threads, const std::function<void(std::size_t)>& work);

// `visit(i, row)` for every row i of a, where row[j] is the dot product of a's row i and b's row j, or their
// squared Euclidean distance (never negative). Rows come in any order, from several threads; `row` lives
// during the call. Blocks of a SIMD matrix product; the columns agree.
using Visit = std::function<void(std::size_t, Span<const float>)>;
void dot_products(const Matrix& a, const Matrix& b, unsigned threads, const Visit& visit);
void squared_distances(const Matrix& a, const Matrix& b, unsigned threads, const Visit& visit);

}  // namespace lc::eval
