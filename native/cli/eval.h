// Measures a weights file against its data set.
#pragma once

#include <cstdint>
#include <string>

#include "native/eval/evaluate.h"
#include "shared/core/status.h"

namespace lc::cli {

struct EvalOptions {
  std::string weights, dataset, data_dir, classifier, script;
  eval::Protocol protocol;
  std::uint32_t threads = 0;
  bool json = false, write = false, quick = false, cas = false, quiet = false, unverified_data = false;
  bool print = true;  // the numbers; they may be wanted in the file alone
};

Status evaluate_file(const EvalOptions& options);

}  // namespace lc::cli
