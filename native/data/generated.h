// Data sets that are drawn, not read: the one-dimensional teaching examples.
#pragma once

#include "native/data/dataset.h"

namespace lc::data {

// The data set of a spec whose layout is `generated`, the same on every machine.
Dataset generate(const DatasetSpec& spec);

}  // namespace lc::data
