// Runs a model over many pictures on several threads. The result does not depend on the number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "native/cli/weights.h"
#include "shared/core/status.h"
#include "shared/kernels/kernels.h"
#include "shared/session/session.h"

namespace lc::cli {

constexpr std::uint32_t kMaxPictures = 1u << 16;
constexpr std::uint32_t kMaxThreads = 256;
constexpr std::uint64_t kMaxResultBytes = 1ull << 32;

// Threads that are joined on every way out.
class Threads {
 public:
  Threads() = default;
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { join(); }
  // False when the system gives no more threads.
  bool start(std::function<void()> work);
  void join();

 private:
  std::vector<std::thread> threads_;
};

struct PlayDesc {
  session::Request request;   // of all pictures; count at most kMaxPictures; `model` and `id` are set here
  std::uint32_t threads = 0;  // 0: one a core
  const kernels::Kernels* kernels = nullptr;  // null: the fastest
};

// One frame of all pictures (too_much_asked when it would be larger than kMaxResultBytes); `milliseconds` is
// of the whole, `workers` the threads that were used.
Result<session::Frame> play(const LoadedModel& model, const PlayDesc& desc);

// The number to use where the person gave `asked`, 0 for one a core.
std::uint32_t thread_count(std::uint32_t asked);

}  // namespace lc::cli
