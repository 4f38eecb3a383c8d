// A mixture of Gaussians with full covariance, fitted by expectation-maximisation.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>

#include "native/train/family.h"
#include "shared/core/status.h"

namespace lc::train {

struct Mixture {
  torch::Tensor weights;           // [components], sum 1
  torch::Tensor means;             // [components][size]
  torch::Tensor cholesky;          // [components][size][size], lower triangles: covariance = L L^T
  double mean_log_likelihood = 0;  // of the points it was fitted to, nats a point
};

struct MixtureOptions {
  std::int64_t components = 10;
  std::int64_t iterations = 100;  // at most
  double tolerance = 1e-4;        // stops when the mean log-likelihood rises by less, nats a point
  double regularisation = 1e-4;   // share of the data's mean variance added to each covariance's diagonal
  std::uint64_t seed = 1;         // of the k-means++ start
};

// points: [count][size]; bad_argument when there are fewer points than components; interrupted when `stop`
// says so. Double precision on the CPU (Bishop, "Pattern recognition and machine learning", section 9.2.2).
Result<Mixture> fit_mixture(const torch::Tensor& points, const MixtureOptions& options, const Stop& stop);

// Points number 0 .. count - 1 of a seed, [count][size], float: the component from Stream::component, the
// Gaussian from Stream::latent.
torch::Tensor draw(const Mixture& mixture, std::int64_t count, std::uint64_t seed);

// The prior's part with the mixture's tensors, added to the file.
format::PriorPart export_mixture(const Mixture& mixture, format::PriorPart part, format::Writer& writer);

// The prior of a decoder whose codes follow no law that is known beforehand: N(0, I) until it is fitted.
class FittedPrior {
 public:
  std::int64_t components = 10;

  // encode: some of the images and the number of the first -> codes [n][size]. Quick when not `thorough`.
  Status fit(const std::function<torch::Tensor(const torch::Tensor&, std::int64_t)>& encode,
             const torch::Tensor& images, bool thorough, const Stop& stop);
  torch::Tensor latents(std::int64_t count, std::int64_t size, std::uint64_t seed) const;
  format::PriorPart exported(format::PriorPart part, format::Writer& writer) const {
    return export_mixture(mixture_, part, writer);
  }

 private:
  Mixture mixture_;
};
// The prior's part z of so many numbers: a mixture, whose tensors come with the export.
format::PriorPart mixture_part(std::int64_t size);

}  // namespace lc::train
