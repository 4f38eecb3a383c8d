// First-fit placement of buffers by falling size.
#include "shared/nn/memory_plan.h"

#include <algorithm>

namespace lc::nn {

std::size_t plan_memory(std::vector<Graph::BufferPlace>& buffers) {
  std::vector<Graph::BufferPlace*> by_size;
  for (Graph::BufferPlace& buffer : buffers) by_size.push_back(&buffer);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const auto* a, const auto* b) { return a->size > b->size; });

  std::vector<const Graph::BufferPlace*> placed;  // by offset
  std::size_t total = 0;
  for (Graph::BufferPlace* buffer : by_size) {
    const std::size_t size = (buffer->size + kPlaceAlignment - 1) / kPlaceAlignment * kPlaceAlignment;
    std::size_t offset = 0;
    for (const Graph::BufferPlace* other : placed) {
      if (other->last < buffer->first || buffer->last < other->first) continue;
      if (offset + size <= other->offset) break;
      const std::size_t other_size = (other->size + kPlaceAlignment - 1) / kPlaceAlignment * kPlaceAlignment;
      offset = std::max(offset, other->offset + other_size);
    }
    buffer->offset = offset;
    total = std::max(total, offset + size);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), buffer,
                                   [](const auto* a, const auto* b) { return a->offset < b->offset; }),
                  buffer);
  }
  return total;
}

}  // namespace lc::nn
