// cgan: a GAN whose generator and discriminator are told the class.
#include <algorithm>

#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/play.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

class Cgan : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    set_gan_run(run);
    declare_gan(table, options_);
    table.add("mismatched", mismatched_,
              "The discriminator also learns to refuse real pictures with a label that is not theirs.");
    declare_input_noise(table, input_noise_);
  }
  bool conditional() const override { return true; }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    classes_ = shape.classes;
    Net generator = make_generator(options_, shape, options_.latent_size, true);
    stress_label(*generator, options_.latent_size, classes_);
    return Nets{{"generator", generator},
                {"discriminator", make_discriminator(options_, shape, TrunkNorm::batch, true)}};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const torch::Tensor z = draw_noise(prior(), batch.images.size(0), batch.images.device());
    Round round;
    round.input_noise = input_noise_at(input_noise_, batch);
    if (mismatched_) {
      const torch::Tensor apart = own_rows(batch.labels.size(0), [&](std::int64_t rows) {
        return torch::randint(1, std::max<std::int64_t>(2, classes_), {rows}, batch.labels.options());
      });
      round.wrong_label = one_hot_rows((batch.labels + apart).remainder(classes_), classes_);
    }
    return play_round(nets, batch.images, z, one_hot_rows(batch.labels, classes_), updater, round).losses();
  }

 private:
  bool mismatched_ = true;
  double input_noise_ = kInputNoise;
  std::int64_t classes_ = 0;
};

}  // namespace

FamilyEntry cgan_family() {
  FamilyEntry entry;
  entry.name = "cgan";
  entry.title = "Conditional GAN";
  entry.paper = "M. Mirza, S. Osindero: Conditional generative adversarial nets";
  entry.year = 2014;
  entry.sentence = "Both players see the class, so that the class can be asked for.";
  entry.needs = "images and labels";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Cgan>(); };
  return entry;
}

}  // namespace lc::train
