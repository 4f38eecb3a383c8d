// Changes what a weights file says of itself and of its data set; the networks' bytes stay as they are.
#include "native/cli/rewrite.h"

#include <algorithm>

#include "native/io/files.h"

namespace lc::cli {
namespace {

constexpr const char* kFeatures = "features";

void put(std::vector<format::Metric>& metrics, const format::Metric& metric) {
  const auto known = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const format::Metric& old) { return old.name == metric.name; });
  if (known == metrics.end()) {
    metrics.push_back(metric);
  } else {
    *known = metric;
  }
}

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

void put(format::Writer& writer, const eval::FeatureStatistics& statistics) {
  const std::uint32_t n = static_cast<std::uint32_t>(statistics.test.mean.size());
  const float whole = 1;
  format::PriorPart part;
  part.name = kFeatures;
  part.kind = format::PriorKind::mixture;
  part.size = n;
  // In full: the distance is a small difference of large numbers.
  const auto add = [&](const char* name, std::vector<std::uint32_t> shape, Span<const float> values) {
    part.mixture.push_back(writer.add_tensor(name, std::move(shape), values, format::DType::f32));
  };
  add("features.weights", {1}, {&whole, 1});
  add("features.means", {1, n}, floats(statistics.test.mean));
  add("features.cholesky", {1, n, n}, floats(cholesky(statistics.test.covariance, n)));
  writer.header.prior = {part};
}

}  // namespace

Status write_measured(const LoadedModel& model, const std::vector<format::Metric>& metrics,
                      const eval::FeatureStatistics* statistics) {
  format::Writer writer;
  writer.header = model.file.header;
  writer.header.tensors.clear();
  for (const format::Metric& metric : metrics) put(writer.header.metrics, metric);
  // Old statistics are the last tensors.
  const std::vector<format::PriorPart>& prior = model.file.header.prior;
  const bool had = statistics != nullptr && !prior.empty() && prior[0].name == kFeatures;
  const auto kept =
      static_cast<std::uint32_t>(model.file.header.tensors.size() - (had ? prior[0].mixture.size() : 0));
  for (std::uint32_t i = 0; i < kept; ++i) writer.copy_tensor(model.file, i);
  if (statistics != nullptr) put(writer, *statistics);
  const Result<std::vector<std::uint8_t>> bytes = writer.finish();
  if (!bytes.ok()) return at_path(model.path, bytes.status());
  return io::save_file(model.path, bytes.value());
}

}  // namespace lc::cli
