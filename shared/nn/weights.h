// The tensors of one layer as f32 in PyTorch's layout, read on demand so that no second copy of the file
// lives.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "shared/core/status.h"
#include "shared/format/format.h"
#include "shared/kernels/buffer.h"

namespace lc::nn {

class Weights {
 public:
  // `tensors`: indices of the file's table, after the timeline's replacements. All must outlive this.
  Weights(const format::ModelFile& file, const std::vector<std::uint32_t>& tensors, std::string_view where);

  std::size_t count() const { return tensors_.size(); }
  const std::vector<std::uint32_t>& shape(std::size_t i) const;
  // bad_layer_tensors unless tensor i has this rank, or exactly this shape. `role`: "weight", for the
  // message.
  Status expect_rank(std::size_t i, std::string_view role, std::size_t rank) const;
  Status expect_shape(std::size_t i, std::string_view role, std::initializer_list<std::uint64_t> shape) const;
  // All values of tensor i.
  Result<kernels::Buffer> read(std::size_t i) const;

 private:
  Status wrong_shape(std::size_t i, std::string_view role, const std::string& expected) const;

  const format::ModelFile& file_;
  const std::vector<std::uint32_t>& tensors_;
  std::string_view where_;
};

// A buffer, or out_of_memory.
Result<kernels::Buffer> allocate(std::uint64_t floats, std::string_view where);

}  // namespace lc::nn
