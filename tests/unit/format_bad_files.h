// The museum of bad files: each a sample model damaged in one way, with the code and words that reading it
// must give.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/status.h"

namespace lc::sample {

struct BadFile {
  std::string name;
  std::vector<std::uint8_t> bytes;
  Code code;
  std::string fragment;  // of the message
};

std::vector<BadFile> bad_files();

// Its second part: damage to the bytes of a good file.
void add_bad_bytes(const std::vector<std::uint8_t>& good, std::vector<BadFile>& files);

// Makes length and checksum right again, so that what lies behind them is reached.
void refresh(std::vector<std::uint8_t>& bytes);

}  // namespace lc::sample
