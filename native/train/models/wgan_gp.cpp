// wgan-gp: Wasserstein GAN with the gradient penalty of Gulrajani et al.
#include "native/train/gradient_penalty.h"
#include "native/train/models/models.h"
#include "native/train/models/wasserstein.h"

namespace lc::train {

namespace {

class WganGp : public WassersteinFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 30;
    run.batch_size = 64;
    run.lr = 1e-4;
    run.beta1 = 0;
    run.beta2 = 0.9;
    declare_critic(table);
    table.add("penalty", penalty_, 0, 1e6, "Weight of the gradient penalty.");
    table.add(
        "critic_norm", critic_norm_, {"none", "layer"},
        "Normalisation in the convolutional critic; never over the batch: the penalty is each sample's own.");
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    Net critic(format::Role::discriminator, "discriminator");
    const Value image = critic->input("image", {shape.channels, shape.height, shape.width});
    const TrunkNorm norm = critic_norm_ == "layer" ? TrunkNorm::layer : TrunkNorm::none;
    // PyTorch's initialisation: without BatchNorm, Radford's small deviation starves a critic of gradient.
    critic->output("logit", discriminator_trunk(image, options_, norm).dense(1));
    return Nets{{"generator", make_generator(options_, shape, options_.latent_size)},
                {"discriminator", critic}};
  }

 protected:
  Extra extra(Net& critic, const torch::Tensor& reals, const torch::Tensor& fakes) const override {
    const GradientPenalty gradient =
        gradient_penalty([&](const torch::Tensor& images) { return critic->run(images); }, reals, fakes);
    return {penalty_ * gradient.penalty,
            {{"gradient_penalty", gradient.penalty.detach()}, {"gradient_norm", gradient.norms.mean()}}};
  }

 private:
  double penalty_ = 10;
  std::string critic_norm_ = "none";
};

}  // namespace

FamilyEntry wgan_gp_family() {
  FamilyEntry entry;
  entry.name = "wgan-gp";
  entry.title = "WGAN-GP";
  entry.paper =
      "I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville: Improved training of Wasserstein GANs";
  entry.year = 2017;
  entry.sentence = "A critic whose gradient is held near length 1 between data and samples.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<WganGp>(); };
  return entry;
}

}  // namespace lc::train
