// Finds the files of a data set in the folders where they may lie.
#include <cstdlib>
#include <filesystem>

#include "native/data/bytes.h"
#include "native/data/dataset.h"

namespace lc::data {

namespace fs = std::filesystem;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// The file itself or its .gz, whichever is there.
std::string existing(const std::string& folder, const std::string& name) {
  std::error_code ignored;
  for (const char* suffix : {"", ".gz"}) {
    const std::string path = folder + "/" + name + suffix;
    if (fs::is_regular_file(path, ignored)) return path;
  }
  return {};
}

// True when the training images at `path` are, by their hash, another known data set's.
bool belongs_to_another(const std::string& path, const DatasetSpec& wanted) {
  const Result<std::vector<std::uint8_t>> bytes = read_data_file(path, wanted.files[0].bytes, "");
  if (!bytes.ok()) return false;
  const std::string hash = sha256_hex({Bytes(bytes.value())});
  for (const DatasetSpec& spec : datasets()) {
    if (spec.name != wanted.name && !spec.files.empty() && spec.files[0].sha256 == hash) return true;
  }
  return false;
}

}  // namespace

std::string cache_folder() {
  const std::string cache = environment("XDG_CACHE_HOME");
  if (!cache.empty()) return cache + "/latent-canvas";
  const std::string home = environment("HOME");
  return home.empty() ? std::string() : home + "/.cache/latent-canvas";
}

std::vector<std::string> search_folders(const DatasetQuery& query) {
  std::vector<std::string> folders;
  for (const std::string& base : {query.data_dir, environment("LATENT_CANVAS_DATA"), cache_folder(),
                                  std::string("/usr/share/datasets")}) {
    if (base.empty()) continue;
    folders.push_back(base + "/" + query.name);
    // CIFAR-10's archive unpacks into a folder of its own name.
    if (query.name == "cifar10") folders.push_back(base + "/cifar-10-batches-bin");
    folders.push_back(base);
  }
  return folders;
}

Result<Found> find_dataset(const DatasetQuery& query) {
  const Result<const DatasetSpec*> spec = find_spec(query.name);
  if (!spec.ok()) return spec.status();
  Found found;
  found.spec = spec.value();
  for (const FileSpec& file : found.spec->files) found.files.push_back({file.name, ""});
  found.complete = found.spec->layout == Layout::generated;
  if (found.complete) return found;
  const std::string own = "/" + query.name;
  for (const std::string& folder : search_folders(query)) {
    std::vector<FoundFile> files;
    std::size_t there = 0;
    for (const FileSpec& file : found.spec->files) {
      files.push_back({file.name, existing(folder, file.name)});
      if (!files.back().path.empty()) ++there;
    }
    if (there == 0) continue;
    const bool named =
        folder.size() >= own.size() && folder.compare(folder.size() - own.size(), own.size(), own) == 0;
    if (!named && !files[0].path.empty() && belongs_to_another(files[0].path, *found.spec)) continue;
    found.folder = folder;
    found.files = std::move(files);
    found.complete = there == found.spec->files.size();
    return found;
  }
  return found;
}

}  // namespace lc::data
