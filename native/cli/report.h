// A comparison as one HTML page without network, scripts or server.
#pragma once

#include <string>
#include <vector>

#include "native/cli/comparison.h"
#include "shared/core/status.h"

namespace lc::cli {

// A metric's place in tables: what it is called and which way is better.
struct MetricRow {
  std::string name, title;
  int better = 0;  // -1: lower, 1: higher, 0: neither
};
// Known metrics first, in the order of reading, then every other that a model has.
std::vector<MetricRow> metric_rows(const std::vector<Compared>& models);
// Null when the model does not have it.
const format::Metric* metric_of(const format::Header& header, const std::string& name);
// Index of the model with the best value; models.size() when there is no best, or no second model to beat.
std::size_t best_of(const std::vector<Compared>& models, const MetricRow& row);

// "2 min 05 s"
std::string duration_text(double seconds);
// "iteration 100", or "end" for the row after the last.
std::string row_title(const Comparison& comparison, std::size_t row);

Result<std::string> report_html(const Comparison& comparison);

// A Markdown table of models and their metrics; a model without any is left out.
std::string metrics_markdown(const std::vector<Compared>& models);

}  // namespace lc::cli
