// One line on the terminal that says how far the run is; nothing when standard error is not a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lc::train {

class Progress {
 public:
  // `first` is the iteration that the run starts from.
  Progress(std::int64_t first, std::int64_t total, std::int64_t per_epoch, std::int64_t batch_size);
  ~Progress();

  // Draws at most ten times a second. Losses stay until others come.
  void show(std::int64_t iteration, const std::vector<std::pair<std::string, double>>& losses);
  void clear();  // so that a message can be printed

  double seconds() const;  // since the start of this object
  double images_per_second(std::int64_t iteration) const;

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_, drawn_ = false;
  std::int64_t first_, total_, per_epoch_, batch_size_;
  Clock::time_point start_ = Clock::now(), last_ = {};
  std::string losses_;
};

// "1:02:03" or "2:03".
std::string duration_text(double seconds);

}  // namespace lc::train
