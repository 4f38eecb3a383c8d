// dcgan: the deep convolutional GAN of Radford, Metz and Chintala.
#include "native/train/losses.h"
#include "native/train/models/models.h"

namespace lc::train {

namespace {

constexpr double kSlope = 0.2;  // of LeakyReLU in the discriminator
constexpr double kInitDeviation = 0.02;

struct DcganOptions {
  std::string net = "conv";
  std::int64_t width = 32;  // channels next to the picture; each step away from it doubles them
  std::int64_t hidden = 400;
  std::int64_t latent_size = 100;
  std::string prior = "normal";
};

// The paper's network for pictures whose sides halve twice and once more, rounded up: 28 -> 14 -> 7 -> 4, 32
// -> 16 -> 8 -> 4. A kernel of 3 joins an odd side with its rounded half, 4 an even one.
struct Sides {
  std::int64_t smallest, kernel;
};
Sides sides(std::int64_t side) {
  const std::int64_t quarter = side / 4;
  return {(quarter + 1) / 2, quarter % 2 == 0 ? 4 : 3};
}

Value conv_generator(Value latent, const DcganOptions& options, const ImageShape& shape) {
  const std::int64_t w = options.width;
  const Sides high = sides(shape.height), wide = sides(shape.width);
  return latent.dense(4 * w * high.smallest * wide.smallest, false)
      .reshape(4 * w, high.smallest, wide.smallest)
      .batch_norm()
      .relu()
      .conv_transpose2d(2 * w, high.kernel, 2, 1, 0, false)
      .batch_norm()
      .relu()
      .conv_transpose2d(w, 4, 2, 1, 0, false)
      .batch_norm()
      .relu()
      .conv_transpose2d(shape.channels, 4, 2, 1)
      .tanh();
}

Value conv_discriminator(Value image, const DcganOptions& options, const ImageShape& shape) {
  const std::int64_t w = options.width;
  return image.conv2d(w, 4, 2, 1)
      .leaky_relu(kSlope)
      .conv2d(2 * w, 4, 2, 1, false)
      .batch_norm()
      .leaky_relu(kSlope)
      .conv2d(4 * w, sides(shape.height).kernel, 2, 1, false)
      .batch_norm()
      .leaky_relu(kSlope)
      .flatten()
      .dense(1);
}

Value mlp_generator(Value latent, const DcganOptions& options, const ImageShape& shape) {
  return latent.dense(options.hidden, false)
      .batch_norm()
      .relu()
      .dense(2 * options.hidden, false)
      .batch_norm()
      .relu()
      .dense(shape.size())
      .tanh()
      .reshape(shape.channels, shape.height, shape.width);
}

Value mlp_discriminator(Value image, const DcganOptions& options, const ImageShape&) {
  return image.flatten()
      .dense(2 * options.hidden)
      .leaky_relu(kSlope)
      .dense(options.hidden)
      .leaky_relu(kSlope)
      .dense(1);
}

// Weights N(0, 0.02), BatchNorm's scale N(1, 0.02), biases and shifts 0.
void initialise(NetImpl& net) {
  const torch::NoGradGuard no_grad;
  for (const Layer& layer : net.layers()) {
    if (!layer.tensors) continue;
    const double mean = layer.kind == "batch_norm" ? 1.0 : 0.0;
    layer.tensors->weight.normal_(mean, kInitDeviation);
    if (layer.tensors->bias.defined()) layer.tensors->bias.zero_();
  }
}

class Dcgan : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 30;
    run.lr = 2e-4;
    run.beta1 = 0.5;
    table.add("net", options_.net, {"conv", "mlp"}, "Convolutional as in the paper, or dense.");
    table.add("width", options_.width, 1, 1024,
              "Channels next to the picture; each step away from it doubles them.");
    table.add("hidden", options_.hidden, 1, 65536, "Units of the dense network's smaller hidden layer.");
    table.add("latent_size", options_.latent_size, 1, 4096, "Numbers of the latent vector.");
    table.add("prior", options_.prior, {"normal", "uniform"},
              "Distribution of the latent vector; uniform is in [-1, 1).");
  }

  Result<Nets> build(const ImageShape& shape) override {
    const bool conv = options_.net == "conv";
    const bool fits = shape.height % 4 == 0 && shape.width % 4 == 0 &&
                      sides(shape.height).kernel == sides(shape.width).kernel;
    if (conv && !fits) {
      return fail(Code::bad_combination,
                  "net=conv halves pictures three times with square kernels: expected sides that are "
                  "multiples of 4, both "
                  "or none of 8, found " +
                      std::to_string(shape.height) + " x " + std::to_string(shape.width) +
                      ". Give --set net=mlp.");
    }
    Net generator(format::Role::generator, "generator");
    const Value latent = generator->input("latent", {options_.latent_size});
    generator->output(
        "image", conv ? conv_generator(latent, options_, shape) : mlp_generator(latent, options_, shape));

    Net discriminator(format::Role::discriminator, "discriminator");
    const Value image = discriminator->input("image", {shape.channels, shape.height, shape.width});
    discriminator->output("logit", conv ? conv_discriminator(image, options_, shape)
                                        : mlp_discriminator(image, options_, shape));
    // The paper's small deviation starves a dense network of gradient; that one keeps PyTorch's
    // initialisation.
    if (conv) {
      initialise(*generator);
      initialise(*discriminator);
    }
    return Nets{{"generator", generator}, {"discriminator", discriminator}};
  }

  std::vector<Group> groups() const override {
    return {{"discriminator", {"discriminator"}}, {"generator", {"generator"}}};
  }
  std::string player() const override { return "generator"; }
  std::pair<float, float> image_range() const override { return {-1.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override {
    format::PriorPart part;
    part.name = "z";
    part.kind = options_.prior == "uniform" ? format::PriorKind::uniform : format::PriorKind::normal;
    part.size = static_cast<std::uint32_t>(options_.latent_size);
    return {part};
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    Net& generator = nets.at("generator");
    Net& discriminator = nets.at("discriminator");
    const torch::Tensor z = noise(batch.images.size(0), batch.images.device());
    const torch::Tensor fakes = generator->run(z);

    // Real and fake pass apart: BatchNorm's statistics are each batch's own.
    const torch::Tensor real_logits = discriminator->run(batch.images);
    const torch::Tensor fake_logits = discriminator->run(fakes.detach());
    const torch::Tensor d_loss = gan_bce(real_logits, true) + gan_bce(fake_logits, false);
    updater.update("discriminator", d_loss);

    // The non-saturating loss of Goodfellow et al. 2014, section 3.
    const torch::Tensor g_loss = gan_bce(discriminator->run(fakes), true);
    updater.update("generator", g_loss);
    return {{"d_loss", d_loss.detach()},
            {"g_loss", g_loss.detach()},
            {"d_real", real_logits.detach().sigmoid().mean()},
            {"d_fake", fake_logits.detach().sigmoid().mean()}};
  }

 private:
  torch::Tensor noise(std::int64_t count, torch::Device device) const {
    const torch::Tensor z = torch::empty({count, options_.latent_size}, device);
    return options_.prior == "uniform" ? z.uniform_(-1, 1) : z.normal_();
  }

  DcganOptions options_;
};

}  // namespace

FamilyEntry dcgan_family() {
  FamilyEntry entry;
  entry.name = "dcgan";
  entry.title = "DCGAN";
  entry.paper =
      "A. Radford, L. Metz, S. Chintala: Unsupervised representation learning with deep convolutional "
      "generative adversarial networks";
  entry.year = 2016;
  entry.sentence = "Strided convolutions with BatchNorm on both sides of the adversarial game.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Dcgan>(); };
  return entry;
}

}  // namespace lc::train
