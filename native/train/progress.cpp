// One line on the terminal that says how far the run is.
#include "native/train/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace lc::train {

namespace {

bool lively_terminal() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && !(term != nullptr && std::string(term) == "dumb");
}

std::size_t columns() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string duration_text(double seconds) {
  const long long whole = static_cast<long long>(std::max(0.0, seconds) + 0.5);
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  }
  return text;
}

Progress::Progress(std::int64_t first, std::int64_t total, std::int64_t per_epoch, std::int64_t batch_size)
    : terminal_(lively_terminal()),
      first_(first),
      total_(total),
      per_epoch_(per_epoch),
      batch_size_(batch_size) {}

Progress::~Progress() {
  clear();
}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

double Progress::images_per_second(std::int64_t iteration) const {
  const double elapsed = seconds();
  return elapsed > 0 ? static_cast<double>((iteration - first_) * batch_size_) / elapsed : 0;
}

void Progress::show(std::int64_t iteration, const std::vector<std::pair<std::string, double>>& losses) {
  if (!terminal_) return;
  if (!losses.empty()) {
    losses_.clear();
    for (const auto& [name, value] : losses) {
      char text[64];
      std::snprintf(text, sizeof text, "  %s %.4g", name.c_str(), value);
      losses_ += text;
    }
  }
  const Clock::time_point now = Clock::now();
  if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const double rate = images_per_second(iteration);
  const double left = rate > 0 ? static_cast<double>((total_ - iteration) * batch_size_) / rate : 0;
  char text[160];
  std::snprintf(text, sizeof text, "epoch %lld/%lld  %3.0f%%  %.0f images/s  ETA %s",
                static_cast<long long>(std::min(iteration, total_ - 1) / per_epoch_ + 1),
                static_cast<long long>(total_ / per_epoch_),
                100.0 * static_cast<double>(iteration) / static_cast<double>(total_), rate,
                duration_text(left).c_str());
  const std::string line = (text + losses_).substr(0, columns() - 1);
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace lc::train
