// Activations and scale_shift: stated errors, special numbers, tails.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <limits>

#include "tests/unit/kernels_reference.h"

namespace lc::test {
namespace {

using kernels::Activation;

// Floats from all binades of both signs, in steps of a few thousand bit patterns.
std::vector<float> floats_of_all_sizes() {
  std::vector<float> values;
  for (std::uint64_t bits = 0; bits < 0xFFFFFFFFu; bits += 9973) {
    const auto word = static_cast<std::uint32_t>(bits);
    float value = 0;
    std::memcpy(&value, &word, sizeof value);
    if (std::isfinite(value)) values.push_back(value);
  }
  for (int i = -200'000; i <= 200'000; ++i) values.push_back(static_cast<float>(i) * 1e-4f);
  return values;
}

TEST(KernelsActivation, ErrorsStayBelowTheStatedOnesForAllFiniteInputs) {
  struct Row {
    const char* name;
    Activation activation;
    float slope;
    double bound;
  };
  const Row rows[] = {
      {"tanh", Activation::tanh, 0, kernels::kTanhError},
      {"sigmoid", Activation::sigmoid, 0, kernels::kSigmoidError},
      {"elu", Activation::elu, 1, kernels::kEluError},
      {"softplus", Activation::softplus, 0, kernels::kSoftplusError},
      {"relu", Activation::relu, 0, 0},
      {"leaky_relu", Activation::leaky_relu, 0.25f, 1e-44}};  // the last denormals are rounded
  const auto inputs = floats_of_all_sizes();
  const auto check = [&](const Row& row, const kernels::Kernels& set) {
    auto values = inputs;
    set.activate(values.data(), values.size(), row.activation, row.slope);
    double worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double expected = activated(inputs[i], row.activation, row.slope);
      const double rounding = row.activation == Activation::softplus ? std::fabs(expected) * 0x1p-24 : 0;
      const double error = std::fabs(values[i] - expected) - rounding;
      ASSERT_LE(error, row.bound) << row.name << "(" << inputs[i] << ") = " << values[i];
      worst = std::max(worst, error);
    }
    std::printf("%s %s: max abs error %.2e (stated %.2e)\n", set.name, row.name, worst, row.bound);
  };
  for (const kernels::Kernels* set : simd_sets()) {
    for (const Row& row : rows) check(row, *set);
  }
}

TEST(KernelsActivation, SpecialNumbersGiveWhatThePlainSetGives) {
  const float inf = std::numeric_limits<float>::infinity();
  for (const kernels::Kernels* set : simd_sets()) {
    for (int a = 0; a <= int(Activation::sigmoid); ++a) {
      const std::vector<float> inputs = {inf, -inf, NAN, 0.0f, -0.0f, 1e-40f, -1e-40f, 3e38f, -3e38f};
      auto plain = inputs, simd = inputs;
      kernels::plain().activate(plain.data(), plain.size(), Activation(a), 0.5f);
      set->activate(simd.data(), simd.size(), Activation(a), 0.5f);
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        EXPECT_EQ(std::isnan(plain[i]), std::isnan(inputs[i])) << "activation " << a << " of " << inputs[i];
        if (std::isnan(plain[i])) {
          EXPECT_TRUE(std::isnan(simd[i])) << "activation " << a;
        } else if (std::isinf(plain[i])) {
          EXPECT_EQ(simd[i], plain[i]) << "activation " << a << " of " << inputs[i];
        } else {
          EXPECT_NEAR(simd[i], plain[i], 1e-6 * (1 + std::fabs(plain[i])))
              << set->name << " activation " << a << " of " << inputs[i];
        }
      }
    }
  }
}

TEST(KernelsActivation, TailsOfEveryLengthAreActivatedAndNothingBehindThem) {
  for (std::size_t n = 0; n <= 67; ++n) {
    auto values = random_floats(n + 40, n);
    const auto inputs = values;
    kernels::simd().activate(values.data(), n, Activation::tanh, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_NEAR(values[i], i < n ? std::tanh(inputs[i]) : inputs[i], i < n ? 1e-6 : 0)
          << n << " numbers, at " << i;
    }
  }
}

TEST(KernelsActivation, ToUnitGivesThePlainSetsBits) {
  for (const kernels::Kernels* set : simd_sets()) {
    for (std::size_t n = 0; n <= 67; ++n) {
      auto plain = random_floats(n + 20, n);
      const float special[] = {NAN, INFINITY, -INFINITY, -1, 1, 0.25f};
      for (std::size_t i = 0; i < std::min<std::size_t>(n, 6); ++i) plain[(7 * i) % n] = special[i];
      auto simd = plain;
      kernels::plain().to_unit(plain.data(), n, -1, 0.5f);
      set->to_unit(simd.data(), n, -1, 0.5f);
      ASSERT_EQ(std::memcmp(plain.data(), simd.data(), plain.size() * sizeof(float)), 0)
          << set->name << ", " << n;
      for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(plain[i] >= 0 && plain[i] <= 1) << plain[i];
    }
  }
}

TEST(KernelsActivation, ScaleShiftAgreesForEveryNumberOfChannels) {
  for (std::size_t channels = 1; channels <= 67; ++channels) {
    const std::size_t rows = 5;
    auto plain = random_floats(rows * channels, channels);
    auto simd = plain;
    const auto scale = random_floats(channels, 100 + channels),
               shift = random_floats(channels, 200 + channels);
    const auto inputs = plain;
    kernels::plain().scale_shift(plain.data(), rows, channels, scale.data(), shift.data());
    kernels::simd().scale_shift(simd.data(), rows, channels, scale.data(), shift.data());
    for (std::size_t i = 0; i < plain.size(); ++i) {
      const double expected = double(inputs[i]) * scale[i % channels] + shift[i % channels];
      ASSERT_NEAR(plain[i], expected, 1e-6);
      ASSERT_NEAR(simd[i], expected, 1e-6);
    }
  }
}

}  // namespace
}  // namespace lc::test
