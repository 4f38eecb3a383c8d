// infogan: a GAN whose latent codes can be read back from its pictures.
#include <cmath>

#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"

namespace lc::train {

namespace {

constexpr std::int64_t kHidden = 128;  // units of the dense layer of either network; the paper has 1024
constexpr std::int64_t kHead = 128;    // units of the layer between D's and the codes (appendix C.1)
constexpr double kSlope = 0.1;         // of LeakyReLU in both

class InfoGan : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    set_gan_run(run);
    options_.latent_size = 62;
    declare_gan(table, options_);
    table.add("categories", categories_, 2, 1000, "Values of the categorical code.");
    table.add("codes", codes_, 1, 64, "Continuous codes, uniform in [-1, 1).");
    table.add("category_weight", category_weight_, 0, 1e6, "Weight of the categorical code's information.");
    table.add("code_weight", code_weight_, 0, 1e6, "Weight of the continuous codes' information.");
    table.add("generator_lr", generator_lr_, 0, 1000, "Learning rate of the generator, times lr.");
    table.add("slant", slant_, 0, 1, "Largest random slant of the pictures that the category is read from.");
    declare_input_noise(table, input_noise_);
  }

  std::vector<Group> groups() const override {
    std::vector<Group> groups = GanFamily::groups();
    groups[1].rule.lr_scale = generator_lr_;
    return groups;
  }

  std::vector<format::PriorPart> prior() const override {
    format::PriorPart category;
    category.name = "category";
    category.kind = format::PriorKind::categorical;
    category.size = static_cast<std::uint32_t>(categories_);
    format::PriorPart code = noise_part("uniform", codes_);
    code.name = "code";
    return {noise_part(options_.prior, options_.latent_size), category, code};
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    // A dense layer before the convolutions, and one behind those of the discriminator, as in appendix C.1:
    // codes that meet the noise in a convolution's first layer turn into details, not kinds.
    Net generator(format::Role::generator, "generator");
    const Value latent = generator->input("latent", {options_.latent_size + categories_ + codes_});
    const Value mixed = latent.dense(kHidden, false).batch_norm().relu();
    generator->output("image", generated_picture(mixed, options_, shape));
    initialise_gan(options_, *generator);
    stress_label(*generator, options_.latent_size, categories_);
    // Q, which reads the codes, shares all of D but its last layer.
    Net discriminator(format::Role::discriminator, "discriminator");
    const Value image = discriminator->input("image", {shape.channels, shape.height, shape.width});
    const Value features =
        discriminator_trunk(image, options_).dense(kHidden, false).batch_norm().leaky_relu(kSlope);
    discriminator->output("logit", features.dense(1));
    const Value head = features.dense(kHead, false).batch_norm().leaky_relu(kSlope);
    discriminator->output("category", head.dense(categories_));
    discriminator->output("code", head.dense(codes_));
    initialise_gan(options_, *discriminator);
    return Nets{{"generator", generator}, {"discriminator", discriminator}};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const torch::Tensor latents = draw_noise(prior(), batch.images.size(0), batch.images.device());
    const torch::Tensor fakes = nets.at("generator")->run(latents);
    const torch::Tensor noise = input_noise_at(input_noise_, batch);
    const auto answers = [&](const torch::Tensor& images) {
      return nets.at("discriminator")->forward({{"image", noisy(images, noise)}});
    };

    const Tensors real = answers(batch.images), fake = answers(fakes.detach());
    const torch::Tensor d_loss = gan_bce(real.at("logit"), true) + gan_bce(fake.at("logit"), false);
    // The category must survive a slant: else it is one of the first things that tell pictures apart, and
    // categories become upright and slanted ones of several digits. The idea is that of Ojha et
    // al. 2020 ("Elastic-InfoGAN"), whose categories must survive changes that leave an object what it is.
    const auto category = [&](const torch::Tensor& images) {
      return slant_ == 0 ? torch::Tensor() : answers(slanted(images, slant_)).at("category");
    };
    updater.update("discriminator", d_loss + weighed(read(fake, category(fakes.detach()), latents)));

    const Tensors judged = answers(fakes);
    const torch::Tensor g_loss = gan_bce(judged.at("logit"), true);
    const Reading reading = read(judged, category(fakes), latents);
    updater.update("generator", g_loss + weighed(reading));
    return {{"d_loss", d_loss.detach()},
            {"g_loss", g_loss.detach()},
            {"category_loss", reading.category.detach()},
            {"code_loss", reading.code.detach()},
            {"d_real", real.at("logit").detach().sigmoid().mean()},
            {"d_fake", fake.at("logit").detach().sigmoid().mean()}};
  }

 private:
  // What Q loses, in nats: the negative of the bound on the mutual information, up to the codes' entropy
  // (Chen et al. 2016, equation 5).
  struct Reading {
    torch::Tensor category, code;
  };
  // `of_slanted`: the answer on the category that counts; undefined: that among `answers`.
  Reading read(const Tensors& answers, const torch::Tensor& of_slanted, const torch::Tensor& latents) const {
    const torch::Tensor& answer = of_slanted.defined() ? of_slanted : answers.at("category");
    const torch::Tensor category = latents.narrow(1, options_.latent_size, categories_);
    const torch::Tensor code = latents.narrow(1, options_.latent_size + categories_, codes_);
    // Q's deviation is fixed at 1, as in the authors' program (openai/InfoGAN, fix_std): learnt, it shrinks,
    // and codes that can be read exactly are all that the generator still works for.
    const torch::Tensor distance = (code - answers.at("code")).square();
    return {torch::cross_entropy_loss(answer, category.argmax(1)),
            batch_mean_of_sums(0.5 * (std::log(2 * M_PI) + distance))};
  }
  torch::Tensor weighed(const Reading& reading) const {
    return category_weight_ * reading.category + code_weight_ * reading.code;
  }

  std::int64_t categories_ = 10, codes_ = 2;
  // The paper has 1 for the category and a generator that learns five times as fast (appendix C.1). At 1 the
  // categories are settled before there are digits to be told apart, and pictures of one are alike.
  double category_weight_ = 0.1, code_weight_ = 0.1;
  double input_noise_ = kInputNoise, generator_lr_ = 1;
  double slant_ = 0.5;
};

}  // namespace

FamilyEntry infogan_family() {
  FamilyEntry entry;
  entry.name = "infogan";
  entry.title = "InfoGAN";
  entry.paper =
      "X. Chen, Y. Duan, R. Houthooft et al.: InfoGAN: Interpretable representation learning by information "
      "maximizing generative adversarial nets";
  entry.year = 2016;
  entry.sentence = "Codes that must show in the picture: one finds the class by itself, two the style.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<InfoGan>(); };
  return entry;
}

}  // namespace lc::train
