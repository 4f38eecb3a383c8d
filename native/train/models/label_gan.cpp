// label-gan: a GAN whose discriminator is a classifier: a real picture has its class y, a fake any but its
// own.
#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/play.h"

namespace lc::train {

namespace {

// Cross-entropy of a softmax with a target that need not add up to 1, such as "every class but this one".
torch::Tensor soft_cross_entropy(const torch::Tensor& logits, const torch::Tensor& target) {
  return batch_mean_of_sums(-target * torch::log_softmax(logits, 1));
}

class LabelGan : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    set_gan_run(run);
    declare_gan(table, options_);
    table.add("use_labels", use_labels_,
              "A softmax over the classes for a discriminator; false: the plain non-saturating loss.");
    table.add("fake_labels", fake_labels_, {"latent", "batch"},
              "The label y of a fake: the class in its latent vector, or that of the real picture beside it, "
              "which says nothing of the fake and teaches the generator nothing.");
    declare_input_noise(table, input_noise_);
  }

  // With labels, a one-hot class beside the noise: the generator is told nothing else.
  std::vector<format::PriorPart> prior() const override {
    std::vector<format::PriorPart> parts = GanFamily::prior();
    if (!use_labels_) return parts;
    format::PriorPart part;
    part.name = "class";
    part.kind = format::PriorKind::categorical;
    part.size = static_cast<std::uint32_t>(classes_);
    parts.push_back(part);
    return parts;
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    classes_ = shape.classes;
    if (!use_labels_) {
      Net generator = make_generator(options_, shape, options_.latent_size);
      return Nets{{"generator", generator}, {"discriminator", make_discriminator(options_, shape)}};
    }
    Net generator = make_generator(options_, shape, options_.latent_size + classes_);
    stress_label(*generator, options_.latent_size, classes_);
    Net discriminator(format::Role::discriminator, "discriminator");
    const Value image = discriminator->input("image", {shape.channels, shape.height, shape.width});
    discriminator->output("classes", discriminator_trunk(image, options_).dense(classes_));
    initialise_gan(options_, *discriminator);
    return Nets{{"generator", generator}, {"discriminator", discriminator}};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const torch::Tensor z = draw_noise(prior(), batch.images.size(0), batch.images.device());
    if (!use_labels_) {
      Round round;
      round.input_noise = input_noise_at(input_noise_, batch);
      return play_round(nets, batch.images, z, {}, updater, round).losses();
    }

    // d = CE(y, D(x)) + CE(1 - y, D(G(z))), g = CE(y, D(G(z))), with y of a fake in its z, and 1 - y as the
    // distribution that a cross-entropy takes: 1/9 for each other class. As a sum of 9 it would drown the
    // real pictures' term, and a discriminator that answers 1/10 to everything would be hard to leave.
    const torch::Tensor noise = input_noise_at(input_noise_, batch);
    const auto judge = [&](const torch::Tensor& images) {
      return nets.at("discriminator")->run(noisy(images, noise));
    };
    const torch::Tensor fakes = nets.at("generator")->run(z);
    const torch::Tensor y = one_hot_rows(batch.labels, classes_);
    const torch::Tensor real = judge(batch.images), fake = judge(fakes.detach());
    const torch::Tensor fake_y = fake_labels_ == "batch" ? y : z.narrow(1, options_.latent_size, classes_);
    const torch::Tensor d_loss =
        soft_cross_entropy(real, y) + soft_cross_entropy(fake, (1 - fake_y) / (classes_ - 1));
    updater.update("discriminator", d_loss);

    const torch::Tensor g_loss = soft_cross_entropy(judge(fakes), fake_y);
    updater.update("generator", g_loss);
    // D's mean belief in the label: in that of a picture, in that of a fake.
    const auto belief = [](const torch::Tensor& logits, const torch::Tensor& label) {
      return (torch::softmax(logits.detach(), 1) * label).sum(1).mean();
    };
    return {{"d_loss", d_loss.detach()},
            {"g_loss", g_loss.detach()},
            {"d_real", belief(real, y)},
            {"d_fake", belief(fake, fake_y)}};
  }

 private:
  bool use_labels_ = true;
  std::string fake_labels_ = "latent";
  double input_noise_ = kInputNoise;
  std::int64_t classes_ = 0;
};

}  // namespace

FamilyEntry label_gan_family() {
  FamilyEntry entry;
  entry.name = "label-gan";
  entry.title = "GAN with labels";
  entry.paper = "I. J. Goodfellow, J. Pouget-Abadie, M. Mirza et al.: Generative adversarial nets";
  entry.year = 2014;
  entry.sentence = "The discriminator names the class of a real picture, and any other for a fake.";
  entry.needs = "images and labels";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<LabelGan>(); };
  return entry;
}

}  // namespace lc::train
