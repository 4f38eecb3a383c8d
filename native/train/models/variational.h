// What the variational autoencoders share: a Gaussian code, one draw of it, and the two terms of the evidence
// lower bound. A family may weigh them in its own way, and may let the labels take part (conditional()).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "native/train/models/autoencoder.h"

namespace lc::train {

// Pictures through the encoder, one draw of their codes, and the decoder.
struct Passage {
  torch::Tensor mean, log_variance;  // [n][latent size]
  torch::Tensor latents;             // mean + deviation * noise
  torch::Tensor logits, images;      // of the decoder, before and after the sigmoid
};
// `label` is one-hot, or undefined for networks without labels; `noise` makes [n][latent size] like the mean.
using Noise = std::function<torch::Tensor(const torch::Tensor& mean)>;
Passage pass_through(Nets& nets, const torch::Tensor& images, const torch::Tensor& label, const Noise& noise);

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
  // One loss of the two terms, each a sum over a picture and a mean over the batch, in nats. `progress` is
  // the share of training that is done, in [0, 1].
  virtual torch::Tensor weigh(const torch::Tensor& reconstruction, const torch::Tensor& kl,
                              double progress) const;

  AutoencoderOptions options_;

 private:
  struct Terms {
    Passage passage;
    torch::Tensor reconstruction, kl;
  };
  Terms terms(Nets& nets, const torch::Tensor& images, const torch::Tensor& labels, const Noise& noise) const;
  torch::Tensor label(const torch::Tensor& labels) const;

  double recon_weight_ = 1, kl_weight_ = 1;
  bool binarize_ = false;
  std::int64_t classes_ = 0;
};

}  // namespace lc::train
