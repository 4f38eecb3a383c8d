// What the variational autoencoders share: a Gaussian code, one draw of it, and the two terms of the evidence
// lower bound. A family may weigh them in its own way, and may let the labels take part (conditional()).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "native/train/models/autoencoder.h"

namespace lc::train {

// Pictures through the encoder, draws of their codes, and the decoder. A picture's draws follow each other:
// the rows of the last four are [n * draws].
struct Passage {
  torch::Tensor mean, log_variance;  // [n][latent size]
  torch::Tensor noise;               // standard normal
  torch::Tensor latents;             // mean + deviation * noise
  torch::Tensor logits, images;      // of the decoder, before and after the sigmoid
};
// `label` is one-hot, or undefined for networks without labels; `noise` makes numbers for all draws, like the
// means it is given.
using Noise = std::function<torch::Tensor(const torch::Tensor& means)>;
Passage pass_through(Nets& nets, const torch::Tensor& images, const torch::Tensor& label, const Noise& noise,
                     std::int64_t draws = 1);

class VariationalFamily : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override;
  Result<Nets> build(const DataShape& shape) override;
  std::vector<Group> groups() const override { return {{"autoencoder", {"encoder", "decoder"}}}; }
  std::string player() const override { return "decoder"; }
  std::pair<float, float> image_range() const override { return {0.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override;

  // Losses "loss", "reconstruction" and "kl".
  Losses step(Nets& nets, const Batch& batch, Updater& updater) override;
  torch::Tensor reconstruct(Nets& nets, const torch::Tensor& images,
                            const torch::Tensor& labels) const override;
  // The bound on test images, active units and KL of each dimension.
  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, const torch::Tensor& labels,
                                       std::uint64_t seed, const Stop& stop) const override;

 protected:
  // One loss of the two terms in nats, each a sum over a picture: of a draw, or its mean over the batch.
  // `progress` is the share of training that is done, a scalar in [0, 1].
  virtual torch::Tensor weigh(const torch::Tensor& reconstruction, const torch::Tensor& kl,
                              const torch::Tensor& progress) const;

  // What grows in a straight line over the first `share` of training: a scalar from 0 to 1.
  static torch::Tensor grown(const torch::Tensor& progress, double share);

  AutoencoderOptions options_;
  double kl_weight_ = 1;

 private:
  struct Terms {
    Passage passage;
    torch::Tensor draw_reconstruction;  // [n * draws]
    torch::Tensor reconstruction, kl;   // means
  };
  Terms terms(Nets& nets, const torch::Tensor& images, const torch::Tensor& labels, const Noise& noise,
              std::int64_t draws = 1) const;
  // -log of the mean weight p(x|z) p(z) / q(z|x) of a picture's draws, mean over the batch.
  torch::Tensor importance_weighted(const Terms& terms, const torch::Tensor& progress) const;
  torch::Tensor label(const torch::Tensor& labels) const;

  double recon_weight_ = 1, kl_warmup_ = 0;
  std::int64_t draws_ = 1;
  bool binarize_ = false;
  std::int64_t classes_ = 0;
};

}  // namespace lc::train
