// draw_latents: every kind of prior, its moments, and that a picture's numbers depend on (seed, picture)
// alone.
#include <gtest/gtest.h>

#include <cstdio>
#include <numeric>

#include "shared/session/engine.h"
#include "tests/unit/session_models.h"

namespace lc::test {
namespace {

using format::PriorKind;
using session::Request;

// normal 3, uniform 2 in [-2, 4), categorical 5, mixture of two Gaussians in 2 dimensions.
TestFile many_priors() {
  format::Writer writer = new_writer(3, {1, 2, 6, 0, 1});
  writer.header.prior.push_back({"code", PriorKind::uniform, 2, -2, 4, {}});
  writer.header.prior.push_back({"category", PriorKind::categorical, 5, -1, 1, {}});
  const std::vector<float> weights = {0.25f, 0.75f}, means = {10, 20, -10, -20};
  const std::vector<float> factors = {1, 0, 0.5f, 2, 0.1f, 0, 0, 0.1f};
  const auto w = writer.add_tensor("prior.weights", {2}, weights, format::DType::f32);
  const auto m = writer.add_tensor("prior.means", {2, 2}, means, format::DType::f32);
  const auto c = writer.add_tensor("prior.cholesky", {2, 2, 2}, factors, format::DType::f32);
  writer.header.prior.push_back({"mixed", PriorKind::mixture, 2, -1, 1, {w, m, c}});
  NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {12});
  net.image(1, 2, 6);
  net.output("image");
  writer.header.networks.push_back(net.network);
  return finish(writer);
}

std::vector<float> draw(const TestFile& made, const Request& request) {
  const auto mixture = session::read_mixture(made.file);
  std::vector<float> out(request.count * format::latent_size(made.file.header));
  const Status status = session::draw_latents(made.file.header, mixture, request, out);
  EXPECT_TRUE(status.ok()) << status.message;
  return out;
}

TEST(SessionLatents, EachPartHasTheMomentsOfItsDistribution) {
  const TestFile made = many_priors();
  Request request;
  request.count = 4096;
  const auto z = draw(made, request);
  double sum[12] = {}, square[12] = {}, first_component = 0;
  for (std::size_t i = 0; i < 4096; ++i) {
    const float* row = z.data() + i * 12;
    for (std::size_t j = 0; j < 12; ++j) {
      sum[j] += row[j] / 4096.0;
      square[j] += double(row[j]) * row[j] / 4096;
    }
    for (std::size_t j = 3; j < 5; ++j) ASSERT_TRUE(row[j] >= -2 && row[j] < 4);
    ASSERT_EQ(std::accumulate(row + 5, row + 10, 0.0f), 1.0f);
    first_component += row[10] > 0 ? 1 / 4096.0 : 0;
  }
  // Four standard errors of 4,096 draws.
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(sum[j], 0, 4.0 / 64);
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(square[j], 1, 4 * std::sqrt(2.0) / 64);
  for (std::size_t j = 3; j < 5; ++j) EXPECT_NEAR(sum[j], 1, 4 * std::sqrt(3.0) / 64);
  for (std::size_t j = 5; j < 10; ++j) EXPECT_NEAR(sum[j], 0.2, 4 * 0.4 / 64);
  EXPECT_NEAR(first_component, 0.25, 4 * 0.43 / 64);
  std::printf("normal mean %.3f variance %.3f, uniform mean %.3f, first component %.3f\n", sum[0], square[0],
              sum[3], first_component);
}

TEST(SessionLatents, AMixtureIsMeanPlusFactorTimesNormalScaledByTemperature) {
  const TestFile made = many_priors();
  Request request;
  request.count = 500;
  const auto warm = draw(made, request);
  request.temperature = 0;
  const auto cold = draw(made, request);
  double covariance = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < 500; ++i) {
    const float x = cold[i * 12 + 10], y = cold[i * 12 + 11];
    ASSERT_TRUE((x == 10 && y == 20) || (x == -10 && y == -20)) << x << " " << y;
    if (x < 0) continue;
    ++first;
    covariance += double(warm[i * 12 + 10] - x) * (warm[i * 12 + 11] - y);
  }
  ASSERT_GT(first, 50u);
  EXPECT_NEAR(covariance / double(first), 0.5,
              0.8);  // the factor [[1, 0], [0.5, 2]]: sd of the product is about 2.1
}

TEST(SessionLatents, PictureIDependsOnSeedAndIAlone) {
  const TestFile made = many_priors();
  Request request;
  request.seed = 77;
  request.count = 40;
  const auto all = draw(made, request);
  for (const std::uint32_t i : {0u, 1u, 17u, 39u}) {
    Request one = request;
    one.first = i;
    one.count = 1;
    const auto alone = draw(made, one);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), all.begin() + long(i * 12))) << "picture " << i;
  }
  request.seed = 78;
  EXPECT_NE(draw(made, request), all);
}

TEST(SessionLatents, TheSameBitsOnEveryMachine) {
  Request request;
  request.seed = 2024;
  request.first = 1ull << 40;
  request.count = 64;
  EXPECT_EQ(hash_of(draw(many_priors(), request)), 0x27e74b9ff248fab1ull)
      << std::hex << hash_of(draw(many_priors(), request));
}

TEST(SessionLatents, TheWrongRoomIsRefused) {
  const TestFile made = many_priors();
  std::vector<float> out(11);
  EXPECT_EQ(session::draw_latents(made.file.header, {}, {}, out).code, Code::bad_argument);
  out.resize(12);
  EXPECT_EQ(session::draw_latents(made.file.header, {}, {}, out).code, Code::bad_argument)
      << "mixture missing";
}

}  // namespace
}  // namespace lc::test
