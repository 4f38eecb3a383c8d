// Follows a training run's folder: metrics.jsonl as it grows, the newest grid, weights.lcw as it lands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shared/ui/live.h"

namespace lc::viewer {

class Watch {
 public:
  explicit Watch(std::string folder) : folder_(std::move(folder)) {}

  std::string run() const;  // the folder's own name, with a slash behind it or without

  // Looks at the folder; true when `live` changed.
  bool look(ui::Live& live);
  // The weights' path when they are newer than at the last call; they are written whole, then renamed.
  std::optional<std::string> new_weights();

 private:
  bool read_metrics(ui::Live& live);
  bool read_grid(ui::Live& live);

  std::string folder_;
  std::uintmax_t read_ = 0;  // bytes of metrics.jsonl
  std::filesystem::file_time_type grid_time_, weights_time_;
};

}  // namespace lc::viewer
