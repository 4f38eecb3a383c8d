// What a model's critic says of pictures: of real examples, of samples, and of others, on one line.
#pragma once

#include <string>
#include <vector>

#include "shared/ui/panels.h"

namespace lc::ui {

// The bytes of a strip as values in [0, 1]; empty when the file has none of that name.
std::vector<float> strip_values(const session::ModelInfo& model, const char* name, std::uint32_t& count);

// The first score of each picture; empty while it is not known yet. `name` of the slot.
std::vector<float> scores_of(const Panel& panel, const session::ModelInfo& judge, const std::string& name,
                             std::vector<float> pictures);

// Scores of the real examples and of as many samples.
struct Scale {
  std::vector<float> real, made;
};
Scale scale_of(const Panel& panel, const session::ModelInfo& judge);

// Dots for the scores of a scale, and a mark where `score` is; takes the width that is left and 74 of height.
void score_line(const Panel& panel, const Scale& scale, const float* score, const std::string& caption);

// Fraction of the scale's pictures that a score separates best, and that border.
float border_of(const Scale& scale);

}  // namespace lc::ui
