// Numbers that change from step to step, for work that is recorded once and replayed: the host writes them
// anew before each replay, and the recorded work reads them from the device.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>

namespace lc::train {

class StepNumbers {
 public:
  virtual ~StepNumbers() = default;
  // Where recorded work finds what `write` gives: `bytes`, a multiple of 4, on the device. Before each replay
  // every `write` is called, in the order of these calls.
  virtual const void* bind(std::size_t bytes, std::function<void(void*)> write) = 0;

  template <typename Plain>
  const Plain* bind(std::function<Plain()> value) {
    return static_cast<const Plain*>(bind(sizeof(Plain), [value](void* to) {
      const Plain now = value();
      std::memcpy(to, &now, sizeof(now));
    }));
  }
};

// The moment of a step. Its address stays, so that what is bound to a recorder can read it at each replay.
struct StepClock {
  std::int64_t iteration = 0;       // of this step, from 0
  std::int64_t images_seen = 0;     // after it
  double lr = 0;                    // the run's, before a rule's factor
  StepNumbers* recorder = nullptr;  // set while work is recorded
};

}  // namespace lc::train
