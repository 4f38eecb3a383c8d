// The folder of a run: config.json, metrics.jsonl, samples/, state, weights.lcw.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "native/io/images.h"
#include "native/train/state.h"
#include "shared/core/status.h"
#include "shared/format/schema.h"

namespace lc::train {

class RunFolder {
 public:
  // `out`, or runs/<number>-<model>-<dataset> with the next free number, this call's alone, when it is empty.
  // bad_combination when `out` holds a run already.
  static Result<RunFolder> create(const std::string& out, const std::string& model,
                                  const std::string& dataset);
  // An existing run; io_open when there is no state in it.
  static Result<RunFolder> open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string state_path() const { return path_ + "/state"; }
  std::string weights_path() const { return path_ + "/weights.lcw"; }

  Status save_config(const std::vector<format::Option>& options) const;
  Status save_state(const State& state) const;
  Result<State> load_state() const;
  Status save_weights(const std::vector<std::uint8_t>& bytes) const;
  // samples/<kind>-<iteration>.png and samples/<kind>.png, the newest.
  Status save_grid(const std::string& kind, std::int64_t iteration, const io::Picture& grid) const;

  // At the end of the folder's file `name`. io_disk_full when it does not fit.
  Status append(const std::string& name, const std::string& bytes) const;

  // One JSON object, one line.
  Status append_metrics(const std::vector<std::pair<std::string, double>>& values) const;
  // Drops the first line that is broken or past `iteration` and those behind it: what a killed run had
  // written ahead of its state.
  Status trim_metrics(std::int64_t iteration) const;

 private:
  explicit RunFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace lc::train
