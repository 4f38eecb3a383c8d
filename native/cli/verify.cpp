// `verify`: checks weights files as the engine would, one line each.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "native/cli/command.h"
#include "native/cli/inspect.h"
#include "native/cli/output.h"
#include "native/cli/weights.h"

namespace lc::cli {
namespace {

Status verify(const std::vector<std::string>& paths) {
  Status first;
  std::size_t bad = 0;
  for (const std::string& path : paths) {
    const Status status = verify_weights(path);
    if (status.ok()) {
      print(find_weights(path).take() + ": " + toned("ok", Tone::good) + "\n");
      continue;
    }
    ++bad;
    if (first.ok()) first = status;
    // The message begins with the path.
    print(toned(name_of(status.code), Tone::bad) + ": " + status.message + "\n");
  }
  if (bad == 0) return {};
  return fail(first.code, std::to_string(bad) + " of " + std::to_string(paths.size()) + " files are bad.");
}

}  // namespace

Action describe_verify(CLI::App& app) {
  const auto paths = std::make_shared<std::vector<std::string>>();
  app.add_option("FILE", *paths, "Weights files, or names of models")->required()->type_name("");
  return [paths] { return verify(*paths); };
}

}  // namespace lc::cli
