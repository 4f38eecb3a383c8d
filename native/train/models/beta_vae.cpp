// beta-vae: a variational autoencoder that pays more for its code (Higgins et al.), or is granted a capacity
// that grows (Burgess et al.).
#include "native/train/models/models.h"
#include "native/train/models/variational.h"

namespace lc::train {

namespace {

class BetaVae : public VariationalFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 20;
    run.lr_schedule = "cosine";
    declare_autoencoder(table, options_);
    kl_weight_ = 4;
    table.add("beta", kl_weight_, 0, 1e6,
              "Weight of the KL term; with a capacity, of its distance from that.");
    table.add(
        "capacity", capacity_, 0, 1e6,
        "Nats that the KL term is drawn to at the end of its growth; 0: the KL term is weighed as it is.");
    table.add("capacity_share", capacity_share_, 0, 1,
              "Share of training over which the capacity grows from 0.");
  }

 protected:
  torch::Tensor weigh(const torch::Tensor& reconstruction, const torch::Tensor& kl,
                      const torch::Tensor& progress) const override {
    if (capacity_ == 0) return VariationalFamily::weigh(reconstruction, kl, progress);
    // Burgess et al. 2018, "Understanding disentangling in beta-VAE", equation 8.
    return reconstruction + kl_weight_ * (kl - capacity_ * grown(progress, capacity_share_)).abs();
  }

 private:
  double capacity_ = 0, capacity_share_ = 0.5;
};

}  // namespace

FamilyEntry beta_vae_family() {
  FamilyEntry entry;
  entry.name = "beta-vae";
  entry.title = "beta-VAE";
  entry.paper =
      "I. Higgins, L. Matthey, A. Pal et al.: beta-VAE: Learning basic visual concepts with a constrained "
      "variational framework";
  entry.year = 2017;
  entry.sentence = "A VAE whose KL term weighs more: fewer latent numbers, each with a meaning of its own.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<BetaVae>(); };
  return entry;
}

}  // namespace lc::train
