// The training loop: what happens between the first step and the weights file. Knows no family by name.
#pragma once

#include <string>
#include <vector>

#include "native/train/run_folder.h"
#include "native/train/sinks.h"
#include "native/train/trainer.h"

namespace lc::train {

struct Outcome {
  std::vector<format::Metric> metrics;
  double images_per_second = 0;
  std::size_t weights_bytes = 0;
};

// Trains to the end and writes weights.lcw. interrupted when `stop` says so: the state is saved. diverged:
// the state is the last good one. io_disk_full and other failures to write: what was saved before is whole.
// io_read when a rank was lost. On rank 0, which alone writes; the others follow().
Result<Outcome> train(Trainer& trainer, const RunFolder& folder, const Sinks& sinks, const Stop& stop);

// The same steps on every other rank, until rank 0 has written what it writes.
Status follow(Trainer& trainer, const Stop& stop);

}  // namespace lc::train
