// Makes training steps: one by one, or (cuda/cuda.h) recorded once and replayed. The trainer does not know
// which.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "native/train/step_numbers.h"

namespace lc::train {

// One training step, in two halves.
class StepWork {
 public:
  virtual ~StepWork() = default;
  // Brings to the device what step number `iteration` will read, and sets the clock. Never recorded.
  virtual void prepare(std::int64_t iteration) = 0;
  // The step's work on the device, which depends on the host through the clock alone; with a recorder,
  // through what is bound to it. Losses go to `row` of the loss log.
  virtual void issue(std::int64_t iteration, std::int64_t row, StepNumbers* recorder) = 0;
};

// Whether an operation of LibTorch ("aten::item") reads a number of the device, or one on which its result's
// shape depends: the host waits, and no graph can hold it.
inline bool reads_back(const std::string& operation) {
  for (const char* name : {"aten::_local_scalar_dense", "aten::item", "aten::nonzero", "aten::is_nonzero",
                           "aten::masked_select"}) {
    if (operation == name) return true;
  }
  return false;
}

class Stepper {
 public:
  virtual ~Stepper() = default;
  // Makes between 1 and `limit` steps, the first of them number `iteration`; returns how many. Their losses
  // are in rows 0 .. n - 1.
  virtual std::int64_t advance(std::int64_t iteration, std::int64_t limit) = 0;
  // For people: "step by step", and why, or "CUDA graphs of 20 steps".
  virtual std::string text() const = 0;
};

class EagerStepper : public Stepper {
 public:
  explicit EagerStepper(StepWork& work, std::string reason = "") : work_(work), reason_(std::move(reason)) {}
  std::int64_t advance(std::int64_t iteration, std::int64_t) override {
    work_.prepare(iteration);
    work_.issue(iteration, 0, nullptr);
    return 1;
  }
  std::string text() const override {
    return reason_.empty() ? "step by step" : "step by step, because " + reason_;
  }

 private:
  StepWork& work_;
  std::string reason_;
};

}  // namespace lc::train
