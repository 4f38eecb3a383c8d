// What the classes of known data sets are called, for networks whose file only tells how many there are.
#pragma once

#include <string>
#include <vector>

namespace lc {

// By the data set's name ("fashion-mnist"), in order of the labels; empty for a data set that is not known.
std::vector<std::string> class_names(const std::string& dataset);

}  // namespace lc
