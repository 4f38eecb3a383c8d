// What wgan and wgan-gp share: a critic without sigmoid that takes several steps for each of the generator's.
#pragma once

#include "native/train/models/networks.h"

namespace lc::train {

class WassersteinFamily : public GanFamily {
 public:
  Repetition repetition() const override { return {n_critic_, ""}; }
  // One step of the critic on every batch; one of the generator on every `n_critic`-th.
  Losses step(Nets& nets, const Batch& batch, Updater& updater) override;
  // The critic's estimate on test images: E[D(x)] - E[D(G(z))].
  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, const torch::Tensor& labels,
                                       std::uint64_t seed, const Stop& stop) const override;

 protected:
  void declare_critic(OptionTable& table);

  // What a critic's loss has besides the estimate.
  struct Extra {
    torch::Tensor loss;  // undefined: nothing
    Losses report;       // joins the losses
  };
  virtual Extra extra(Net& critic, const torch::Tensor& reals, const torch::Tensor& fakes) const;

 private:
  std::int64_t n_critic_ = 5;
};

}  // namespace lc::train
