// The generator and discriminator that the GANs share, convolutional as Radford et al. drew them or dense,
// and what a family made of such a pair has in common.
#pragma once

#include <string>
#include <vector>

#include "native/train/family.h"

namespace lc::train {

// As Radford et al. chose them ("Unsupervised representation learning with deep convolutional generative
// adversarial networks", 2016, section 3) and most who came after: of LeakyReLU in discriminators, and of the
// initial weights.
constexpr double kLeakySlope = 0.2;
constexpr double kInitDeviation = 0.02;

struct GanOptions {
  std::string net = "conv";
  std::int64_t width = 32;  // channels next to the picture; each step away from it doubles them
  std::int64_t hidden = 400;
  std::int64_t latent_size = 100;
  std::string prior = "normal";
};

void declare_gan(OptionTable& table, GanOptions& options);

// bad_combination when the convolutional pair cannot halve the picture's sides; `has_mlp`: net=mlp is an
// option.
Status check_sides(const GanOptions& options, const DataShape& shape, bool has_mlp = true);

// Features (latents, with a label beside them or not) -> picture in [-1, 1]; BatchNorm except at the end.
Value generated_picture(Value features, const GanOptions& options, const DataShape& shape);

// Picture -> the features that the last dense layer of a discriminator reads. BatchNorm (of the convolutional
// one alone) can be left out, as a critic with a gradient penalty wants it.
enum class TrunkNorm { batch, layer, none };
Value discriminator_trunk(Value image, const GanOptions& options, TrunkNorm norm = TrunkNorm::batch);

// A picture with its label, for the first layer: to a convolutional network one more channel that a dense
// layer makes of the label (Denton et al. 2015, "Deep generative image models using a Laplacian pyramid",
// section 4.2); to a dense one the label itself beside the pixels (Mirza & Osindero 2014).
Value with_label(Value image, Value label, const std::string& net);

// The whole networks: "latent" (and "label") -> "image", "image" (and "label") -> "logit". A convolutional
// discriminator meets the label where it has features to compare it with, beside those of its trunk (Reed et
// al. 2016, "Generative adversarial text to image synthesis", section 4.1).
Net make_generator(const GanOptions& options, const DataShape& shape, std::int64_t latent_size,
                   bool labels = false);
Net make_discriminator(const GanOptions& options, const DataShape& shape, TrunkNorm norm = TrunkNorm::batch,
                       bool labels = false);

// Radford's weights: N(0, 0.02), BatchNorm's scale N(1, 0.02), biases and shifts 0; what reads a label starts
// as an embedding does, N(0, 1). Dense networks keep PyTorch's initialisation: so small a deviation starves
// them of gradient.
void initialise_gan(const GanOptions& options, NetImpl& net);

// Multiplies what a generator's first layer makes of the one-hot label behind `noise` latent numbers, so that
// it weighs half as much as they all do: else the generator takes long to heed it, and a discriminator that
// finds no label in a fake has the same answer for all of them, which teaches nothing. Not for acgan: each of
// its classes has one picture then.
void stress_label(NetImpl& generator, std::int64_t noise, std::int64_t classes);

// The run that suits these networks: rates of both players high, and falling to 0 in few epochs.
void set_gan_run(RunOptions& run);

// Noise on what a discriminator sees in training, real and generated: the two overlap from the start, so that
// it has a slope between them (Arjovsky & Bottou 2017, "Towards principled methods for training generative
// adversarial networks", section 3). It falls in a straight line to 0 at the end: noise that stays hides
// specks of its own size, and the generator leaves them.
constexpr double kInputNoise = 0.5;  // deviation at the start
void declare_input_noise(OptionTable& table, double& deviation);
// The deviation at the batch's moment, a scalar on its device; undefined where there never is noise.
torch::Tensor input_noise_at(double deviation, const Batch& batch);
torch::Tensor noisy(const torch::Tensor& images, const torch::Tensor& deviation);

// Each picture slanted by a random amount: its top moves sideways by at most `most` times half its width, its
// bottom as far the other way. Bilinear; the border goes on outside.
torch::Tensor slanted(const torch::Tensor& images, double most);

// Training noise from torch's generators: one latent vector a row, its parts in order. Mixtures are not
// drawn.
torch::Tensor draw_noise(const std::vector<format::PriorPart>& prior, std::int64_t count,
                         torch::Device device);

// The prior's part z: normal, or uniform in [-1, 1).
format::PriorPart noise_part(const std::string& kind, std::int64_t size);

// One round of the game: the discriminator's step, then the generator's.
struct Round {
  // log(1 - D(G(z))) is minimised, the loss of the game's definition, instead of -log D(G(z)), which has a
  // gradient where the discriminator is sure (Goodfellow et al. 2014, section 3).
  bool saturating = false;
  bool move_generator = true;
  // One-hot labels that are not the pictures': where defined, the discriminator learns to refuse a real
  // picture with the label of another (Reed et al. 2016, section 4.2). It then cannot do without the
  // label.
  torch::Tensor wrong_label;
  torch::Tensor input_noise;  // input_noise_at
};
struct Played {
  torch::Tensor d_loss, g_loss, d_real, d_fake;  // detached scalars; d_real, d_fake: mean answers of D
  Losses losses() const {
    return {{"d_loss", d_loss}, {"g_loss", g_loss}, {"d_real", d_real}, {"d_fake", d_fake}};
  }
};
// `label`: one-hot, or undefined for networks without labels.
Played play_round(Nets& nets, const torch::Tensor& images, const torch::Tensor& z, const torch::Tensor& label,
                  Updater& updater, const Round& round = {});

// Values of a drawn data set as they were before they became bytes, up to the place within a byte's step:
// with steps, a discriminator would learn the steps.
torch::Tensor undo_rounding(const torch::Tensor& images, std::pair<float, float> range);

// A generator that plays against a discriminator, in [-1, 1].
class GanFamily : public Family {
 public:
  std::vector<Group> groups() const override {
    return {{"discriminator", {"discriminator"}}, {"generator", {"generator"}}};
  }
  std::string player() const override { return "generator"; }
  std::pair<float, float> image_range() const override { return {-1.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override {
    return {noise_part(options_.prior, options_.latent_size)};
  }

 protected:
  GanOptions options_;
};

}  // namespace lc::train
