// `compare`: puts models side by side as an HTML page, as a picture and as a moving one; trains them first,
// if asked.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "native/cli/command.h"
#include "native/cli/comparison.h"
#include "native/cli/figure.h"
#include "native/cli/output.h"
#include "native/cli/report.h"
#include "native/cli/train_compared.h"
#include "native/cli/whole_number.h"
#include "native/io/files.h"
#include "native/io/gif.h"

namespace lc::cli {
namespace {

constexpr const char* kDefaultReport = "comparison.html";

struct CompareOptions {
  std::vector<std::string> weights, metrics;
  std::string html, png, gif;
  ComparisonDesc desc;
  TrainCompared train;  // with the data set's folder
  bool markdown = false, quiet = false;
};

Status save_gif(const LoadedModel& model, const CompareOptions& options) {
  const Result<std::vector<io::Picture>> pictures = growth(model, options.desc);
  if (!pictures.ok()) return pictures.status();
  const Result<std::vector<std::uint8_t>> gif = io::encode_gif(pictures.value());
  if (!gif.ok()) return gif.status();
  return io::save_file(options.gif, gif.value());
}

Status save_all(const std::vector<LoadedModel>& models, const CompareOptions& options) {
  if (!options.gif.empty()) LC_TRY(save_gif(models[0], options));
  if (options.html.empty() && options.png.empty()) return {};
  const Result<data::Dataset> data = data::load_dataset(
      {models[0].file.header.provenance.dataset, options.train.data_dir, options.train.unverified_data});
  if (!data.ok() && !options.quiet) note("real pictures from the file, because " + data.status().message);
  const Result<Comparison> comparison =
      compare_models(models, data.ok() ? &data.value() : nullptr, options.desc);
  if (!comparison.ok()) return comparison.status();
  if (!options.png.empty()) LC_TRY(io::save_png(options.png, comparison_figure(comparison.value())));
  if (options.html.empty()) return {};
  const Result<std::string> html = report_html(comparison.value());
  if (!html.ok()) return html.status();
  return io::save_file(options.html, html.value());
}

// Leaves the asked metrics alone, in every table.
void keep_metrics(LoadedModel& model, const std::vector<std::string>& wanted) {
  std::vector<format::Metric>& metrics = model.file.header.metrics;
  const auto unwanted = [&](const format::Metric& metric) {
    return std::find(wanted.begin(), wanted.end(), metric.name) == wanted.end();
  };
  if (!wanted.empty()) metrics.erase(std::remove_if(metrics.begin(), metrics.end(), unwanted), metrics.end());
}

// The metrics that the files carry; nothing is measured or drawn.
Status print_markdown(const std::vector<LoadedModel>& models) {
  std::vector<Compared> rows;
  for (const LoadedModel& model : models)
    rows.push_back({name_of_weights(model.path), model.file.header, {}});
  print(metrics_markdown(rows));
  return {};
}

Status compare(const CompareOptions& given) {
  CompareOptions options = given;
  if (options.weights.empty() && options.train.families.empty()) {
    return fail(Code::bad_argument, "nothing to compare: name weights files, or families with --train.");
  }
  const bool nothing_asked = options.html.empty() && options.png.empty() && options.gif.empty();
  if (nothing_asked && !options.markdown) options.html = kDefaultReport;
  if (!options.train.families.empty()) {
    options.train.threads = std::to_string(options.desc.threads);
    options.train.quiet = options.quiet;
    const Result<std::vector<std::string>> runs = train_compared(options.train);
    if (!runs.ok()) return runs.status();
    options.weights.insert(options.weights.end(), runs->begin(), runs->end());
  }
  std::vector<LoadedModel> models;
  for (const std::string& path : options.weights) {
    Result<LoadedModel> model = load_weights(path);
    if (!model.ok()) return model.status();
    keep_metrics(model.value(), options.metrics);
    models.push_back(model.take());
  }
  if (options.markdown) LC_TRY(print_markdown(models));
  LC_TRY(save_all(models, options));
  std::string places;
  for (const std::string& path : {options.html, options.png, options.gif}) {
    if (!path.empty()) places += (places.empty() ? "" : ", ") + path;
  }
  if (!options.quiet && !places.empty()) note(grouped(models.size()) + " compared: " + places);
  return {};
}

}  // namespace

Action describe_compare(CLI::App& app) {
  const auto options = std::make_shared<CompareOptions>();
  CompareOptions& o = *options;
  app.add_option("FILE", o.weights, ".lcw files, run folders, or names such as vae-mnist")->type_name("");
  app.add_option("--html", o.html,
                 std::string("Report, one file without network (default: ") + kDefaultReport + ")")
      ->type_name("FILE");
  app.add_option("--png", o.png, "The same as a picture")->type_name("FILE");
  app.add_option("--gif", o.gif, "The first model's grid through the moments of its training, moving")
      ->type_name("FILE");
  app.add_flag("--markdown", o.markdown, "Print the table of metrics that the files carry");
  app.add_option("--metrics", o.metrics, "Show these alone (default: all that the files carry)")
      ->type_name("NAME,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_whole_number(app, "-n,--count", o.desc.count, "Pictures of a grid")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1024u));
  add_whole_number(app, "--columns", o.desc.columns, "Columns of a grid")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1024u));
  add_whole_number(app, "-s,--seed", o.desc.seed, "The noise that every model draws from")
      ->capture_default_str();
  app.add_option("--data-dir", o.train.data_dir, "Folder of the data set, for the real pictures")
      ->type_name("DIR");
  app.add_option("--train", o.train.families, "Train these families, measure them, compare them")
      ->type_name("FAMILY,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--dataset", o.train.dataset, "Data set of --train")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--epochs", o.train.epochs, "Epochs of --train (default: each family's own)")
      ->type_name("N");
  app.add_option("--out", o.train.out, "Folder of the runs of --train; finished ones are not trained again")
      ->capture_default_str()
      ->type_name("DIR");
  app.add_option("--set", o.train.sets, "Option of --train, for all families or for one; may be repeated")
      ->type_name("[FAMILY:]KEY=VALUE")
      ->allow_extra_args(false);
  app.add_flag("--unverified-data", o.train.unverified_data,
               "Take data files whose hash is not the pinned one");
  add_whole_number(app, "--threads", o.desc.threads, "Threads (default: one a core)")->type_name("N");
  app.add_flag("-q,--quiet", o.quiet, "No message on stderr");
  return [options] { return compare(*options); };
}

}  // namespace lc::cli
