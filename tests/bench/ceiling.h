// The multiply-adds that one core can do a second, measured: what the engine's speed is a fraction of.
#pragma once

#include <cstdint>

namespace lc::bench {

// Does `rounds` rounds of independent multiply-adds in registers, as many chains as the machine likes best,
// and returns how many floating-point operations that were (two a multiply-add). `sink` keeps the compiler
// from removing them.
std::uint64_t multiply_adds(std::uint64_t rounds, float* sink);

}  // namespace lc::bench
