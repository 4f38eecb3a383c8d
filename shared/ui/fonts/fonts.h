// The embedded fonts' bytes (OpenType), made at build time from the files beside this header.
#pragma once

#include "shared/core/span.h"

namespace lc::ui {

extern const Bytes kFontRegular;
extern const Bytes kFontSemiBold;

}  // namespace lc::ui
