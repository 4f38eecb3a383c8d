// First-fit placement of buffers by falling size.
#include "shared/nn/memory_plan.h"

#include <algorithm>
#include <utility>

namespace lc::nn {

std::size_t plan_memory(std::vector<Graph::BufferPlace>& buffers) {
  std::vector<Graph::BufferPlace*> by_size;
  for (Graph::BufferPlace& buffer : buffers) by_size.push_back(&buffer);
  // There are few, and std::stable_sort would be two kilobytes of the page's engine.
  for (std::size_t i = 1; i < by_size.size(); ++i) {
    for (std::size_t j = i; j > 0 && by_size[j - 1]->size < by_size[j]->size; --j)
      std::swap(by_size[j - 1], by_size[j]);
  }

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
