// acgan: a GAN whose discriminator also names the class, and whose generator is to be recognised.
#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/play.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

class Acgan : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    set_gan_run(run);
    declare_gan(table, options_);
    table.add("class_weight", class_weight_, 0, 1e6, "Weight of the class terms of both losses.");
    table.add(
        "classify_fakes", classify_fakes_,
        "The discriminator learns the asked classes of generated pictures too, as in the paper; false: of "
        "real ones alone.");
    declare_input_noise(table, input_noise_);
  }
  bool conditional() const override { return true; }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    classes_ = shape.classes;
    Net generator = make_generator(options_, shape, options_.latent_size, true);
    Net discriminator(format::Role::discriminator, "discriminator");
    const Value image = discriminator->input("image", {shape.channels, shape.height, shape.width});
    const Value features = discriminator_trunk(image, options_);
    discriminator->output("logit", features.dense(1));
    discriminator->output("classes", features.dense(classes_));
    initialise_gan(options_, *discriminator);
    return Nets{{"generator", generator}, {"discriminator", discriminator}};
  }

  // Odena et al. 2017, section 3: D maximises L_S + L_C, G maximises L_C - L_S (in its non-saturating form);
  // without classify_fakes the discriminator takes of L_C the part of real pictures alone.
  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const std::int64_t count = batch.images.size(0);
    const torch::Tensor z = draw_noise(prior(), count, batch.images.device());
    const torch::Tensor asked = own_rows(
        count, [&](std::int64_t rows) { return torch::randint(classes_, {rows}, batch.labels.options()); });
    const torch::Tensor fakes =
        nets.at("generator")->forward({{"latent", z}, {"label", one_hot_rows(asked, classes_)}}).at("image");
    const torch::Tensor noise = input_noise_at(input_noise_, batch);
    const auto answers = [&](const torch::Tensor& images) {
      return nets.at("discriminator")->forward({{"image", noisy(images, noise)}});
    };

    const Tensors real = answers(batch.images), fake = answers(fakes.detach());
    torch::Tensor d_class = torch::cross_entropy_loss(real.at("classes"), batch.labels);
    if (classify_fakes_) d_class = d_class + torch::cross_entropy_loss(fake.at("classes"), asked);
    const torch::Tensor d_loss =
        gan_bce(real.at("logit"), true) + gan_bce(fake.at("logit"), false) + class_weight_ * d_class;
    updater.update("discriminator", d_loss);

    const Tensors judged = answers(fakes);
    const torch::Tensor g_class = torch::cross_entropy_loss(judged.at("classes"), asked);
    const torch::Tensor g_loss = gan_bce(judged.at("logit"), true) + class_weight_ * g_class;
    updater.update("generator", g_loss);
    return {{"d_loss", d_loss.detach()},
            {"g_loss", g_loss.detach()},
            {"d_class", d_class.detach()},
            {"g_class", g_class.detach()},
            {"d_real", real.at("logit").detach().sigmoid().mean()},
            {"d_fake", fake.at("logit").detach().sigmoid().mean()}};
  }

 private:
  double class_weight_ = 1;
  bool classify_fakes_ = true;
  double input_noise_ = kInputNoise;
  std::int64_t classes_ = 0;
};

}  // namespace

FamilyEntry acgan_family() {
  FamilyEntry entry;
  entry.name = "acgan";
  entry.title = "AC-GAN";
  entry.paper = "A. Odena, C. Olah, J. Shlens: Conditional image synthesis with auxiliary classifier GANs";
  entry.year = 2017;
  entry.sentence = "The discriminator is not told the class, it has to name it.";
  entry.needs = "images and labels";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Acgan>(); };
  return entry;
}

}  // namespace lc::train
