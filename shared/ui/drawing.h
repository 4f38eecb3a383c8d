// The picture of Draw: what it is, which models answer to it, and its code.
#pragma once

#include <vector>

#include "shared/ui/panels.h"

namespace lc::ui {

// The model's real pictures; null without any.
const format::Strip* real_examples(const session::ModelInfo& model);
// A drawing has no colours: in their place stands an example, the first one to begin with.
bool shows_example(const Panel& panel);
bool nothing_drawn(const Panel& panel);
// What the models are asked about, as a picture of this size and these channels, values in [0, 1].
std::vector<float> drawing_as(const Panel& panel, const format::ImageSpec& image);

bool same_data(const Panel& panel, const session::ModelInfo& model);
// The models that reconstruct, the chosen one first; of its data set, for others never saw such a picture.
std::vector<const session::ModelInfo*> reconstructing(const Panel& panel);
// The chosen model where it has the ability, else the first loaded one of its data set; null without any.
const session::ModelInfo* translating(const Panel& panel);
const session::ModelInfo* classifying(const Panel& panel);

// Of the present moment and class, without pictures.
session::Request request_about(const Panel& panel, const session::ModelInfo& model, session::Task task);
// The code of the drawing: the encoder's, or as the sliders have it where `edited`; null until it is known.
// `row` names the question.
const std::vector<float>* drawing_code(const Panel& panel, const session::ModelInfo& model, std::size_t row,
                                       bool edited);

}  // namespace lc::ui
