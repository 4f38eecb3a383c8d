// `fetch`: brings a data set's files and checks them.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "native/cli/command.h"
#include "native/cli/output.h"
#include "native/data/dataset.h"

namespace lc::cli {
namespace {

Status fetch(const data::FetchQuery& query) {
  const Result<data::Fetched> fetched = data::fetch_dataset(query);
  if (!fetched.ok()) return fetched.status();
  for (const std::string& name : fetched->downloaded) note(name + ": downloaded, hash ok");
  for (const std::string& name : fetched->present) note(name + ": there already, hash ok");
  print(fetched->folder + "\n");
  return {};
}

}  // namespace

Action describe_fetch(CLI::App& app) {
  const auto query = std::make_shared<data::FetchQuery>();
  std::string names;
  for (const data::DatasetSpec& spec : data::datasets()) names += (names.empty() ? "" : ", ") + spec.name;
  app.add_option("DATASET", query->name, "One of: " + names)->required()->type_name("");
  app.add_option("--data-dir", query->data_dir,
                 "Put it below this folder (default: $LATENT_CANVAS_DATA, else the cache folder)")
      ->type_name("DIR");
  app.add_option("--base-url", query->base_url,
                 "Take the files from this folder instead: a mirror, or file:///...")
      ->type_name("URL");
  app.add_flag("-q,--quiet", query->quiet, "No progress");
  return [query] { return fetch(*query); };
}

}  // namespace lc::cli
