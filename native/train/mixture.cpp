// A mixture of Gaussians with full covariance, fitted by expectation-maximisation.
#include "native/train/mixture.h"

#include <cmath>
#include <vector>

#include "shared/core/random.h"

namespace lc::train {

namespace {

// k-means++ (Arthur & Vassilvitskii 2007): each centre drawn with probability proportional to its squared
// distance.
torch::Tensor spread_centres(const torch::Tensor& points, std::int64_t components, std::uint64_t seed) {
  std::vector<float> uniforms(static_cast<std::size_t>(components));
  fill_uniform(seed, Stream::test, 0, Span<float>(uniforms));
  const std::int64_t count = points.size(0);
  std::vector<std::int64_t> chosen = {static_cast<std::int64_t>(uniforms[0] * static_cast<float>(count)) %
                                      count};
  torch::Tensor distance = (points - points[chosen[0]]).square().sum(1);
  for (std::int64_t k = 1; k < components; ++k) {
    const torch::Tensor cumulative = distance.cumsum(0);
    const double target =
        static_cast<double>(uniforms[static_cast<std::size_t>(k)]) * cumulative[-1].item<double>();
    const torch::Tensor found = torch::searchsorted(cumulative, torch::full({1}, target, torch::kFloat64));
    chosen.push_back(std::min(found.item<std::int64_t>(), count - 1));
    distance = torch::minimum(distance, (points - points[chosen.back()]).square().sum(1));
  }
  return points.index_select(0, torch::tensor(chosen)).clone();
}

// log N(x; mean, L L^T) for every point.
torch::Tensor log_density(const torch::Tensor& points, const torch::Tensor& mean,
                          const torch::Tensor& cholesky) {
  const double size = static_cast<double>(points.size(1));
  const torch::Tensor white = torch::linalg_solve_triangular(cholesky, (points - mean).t(), /*upper=*/false);
  const double log_determinant = cholesky.diagonal().log().sum().item<double>();
  return white.square().sum(0) * -0.5 - (log_determinant + 0.5 * size * std::log(2 * M_PI));
}

}  // namespace

Result<Mixture> fit_mixture(const torch::Tensor& given, const MixtureOptions& options, const Stop& stop) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor points = given.to(torch::kFloat64).contiguous();
  const std::int64_t count = points.size(0), size = points.size(1), components = options.components;
  if (count < components) {
    return fail(Code::bad_argument, "a mixture of " + std::to_string(components) +
                                        " Gaussians needs as many points, found " + std::to_string(count) +
                                        ".");
  }
  if (!torch::isfinite(points).all().item<bool>()) {
    return fail(Code::diverged, "the encoder's codes are not finite, no mixture can be fitted to them.");
  }
  const double variance = points.var(0, /*unbiased=*/false).mean().item<double>();
  const torch::Tensor ridge = torch::eye(size, torch::kFloat64) * (options.regularisation * variance + 1e-12);

  Mixture mixture;
  mixture.means = spread_centres(points, components, options.seed);
  mixture.weights = torch::full({components}, 1.0 / static_cast<double>(components), torch::kFloat64);
  mixture.cholesky =
      torch::linalg_cholesky(torch::eye(size, torch::kFloat64) * variance + ridge).repeat({components, 1, 1});
  double previous = -INFINITY;
  for (std::int64_t iteration = 0; iteration < options.iterations; ++iteration) {
    if (stop()) return fail(Code::interrupted, "stopped while fitting the mixture");
    // E: responsibilities.
    std::vector<torch::Tensor> columns;
    for (std::int64_t k = 0; k < components; ++k) {
      columns.push_back(log_density(points, mixture.means[k], mixture.cholesky[k]) +
                        mixture.weights[k].log());
    }
    const torch::Tensor joint = torch::stack(columns, 1);
    const torch::Tensor total = joint.logsumexp(1, true);
    const torch::Tensor responsibility = (joint - total).exp();
    mixture.mean_log_likelihood = total.mean().item<double>();
    // M: weights, means, covariances. A component that lost its points keeps a trace of weight and does no
    // harm.
    const torch::Tensor mass = responsibility.sum(0) + 1e-9;
    mixture.weights = mass / mass.sum();
    mixture.means = responsibility.t().matmul(points) / mass.unsqueeze(1);
    std::vector<torch::Tensor> factors;
    for (std::int64_t k = 0; k < components; ++k) {
      const torch::Tensor centred = points - mixture.means[k];
      const torch::Tensor weighted = centred * responsibility.select(1, k).unsqueeze(1);
      factors.push_back(torch::linalg_cholesky(weighted.t().matmul(centred) / mass[k] + ridge));
    }
    mixture.cholesky = torch::stack(factors);
    if (mixture.mean_log_likelihood - previous < options.tolerance) break;
    previous = mixture.mean_log_likelihood;
  }
  return mixture;
}

torch::Tensor draw(const Mixture& mixture, std::int64_t count, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  const std::int64_t size = mixture.means.size(1);
  std::vector<float> uniforms(static_cast<std::size_t>(count));
  fill_uniform(seed, Stream::component, 0, Span<float>(uniforms));
  const torch::Tensor cumulative = mixture.weights.to(torch::kFloat32).cumsum(0);
  const torch::Tensor component =
      torch::searchsorted(cumulative, torch::tensor(uniforms), /*out_int32=*/false, /*right=*/true)
          .clamp_max(mixture.weights.size(0) - 1);
  const torch::Tensor noise = philox_normal(seed, 0, {count, size});
  const torch::Tensor factors = mixture.cholesky.to(torch::kFloat32).index_select(0, component);
  return mixture.means.to(torch::kFloat32).index_select(0, component) +
         factors.matmul(noise.unsqueeze(2)).squeeze(2);
}

format::PriorPart export_mixture(const Mixture& mixture, format::PriorPart part, format::Writer& writer) {
  // Full precision: a few kilobytes, and samples are drawn from them.
  const auto add = [&](const char* name, const torch::Tensor& values) {
    const torch::Tensor flat = values.to(torch::kFloat32).contiguous();
    std::vector<std::uint32_t> shape;
    for (const std::int64_t size : flat.sizes()) shape.push_back(static_cast<std::uint32_t>(size));
    part.mixture.push_back(writer.add_tensor("prior." + part.name + "." + name, shape,
                                             {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())},
                                             format::DType::f32));
  };
  add("weights", mixture.weights);
  add("means", mixture.means);
  add("cholesky", mixture.cholesky);
  return part;
}

Status FittedPrior::fit(const std::function<torch::Tensor(const torch::Tensor&, std::int64_t)>& encode,
                        const torch::Tensor& images, bool thorough, const Stop& stop) {
  constexpr std::int64_t kChunk = 500, kQuickImages = 4000;
  const std::int64_t count = thorough ? images.size(0) : std::min(images.size(0), kQuickImages);
  std::vector<torch::Tensor> codes;
  for (std::int64_t first = 0; first < count && !stop(); first += kChunk)
    codes.push_back(encode(images.narrow(0, first, std::min(kChunk, count - first)), first).cpu());
  if (stop()) return fail(Code::interrupted, "stopped while fitting the mixture");
  MixtureOptions options;
  options.components = components;
  options.iterations = thorough ? 100 : 10;
  Result<Mixture> fitted = fit_mixture(torch::cat(codes), options, stop);
  if (!fitted.ok()) return fitted.status();
  mixture_ = fitted.take();
  return {};
}

torch::Tensor FittedPrior::latents(std::int64_t count, std::int64_t size, std::uint64_t seed) const {
  return mixture_.weights.defined() ? draw(mixture_, count, seed) : philox_normal(seed, 0, {count, size});
}

format::PriorPart mixture_part(std::int64_t size) {
  format::PriorPart part;
  part.name = "z";
  part.kind = format::PriorKind::mixture;
  part.size = static_cast<std::uint32_t>(size);
  return part;
}

}  // namespace lc::train
