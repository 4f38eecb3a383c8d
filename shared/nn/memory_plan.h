// Where buffers of known lifetimes go, so that those that live at the same time never overlap.
#pragma once

#include <vector>

#include "shared/nn/graph.h"

namespace lc::nn {

// Sets every offset (first fit, large buffers first); returns the size of the whole arena. Offsets and the
// result are multiples of kPlaceAlignment.
constexpr std::size_t kPlaceAlignment = 16;
std::size_t plan_memory(std::vector<Graph::BufferPlace>& buffers);

}  // namespace lc::nn
