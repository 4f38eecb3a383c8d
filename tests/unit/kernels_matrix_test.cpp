// Dense layers and convolutions: plain against double precision, SIMD against plain, over shapes of every
// kind.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "shared/kernels/buffer.h"
#include "shared/kernels/reduction.h"
#include "tests/unit/kernels_reference.h"

namespace lc::test {
namespace {

using kernels::Activation;
using kernels::ConvShape;
using kernels::Kernels;

// Sums of k products of numbers below 1 carry rounding errors of about sqrt(k) * 2^-24; the k here stay below
// 5,000, and the order of a sum differs between the two. Ten times that.
constexpr double kTolerance = 5e-5;

struct Epilogues {
  bool bias;
  Activation activation;
  float slope;
};
constexpr Epilogues kEpilogues[] = {{true, Activation::relu, 0},          {false, Activation::none, 0},
                                    {true, Activation::leaky_relu, 0.2f}, {true, Activation::tanh, 0},
                                    {true, Activation::sigmoid, 0},       {false, Activation::elu, 1},
                                    {true, Activation::softplus, 0}};

double max_difference(const std::vector<float>& found, const std::vector<double>& expected) {
  double worst = found.size() == expected.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    const double difference = std::fabs(found[i] - expected[i]);
    if (!(difference <= worst)) worst = std::isnan(difference) ? INFINITY : difference;
  }
  return worst;
}

std::vector<double> as_double(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

// Guard numbers behind each output show a store past the end.
constexpr float kGuard = 12345.0f;
constexpr std::size_t kGuards = 64;

bool take_guards(std::vector<float>& values) {
  const bool intact = std::all_of(values.end() - kGuards, values.end(), [](float v) { return v == kGuard; });
  values.resize(values.size() - kGuards);
  return intact;
}

std::vector<float> run_dense(const Kernels& kernels, std::size_t m, std::size_t n, std::size_t k,
                             const std::vector<float>& a, const std::vector<float>& w,
                             const kernels::Epilogue& epilogue) {
  kernels::Buffer packed;
  EXPECT_TRUE(packed.reserve(kernels.packed_dense_floats(n, k)));
  kernels.pack_dense(w.data(), n, k, packed.data());
  std::vector<float> out(m * n + kGuards, kGuard);
  kernels::DenseArgs args;
  args.a = a.data();
  args.packed = packed.data();
  args.out = out.data();
  args.m = m;
  args.n = n;
  args.k = k;
  args.a_stride = k;
  args.out_stride = n;
  args.epilogue = epilogue;
  kernels.dense(args);
  EXPECT_TRUE(take_guards(out)) << kernels.name << " dense wrote past its output";
  return out;
}

std::vector<float> run_conv(const Kernels& kernels, const ConvShape& shape, std::size_t batch,
                            const std::vector<float>& in, const std::vector<float>& w,
                            const kernels::Epilogue& epilogue) {
  kernels::Buffer packed, scratch;
  EXPECT_TRUE(packed.reserve(kernels.packed_conv_floats(shape) + kGuards));
  float* end = packed.data() + kernels.packed_conv_floats(shape);
  std::fill_n(end, kGuards, kGuard);
  kernels.pack_conv(shape, w.data(), packed.data());
  EXPECT_TRUE(std::all_of(end, end + kGuards, [](float v) { return v == kGuard; }))
      << kernels.name << " wrote past its packed weights";
  const std::size_t floats = kernels.conv_scratch_floats(shape, batch);
  EXPECT_TRUE(scratch.reserve(floats + kGuards));
  std::fill_n(scratch.data() + floats, kGuards, kGuard);
  std::vector<float> out(batch * shape.out_height * shape.out_width * shape.out_channels + kGuards, kGuard);
  kernels::ConvArgs args;
  args.shape = shape;
  args.in = in.data();
  args.packed = packed.data();
  args.out = out.data();
  args.scratch = scratch.data();
  args.batch = batch;
  args.epilogue = epilogue;
  kernels.conv(args);
  EXPECT_TRUE(take_guards(out)) << kernels.name << " wrote past its output";
  EXPECT_TRUE(std::all_of(scratch.data() + floats, scratch.data() + floats + kGuards,
                          [](float v) { return v == kGuard; }))
      << kernels.name << " wrote past its scratch memory";
  return out;
}

TEST(KernelsMatrix, DenseAgreesWithTheDefinitionForEverySizeOfBatchAndTail) {
  double worst_plain = 0, worst_simd = 0;
  std::size_t cases = 0;
  for (const std::size_t n : {1, 2, 3, 4, 5, 8, 10, 16, 17, 31, 32, 33, 64, 67, 100, 128, 129, 784}) {
    for (const std::size_t k : {1, 2, 3, 4, 7, 8, 20, 33, 64, 400}) {
      const auto w = random_floats(n * k, n * 1000 + k), bias = random_floats(n, n);
      for (const std::size_t m : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 31, 64, 67}) {
        if (m * n * k > 2'000'000) continue;
        const auto a = random_floats(m * k, m * 77 + k);
        const Epilogues& e = kEpilogues[cases++ % std::size(kEpilogues)];
        const kernels::Epilogue epilogue{e.bias ? bias.data() : nullptr, e.activation, e.slope};
        std::vector<double> expected;
        for (std::size_t row = 0; row < m; ++row) {
          for (std::size_t column = 0; column < n; ++column) {
            double sum = e.bias ? bias[column] : 0;
            for (std::size_t i = 0; i < k; ++i) sum += double(a[row * k + i]) * w[column * k + i];
            expected.push_back(activated(sum, e.activation, e.slope));
          }
        }
        worst_plain = std::max(
            worst_plain, max_difference(run_dense(kernels::plain(), m, n, k, a, w, epilogue), expected));
        for (const Kernels* set : simd_sets()) {
          const double simd = max_difference(run_dense(*set, m, n, k, a, w, epilogue), expected);
          ASSERT_LE(simd, kTolerance) << set->name << " dense m " << m << " n " << n << " k " << k
                                      << " activation " << int(e.activation);
          worst_simd = std::max(worst_simd, simd);
        }
      }
    }
  }
  std::printf("%zu shapes: plain max abs %.2e, %zu SIMD sets max abs %.2e\n", cases, worst_plain,
              simd_sets().size(), worst_simd);
  EXPECT_LE(worst_plain, kTolerance);
}

TEST(KernelsMatrix, DenseReadsAndWritesRowsThatLieApart) {
  const std::size_t m = 9, n = 21, k = 13, a_stride = 20, out_stride = 30;
  const auto a = random_floats(m * a_stride, 1), w = random_floats(n * k, 2);
  std::vector<const Kernels*> sets = simd_sets();
  sets.push_back(&kernels::plain());
  for (const Kernels* set : sets) {
    kernels::Buffer packed;
    ASSERT_TRUE(packed.reserve(set->packed_dense_floats(n, k)));
    set->pack_dense(w.data(), n, k, packed.data());
    std::vector<float> out(m * out_stride, kGuard);
    set->dense(
        {a.data(), packed.data(), out.data(), m, n, k, a_stride, out_stride, {nullptr, Activation::tanh, 0}});
    for (std::size_t row = 0; row < m; ++row) {
      for (std::size_t column = 0; column < out_stride; ++column) {
        double sum = 0;
        for (std::size_t i = 0; column < n && i < k; ++i)
          sum += double(a[row * a_stride + i]) * w[column * k + i];
        ASSERT_NEAR(out[row * out_stride + column], column < n ? std::tanh(sum) : kGuard, kTolerance)
            << set->name;
      }
    }
  }
}

// Checks all sets on one shape; returns the largest difference between SIMD and plain.
double check(const ConvShape& s, std::size_t batch, const Epilogues& e) {
  const std::size_t weights = std::size_t{s.in_channels} * s.out_channels * s.kernel_height * s.kernel_width;
  const auto in = random_floats(batch * s.in_height * s.in_width * s.in_channels, weights + batch);
  auto w = random_floats(weights, weights);
  const auto bias = random_floats(s.out_channels, s.out_channels);
  const kernels::Epilogue epilogue{e.bias ? bias.data() : nullptr, e.activation, e.slope};
  const auto expected =
      (s.transposed ? textbook_conv_transpose : textbook_conv)(s, batch, in.data(), w.data(), epilogue);
  const auto plain = run_conv(kernels::plain(), s, batch, in, w, epilogue);
  const double plain_difference = max_difference(plain, expected);
  EXPECT_LE(plain_difference, kTolerance);
  double worst = 0;
  for (const Kernels* set : simd_sets()) {
    const double difference = max_difference(run_conv(*set, s, batch, in, w, epilogue), as_double(plain));
    worst = std::max(worst, difference);
    EXPECT_LE(difference, kTolerance)
        << set->name << (s.transposed ? " conv_transpose " : " conv ") << s.in_channels << "x" << s.in_height
        << "x" << s.in_width << " -> " << s.out_channels << ", kernel " << s.kernel_height << "x"
        << s.kernel_width << " stride " << s.stride << " padding " << s.padding << " batch " << batch
        << " tile " << s.tile << " activation " << int(e.activation);
  }
  return worst;
}

// False when the kernel does not fit into the padded input.
bool set_output(bool transposed, std::uint32_t output_padding, ConvShape& s) {
  s.transposed = transposed;
  const auto size = [&](std::uint32_t in, std::uint32_t kernel) {
    const std::int64_t padded = std::int64_t{in} + 2 * s.padding - kernel;
    if (!transposed) return padded < 0 ? -1 : padded / s.stride + 1;
    return (std::int64_t{in} - 1) * s.stride - 2 * std::int64_t{s.padding} + kernel + output_padding;
  };
  const std::int64_t height = size(s.in_height, s.kernel_height), width = size(s.in_width, s.kernel_width);
  if (height < 1 || width < 1) return false;
  s.out_height = static_cast<std::uint32_t>(height);
  s.out_width = static_cast<std::uint32_t>(width);
  return true;
}

void check_many_shapes(bool transposed) {
  constexpr std::uint32_t kChannels[][2] = {{1, 1},  {3, 5},  {8, 4},   {16, 3}, {32, 16},
                                            {5, 33}, {20, 1}, {12, 40}, {7, 66}};
  constexpr std::size_t kBatches[] = {1, 2, 3, 5};
  double worst = 0;
  std::size_t cases = 0;
  for (std::uint32_t kernel = 1; kernel <= 7; ++kernel) {
    for (std::uint32_t stride = 1; stride <= 3; ++stride) {
      for (std::uint32_t padding = 0; padding <= 3; ++padding) {
        for (std::uint32_t size = 1; size <= 9; size += 2) {
          ConvShape s;
          s.in_channels = kChannels[cases % std::size(kChannels)][0];
          s.out_channels = kChannels[cases % std::size(kChannels)][1];
          s.in_height = size;
          s.in_width = size + cases % 3;
          s.kernel_height = kernel;
          s.kernel_width = cases % 4 == 0 ? (kernel + 1) / 2 : kernel;
          s.stride = stride;
          s.padding = padding;
          if (!set_output(transposed, transposed ? static_cast<std::uint32_t>(cases % stride) : 0, s))
            continue;
          worst = std::max(worst, check(s, kBatches[cases % std::size(kBatches)],
                                        kEpilogues[cases % std::size(kEpilogues)]));
          ++cases;
        }
      }
    }
  }
  std::printf("%zu shapes: %zu SIMD sets and plain differ by at most %.2e\n", cases, simd_sets().size(),
              worst);
  EXPECT_GT(cases, 300u);
}

TEST(KernelsMatrix, ConvAgreesForKernels1To7Strides1To3Paddings0To3) {
  check_many_shapes(false);
}
TEST(KernelsMatrix, ConvTransposeAgreesForKernels1To7Strides1To3Paddings0To3) {
  check_many_shapes(true);
}

std::vector<float> magnitudes(std::vector<float> values) {
  for (float& v : values) v = std::fabs(v);
  return values;
}

// The largest difference of any SIMD set from double precision, divided by the largest sum of the magnitudes
// of an output's terms. Each set uses the tile that `tile_of` gives for it.
template <class TileOf>
double relative_error(ConvShape s, std::size_t batch, const Epilogues& e, const TileOf& tile_of) {
  const std::size_t weights = std::size_t{s.in_channels} * s.out_channels * s.kernel_height * s.kernel_width;
  const auto in = random_floats(batch * s.in_height * s.in_width * s.in_channels, weights + batch);
  const auto w = random_floats(weights, weights), bias = random_floats(s.out_channels, 9);
  const kernels::Epilogue epilogue{e.bias ? bias.data() : nullptr, e.activation, e.slope};
  const auto textbook = s.transposed ? textbook_conv_transpose : textbook_conv;
  const auto sums = textbook(s, batch, magnitudes(in).data(), magnitudes(w).data(), {});
  const auto expected = textbook(s, batch, in.data(), w.data(), epilogue);
  double worst = 0;
  for (const Kernels* set : simd_sets()) {
    s.tile = tile_of(*set);
    worst = std::max(worst, max_difference(run_conv(*set, s, batch, in, w, epilogue), expected));
  }
  return worst / (1 + *std::max_element(sums.begin(), sums.end()));
}

TEST(KernelsMatrix, FewerMultiplicationsKeepTheirErrorBoundForEverySizeAndTile) {
  constexpr struct {
    bool transposed;
    std::uint32_t kernel, stride;
  } kKernels[] = {{true, 4, 2}, {true, 3, 1}, {true, 6, 2}, {true, 2, 1}, {false, 3, 1}, {false, 2, 1}};
  constexpr std::uint32_t kChannels[][2] = {{8, 4}, {3, 5}, {17, 1}, {24, 12}, {9, 70}};
  double worst[kernels::kMaxPoints] = {};
  std::size_t cases = 0;
  for (const auto& kernel : kKernels) {
    for (const std::uint32_t size : {1, 2, 3, 5, 7, 8}) {
      for (std::uint32_t padding = 0; padding <= 2; ++padding) {
        for (std::uint32_t tile = 1; tile <= kernels::kMaxPoints; ++tile) {
          ConvShape s;
          s.in_channels = kChannels[cases % std::size(kChannels)][0];
          s.out_channels = kChannels[cases % std::size(kChannels)][1];
          s.in_height = size;
          s.in_width = size + cases % 4;
          s.kernel_height = s.kernel_width = kernel.kernel;
          s.stride = kernel.stride;
          s.padding = padding;
          s.tile = tile;
          const std::uint32_t more = cases % 3 == 0 && kernel.transposed ? kernel.stride - 1 : 0;
          if (!set_output(kernel.transposed, more, s)) continue;
          if (kernels::simd().conv_scratch_floats(s, 1) == 0) continue;
          const double error = relative_error(s, 1 + cases % 3 * 8, kEpilogues[cases % 3],
                                              [tile](const Kernels&) { return tile; });
          worst[tile] = std::max(worst[tile], error);
          ASSERT_LE(error, kernels::kReductionError)
              << (s.transposed ? "conv_transpose " : "conv ") << s.in_channels << "x" << size << "x"
              << s.in_width << " -> " << s.out_channels << ", kernel " << kernel.kernel << " stride "
              << kernel.stride << " padding " << padding << " tile " << tile;
          ++cases;
        }
      }
    }
  }
  std::printf("%zu shapes; worst relative errors: tiles of 2 %.1e, 3 %.1e, 4 %.1e\n", cases, worst[2],
              worst[3], worst[4]);
  for (std::size_t tile = 2; tile <= 4; ++tile)
    EXPECT_GT(worst[tile], 0) << "no shape was cut by tiles of " << tile;
}

// What a layer that divides by small numbers, like pixel_norm, would magnify. Inputs are as ReLU leaves them.
TEST(KernelsMatrix, FewerMultiplicationsRoundNearlyAsFinelyAsTheDirectWay) {
  constexpr struct {
    bool transposed;
    std::uint32_t kernel, stride, tile;
  } kWays[] = {{false, 3, 1, 2}, {false, 3, 1, 3}, {true, 4, 2, 2}, {true, 4, 2, 3}, {true, 4, 2, 4}};
  constexpr double kMostTimes = 4;  // of the root mean square error; up to 3.2 were measured
  for (const auto& way : kWays) {
    ConvShape s;
    s.in_channels = 48;
    s.out_channels = 16;
    s.in_height = s.in_width = 12;
    s.kernel_height = s.kernel_width = way.kernel;
    s.stride = way.stride;
    s.padding = 1;
    ASSERT_TRUE(set_output(way.transposed, 0, s));
    const auto in = magnitudes(random_floats(12 * 12 * 48, 1));
    const auto w = random_floats(48 * 16 * way.kernel * way.kernel, 2);
    const auto expected =
        (s.transposed ? textbook_conv_transpose : textbook_conv)(s, 1, in.data(), w.data(), {});
    for (const Kernels* set : simd_sets()) {
      const auto error = [&](std::uint32_t tile) {
        s.tile = tile;
        const auto found = run_conv(*set, s, 1, in, w, {});
        double squares = 0;
        for (std::size_t i = 0; i < found.size(); ++i) squares += std::pow(found[i] - expected[i], 2);
        return std::sqrt(squares / static_cast<double>(found.size()));
      };
      const double direct = error(0), reduced = error(way.tile);
      std::printf("%s, %s %ux%u, tiles of %u: error %.2e, %.2f of the direct way's\n", set->name,
                  s.transposed ? "conv_transpose" : "conv", way.kernel, way.kernel, way.tile, reduced,
                  reduced / direct);
      EXPECT_NE(reduced, direct) << "no tiles";
      EXPECT_LE(reduced, kMostTimes * direct);
    }
  }
}

TEST(KernelsMatrix, LargeLayersAreComputedWithFewerMultiplications) {
  ConvShape s;
  s.in_channels = 128;
  s.out_channels = 64;
  s.in_height = s.in_width = 8;
  s.kernel_height = s.kernel_width = 4;
  s.stride = 2;
  s.padding = 1;
  ASSERT_TRUE(set_output(true, 0, s));
  const double error = relative_error(s, 1, kEpilogues[0], [&s](const Kernels& set) {
    const std::uint32_t tile = set.choose_tile(s);
    EXPECT_GE(tile, 2u) << set.name;
    return tile;
  });
  EXPECT_LE(error, kernels::kReductionError);
}

TEST(KernelsMatrix, EveryNumberOfOutputChannelsAgrees) {
  for (std::uint32_t channels = 1; channels <= 140; ++channels) {
    ConvShape s;
    s.in_channels = 8 + channels % 5;
    s.out_channels = channels;
    s.in_height = s.in_width = 3;
    s.kernel_height = s.kernel_width = 4;
    s.stride = 2;
    s.padding = 1;
    ASSERT_TRUE(set_output(true, 0, s));
    check(s, 1 + channels % 2, kEpilogues[0]);
    s.kernel_height = s.kernel_width = 3;
    s.stride = 1;
    ASSERT_TRUE(set_output(false, 0, s));
    check(s, 1 + channels % 2, kEpilogues[2]);
  }
}

TEST(KernelsMatrix, LayersOfRealNetworksAgreeAtBatch67) {
  struct {
    bool transposed;
    std::uint32_t in, out, size, kernel, stride, padding;
  } constexpr kLayers[] = {
      {true, 32, 16, 7, 4, 2, 1},  {true, 16, 1, 14, 4, 2, 1},   {true, 24, 3, 8, 4, 2, 1},
      {false, 1, 16, 28, 4, 2, 1}, {false, 16, 32, 14, 4, 2, 1}, {false, 32, 1, 7, 7, 1, 0},
      {true, 20, 32, 1, 7, 1, 0},  {false, 32, 1, 14, 3, 1, 1},
  };
  for (const auto& layer : kLayers) {
    ConvShape s;
    s.in_channels = layer.in;
    s.out_channels = layer.out;
    s.in_height = s.in_width = layer.size;
    s.kernel_height = s.kernel_width = layer.kernel;
    s.stride = layer.stride;
    s.padding = layer.padding;
    ASSERT_TRUE(set_output(layer.transposed, 0, s));
    for (const std::size_t batch : {1, 67}) check(s, batch, kEpilogues[0]);
  }
}

TEST(KernelsMatrix, APictureIsTheSameAloneAndInABatch) {
  ConvShape s;
  s.in_channels = 19;
  s.out_channels = 70;
  s.in_height = s.in_width = 5;
  s.kernel_height = s.kernel_width = 4;
  s.stride = 2;
  s.padding = 1;
  ASSERT_TRUE(set_output(true, 0, s));
  const std::size_t batch = 11, in_size = 5 * 5 * 19, out_size = std::size_t{s.out_height} * s.out_width * 70;
  const auto in = random_floats(batch * in_size, 3), w = random_floats(19 * 70 * 16, 4),
             bias = random_floats(70, 5);
  const kernels::Epilogue epilogue{bias.data(), Activation::relu, 0};
  for (std::size_t way = 0; way < 4 * simd_sets().size(); ++way) {
    const Kernels* set = simd_sets()[way / 4];
    s.tile = static_cast<std::uint32_t>(way % 4 > 0 ? way % 4 + 1 : 0);
    const auto all = run_conv(*set, s, batch, in, w, epilogue);
    for (std::size_t i = 0; i < batch; ++i) {
      const std::vector<float> one(in.begin() + long(i * in_size), in.begin() + long((i + 1) * in_size));
      const auto alone = run_conv(*set, s, 1, one, w, epilogue);
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(), all.begin() + long(i * out_size)))
          << set->name << ", tile " << s.tile << ", picture " << i;
    }
  }
}

TEST(KernelsMatrix, SimdIsTheFirstSetAndEverySetHasItsName) {
  ASSERT_FALSE(simd_sets().empty());
  EXPECT_EQ(simd_sets()[0], &kernels::simd());
  for (const Kernels* set : simd_sets()) std::printf("SIMD set: %s\n", set->name);
}

}  // namespace
}  // namespace lc::test
