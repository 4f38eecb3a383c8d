// Results on stdout, messages on stderr: how the commands speak.
#include "native/cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lc::cli {
namespace {

int g_output_error = 0;  // errno of the first write to stdout that failed

bool wants_colour(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool refused = no_colour != nullptr && *no_colour != '\0';
  const bool dumb = terminal == nullptr || std::strcmp(terminal, "dumb") == 0;
  return !refused && !dumb && ::isatty(fd) == 1;
}

std::string coloured(const std::string& text, const char* code) {
  return std::string("\x1b[") + code + "m" + text + "\x1b[0m";
}

void keep_error() {
  if (g_output_error == 0) g_output_error = errno != 0 ? errno : EIO;
}

}  // namespace

void print(const std::string& text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) keep_error();
}

Status finish_output() {
  errno = 0;
  if (std::fflush(stdout) != 0) keep_error();
  if (g_output_error == 0) return {};
  const bool full = g_output_error == ENOSPC || g_output_error == EDQUOT;
  return fail(full ? Code::io_disk_full : Code::io_write,
              std::string("standard output: cannot be written: ") + std::strerror(g_output_error) + ".");
}

void note(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
}

void report(const Status& status) {
  const std::string word = wants_colour(STDERR_FILENO) ? coloured("error:", "1;31") : "error:";
  note("latent-canvas: " + word + " " + status.message);
}

std::string toned(const std::string& text, Tone tone) {
  if (!wants_colour(STDOUT_FILENO)) return text;
  const char* const codes[] = {"32", "33", "1;31", "1"};
  return coloured(text, codes[static_cast<int>(tone)]);
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string number_text(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  if (std::strchr(text, 'e') != nullptr && value < 1e15 && value > 1)
    std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::row(std::vector<std::string> cells) {
  rows_.push_back(std::move(cells));
}

std::string Table::text(const std::string& indent) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = columns_[c].title.size();
    for (const auto& cells : rows_) width = std::max(width, cells[c].size());
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line = indent;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string& cell = cell_of(c);
      const std::string blanks(widths[c] - cell.size(), ' ');
      line += (c == 0 ? "" : "  ") + (columns_[c].align == Align::left ? cell + blanks : blanks + cell);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  add_line([&](std::size_t c) -> const std::string& { return columns_[c].title; });
  for (const auto& cells : rows_) add_line([&](std::size_t c) -> const std::string& { return cells[c]; });
  return text;
}

}  // namespace lc::cli
