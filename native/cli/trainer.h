// Finds and starts latent-canvas-train, the program that has LibTorch inside.
#pragma once

#include <string>
#include <vector>

#include "shared/core/status.h"

namespace lc::cli {

// The folder that this program lies in, or "" when it cannot be told.
std::string program_folder();

// Beside this program, else the first in PATH; "" when there is none.
std::string find_trainer();

// Becomes the trainer: returns only when that fails.
Status become_trainer(const std::vector<std::string>& arguments);

// Runs the trainer and returns what it wrote to stdout; io_open when there is none or it cannot be started, a
// code of the trainer's own exit code when that is not 0, interrupted when a signal ended it.
Result<std::string> ask_trainer(const std::vector<std::string>& arguments);

}  // namespace lc::cli
