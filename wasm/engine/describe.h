// A model's description as JSON text for JavaScript: everything of the header but the weights.
#pragma once

#include <string>

#include "shared/session/session.h"

namespace lc::engine {

// Keys are camelCase; a 64-bit seed is a string, since JSON's readers keep 53 bits. web/engine.d.ts types it.
std::string describe_json(const session::ModelInfo& info);

}  // namespace lc::engine
