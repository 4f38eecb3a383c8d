// Likelihoods against models whose answer is known in closed form.
#include <gtest/gtest.h>

#include <cmath>

#include "native/eval/likelihood.h"
#include "shared/core/random.h"

namespace lc::eval {
namespace {

// z ~ N(0, 1), x ~ N(a z + b, s^2): then x ~ N(b, a^2 + s^2), and z given x is
// N(a (x - b) / (a^2 + s^2), s^2 / (a^2 + s^2)).
struct LinearGaussian {
  double a = 1.5, b = 0.3, s = 0.7;
  double log_density(double x) const {
    const double v = a * a + s * s;
    return -0.5 * std::log(2 * M_PI * v) - (x - b) * (x - b) / (2 * v);
  }
  double posterior_mean(double x) const { return a * (x - b) / (a * a + s * s); }
  double posterior_variance() const { return s * s / (a * a + s * s); }
  LogLikelihood given(double x) const {
    return [this, x](const Matrix& z, std::vector<double>& out) {
      for (std::size_t i = 0; i < z.rows; ++i) {
        const double error = x - a * static_cast<double>(z.row(i)[0]) - b;
        out[i] = -0.5 * std::log(2 * M_PI * s * s) - error * error / (2 * s * s);
      }
      return Status{};
    };
  }
};

Evidence estimate(const LinearGaussian& model, double x, double mean, double variance, std::size_t draws) {
  const std::vector<float> means = {static_cast<float>(mean)};
  const std::vector<float> log_variances = {static_cast<float>(std::log(variance))};
  const Result<Evidence> result = importance_estimate(means, log_variances, draws, 1, 0, model.given(x));
  EXPECT_TRUE(result.ok());
  return result.value();
}

TEST(Likelihood, WithTheTruePosteriorEveryDrawGivesTheAnswer) {
  const LinearGaussian model;
  const double x = 2.1;
  const Evidence e = estimate(model, x, model.posterior_mean(x), model.posterior_variance(), 3);
  EXPECT_NEAR(e.log_likelihood, model.log_density(x), 1e-5);
  EXPECT_NEAR(e.elbo, model.log_density(x), 1e-5);
}

TEST(Likelihood, AWrongPosteriorCostsTheBoundItsKlAndTheImportanceSumNothing) {
  const LinearGaussian model;
  const double x = -1.2, mean = 0.1, variance = 0.6;
  const Evidence e = estimate(model, x, mean, variance, 200000);
  const double pm = model.posterior_mean(x), pv = model.posterior_variance();
  const double kl = 0.5 * (variance / pv + (mean - pm) * (mean - pm) / pv - 1 + std::log(pv / variance));
  std::printf("log p(x): %.5f, estimated %.5f; bound %.5f, estimated %.5f\n", model.log_density(x),
              e.log_likelihood, model.log_density(x) - kl, e.elbo);
  EXPECT_NEAR(e.log_likelihood, model.log_density(x), 0.01);
  EXPECT_NEAR(e.elbo, model.log_density(x) - kl, 0.02);
  EXPECT_GT(kl, 0.5) << "else the test shows nothing";
}

// dense 2 -> 4, sigmoid, as a decoder of 1 x 2 x 2 pictures.
std::vector<std::uint8_t> small_decoder(const std::vector<float>& weight, const std::vector<float>& bias,
                                        const char* last) {
  format::Writer writer;
  format::Header& header = writer.header;
  header.family = "vae";
  header.title = "test";
  header.provenance.dataset = "mnist";
  header.image.height = header.image.width = 2;
  format::PriorPart part;
  part.name = "z";
  part.size = 2;
  header.prior = {part};
  format::Network network;
  network.role = format::Role::decoder;
  network.name = "decoder";
  network.inputs = {{"latent", {2}}};
  const std::uint32_t w = writer.add_tensor("decoder.0.weight", {4, 2}, weight, format::DType::f32);
  const std::uint32_t b = writer.add_tensor("decoder.0.bias", {4}, bias, format::DType::f32);
  network.layers = {{"dense", "0", {0}, {}, {w, b}},
                    {"reshape", "1", {1}, {{"channels", 1}, {"height", 2}, {"width", 2}}, {}},
                    {last, "2", {2}, {}, {}}};
  network.outputs = {{"image", 3}};
  header.networks = {network};
  const Result<std::vector<std::uint8_t>> bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  return bytes.ok() ? bytes.value() : std::vector<std::uint8_t>();
}

TEST(Likelihood, BernoulliPixelsAreSummedFromLogits) {
  const std::vector<float> weight = {1, 2, -3, 0.5f, 40, 40, -1, 1}, bias = {0.1f, -0.2f, 20, 0};
  const std::vector<std::uint8_t> bytes = small_decoder(weight, bias, "sigmoid");
  const Result<format::ModelFile> file = format::read_model(bytes);
  ASSERT_TRUE(file.ok()) << file.status().message;
  const Result<BernoulliDecoder> decoder = BernoulliDecoder::compile(file.value());
  ASSERT_TRUE(decoder.ok()) << decoder.status().message;
  Matrix z(2, 2);
  z.values = {0.5f, -1, 1, 1};
  const std::vector<float> picture = {1, 0, 0, 1};
  std::vector<double> found(2);
  ASSERT_TRUE(decoder->log_likelihood(picture, {}, z, found).ok());
  for (std::size_t i = 0; i < 2; ++i) {
    double expected = 0;
    for (std::size_t p = 0; p < 4; ++p) {
      const double logit = static_cast<double>(weight[2 * p]) * static_cast<double>(z.row(i)[0]) +
                           static_cast<double>(weight[2 * p + 1]) * static_cast<double>(z.row(i)[1]) +
                           static_cast<double>(bias[p]);
      expected -= std::log1p(std::exp(picture[p] > 0 ? -logit : logit));
    }
    // The third pixel's logit is 100 for the second z: a sigmoid in float would say 1 and the logarithm
    // -infinity.
    EXPECT_NEAR(found[i], expected, 1e-4) << "z " << i;
  }
}

TEST(Likelihood, ADecoderWithoutASigmoidIsRefused) {
  const std::vector<std::uint8_t> bytes =
      small_decoder(std::vector<float>(8, 1), std::vector<float>(4), "tanh");
  const Result<format::ModelFile> file = format::read_model(bytes);
  ASSERT_TRUE(file.ok()) << file.status().message;
  EXPECT_EQ(BernoulliDecoder::compile(file.value()).status().code, Code::bad_combination);
}

TEST(Likelihood, GreyBecomesOnesInItsShare) {
  Matrix grey(2000, 3);
  for (std::size_t i = 0; i < grey.rows; ++i) {
    grey.row(i)[1] = 0.3f;
    grey.row(i)[2] = 1;
  }
  const Matrix drawn = binarised(grey, 7), cut = thresholded(grey);
  double sums[3] = {};
  for (std::size_t i = 0; i < grey.rows; ++i) {
    for (std::size_t p = 0; p < 3; ++p) sums[p] += static_cast<double>(drawn.row(i)[p]);
  }
  EXPECT_EQ(sums[0], 0);
  EXPECT_NEAR(sums[1] / 2000, 0.3, 0.05);
  EXPECT_EQ(sums[2], 2000);
  EXPECT_EQ(cut.row(0)[1], 0);
  EXPECT_EQ(cut.row(0)[2], 1);
}

TEST(Likelihood, ADimensionThatNeverMovesIsNotActive) {
  Matrix means(2, 2), log_variances(2, 2);
  means.values = {1, 0.05f, -1, -0.05f};
  log_variances.values = {std::log(0.25f), 0, std::log(0.25f), 0};
  const Dimensions d = dimensions(means, log_variances);
  EXPECT_EQ(d.active(), 1u);
  EXPECT_NEAR(d.variance[0], 1, 1e-6);
  EXPECT_NEAR(d.kl[0], (1 + 0.25 - 1 - std::log(0.25)) / 2, 1e-6);
  EXPECT_NEAR(d.kl[1], 0.0025 / 2, 1e-6);
}

}  // namespace
}  // namespace lc::eval
