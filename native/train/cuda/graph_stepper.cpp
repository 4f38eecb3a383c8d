// Records several training steps as one CUDA graph and replays it.
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAGraph.h>
#include <ATen/record_function.h>
#include <c10/cuda/CUDAFunctions.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "native/train/cuda/cuda.h"
#include "native/train/cuda/launch.h"
#include "native/train/torch_message.h"

namespace lc::train::cuda {

namespace {

// Real steps of the run, made one by one before anything is recorded: cuDNN chooses its algorithms, cuBLAS
// takes its workspaces, and the allocator its memory.
constexpr std::int64_t kFirstSteps = 11;

// The numbers of the steps of one graph: an array on the device, written by one launch before each replay.
class GraphNumbers : public StepNumbers {
 public:
  GraphNumbers() : device_(torch::zeros({kNumberWords}, torch::dtype(torch::kInt32).device(torch::kCUDA))) {}

  using StepNumbers::bind;
  const void* bind(std::size_t bytes, std::function<void(void*)> write) override {
    const std::size_t words = bytes / sizeof(std::uint32_t);
    TORCH_CHECK(used_ + words <= kNumberWords, "too many numbers for one graph; lower graph_steps");
    const std::size_t at = used_;
    used_ += words;
    steps_.back().push_back({at, std::move(write)});
    return device_.data_ptr<std::int32_t>() + at;
  }
  void begin_step() { steps_.emplace_back(); }

  // Asks for the numbers of step `step` of the graph; then, when all are there, sends them.
  void collect(std::size_t step) {
    for (const Bound& bound : steps_.at(step)) bound.write(host_.data() + bound.at);
  }
  void send() {
    launch_write(host_.data(), static_cast<int>(used_),
                 reinterpret_cast<std::uint32_t*>(device_.data_ptr<std::int32_t>()),
                 at::cuda::getCurrentCUDAStream().stream());
  }

 private:
  struct Bound {
    std::size_t at;
    std::function<void(void*)> write;
  };
  std::vector<std::vector<Bound>> steps_;
  std::array<std::uint32_t, kNumberWords> host_ = {};
  std::size_t used_ = 0;
  torch::Tensor device_;
};

struct Recording {
  std::int64_t steps = 0;
  GraphNumbers numbers;
  at::cuda::CUDAGraph graph;
};

// While it lives, hears of operations by which the host waits for the device, on any thread.
class WaitWatch {
 public:
  WaitWatch() {
    waited_ = false;
    handle_ = at::addGlobalCallback(at::RecordFunctionCallback(hear).scopes({at::RecordScope::FUNCTION}));
  }
  ~WaitWatch() { at::removeCallback(handle_); }
  WaitWatch(const WaitWatch&) = delete;
  WaitWatch& operator=(const WaitWatch&) = delete;
  bool waited() const { return waited_; }

 private:
  static std::unique_ptr<at::ObserverContext> hear(const at::RecordFunction& function) {
    if (reads_back(function.name())) waited_ = true;
    return nullptr;
  }
  static inline std::atomic<bool> waited_{false};
  at::CallbackHandle handle_;
};

class GraphStepper : public Stepper {
 public:
  GraphStepper(StepWork& work, const Family::Repetition& repetition, std::int64_t steps)
      : work_(work), one_by_one_(work), period_(repetition.period), obstacle_(repetition.obstacle) {
    if (!obstacle_.empty()) return;
    if (period_ > steps) {
      obstacle_ = "its steps repeat after " + std::to_string(period_) + ", and graph_steps is " +
                  std::to_string(steps);
      return;
    }
    sizes_ = {steps / period_ * period_};
    if (sizes_[0] > period_) sizes_.push_back(period_);  // for what is left before a sample
  }

  std::int64_t advance(std::int64_t iteration, std::int64_t limit) override {
    const bool ready = made_ >= kFirstSteps && obstacle_.empty() && iteration % period_ == 0;
    for (const std::int64_t size : sizes_) {
      if (!ready || size > limit) continue;
      return replay(recorded(size, iteration), iteration);
    }
    if (!obstacle_.empty()) return one_by_one_.advance(iteration, limit);
    return rehearse(iteration, limit);
  }

  std::string text() const override {
    if (!obstacle_.empty()) return "step by step, because " + obstacle_;
    return "CUDA graphs of " + std::to_string(sizes_[0]) + (sizes_[0] == 1 ? " step" : " steps");
  }

 private:
  // A step before there are graphs; one of the last round of them must not wait for the device. A recording
  // that has failed cannot be cleared away in every LibTorch, so it is asked beforehand.
  std::int64_t rehearse(std::int64_t iteration, std::int64_t limit) {
    ++made_;
    if (made_ + period_ <= kFirstSteps || made_ > kFirstSteps) return one_by_one_.advance(iteration, limit);
    const WaitWatch watch;
    const std::int64_t made = one_by_one_.advance(iteration, limit);
    if (watch.waited()) {
      obstacle_ = "its step makes the host wait for the device";
      std::fprintf(stderr, "latent-canvas train: going on step by step, because %s\n", obstacle_.c_str());
    }
    return made;
  }

  Recording& recorded(std::int64_t size, std::int64_t iteration) {
    for (const auto& recording : recordings_) {
      if (recording->steps == size) return *recording;
    }
    auto made = std::make_unique<Recording>();
    made->steps = size;
    for (std::int64_t i = 0; i < size; ++i) work_.prepare(iteration + i);
    c10::cuda::device_synchronize();
    try {
      made->graph.capture_begin();
      for (std::int64_t i = 0; i < size; ++i) {
        made->numbers.begin_step();
        work_.issue(iteration + i, i, &made->numbers);
      }
      made->graph.capture_end();
    } catch (const std::exception& error) {
      throw std::runtime_error("CUDA could not record the training step (" + torch_message(error) +
                               "). Train step by step with: --set graph_steps=0");
    }
    recordings_.push_back(std::move(made));
    return *recordings_.back();
  }

  std::int64_t replay(Recording& recording, std::int64_t iteration) {
    for (std::int64_t i = 0; i < recording.steps; ++i) {
      work_.prepare(iteration + i);
      recording.numbers.collect(static_cast<std::size_t>(i));
    }
    recording.numbers.send();
    recording.graph.replay();
    return recording.steps;
  }

  StepWork& work_;
  EagerStepper one_by_one_;
  std::int64_t period_;
  std::string obstacle_;
  std::int64_t made_ = 0;
  std::vector<std::int64_t> sizes_;  // of graphs, longest first
  std::vector<std::unique_ptr<Recording>> recordings_;
};

}  // namespace

std::unique_ptr<Stepper> graph_stepper(StepWork& work, const Family::Repetition& repetition,
                                       std::int64_t steps) {
  return std::make_unique<GraphStepper>(work, repetition, steps);
}

}  // namespace lc::train::cuda
