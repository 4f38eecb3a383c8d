// Results on stdout, messages on stderr: how the commands speak. Colour only on a terminal and without
// NO_COLOR.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/status.h"

namespace lc::cli {

// To stdout. A failure is kept until finish_output.
void print(const std::string& text);
// The first failure of print, for example a full disk behind a redirection.
Status finish_output();

// A line to stderr.
void note(const std::string& text);
// "latent-canvas: error: ..." to stderr.
void report(const Status& status);

enum class Tone { good, doubtful, bad, strong };
// `text` in the tone's colour when stdout is a terminal that wants colours.
std::string toned(const std::string& text, Tone tone);

// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);
// The shortest of "%.<digits>g" without exponents for everyday numbers.
std::string number_text(double value, int digits = 4);

// Columns as wide as their widest cell, two blanks between them; numbers to the right.
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns);
  void row(std::vector<std::string> cells);  // as many as columns
  std::string text(const std::string& indent = "") const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lc::cli
