// A small valid model with every field filled, for the tests of all folders. The same bytes on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/format/format.h"

namespace lc::sample {

// Pictures of 1 x 8 x 8 in 0..1, a latent vector of 8 (normal 3, uniform 1, categorical 2, mixture 2), 3
// classes, and one network of each role, dense and convolutional, with tensors of each dtype.
format::Writer sample_writer();

// The file. Borrow it for as long as a ModelFile of it lives.
std::vector<std::uint8_t> sample_bytes();

}  // namespace lc::sample
