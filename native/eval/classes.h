// What a classifier sees in pictures: how often each class occurs, and whether the asked class was drawn.
#pragma once

#include <cstdint>
#include <vector>

#include "native/eval/matrix.h"

namespace lc::eval {

// The largest logit of each row.
std::vector<std::uint32_t> predicted_classes(const Matrix& logits);

// Counts of classes 0 .. classes - 1.
std::vector<std::uint64_t> class_histogram(const std::vector<std::uint32_t>& predicted, std::size_t classes);

// KL(histogram || uniform) = log(classes) - entropy, in nats.
double kl_to_uniform(const std::vector<std::uint64_t>& histogram);

// Share of equal places; the two have one length, at least 1.
double agreement(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b);

// Share of samples that get the right class when each code value stands for the class that one-to-one
// matching gives it (the best matching of all: Kuhn's algorithm). How InfoGAN's categorical code is judged
// (Chen et al. 2016, section 7.2). `table[code][class]` counts samples; square.
double matched_share(const std::vector<std::vector<std::uint64_t>>& table);

}  // namespace lc::eval
