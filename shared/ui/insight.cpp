// Spread, effect and principal directions of a model's latent numbers.
#include "shared/ui/insight.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lc::ui {
namespace {

constexpr int kPowerSteps = 60;  // of the power iteration

std::vector<std::uint32_t> continuous(const Insight& insight) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < insight.sigma.size(); ++i) {
    if (insight.sigma[i] > 0) out.push_back(i);
  }
  return out;
}

// The eigenvector of the largest eigenvalue of a symmetric matrix [n][n], orthogonal to `other`.
std::vector<double> strongest(const std::vector<double>& matrix, std::size_t n,
                              const std::vector<double>* other) {
  std::vector<double> v(n), next(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = 1 + 0.01 * static_cast<double>(i % 7);
  for (int step = 0; step < kPowerSteps; ++step) {
    for (std::size_t r = 0; r < n; ++r)
      next[r] =
          std::inner_product(v.begin(), v.end(), matrix.begin() + static_cast<std::ptrdiff_t>(r * n), 0.0);
    if (other != nullptr) {
      const double part = std::inner_product(next.begin(), next.end(), other->begin(), 0.0);
      for (std::size_t i = 0; i < n; ++i) next[i] -= part * (*other)[i];
    }
    const double length = std::sqrt(std::inner_product(next.begin(), next.end(), next.begin(), 0.0));
    if (!(length > 0)) break;
    for (std::size_t i = 0; i < n; ++i) v[i] = next[i] / length;
  }
  return v;
}

}  // namespace

bool spread_of_prior(const format::Header& header, Insight& out) {
  out.mean.clear();
  out.sigma.clear();
  bool known = true;
  for (const format::PriorPart& part : header.prior) {
    float mean = 0, sigma = 1;
    if (part.kind == format::PriorKind::uniform) {
      mean = (part.low + part.high) / 2;
      sigma = (part.high - part.low) / std::sqrt(12.0f);
    }
    if (part.kind == format::PriorKind::categorical) sigma = 0;
    known = known && part.kind != format::PriorKind::mixture;
    out.mean.insert(out.mean.end(), part.size, mean);
    out.sigma.insert(out.sigma.end(), part.size, sigma);
  }
  out.has_spread = known;
  return known;
}

void spread_of_samples(const format::Header& header, const std::vector<float>& latents, std::size_t count,
                       Insight& out) {
  const std::size_t size = out.mean.size();
  std::size_t at = 0;
  for (const format::PriorPart& part : header.prior) {
    for (std::size_t i = at; i < at + part.size && part.kind == format::PriorKind::mixture; ++i) {
      double sum = 0, squares = 0;
      for (std::size_t row = 0; row < count; ++row) {
        const double value = latents[row * size + i];
        sum += value;
        squares += value * value;
      }
      const double mean = sum / static_cast<double>(count);
      out.mean[i] = static_cast<float>(mean);
      out.sigma[i] =
          static_cast<float>(std::sqrt(std::max(1e-12, squares / static_cast<double>(count) - mean * mean)));
    }
    at += part.size;
  }
  out.has_spread = true;
}

session::Request steps_question(const session::ModelInfo& model, const Insight& insight) {
  session::Request request;
  request.model = model.model;
  if (model.classes > 0) request.labels = {0};
  // One-hot parts stand at their first choice.
  std::vector<float> middle = insight.mean;
  std::size_t at = 0;
  for (const format::PriorPart& part : model.header->prior) {
    if (part.kind == format::PriorKind::categorical) middle[at] = 1;
    at += part.size;
  }
  for (const std::uint32_t i : continuous(insight)) {
    for (const float side : {-kInsightStep, kInsightStep}) {
      request.latents.insert(request.latents.end(), middle.begin(), middle.end());
      request.latents[request.latents.size() - middle.size() + i] += side * insight.sigma[i];
    }
  }
  request.count =
      static_cast<std::uint32_t>(request.latents.size() / std::max<std::size_t>(1, middle.size()));
  return request;
}

void measure(const std::vector<float>& pictures, std::size_t pixels, Insight& out) {
  const std::vector<std::uint32_t> numbers = continuous(out);
  const std::size_t n = numbers.size();
  if (pictures.size() != 2 * n * pixels) return;
  std::vector<float> change(n * pixels);
  out.effect.assign(out.sigma.size(), 0);
  for (std::size_t i = 0; i < n; ++i) {
    const float *below = &pictures[2 * i * pixels], *above = below + pixels;
    double sum = 0;
    for (std::size_t p = 0; p < pixels; ++p) {
      change[i * pixels + p] = above[p] - below[p];
      sum += std::fabs(static_cast<double>(above[p] - below[p]));
    }
    out.effect[numbers[i]] = static_cast<float>(sum / static_cast<double>(pixels));
  }
  out.order.resize(out.sigma.size());
  std::iota(out.order.begin(), out.order.end(), 0u);
  std::sort(out.order.begin(), out.order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return out.effect[a] != out.effect[b] ? out.effect[a] > out.effect[b] : a < b;
  });
  out.measured = true;
  if (n < 2) return;
  std::vector<double> gram(n * n);
  for (std::size_t r = 0; r < n; ++r) {
    for (std::size_t c = r; c < n; ++c) {
      const float *a = &change[r * pixels], *b = &change[c * pixels];
      gram[r * n + c] = gram[c * n + r] = static_cast<double>(std::inner_product(a, a + pixels, b, 0.0f));
    }
  }
  const std::vector<double> first = strongest(gram, n, nullptr), second = strongest(gram, n, &first);
  for (int k = 0; k < 2; ++k) {
    out.principal[k].assign(out.sigma.size(), 0);
    for (std::size_t i = 0; i < n; ++i)
      out.principal[k][numbers[i]] = static_cast<float>((k == 0 ? first : second)[i]);
  }
}

}  // namespace lc::ui
