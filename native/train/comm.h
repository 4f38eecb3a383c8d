// The processes that train together, called ranks: sums over all of them, and bytes from rank 0 to the
// others. Every rank makes the same calls in the same order.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "native/train/launcher.h"
#include "shared/core/status.h"

namespace lc::train {

// The calls throw std::runtime_error when a rank is lost: they are made inside LibTorch's backward pass too,
// which passes on exceptions and nothing else. failure() then has the Status to end with.
class Comm {
 public:
  virtual ~Comm() = default;
  virtual std::int64_t rank() const { return 0; }
  virtual std::int64_t size() const { return 1; }
  virtual std::int64_t local_rank() const { return 0; }  // among the ranks of this machine

  // Replaces `values` by its sum over the ranks, bit for bit the same on each. Contiguous, float or double,
  // of one shape on all ranks.
  virtual void all_reduce(torch::Tensor& /*values*/) {}
  // Rank 0's bytes, on every rank.
  virtual void broadcast(std::vector<std::uint8_t>& /*bytes*/) {}
  // The last call: returns when every rank has made it, for any time as long as they live. From then on a
  // rank that leaves is none lost.
  virtual void part() {}
  // A rank that is seen to have left, or -1. From any thread.
  virtual std::int64_t missing() const { return -1; }

  // Ok, or which rank was lost and why; after that every call throws.
  virtual const Status& failure() const {
    static const Status none;
    return none;
  }
};

// How long a rank may be silent inside all_reduce or broadcast, and how long the ranks wait for each other at
// the start. One whose process or machine is gone is noticed at once or within a minute.
constexpr std::int64_t kRankTimeoutSeconds = 600;

// Meets the other ranks; a Comm of one when there are none. io_open or io_read when they cannot be reached in
// time.
Result<std::unique_ptr<Comm>> connect(const Launch& launch, std::int64_t timeout_seconds);

// `host` with sums of GPU tensors made by NCCL on `device`, which is this rank's alone; `host` as it is in a
// build without NCCL. no_device when NCCL cannot start.
Result<std::unique_ptr<Comm>> with_nccl(std::unique_ptr<Comm> host, torch::Device device);

}  // namespace lc::train
