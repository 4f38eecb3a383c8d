// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011). Number i of a stream depends on (seed, stream, i) alone, so that any part of a batch can be drawn
// by anyone, and the same seed gives the same bits natively and in wasm: only + - * / sqrt on floats, no
// libm, no contraction.
#pragma once

#include <array>
#include <cstdint>

#include "shared/core/span.h"

namespace lc {

// One block of the cipher: counter and key to four uniform 32-bit words.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

// What a stream of numbers is for; a purpose keeps its own numbers apart from the others of the same seed.
enum class Stream : std::uint32_t { latent = 0, component = 1, label = 2, shuffle = 3, walk = 4, test = 5 };

// Fills out[0..n) with numbers first .. first + n - 1 of the stream; uniform in [0, 1), standard normal
// (Box-Muller), or raw words.
void fill_uniform(std::uint64_t seed, Stream stream, std::uint64_t first, Span<float> out);
void fill_normal(std::uint64_t seed, Stream stream, std::uint64_t first, Span<float> out);
void fill_words(std::uint64_t seed, Stream stream, std::uint64_t first, Span<std::uint32_t> out);

}  // namespace lc
