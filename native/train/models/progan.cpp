// progan: grows from 4 x 4 pixels to full size while it trains, of Karras et al.
#include "native/train/gradient_penalty.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"

namespace lc::train {

namespace {

constexpr double kHe = 1.4142135623730951;             // gain of a layer before LeakyReLU (He et al. 2015)
constexpr std::int64_t kSmallest = 4, kLargest = 256;  // sides

// Where the growth stands: pictures of `side`, whose newest layers count for `alpha`, the layers below them
// for the rest.
struct Stage {
  std::int64_t side = kSmallest;
  double alpha = 1;
};

std::string at(const std::string& name, std::int64_t side) {
  return name + "_" + std::to_string(side);
}

// Shares of the run: a stage has twice the images of the one before it, because its pictures have more to
// learn, and the first half of it fades in.
std::int64_t stage_end(std::int64_t side, std::int64_t largest, std::int64_t total) {
  const auto doublings = [](std::int64_t n) { return n / kSmallest; };  // 1, 2, 4, 8
  return total * (2 * doublings(side) - 1) / (2 * doublings(largest) - 1);
}

Stage stage_of(std::int64_t iteration, std::int64_t total, std::int64_t largest) {
  std::int64_t begin = 0;
  for (std::int64_t side = kSmallest;; side *= 2) {
    const std::int64_t end = stage_end(side, largest, total);
    if (iteration < end || side >= largest) {
      const double fade = 0.5 * static_cast<double>(end - begin);
      const double done = static_cast<double>(iteration - begin) / std::max(fade, 1.0);
      return {side, side == kSmallest ? 1.0 : std::min(1.0, done)};
    }
    begin = end;
  }
}

// The data at the stage's size, with details that fade in as the networks' do.
torch::Tensor reals_at(const torch::Tensor& images, const Stage& stage) {
  const std::int64_t factor = images.size(2) / stage.side;
  const torch::Tensor fine = factor > 1 ? torch::avg_pool2d(images, factor) : images;
  if (stage.alpha >= 1) return fine;
  const torch::Tensor coarse = torch::avg_pool2d(fine, 2).repeat_interleave(2, 2).repeat_interleave(2, 3);
  return torch::lerp(coarse, fine, stage.alpha);
}

class ProGan : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    constexpr std::int64_t kHalfLifeSteps = 693;  // an average that keeps 0.999 of itself a step
    run.epochs = 8;
    run.batch_size = 32;
    run.lr = 1e-3;
    run.beta1 = 0;
    run.beta2 = 0.99;
    run.ema_half_life_images = kHalfLifeSteps * run.batch_size;
    table.add("width", width_, 1, 1024, "Channels at full size; each halving doubles them,");
    table.add("max_width", max_width_, 1, 1024, "up to this many.");
    table.add("latent_size", latent_size_, 1, 4096, "Numbers of the latent vector.");
    table.add("penalty", penalty_, 0, 1e6, "Weight of the gradient penalty.");
    table.add("drift", drift_, 0, 1e6, "Weight of the squared scores of real pictures.");
  }

  // A square whose side is a power of two.
  DataShape picture(const DataShape& data) const override {
    DataShape padded = data;
    std::int64_t side = 2 * kSmallest;
    while (side < std::max(data.height, data.width)) side *= 2;
    padded.height = padded.width = side;
    return padded;
  }

  Result<Nets> build(const DataShape& shape) override {
    if (shape.height != shape.width || picture(shape).height != shape.height || shape.height > kLargest) {
      return fail(Code::bad_combination,
                  "pictures grow by doubling: expected squares of side 8, 16, 32, 64, 128 or 256, found " +
                      std::to_string(shape.height) + " x " + std::to_string(shape.width) + ".");
    }
    side_ = shape.height;
    Net generator(format::Role::generator, "generator");
    draw(generator, shape.channels);
    Net discriminator(format::Role::discriminator, "discriminator");
    judge(discriminator, shape.channels);
    enter(*generator, *discriminator, {kSmallest, 1});
    return Nets{{"generator", generator}, {"discriminator", discriminator}};
  }

  std::vector<Group> groups() const override {
    return {{"discriminator", {"discriminator"}}, {"generator", {"generator"}}};
  }
  Repetition repetition() const override { return {0, "its networks grow"}; }
  std::string player() const override { return "generator"; }
  // The discriminator stays behind: what it says of a picture depends on the others of the batch.
  std::vector<std::string> exported(const Nets&) const override { return {}; }
  std::pair<float, float> image_range() const override { return {-1.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override { return {noise_part("normal", latent_size_)}; }

  // The ends of the stages.
  std::vector<std::int64_t> moments(std::int64_t total) const override {
    std::vector<std::int64_t> ends;
    for (std::int64_t side = kSmallest; side < side_; side *= 2)
      ends.push_back(stage_end(side, side_, total));
    return ends;
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    NetImpl& generator = *nets.at("generator");
    NetImpl& discriminator = *nets.at("discriminator");
    const Stage stage = stage_of(batch.iteration, batch.total, side_);
    enter(generator, discriminator, stage);
    const torch::Tensor reals = reals_at(batch.images, stage);
    const auto critic = [&](const torch::Tensor& images) { return score(discriminator, images, stage); };

    const torch::Tensor fakes = paint(generator, draw_noise(prior(), reals.size(0), reals.device()), stage);
    const torch::Tensor real_scores = critic(reals), fake_scores = critic(fakes.detach());
    const GradientPenalty penalty = gradient_penalty(critic, reals, fakes.detach());
    const torch::Tensor distance = real_scores.mean() - fake_scores.mean();
    const torch::Tensor d_loss = penalty_ * penalty.penalty - distance + drift_ * real_scores.square().mean();
    updater.update("discriminator", d_loss);

    const torch::Tensor g_loss = -critic(fakes).mean();
    updater.update("generator", g_loss);
    return {{"d_loss", d_loss.detach()},
            {"g_loss", g_loss.detach()},
            {"distance", distance.detach()},
            {"gradient_norm", penalty.norms.mean()},
            {"side", torch::full({}, static_cast<double>(stage.side), d_loss.options()).detach()}};
  }

 private:
  std::int64_t channels(std::int64_t side) const { return std::min(max_width_, width_ * side_ / side); }

  // Every size gives a picture; the sum of all, each under an own factor, is the picture of the stage.
  // Latents lie on a sphere.
  void draw(Net& net, std::int64_t colours) const {
    const std::int64_t widest = channels(kSmallest);
    const auto activate = [](Value value) { return value.leaky_relu(kLeakySlope).pixel_norm(); };
    // A quarter of the gain, as the authors' code has it for the layer that sees only latents.
    Value h = activate(net->input("latent", {latent_size_})
                           .pixel_norm()
                           .dense(widest * kSmallest * kSmallest, true, kHe / 4)
                           .reshape(widest, kSmallest, kSmallest));
    h = activate(h.conv2d(widest, 3, 1, 1, true, kHe));
    Value sum = h.conv2d(colours, 1, 1, 0, true, 1).factor(at("colour", kSmallest));
    net->training_output(at("sum", kSmallest), sum);
    for (std::int64_t side = 2 * kSmallest; side <= side_; side *= 2) {
      const std::int64_t width = channels(side);
      h = activate(h.upsample(2).conv2d(width, 3, 1, 1, true, kHe));
      h = activate(h.conv2d(width, 3, 1, 1, true, kHe));
      sum = sum.upsample(2).add(h.conv2d(colours, 1, 1, 0, true, 1).factor(at("colour", side)));
      net->training_output(at("sum", side), sum);
    }
    net->output("image", sum.tanh());
  }

  // The mirror image: at every size the picture, made smaller, can enter. LeakyReLU and averages pass a
  // factor of 0 or more on, so that it may stand at the convolution before them.
  void judge(Net& net, std::int64_t colours) const {
    Value picture = net->input("image", {colours, side_, side_});
    const auto enter = [&](std::int64_t side) {
      return picture.conv2d(channels(side), 1, 1, 0, true, kHe)
          .factor(at("entry", side))
          .leaky_relu(kLeakySlope);
    };
    Value h = enter(side_);
    for (std::int64_t side = side_; side > kSmallest; side /= 2) {
      net->training_output(at("picture", side), picture);
      const Value block = h.conv2d(channels(side), 3, 1, 1, true, kHe)
                              .leaky_relu(kLeakySlope)
                              .conv2d(channels(side / 2), 3, 1, 1, true, kHe)
                              .factor(at("block", side))
                              .leaky_relu(kLeakySlope)
                              .avg_pool(2);
      net->training_output(at("block", side), block);
      picture = picture.avg_pool(2);
      h = block.add(enter(side / 2));
    }
    net->training_output(at("picture", kSmallest), picture);
    const std::int64_t widest = channels(kSmallest);
    net->output("logit", h.minibatch_stddev()
                             .conv2d(widest, 3, 1, 1, true, kHe)
                             .leaky_relu(kLeakySlope)
                             .flatten()
                             .dense(widest, true, kHe)
                             .leaky_relu(kLeakySlope)
                             .dense(1, true, 1));
  }

  // Sets every factor: the newest size counts for alpha, the one below it for the rest, the others for
  // nothing.
  void enter(NetImpl& generator, NetImpl& discriminator, const Stage& stage) const {
    for (std::int64_t side = kSmallest; side <= side_; side *= 2) {
      const double share = side == stage.side ? stage.alpha : 2 * side == stage.side ? 1 - stage.alpha : 0;
      generator.set_factor(at("colour", side), share);
      // Of the newest size the whole block fades in, so the entry before it is whole.
      discriminator.set_factor(at("entry", side), side == stage.side ? 1 : share);
      if (side == kSmallest) continue;
      discriminator.set_factor(at("block", side), side == stage.side  ? stage.alpha
                                                  : side < stage.side ? 1
                                                                      : 0);
    }
  }

  // The layers of the stage alone: larger sizes count for nothing and are not computed.
  static torch::Tensor paint(NetImpl& generator, const torch::Tensor& latents, const Stage& stage) {
    const std::string sum = at("sum", stage.side);
    return generator.forward_part({{"latent", latents}}, {sum}).at(sum).tanh();
  }
  torch::Tensor score(NetImpl& discriminator, const torch::Tensor& images, const Stage& stage) const {
    Tensors given = {{at("picture", stage.side), images}};
    if (stage.side < side_) given[at("block", 2 * stage.side)] = torch::Tensor();
    return discriminator.forward_part(given, {"logit"}).at("logit");
  }

  std::int64_t width_ = 16, max_width_ = 64, latent_size_ = 64, side_ = 32;
  double penalty_ = 10, drift_ = 0.001;
};

}  // namespace

FamilyEntry progan_family() {
  FamilyEntry entry;
  entry.name = "progan";
  entry.title = "ProGAN";
  entry.paper =
      "T. Karras, T. Aila, S. Laine, J. Lehtinen: Progressive growing of GANs for improved quality, "
      "stability, "
      "and variation";
  entry.year = 2018;
  entry.sentence = "Learns pictures of 4 x 4 pixels first, then 8, 16 and 32, each size faded in.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<ProGan>(); };
  return entry;
}

}  // namespace lc::train
