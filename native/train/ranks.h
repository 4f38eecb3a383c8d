// The ranks as networks and families meet them: what is one over the whole batch, and which rows of it are
// this rank's. One group a process, as torch's generators are; each rank has the same number of rows.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>

#include "native/train/comm.h"

namespace lc::train {

Comm& ranks();  // alone, until join()
void join(std::unique_ptr<Comm> group);
// Every rank trains on the kind of `device` from now on; GPUs add up among themselves where they can.
// bad_combination when another rank has another kind.
Status join_devices(torch::Device device);

// Sum over the ranks, the same on each. Differentiable any number of times: each rank's loss is its share of
// the whole, so the gradient of a sum is the sum of the ranks' gradients.
torch::Tensor sum_over_ranks(const torch::Tensor& values);
// For numbers that steer training (a loss that decides a turn): every rank must decide alike. Detached.
torch::Tensor mean_over_ranks(const torch::Tensor& values);
bool any_rank(bool mine);
void average_over_ranks(torch::Tensor& values);  // in place: gradients, one flat buffer
// The rows of all ranks, in order of rank. Detached.
torch::Tensor gather_rows(const torch::Tensor& rows);

// What `draw(count)` makes for `rows` samples of this rank, [rows][...]: every rank draws for the whole batch
// and keeps its own rows. So together they draw what one rank alone would, and their generators stay equal.
template <class Draw>
torch::Tensor own_rows(std::int64_t rows, const Draw& draw) {
  const std::int64_t size = ranks().size();
  if (size == 1) return draw(rows);
  return draw(rows * size).narrow(0, ranks().rank() * rows, rows);
}
// Standard normal, or uniform in [0, 1), of the shape of `rows`, whose first dimension is the batch.
torch::Tensor normal_like(const torch::Tensor& rows);
torch::Tensor uniform_like(const torch::Tensor& rows);

}  // namespace lc::train
