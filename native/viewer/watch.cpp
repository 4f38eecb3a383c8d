// Follows a training run's folder.
#include "native/viewer/watch.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "native/io/files.h"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace lc::viewer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxGrid = 64u << 20;
constexpr char kGridOf[] = "prior";  // grids of samples; others show reconstructions and real examples
// What stands in a line beside the losses.
constexpr const char* kNoSeries[] = {"iteration", "images", "epoch", "seconds", "images_per_second", "lr"};

std::string whole(double value) {
  std::string out = std::to_string(static_cast<long long>(value));
  for (int at = static_cast<int>(out.size()) - 3; at > 0; at -= 3)
    out.insert(static_cast<std::size_t>(at), ",");
  return out;
}

double number_in(const nlohmann::json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_number() ? found->get<double>() : 0;
}

// A line of losses joins the curve; lines of other kinds (final figures) have other keys and are passed over.
void add(const nlohmann::json& row, ui::Live& live) {
  std::vector<std::pair<std::string, float>> losses;
  for (const auto& [key, value] : row.items()) {
    const bool is_series = std::find(std::begin(kNoSeries), std::end(kNoSeries), key) == std::end(kNoSeries);
    if (is_series && value.is_number()) losses.emplace_back(key, value.get<float>());
  }
  std::vector<format::Series>& series = live.curve.series;
  if (series.empty()) {
    for (const auto& [name, value] : losses) series.push_back({name, {}});
  }
  const bool fits =
      losses.size() == series.size() &&
      std::equal(losses.begin(), losses.end(), series.begin(),
                 [](const auto& loss, const format::Series& s) { return loss.first == s.name; });
  if (!fits || losses.empty()) return;
  live.curve.iterations.push_back(static_cast<std::uint64_t>(number_in(row, "iteration")));
  for (std::size_t i = 0; i < losses.size(); ++i) series[i].values.push_back(losses[i].second);
  live.line = "Iteration " + whole(number_in(row, "iteration")) + ", " + whole(number_in(row, "images")) +
              " images, " + whole(number_in(row, "images_per_second")) + " images/s";
}

}  // namespace

bool Watch::read_metrics(ui::Live& live) {
  const fs::path path = fs::path(folder_) / "metrics.jsonl";
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size == read_) return false;
  if (size < read_) {  // begun anew
    read_ = 0;
    live.curve = {};
  }
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(read_));
  for (std::string line; std::getline(file, line);) {
    if (file.eof()) break;  // not finished yet
    read_ += line.size() + 1;
    const nlohmann::json row = nlohmann::json::parse(line, nullptr, false);
    if (row.is_object()) add(row, live);
  }
  return true;
}

bool Watch::read_grid(ui::Live& live) {
  std::error_code error;
  fs::path newest;
  fs::file_time_type newest_time;
  for (const auto& entry : fs::directory_iterator(fs::path(folder_) / "samples", error)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".png" || name.rfind(kGridOf, 0) != 0) continue;
    const fs::file_time_type time = entry.last_write_time(error);
    // Of two that were written at once the numbered one tells more.
    if (error || (!newest.empty() &&
                  (time < newest_time || (time == newest_time && name < newest.filename().string()))))
      continue;
    newest = entry.path();
    newest_time = time;
  }
  if (newest.empty() || newest_time == grid_time_) return false;
  const Result<std::vector<std::uint8_t>> bytes = io::read_file(newest.string(), kMaxGrid);
  if (!bytes.ok()) return false;
  int width = 0, height = 0, channels = 0;
  stbi_uc* pixels = stbi_load_from_memory(bytes.value().data(), static_cast<int>(bytes.value().size()),
                                          &width, &height, &channels, 3);
  if (pixels == nullptr) return false;  // half written: it comes again
  grid_time_ = newest_time;
  const std::size_t plane = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  std::vector<std::uint8_t> planar(3 * plane);
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) planar[c * plane + i] = pixels[3 * i + c];
  }
  stbi_image_free(pixels);
  live.grid.set(planar, 1, 3, static_cast<std::uint32_t>(height), static_cast<std::uint32_t>(width));
  live.grid_name = newest.filename().string();
  return true;
}

std::string Watch::run() const {
  const fs::path path(folder_);
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

bool Watch::look(ui::Live& live) {
  live.run = run();
  const bool metrics = read_metrics(live);
  return read_grid(live) || metrics;
}

std::optional<std::string> Watch::new_weights() {
  const fs::path path = fs::path(folder_) / "weights.lcw";
  std::error_code error;
  const fs::file_time_type time = fs::last_write_time(path, error);
  if (error || time == weights_time_) return std::nullopt;
  weights_time_ = time;
  return path.string();
}

}  // namespace lc::viewer
