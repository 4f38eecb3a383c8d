// A Session on threads of its own: weights are shared, each worker has its own memory.
#pragma once

#include <cstdint>
#include <memory>

#include "shared/kernels/kernels.h"
#include "shared/session/session.h"

namespace lc::session {

struct PoolOptions {
  std::uint32_t workers = 0;           // 0: one for each processor
  double (*milliseconds)() = nullptr;  // a clock that never goes back; null: frames carry no times
  void (*woken)() = nullptr;           // called on a worker's thread when a frame can be polled; may be null
  const kernels::Kernels* kernels = nullptr;  // null: kernels::simd()
};

std::unique_ptr<Session> make_pool_session(const PoolOptions& options = {});

}  // namespace lc::session
