// The Fréchet distance in features of a network that the person brings: an FID where that is Inception.
#pragma once

#include <string>

#include "native/eval/evaluate.h"
#include "native/eval/reference.h"
#include "shared/core/status.h"

namespace lc::cli {

// Of as many generated pictures (seed 1) as test pictures, `samples` at most; beside it, training pictures in
// place of generated ones. `script` is a TorchScript file as the trainer's `features` takes it.
Result<eval::Measurement> script_distance(const eval::Draw& draw, const eval::Reference& reference,
                                          const std::string& script, std::uint32_t samples, unsigned threads);

}  // namespace lc::cli
