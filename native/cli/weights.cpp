// Finds weights files by path or by name and reads them.
#include "native/cli/weights.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "native/cli/trainer.h"
#include "native/io/files.h"

namespace lc::cli {
namespace {

constexpr const char* kExtension = ".lcw";
constexpr const char* kRuns = "runs";  // where training puts its run folders

bool is_plain_name(const std::string& text) {
  return text.find('/') == std::string::npos && text.find('.') == std::string::npos && text != "-";
}

}  // namespace

std::vector<std::string> weights_folders() {
  std::vector<std::string> folders;
  const auto add = [&](const std::string& folder) {
    if (!io::folder_exists(folder)) return;
    std::error_code error;
    for (const std::string& known : folders) {
      if (std::filesystem::equivalent(known, folder, error)) return;
    }
    folders.push_back(folder);
  };
  const char* wanted = std::getenv("LATENT_CANVAS_WEIGHTS");
  if (wanted != nullptr && *wanted != '\0') add(wanted);
  add("weights");
  if (!program_folder().empty()) add(io::join(program_folder(), "../share/latent-canvas/weights"));
  add(LC_SOURCE_WEIGHTS);
  return folders;
}

std::vector<std::string> known_weights() {
  std::vector<std::string> paths;
  for (const std::string& folder : weights_folders()) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      const std::string path = entry.path().string();
      if (entry.path().extension() != kExtension) continue;
      const bool shadowed = std::any_of(paths.begin(), paths.end(), [&](const std::string& other) {
        return name_of_weights(other) == name_of_weights(path);
      });
      if (!shadowed) paths.push_back(path);
    }
  }
  std::sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
    return name_of_weights(a) < name_of_weights(b);
  });
  return paths;
}

Result<std::string> find_weights(const std::string& path_or_name) {
  const std::string of_run = io::join(path_or_name, io::kRunWeights);
  if (io::file_exists(of_run)) return of_run;
  if (!is_plain_name(path_or_name) || io::file_exists(path_or_name)) return path_or_name;
  std::vector<std::string> names;
  for (const std::string& path : known_weights()) {
    names.push_back(name_of_weights(path));
    if (names.back() == path_or_name) return path;
  }
  for (const std::string& path :
       {path_or_name + kExtension, io::join(io::join(kRuns, path_or_name), io::kRunWeights)}) {
    if (io::file_exists(path)) return path;
  }
  std::string message = path_or_name + ": neither a file nor a known model.";
  const std::string_view near = nearest_name(path_or_name, names);
  if (!near.empty()) message += " Did you mean '" + std::string(near) + "'?";
  message += names.empty()
                 ? " No weights were found; give a path, or set LATENT_CANVAS_WEIGHTS to their folder."
                 : " Known:";
  for (const std::string& name : names) message += " " + name;
  return fail(Code::unknown_name, message);
}

Status at_path(const std::string& path, const Status& status) {
  return {status.code, path + ": " + status.message};
}

Result<LoadedModel> load_weights(const std::string& path_or_name) {
  const Result<std::string> path = find_weights(path_or_name);
  if (!path.ok()) return path.status();
  Result<std::vector<std::uint8_t>> bytes = io::read_file(path.value(), kMaxWeightsBytes);
  if (!bytes.ok()) return bytes.status();
  LoadedModel model;
  model.path = path.value();
  model.bytes = bytes.take();
  Result<format::ModelFile> file = format::read_model(model.bytes);
  if (!file.ok()) return at_path(model.path, file.status());
  model.file = file.take();
  return model;
}

}  // namespace lc::cli
