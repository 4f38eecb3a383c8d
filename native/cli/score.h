// The classification accuracy score: how well a classifier does on real pictures that learnt from generated
// ones.
#pragma once

#include "native/cli/weights.h"
#include "native/data/dataset.h"
#include "native/eval/evaluate.h"
#include "shared/core/status.h"

namespace lc::cli {

// Why the score cannot be had of this model, or ok: it wants labels, and grey pictures of the data set's
// size.
Status check_scored(const LoadedModel& model, const data::Dataset& data);

// Draws as many labelled pictures as the data set has for training, trains the pinned recipe on them (the
// trainer, minutes) and takes its accuracy on the real test set (Ravuri & Vinyals 2019). What check_scored
// says, otherwise.
Result<eval::Measurement> classification_score(const LoadedModel& model, const data::Dataset& data,
                                               unsigned threads);

}  // namespace lc::cli
