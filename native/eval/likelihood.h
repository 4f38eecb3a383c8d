// The likelihood of pictures under a model with an encoder and a decoder: importance-sampled log p(x), the
// evidence lower bound, and what each latent dimension carries.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "native/eval/matrix.h"
#include "native/eval/network.h"
#include "shared/core/status.h"

namespace lc::eval {

// Estimates for one x, in nats.
struct Evidence {
  double log_likelihood =
      0;            // log of the mean of the weights w = p(x|z) p(z) / q(z|x): a lower bound of
                    // log p(x) in expectation, exact as the draws grow (Burda et al. 2016, section 3)
  double elbo = 0;  // the mean of log w: E_q[log p(x|z)] - KL(q || p)
};

// log p(x|z) of one x for each row of z.
using LogLikelihood = std::function<Status(const Matrix& z, std::vector<double>& out)>;

// p(z) = N(0, I), q = N(mean, exp(log_variance)). The draws are numbers first, first + 1, ... of the seed's
// normal stream, `mean.size` a draw.
Result<Evidence> importance_estimate(Span<const float> mean, Span<const float> log_variance,
                                     std::size_t draws, std::uint64_t seed, std::uint64_t first,
                                     const LogLikelihood& log_likelihood);

// A decoder whose picture is a sigmoid of logits: p(x|z) is a product of Bernoullis over pixels.
class BernoulliDecoder {
 public:
  // bad_combination when the file has no network from "latent" to "image" that ends in a sigmoid.
  static Result<BernoulliDecoder> compile(const format::ModelFile& file);
  // Of one picture of zeros and ones. `label` is its one-hot class, empty for a decoder that takes none.
  Status log_likelihood(Span<const float> picture, Span<const float> label, const Matrix& z,
                        std::vector<double>& out) const;
  bool conditional() const { return network_.has_input("label"); }

 private:
  explicit BernoulliDecoder(Network network) : network_(std::move(network)) {}
  Network network_;
};

// Each pixel 1 with the probability of its grey value, from the seed's uniform stream; or 1 from one half on.
Matrix binarised(const Matrix& grey, std::uint64_t seed);
Matrix thresholded(const Matrix& grey);

// For each latent dimension: the mean KL to N(0, 1), and the variance of the mean over the data.
struct Dimensions {
  std::vector<double> kl, variance;
  std::size_t active() const;  // variance over 0.01 (Burda et al. 2016, section 5.2)
};
Dimensions dimensions(const Matrix& means, const Matrix& log_variances);

}  // namespace lc::eval
