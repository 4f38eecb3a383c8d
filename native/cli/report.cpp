// A comparison as one HTML page without network, scripts or server.
#include "native/cli/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "native/cli/header_json.h"
#include "native/cli/output.h"

namespace lc::cli {
namespace {

const MetricRow kKnown[] = {
    {"frechet_distance", "Fréchet distance", -1},
    {"kid", "kernel distance", -1},
    {"precision", "precision", 1},
    {"recall", "recall", 1},
    {"density", "density", 1},
    {"coverage", "coverage", 1},
    {"class_entropy", "class entropy, nats", 1},
    {"class_kl", "class KL to uniform, nats", -1},
    {"conditional_accuracy", "asked class drawn", 1},
    {"cas_accuracy", "classification accuracy score", 1},
    {"code_error", "error of the code", -1},
    {"code_error_drawn", "error of drawn codes", -1},
    {"nll_dynamic", "−log p(x), dynamic, nats", -1},
    {"nll_static", "−log p(x), static, nats", -1},
    {"active_units", "active units", 0},
    {"reconstruction_mse", "reconstruction error", -1},
    {"sharpness", "sharpness", 0},
    {"nearest_train_distance", "distance to training set", 0},
    {"parzen", "Parzen windows, nats", 0},
    {"test_accuracy", "test accuracy", 1},
    {"test_loss", "test loss", 0},
};

// Colours of the curves: readable on light and on dark, apart for colour-blind eyes (Okabe & Ito).
constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --paper: #fbfaf8; --ink: #1d1f24; --soft: #6b6f78; --line: #e3e0da; --card: #fff;
  --best: #e4f2ea; --best-ink: #0b6b3a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14161a; --ink: #e8e6e1; --soft: #9a9da5; --line: #2b2e35;
  --card: #1b1e23; --best: #16311f; --best-ink: #7fd8a4; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1240px; padding: 48px 32px 72px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 Inter, ui-sans-serif, system-ui, sans-serif; }
h1 { font-size: 30px; line-height: 1.15; letter-spacing: -.02em; margin: 0 0 6px; }
h2 { font-size: 18px; letter-spacing: -.01em; margin: 52px 0 14px; }
p.lead, .soft { color: var(--soft); }
p.lead { margin: 0 0 30px; max-width: 72ch; }
.scroll { overflow-x: auto; }
.grid { display: grid; gap: 14px; min-width: 640px; }
.head { font-weight: 600; padding-bottom: 2px; }
.head small { display: block; font-weight: 400; color: var(--soft); font-size: 12.5px; }
.moment { align-self: center; text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; font-size: 13px; }
.cell { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px; }
.cell img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 3px; }
.none { display: grid; place-items: center; color: var(--soft); min-height: 90px; border-style: dashed; background: none; font-size: 13px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 16px 7px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 2px; }
thead th { color: var(--soft); font-weight: 500; }
td.best { color: var(--best-ink); font-weight: 600; }
td.best span { background: var(--best); border-radius: 5px; padding: 1px 6px; margin-right: -6px; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 18px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; }
figcaption { font-weight: 600; margin-bottom: 6px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--soft); font-size: 11px; }
svg .axis { stroke: var(--line); }
.key { display: flex; flex-wrap: wrap; gap: 4px 14px; font-size: 12.5px; color: var(--soft); margin-top: 8px; }
.key i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; }
details { margin-top: 14px; color: var(--soft); max-width: 100ch; }
dt { color: var(--ink); font-weight: 500; margin-top: 8px; } dd { margin: 0; }
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string fixed(double value, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

Result<std::string> cell(const std::optional<io::Picture>& picture, const std::string& alt) {
  if (!picture) return std::string("<div class=\"cell none\">not kept</div>\n");
  const Result<std::vector<std::uint8_t>> png = io::encode_png(*picture);
  if (!png.ok()) return png.status();
  return "<div class=\"cell\"><img alt=\"" + escaped(alt) + "\" width=\"" + std::to_string(picture->width) +
         "\" height=\"" + std::to_string(picture->height) + "\" src=\"data:image/png;base64," +
         base64(png.value()) + "\"></div>\n";
}

std::string trained_text(const format::Provenance& p) {
  return grouped(p.iterations) + " iterations, " + duration_text(p.seconds) + ", " + p.device;
}

Result<std::string> grids_html(const Comparison& comparison) {
  const std::size_t columns = comparison.models.size() + 1;
  std::string html = "<div class=\"scroll\"><div class=\"grid\" style=\"grid-template-columns:92px repeat(" +
                     std::to_string(columns) +
                     ",minmax(120px,1fr))\">\n<div></div><div class=\"head\">Real<small>" +
                     escaped(comparison.dataset) + ", test pictures</small></div>\n";
  for (const Compared& model : comparison.models) {
    html += "<div class=\"head\">" + escaped(model.header.title) + "<small>" + escaped(model.name) +
            "</small></div>\n";
  }
  for (std::size_t row = 0; row <= comparison.iterations.size(); ++row) {
    const std::string title = row_title(comparison, row);
    html += "<div class=\"moment\">" + escaped(title) + "</div>\n";
    const Result<std::string> real = cell(comparison.real, "real pictures");
    if (!real.ok()) return real.status();
    html += real.value();
    for (const Compared& model : comparison.models) {
      const Result<std::string> one = cell(model.grids[row], model.name + ", " + title);
      if (!one.ok()) return one.status();
      html += one.value();
    }
  }
  return html + "</div></div>\n";
}

std::string metrics_html(const std::vector<Compared>& models) {
  std::string html = "<div class=\"scroll\"><table><thead><tr><th></th>";
  for (const Compared& model : models) html += "<th>" + escaped(model.name) + "</th>";
  html += "</tr></thead><tbody>\n";
  const auto plain_row = [&](const char* title, const auto& text) {
    html += std::string("<tr><td>") + title + "</td>";
    for (const Compared& model : models) html += "<td>" + escaped(text(model.header)) + "</td>";
    html += "</tr>\n";
  };
  plain_row("training time", [](const format::Header& h) { return duration_text(h.provenance.seconds); });
  plain_row("iterations", [](const format::Header& h) { return grouped(h.provenance.iterations); });
  for (const MetricRow& row : metric_rows(models)) {
    const std::size_t best = best_of(models, row);
    const char* arrow = row.better < 0   ? " <span class=\"soft\">↓</span>"
                        : row.better > 0 ? " <span class=\"soft\">↑</span>"
                                         : "";
    html += "<tr><td>" + escaped(row.title) + arrow + "</td>";
    for (std::size_t i = 0; i < models.size(); ++i) {
      const format::Metric* metric = metric_of(models[i].header, row.name);
      const std::string text = metric != nullptr ? number_text(metric->value, 4) : "";
      html += i == best ? "<td class=\"best\"><span>" + text + "</span></td>"
                        : "<td title=\"" + (metric != nullptr ? escaped(metric->note) : "") + "\">" + text +
                              "</td>";
    }
    html += "</tr>\n";
  }
  html += "</tbody></table></div>\n<details><summary>What defines each number</summary><dl>\n";
  for (const MetricRow& row : metric_rows(models)) {
    for (const Compared& model : models) {
      const format::Metric* metric = metric_of(model.header, row.name);
      if (metric == nullptr || metric->note.empty()) continue;
      html += "<dt>" + escaped(row.title) + ", " + escaped(model.name) + "</dt><dd>" + escaped(metric->note) +
              "</dd>\n";
    }
  }
  return html + "</dl></details>\n";
}

// The series between their 1st and 99th percentile: a single spike would flatten the rest.
struct Range {
  double low = 0, high = 1;
};
Range range_of(const format::Curve& curve) {
  std::vector<float> values;
  for (const format::Series& series : curve.series)
    values.insert(values.end(), series.values.begin(), series.values.end());
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t skip = values.size() / 100;
  Range range = {static_cast<double>(values[skip]), static_cast<double>(values[values.size() - 1 - skip])};
  if (range.high <= range.low) range.high = range.low + 1;
  return range;
}

std::string curve_html(const Compared& model) {
  constexpr double kWidth = 420, kHeight = 180, kLeft = 44, kBottom = 18;
  const format::Curve& curve = model.header.curve;
  std::string html = "<figure><figcaption>" + escaped(model.header.title) + "</figcaption>";
  if (curve.iterations.empty()) return html + "<p class=\"soft\">no curve in the file</p></figure>\n";
  const Range range = range_of(curve);
  const double last = static_cast<double>(std::max<std::uint64_t>(1, curve.iterations.back()));
  html += "<svg viewBox=\"0 0 " + fixed(kWidth, 0) + " " + fixed(kHeight + kBottom, 0) +
          "\" role=\"img\" aria-label=\"losses of " + escaped(model.name) + "\">";
  for (int tick = 0; tick <= 2; ++tick) {
    const double share = tick / 2.0, y = kHeight * (1 - share);
    html += "<line class=\"axis\" x1=\"" + fixed(kLeft, 0) + "\" x2=\"" + fixed(kWidth, 0) + "\" y1=\"" +
            fixed(y, 1) + "\" y2=\"" + fixed(y, 1) + "\"/><text x=\"" + fixed(kLeft - 6, 0) + "\" y=\"" +
            fixed(y + 4, 1) + "\" text-anchor=\"end\">" +
            number_text(range.low + share * (range.high - range.low), 3) + "</text>";
  }
  html += "<text x=\"" + fixed(kLeft, 0) + "\" y=\"" + fixed(kHeight + 15, 0) + "\">0</text><text x=\"" +
          fixed(kWidth, 0) + "\" y=\"" + fixed(kHeight + 15, 0) + "\" text-anchor=\"end\">" +
          grouped(curve.iterations.back()) + " iterations</text>";
  std::string key;
  for (std::size_t s = 0; s < curve.series.size(); ++s) {
    const std::string colour = kColours[s % std::size(kColours)];
    html += "<polyline fill=\"none\" stroke=\"" + colour +
            "\" stroke-width=\"1.6\" stroke-linejoin=\"round\" points=\"";
    for (std::size_t i = 0; i < curve.iterations.size(); ++i) {
      const double x = kLeft + (kWidth - kLeft) * static_cast<double>(curve.iterations[i]) / last;
      const double share =
          (static_cast<double>(curve.series[s].values[i]) - range.low) / (range.high - range.low);
      html += fixed(x, 1) + "," + fixed(kHeight * (1 - std::clamp(share, 0.0, 1.0)), 1) + " ";
    }
    html += "\"/>";
    key += "<span><i style=\"background:" + colour + "\"></i>" + escaped(curve.series[s].name) + "</span>";
  }
  return html + "</svg><div class=\"key\">" + key + "</div></figure>\n";
}

}  // namespace

const format::Metric* metric_of(const format::Header& header, const std::string& name) {
  const auto found = std::find_if(header.metrics.begin(), header.metrics.end(),
                                  [&](const format::Metric& metric) { return metric.name == name; });
  return found == header.metrics.end() ? nullptr : &*found;
}

std::vector<MetricRow> metric_rows(const std::vector<Compared>& models) {
  std::vector<MetricRow> rows;
  const auto has = [&](const std::string& name) {
    return std::any_of(models.begin(), models.end(),
                       [&](const Compared& model) { return metric_of(model.header, name) != nullptr; });
  };
  for (const MetricRow& known : kKnown) {
    if (has(known.name)) rows.push_back(known);
  }
  for (const Compared& model : models) {
    for (const format::Metric& metric : model.header.metrics) {
      const bool listed = std::any_of(rows.begin(), rows.end(),
                                      [&](const MetricRow& row) { return row.name == metric.name; });
      if (!listed) rows.push_back({metric.name, metric.name, 0});
    }
  }
  return rows;
}

std::size_t best_of(const std::vector<Compared>& models, const MetricRow& row) {
  std::size_t best = models.size(), values = 0;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const format::Metric* metric = metric_of(models[i].header, row.name);
    if (metric == nullptr) continue;
    ++values;
    if (best == models.size() ||
        row.better * (metric->value - metric_of(models[best].header, row.name)->value) > 0) {
      best = i;
    }
  }
  return row.better != 0 && values > 1 ? best : models.size();
}

std::string duration_text(double seconds) {
  const long whole = std::lround(seconds);
  char text[48];
  if (whole < 60) {
    std::snprintf(text, sizeof text, "%ld s", whole);
  } else if (whole < 3600) {
    std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
  }
  return text;
}

std::string row_title(const Comparison& comparison, std::size_t row) {
  return row < comparison.iterations.size() ? "iteration " + grouped(comparison.iterations[row]) : "end";
}

Result<std::string> report_html(const Comparison& comparison) {
  std::string names;
  for (const Compared& model : comparison.models) names += " | " + model.header.title;
  const Result<std::string> grids = grids_html(comparison);
  if (!grids.ok()) return grids.status();
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Real" +
      escaped(names) + "</title>\n<style>" + kStyle + "</style></head>\n<body>\n<h1>Real" + escaped(names) +
      "</h1>\n<p class=\"lead\">What each model draws from the same noise as its training goes on. ";
  for (const Compared& model : comparison.models) {
    html += escaped(model.name) + ": " + escaped(trained_text(model.header.provenance)) + ". ";
  }
  html += "</p>\n" + grids.value() + "<h2>Measured</h2>\n" + metrics_html(comparison.models) +
          "<h2>Losses</h2>\n<div class=\"curves\">\n";
  for (const Compared& model : comparison.models) html += curve_html(model);
  return html + "</div>\n<p class=\"soft\">Made by latent-canvas " LC_VERSION
                "; this file needs no network.</p>\n</body></html>\n";
}

std::string metrics_markdown(const std::vector<Compared>& models) {
  const std::vector<MetricRow> rows = metric_rows(models);
  std::string text = "| model |";
  std::string line = "| --- |";
  for (const MetricRow& row : rows) {
    text += " " + row.title + (row.better < 0 ? " ↓" : row.better > 0 ? " ↑" : "") + " |";
    line += " --: |";
  }
  text += "\n" + line + "\n";
  for (const Compared& model : models) {
    if (model.header.metrics.empty()) continue;
    text += "| `" + model.name + "` |";
    for (const MetricRow& row : rows) {
      const format::Metric* metric = metric_of(model.header, row.name);
      text += " " + (metric != nullptr ? number_text(metric->value, 4) : std::string()) + " |";
    }
    text += "\n";
  }
  return text;
}

}  // namespace lc::cli
