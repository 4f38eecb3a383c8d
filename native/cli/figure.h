// A comparison as one picture: grids in columns by model and rows by moment, the metrics below.
#pragma once

#include "native/cli/comparison.h"
#include "native/io/images.h"

namespace lc::cli {

// Colour, on white.
io::Picture comparison_figure(const Comparison& comparison);

}  // namespace lc::cli
