// IEEE 754 binary16 to and from binary32, round to nearest even; the same bits on every machine.
#pragma once

#include <cstdint>

namespace lc {

std::uint16_t half_from_float(float value);  // over 65504: infinity; NaN stays NaN
float float_from_half(std::uint16_t bits);

}  // namespace lc
