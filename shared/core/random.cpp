// Philox4x32-10, and uniform and normal numbers made from it. Compiled without contraction of a * b + c, so
// that every machine rounds alike.
#include "shared/core/random.h"

#include <cmath>
#include <cstring>

namespace lc {

namespace {

using Words = std::array<std::uint32_t, 4>;

// Natural logarithm of 0 < x <= 1: x = m * 2^e with m near 1, then the series of 2 artanh((m - 1) / (m + 1)).
// The relative error is below 1e-13, far below a float's.
double log_of(double x) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull;
  double m = 0;
  std::memcpy(&m, &bits, sizeof m);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  const double t = (m - 1.0) / (m + 1.0);
  const double s = t * t;
  double series = 1.0 / 19.0;
  for (int k = 17; k >= 1; k -= 2) series = series * s + 1.0 / k;
  return 2.0 * t * series + exponent * 0.6931471805599453;
}

// Cosine and sine of 2 pi * turn / 2^32. The quarter is found exactly, in integers; what is left lies within
// pi / 4 of zero, where Taylor's series to the 14th power errs by less than 1e-13.
void cos_sin(std::uint32_t turn, double& cosine, double& sine) {
  const std::uint32_t quarter = (turn + (1u << 29)) >> 30;  // 0..3, and 4 wraps to 0 with the sum
  const std::int32_t rest = static_cast<std::int32_t>(turn - (quarter << 30));
  const double x = static_cast<double>(rest) * (6.283185307179586 / 4294967296.0);
  const double s = x * x;
  double c = 1.0;
  for (int k = 14; k >= 2; k -= 2) c = 1.0 - c * s / (k * (k - 1.0));
  double d = 1.0;
  for (int k = 15; k >= 3; k -= 2) d = 1.0 - d * s / (k * (k - 1.0));
  d *= x;
  const bool swapped = (quarter & 1) != 0;
  cosine = swapped ? d : c;
  sine = swapped ? c : d;
  if (quarter == 1 || quarter == 2) cosine = -cosine;
  if (quarter == 2 || quarter == 3) sine = -sine;
}

// Box-Muller: two words to two independent standard normals.
void normal_pair(std::uint32_t a, std::uint32_t b, float& first, float& second) {
  const double u = (a + 1.0) * (1.0 / 4294967296.0);  // in (0, 1]
  const double radius = std::sqrt(-2.0 * log_of(u));
  double cosine = 0, sine = 0;
  cos_sin(b, cosine, sine);
  first = static_cast<float>(radius * cosine);
  second = static_cast<float>(radius * sine);
}

// Numbers first .. first + n - 1, four to a block; `convert` makes four numbers of a block's four words.
template <class T, class Convert>
void fill(std::uint64_t seed, Stream stream, std::uint64_t first, Span<T> out, Convert convert) {
  const std::array<std::uint32_t, 2> key = {static_cast<std::uint32_t>(seed),
                                            static_cast<std::uint32_t>(seed >> 32)};
  std::size_t done = 0;
  while (done < out.size) {
    const std::uint64_t index = first + done;
    const std::uint64_t block = index / 4;
    const Words words =
        philox4x32({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                    static_cast<std::uint32_t>(stream), 0},
                   key);
    const std::array<T, 4> numbers = convert(words);
    for (std::size_t lane = index % 4; lane < 4 && done < out.size; ++lane) out[done++] = numbers[lane];
  }
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

void fill_words(std::uint64_t seed, Stream stream, std::uint64_t first, Span<std::uint32_t> out) {
  fill(seed, stream, first, out, [](const Words& words) { return words; });
}

void fill_uniform(std::uint64_t seed, Stream stream, std::uint64_t first, Span<float> out) {
  fill(seed, stream, first, out, [](const Words& words) {
    std::array<float, 4> numbers{};
    for (std::size_t i = 0; i < 4; ++i) numbers[i] = static_cast<float>(words[i] >> 8) * (1.0f / 16777216.0f);
    return numbers;
  });
}

void fill_normal(std::uint64_t seed, Stream stream, std::uint64_t first, Span<float> out) {
  fill(seed, stream, first, out, [](const Words& words) {
    std::array<float, 4> numbers{};
    normal_pair(words[0], words[1], numbers[0], numbers[1]);
    normal_pair(words[2], words[3], numbers[2], numbers[3]);
    return numbers;
  });
}

}  // namespace lc
