// Weights that the viewer can bring.
#include "native/viewer/folder.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "native/io/files.h"

namespace lc::viewer {
namespace {

constexpr std::uint64_t kMaxWeights = 1u << 30, kMaxManifest = 1u << 20;

std::string text_in(const nlohmann::json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

Result<std::vector<std::uint8_t>> read_weights(const std::string& path) {
  return io::read_file(path, kMaxWeights);
}

std::vector<Listed> list_folder(const std::string& folder) {
  std::vector<Listed> out;
  const std::string manifest = io::join(folder, "manifest.json");
  if (io::file_exists(manifest)) {
    const Result<std::vector<std::uint8_t>> bytes = io::read_file(manifest, kMaxManifest);
    const nlohmann::json json =
        bytes.ok() ? nlohmann::json::parse(bytes.value(), nullptr, false) : nlohmann::json();
    const auto models = json.is_object() ? json.find("models") : json.end();
    if (json.is_object() && models != json.end() && models->is_array()) {
      for (const nlohmann::json& row : *models) {
        if (!row.is_object()) continue;
        Listed listed;
        listed.offer.name = text_in(row, "name");
        listed.offer.title = text_in(row, "title");
        listed.offer.family = text_in(row, "family");
        listed.offer.dataset = text_in(row, "dataset");
        listed.offer.measures = row.contains("measures");
        listed.path = io::join(folder, text_in(row, "file"));
        if (!listed.offer.name.empty() && io::file_exists(listed.path)) out.push_back(std::move(listed));
      }
    }
  }
  std::vector<std::string> others;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".lcw") others.push_back(entry.path().string());
  }
  std::sort(others.begin(), others.end());
  for (const std::string& path : others) {
    const bool listed = std::any_of(out.begin(), out.end(), [&](const Listed& each) {
      return std::filesystem::path(each.path).filename() == std::filesystem::path(path).filename();
    });
    if (listed) continue;
    Listed each;
    each.offer.name = each.offer.title = name_of(path);
    each.path = path;
    out.push_back(std::move(each));
  }
  return out;
}

}  // namespace lc::viewer
