// Changes what a weights file says of itself; the networks' bytes stay as they are.
#include "native/cli/rewrite.h"

#include <algorithm>

#include "native/io/files.h"
#include "shared/format/layout.h"

namespace lc::cli {

Result<std::vector<std::uint8_t>> with_metrics(const LoadedModel& model,
                                               const std::vector<format::Metric>& metrics) {
  format::Header header = model.file.header;
  for (const format::Metric& metric : metrics) {
    const auto known = std::find_if(header.metrics.begin(), header.metrics.end(),
                                    [&](const format::Metric& old) { return old.name == metric.name; });
    if (known == header.metrics.end()) {
      header.metrics.push_back(metric);
    } else {
      *known = metric;
    }
  }
  std::vector<std::uint8_t> bytes = format::assemble(header, model.file.payload);
  const Result<format::ModelFile> check = format::read_model(bytes);
  if (!check.ok()) return at_path(model.path, check.status());
  return bytes;
}

Status write_metrics(const LoadedModel& model, const std::vector<format::Metric>& metrics) {
  const Result<std::vector<std::uint8_t>> bytes = with_metrics(model, metrics);
  if (!bytes.ok()) return bytes.status();
  return io::save_file(model.path, bytes.value());
}

}  // namespace lc::cli
