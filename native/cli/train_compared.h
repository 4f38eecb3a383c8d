// Trains the families of a comparison, each in a folder of its own, and measures them.
#pragma once

#include <string>
#include <vector>

#include "shared/core/status.h"

namespace lc::cli {

struct TrainCompared {
  std::vector<std::string> families;
  std::string dataset = "mnist", epochs, data_dir, out = "comparison", threads = "0";
  std::vector<std::string> sets;  // "key=value" for every family, "family:key=value" for one
  bool unverified_data = false, quiet = false;
};

// The run folders <out>/<family>, in the order of the families. A run that is finished is taken as it is, one
// that was stopped goes on. Each file keeps the iterations that a comparison shows, and its measurements
// where the data set has a feature network. bad_argument for a `set` that names a family which is not
// trained.
Result<std::vector<std::string>> train_compared(const TrainCompared& desc);

}  // namespace lc::cli
