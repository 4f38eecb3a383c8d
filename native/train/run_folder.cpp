// The folder of a run: config.json, metrics.jsonl, samples/, state, weights.lcw.
#include "native/train/run_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "native/io/files.h"

namespace lc::train {

namespace fs = std::filesystem;

namespace {

// runs/<number>-<model>-<dataset>, made by this call: two runs that begin at once never share one.
Result<std::string> new_folder(const std::string& model, const std::string& dataset) {
  LC_TRY(io::make_folders("runs"));
  for (;;) {
    long highest = -1;
    std::error_code error;
    for (fs::directory_iterator it("runs", error), end; !error && it != end; it.increment(error)) {
      highest = std::max(highest, std::strtol(it->path().filename().c_str(), nullptr, 10));
    }
    if (error) return fail(Code::io_open, "runs: the folder cannot be listed: " + error.message() + ".");
    char number[24];
    std::snprintf(number, sizeof number, "%05ld", highest + 1);
    const std::string path = std::string("runs/") + number + "-" + model + "-" + dataset;
    if (fs::create_directory(path, error)) return path;
    if (error) return fail(Code::io_open, path + ": the folder cannot be made: " + error.message() + ".");
  }
}

Status write_failed(const std::string& path) {
  const int cause = errno;
  const bool full = cause == ENOSPC || cause == EDQUOT;
  return fail(full ? Code::io_disk_full : Code::io_write,
              path + ": cannot be written: " + std::strerror(cause) + ".");
}

}  // namespace

Result<RunFolder> RunFolder::create(const std::string& out, const std::string& model,
                                    const std::string& dataset) {
  Result<std::string> path = out.empty() ? new_folder(model, dataset) : Result<std::string>(out);
  if (!path.ok()) return path.status();
  const RunFolder folder(path.take());
  if (io::file_exists(folder.state_path()) || io::file_exists(folder.weights_path())) {
    return fail(Code::bad_combination, folder.path_ + ": holds a run already. Resume it with --resume " +
                                           folder.path_ + ", or give another --out.");
  }
  LC_TRY(io::make_folders(folder.path_ + "/samples"));
  return folder;
}

Result<RunFolder> RunFolder::open(const std::string& path) {
  const RunFolder folder(path);
  if (!io::file_exists(folder.state_path())) {
    return fail(Code::io_open, folder.state_path() +
                                   ": expected the state of a run, found none. Give --resume a run folder.");
  }
  LC_TRY(io::make_folders(path + "/samples"));
  return folder;
}

Status RunFolder::save_config(const std::vector<format::Option>& options) const {
  nlohmann::ordered_json json;
  json["version"] = LC_VERSION;
  for (const format::Option& option : options) json["options"][option.key] = option.value;
  return io::save_file(path_ + "/config.json", json.dump(2) + "\n");
}

Status RunFolder::save_state(const State& state) const {
  const std::vector<std::uint8_t> bytes = write_state(state);
  return io::save_file(state_path(), Bytes(bytes));
}

Result<State> RunFolder::load_state() const {
  const Result<std::vector<std::uint8_t>> bytes = io::read_file(state_path());
  if (!bytes.ok()) return bytes.status();
  return read_state(Bytes(bytes.value()), state_path());
}

Status RunFolder::save_weights(const std::vector<std::uint8_t>& bytes) const {
  return io::save_file(weights_path(), Bytes(bytes));
}

Status RunFolder::save_grid(const std::string& kind, std::int64_t iteration, const io::Picture& grid) const {
  char number[24];
  std::snprintf(number, sizeof number, "%07lld", static_cast<long long>(iteration));
  LC_TRY(io::save_png(path_ + "/samples/" + kind + "-" + number + ".png", grid));
  return io::save_png(path_ + "/samples/" + kind + ".png", grid);
}

Status RunFolder::append(const std::string& name, const std::string& bytes) const {
  const std::string path = path_ + "/" + name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return write_failed(path);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = ::write(file, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      const Status status = write_failed(path);
      ::close(file);
      return status;
    }
    done += static_cast<std::size_t>(wrote);
  }
  return ::close(file) == 0 ? Status{} : write_failed(path);
}

Status RunFolder::append_metrics(const std::vector<std::pair<std::string, double>>& values) const {
  nlohmann::ordered_json json;
  for (const auto& [key, value] : values) json[key] = value;
  return append("metrics.jsonl", json.dump() + "\n");
}

Status RunFolder::trim_metrics(std::int64_t iteration) const {
  const std::string path = path_ + "/metrics.jsonl";
  if (!io::file_exists(path)) return {};
  std::ifstream in(path);
  std::string line, kept;
  while (std::getline(in, line)) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    const auto at = json.is_object() ? json.find("iteration") : json.end();
    if (at == json.end() || !at->is_number() || at->get<double>() > static_cast<double>(iteration)) break;
    kept += line + "\n";
  }
  return io::save_file(path, kept);
}

}  // namespace lc::train
