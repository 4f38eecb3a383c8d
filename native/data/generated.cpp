// Draws the one-dimensional data sets.
#include "native/data/generated.h"

#include <algorithm>
#include <cmath>

#include "native/data/bytes.h"
#include "shared/core/random.h"

namespace lc::data {

namespace {

constexpr std::uint64_t kTrainSeed = 1, kTestSeed = 2;

// The values of one sample from its own stretch of the random stream.
using Draw = void (*)(std::uint64_t seed, std::uint64_t index, Span<float> values);

// N(0, 1), a single peak that a generator has to find. Of unit spread: a discriminator that reads numbers of
// half the spread about 4 is slow to see their curvature, and a p_g that is too narrow fools it.
void draw_gauss(std::uint64_t seed, std::uint64_t index, Span<float> values) {
  fill_normal(seed, Stream::test, index, values);
}

// y = a x^2 + (a - 1) at equally spaced x in [-1, 1], a ~ U(1, 2).
void draw_parabola(std::uint64_t seed, std::uint64_t index, Span<float> values) {
  float a = 0;
  fill_uniform(seed, Stream::test, index, {&a, 1});
  a += 1;
  for (std::size_t i = 0; i < values.size; ++i) {
    const float x = -1 + 2 * static_cast<float>(i) / static_cast<float>(values.size - 1);
    values.data[i] = a * x * x + (a - 1);
  }
}

struct Row {
  const char* name;
  Draw draw;
};
constexpr Row kRows[] = {{"gauss1d", draw_gauss}, {"parabolas", draw_parabola}};

Split split_of(const DatasetSpec& spec, Draw draw, std::uint32_t count, std::uint64_t seed) {
  Split split;
  split.count = count;
  split.labels.assign(count, 0);
  std::vector<float> values(spec.width);
  for (std::uint32_t i = 0; i < count; ++i) {
    draw(seed, i, {values.data(), values.size()});
    for (const float value : values) {
      const float unit = std::clamp((value - spec.low) / (spec.high - spec.low), 0.0f, 1.0f);
      split.images.push_back(static_cast<std::uint8_t>(std::lround(unit * 255)));
    }
  }
  return split;
}

}  // namespace

Dataset generate(const DatasetSpec& spec) {
  Dataset data;
  data.spec = &spec;
  data.channels = spec.channels;
  data.height = spec.height;
  data.width = spec.width;
  data.folder = "nowhere, it is drawn";
  for (const Row& row : kRows) {
    if (spec.name != row.name) continue;
    data.train = split_of(spec, row.draw, spec.train_count, kTrainSeed);
    data.test = split_of(spec, row.draw, spec.test_count, kTestSeed);
  }
  data.train_sha256 = sha256_hex({Bytes(data.train.images)});
  return data;
}

}  // namespace lc::data
