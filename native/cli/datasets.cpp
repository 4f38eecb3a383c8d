// `datasets`: lists the data sets that are known and where their files lie.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "native/cli/command.h"
#include "native/cli/output.h"
#include "native/data/dataset.h"

namespace lc::cli {
namespace {

struct DatasetsOptions {
  std::string data_dir;
  bool json = false;
};

std::string shape_of(const data::DatasetSpec& spec) {
  return std::to_string(spec.channels) + " x " + std::to_string(spec.height) + " x " +
         std::to_string(spec.width);
}

Status list(const DatasetsOptions& options) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  using Align = Table::Align;
  Table table({{"name"},
               {"pictures"},
               {"training", Align::right},
               {"test", Align::right},
               {"classes", Align::right},
               {"found in"}});
  for (const data::DatasetSpec& spec : data::datasets()) {
    data::DatasetQuery query;
    query.name = spec.name;
    query.data_dir = options.data_dir;
    Result<data::Found> found = data::find_dataset(query);
    if (!found.ok()) return found.status();
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    std::size_t missing = 0;
    for (const data::FoundFile& file : found->files) {
      missing += file.path.empty() ? 1 : 0;
      files.push_back({{"name", file.name}, {"path", file.path}});
    }
    const bool nowhere = found->folder.empty();
    const std::string place = spec.files.empty() ? "nothing to fetch: it is drawn"
                              : found->complete  ? found->folder
                              : nowhere          ? "nowhere: latent-canvas fetch " + spec.name
                                        : found->folder + ", " + std::to_string(missing) + " files missing";
    table.row({spec.name, shape_of(spec), grouped(spec.train_count), grouped(spec.test_count),
               std::to_string(spec.classes.size()), place});
    all.push_back({{"name", spec.name},
                   {"title", spec.title},
                   {"shape", {spec.channels, spec.height, spec.width}},
                   {"train_count", spec.train_count},
                   {"test_count", spec.test_count},
                   {"classes", spec.classes},
                   {"source", spec.source},
                   {"complete", found->complete},
                   {"folder", found->folder},
                   {"files", files}});
  }
  print(options.json ? all.dump(2) + "\n" : table.text());
  return {};
}

}  // namespace

Action describe_datasets(CLI::App& app) {
  const auto options = std::make_shared<DatasetsOptions>();
  app.add_option("--data-dir", options->data_dir, "Look in this folder first")->type_name("DIR");
  app.add_flag("--json", options->json, "As JSON, files included");
  return [options] { return list(*options); };
}

}  // namespace lc::cli
