// Rows of numbers, and the two products of them that the metrics are made of.
#include "native/eval/matrix.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

#include "shared/kernels/kernels.h"

namespace lc::eval {

namespace {

constexpr std::size_t kBlock = 128;  // rows of one product: its result stays in the cache

std::vector<float> squared_norms(const Matrix& m) {
  std::vector<float> norms(m.rows);
  for (std::size_t i = 0; i < m.rows; ++i) {
    double sum = 0;
    for (const float x : m.row(i)) sum += static_cast<double>(x) * static_cast<double>(x);
    norms[i] = static_cast<float>(sum);
  }
  return norms;
}

}  // namespace

Matrix Matrix::part(std::size_t first, std::size_t count) const {
  Matrix out(count, columns);
  std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(first * columns), count * columns,
              out.values.begin());
  return out;
}

void parallel(std::size_t jobs, unsigned threads, const std::function<void(std::size_t)>& work) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::atomic<std::size_t> next = 0;
  const auto share = [&] {
    for (std::size_t job = next++; job < jobs; job = next++) work(job);
  };
  std::vector<std::thread> others;
  try {
    for (std::size_t t = 1; t < threads && t < jobs; ++t) others.emplace_back(share);
  } catch (const std::system_error&) {
    // Fewer threads than asked take a little longer, that is all.
  }
  share();
  for (std::thread& thread : others) thread.join();
}

void dot_products(const Matrix& a, const Matrix& b, unsigned threads, const Visit& visit) {
  if (a.rows == 0 || b.rows == 0) return;
  const kernels::Kernels& kernels = kernels::simd();
  std::vector<float> packed(kernels.packed_dense_floats(b.rows, b.columns));
  kernels.pack_dense(b.values.data(), b.rows, b.columns, packed.data());
  parallel((a.rows + kBlock - 1) / kBlock, threads, [&](std::size_t block) {
    const std::size_t first = block * kBlock, count = std::min(kBlock, a.rows - first);
    std::vector<float> out(count * b.rows);
    kernels::DenseArgs args;
    args.a = a.values.data() + first * a.columns;
    args.packed = packed.data();
    args.out = out.data();
    args.m = count;
    args.n = b.rows;
    args.k = a.columns;
    args.a_stride = a.columns;
    args.out_stride = b.rows;
    kernels.dense(args);
    for (std::size_t i = 0; i < count; ++i) visit(first + i, {out.data() + i * b.rows, b.rows});
  });
}

void squared_distances(const Matrix& a, const Matrix& b, unsigned threads, const Visit& visit) {
  const std::vector<float> a_norms = squared_norms(a), b_norms = squared_norms(b);
  dot_products(a, b, threads, [&](std::size_t i, Span<const float> dots) {
    std::vector<float> distances(dots.size);
    for (std::size_t j = 0; j < dots.size; ++j) {
      distances[j] = std::max(0.0f, a_norms[i] + b_norms[j] - 2 * dots[j]);
    }
    visit(i, distances);
  });
}

}  // namespace lc::eval
