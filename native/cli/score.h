// The classification accuracy score: how well a classifier does on real pictures that learnt from generated
// ones.
#pragma once

#include "native/cli/weights.h"
#include "native/data/dataset.h"
#include "native/eval/evaluate.h"
#include "shared/core/status.h"

namespace lc::cli {

// Draws as many labelled pictures as the data set has for training, trains the pinned recipe on them (the
// trainer, minutes) and takes its accuracy on the real test set (Ravuri & Vinyals 2019). bad_combination for
// a model that takes no labels or whose pictures have another shape.
Result<eval::Measurement> classification_score(const LoadedModel& model, const data::Dataset& data,
                                               unsigned threads);

}  // namespace lc::cli
