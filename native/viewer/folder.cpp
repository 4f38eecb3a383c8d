// Weights that the viewer can bring.
#include "native/viewer/folder.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "native/io/files.h"

namespace lc::viewer {
namespace {

constexpr std::uint64_t kMaxWeights = 1u << 30, kMaxManifest = 1u << 20;

// An object; empty where the file is not there or holds something else.
nlohmann::json object_of(const std::string& path) {
  const Result<std::vector<std::uint8_t>> bytes =
      io::file_exists(path) ? io::read_file(path, kMaxManifest) : std::vector<std::uint8_t>();
  nlohmann::json json = bytes.ok() ? nlohmann::json::parse(bytes.value(), nullptr, false) : nlohmann::json();
  return json.is_object() ? json : nlohmann::json::object();
}

std::uint32_t number_in(const nlohmann::json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_number_unsigned() ? found->get<std::uint32_t>() : 0;
}

// RFC 4648; what follows a character of another alphabet is left out.
std::vector<std::uint8_t> from_base64(const std::string& text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> held));
  }
  return out;
}

std::string words_in(const nlohmann::json& row, const char* key) {
  std::string out;
  const auto found = row.find(key);
  if (found == row.end() || !found->is_array()) return out;
  for (const nlohmann::json& word : *found) {
    if (word.is_string()) out += (out.empty() ? "" : ",") + word.get<std::string>();
  }
  return out;
}

std::string text_in(const nlohmann::json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Result<std::vector<std::uint8_t>> read_weights(const std::string& path) {
  return io::read_file(path, kMaxWeights);
}

std::vector<Listed> list_folder(const std::string& folder) {
  std::vector<Listed> out;
  const nlohmann::json manifest = object_of(io::join(folder, "manifest.json")),
                       thumbnails = object_of(io::join(folder, "thumbnails.json"));
  const auto models = manifest.find("models");
  if (models != manifest.end() && models->is_array()) {
    for (const nlohmann::json& row : *models) {
      if (!row.is_object()) continue;
      Listed listed;
      listed.offer.name = text_in(row, "name");
      listed.offer.title = text_in(row, "title");
      listed.offer.family = text_in(row, "family");
      listed.offer.dataset = text_in(row, "dataset");
      listed.offer.can = ui::abilities_of(text_in(row, "draws"), words_in(row, "sees"));
      listed.offer.latent_size = number_in(row, "latent");
      listed.offer.measures = row.contains("measures");
      const auto metrics = row.find("metrics");
      if (metrics != row.end() && metrics->is_object()) {
        for (const auto& [name, value] : metrics->items()) {
          if (value.is_number()) listed.offer.metrics.push_back({name, value.get<double>(), ""});
        }
      }
      listed.path = io::join(folder, text_in(row, "file"));
      const auto thumbnail = thumbnails.find(listed.offer.name);
      if (thumbnail != thumbnails.end() && thumbnail->is_object()) {
        listed.thumbnail = from_base64(text_in(*thumbnail, "pixels"));
        listed.channels = number_in(*thumbnail, "channels");
        listed.height = number_in(*thumbnail, "height");
        listed.width = number_in(*thumbnail, "width");
      }
      if (!listed.offer.name.empty() && io::file_exists(listed.path)) out.push_back(std::move(listed));
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
    each.offer.name = each.offer.title = io::name_of_weights(path);
    each.offer.can.draws = true;  // as most do; what it can is known when it is read
    each.path = path;
    out.push_back(std::move(each));
  }
  return out;
}

}  // namespace lc::viewer
