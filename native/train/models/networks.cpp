// The generator and discriminator that the GANs share.
#include "native/train/models/networks.h"

#include <cmath>

#include "native/train/losses.h"
#include "native/train/play.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

// The paper's network for pictures whose sides halve twice and once more, rounded up: 28 -> 14 -> 7 -> 4, 32
// -> 16 -> 8 -> 4. A kernel of 3 joins an odd side with its rounded half, 4 an even one.
struct Sides {
  std::int64_t smallest, kernel;
};
Sides sides(std::int64_t side) {
  const std::int64_t quarter = side / 4;
  return {(quarter + 1) / 2, quarter % 2 == 0 ? 4 : 3};
}

Value conv_picture(Value features, const GanOptions& options, const DataShape& shape) {
  const std::int64_t w = options.width;
  const Sides high = sides(shape.height), wide = sides(shape.width);
  return features.dense(4 * w * high.smallest * wide.smallest, false)
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

Value mlp_picture(Value features, const GanOptions& options, const DataShape& shape) {
  return features.dense(options.hidden, false)
      .batch_norm()
      .relu()
      .dense(2 * options.hidden, false)
      .batch_norm()
      .relu()
      .dense(shape.size())
      .tanh()
      .reshape(shape.channels, shape.height, shape.width);
}

Value conv_trunk(Value image, const GanOptions& options, TrunkNorm norm) {
  const std::int64_t w = options.width;
  const auto halve = [&](Value value, std::int64_t out, std::int64_t kernel) {
    const Value halved = value.conv2d(out, kernel, 2, 1, norm == TrunkNorm::none);
    const Value normed = norm == TrunkNorm::batch   ? halved.batch_norm()
                         : norm == TrunkNorm::layer ? halved.layer_norm()
                                                    : halved;
    return normed.leaky_relu(kLeakySlope);
  };
  const std::int64_t kernel = sides(image.shape()[1]).kernel;
  const Value first = image.conv2d(w, 4, 2, 1).leaky_relu(kLeakySlope);
  return halve(halve(first, 2 * w, 4), 4 * w, kernel).flatten();
}

Value mlp_trunk(Value image, const GanOptions& options) {
  const Value pixels = image.shape().size() == 1 ? image : image.flatten();
  return pixels.dense(2 * options.hidden)
      .leaky_relu(kLeakySlope)
      .dense(options.hidden)
      .leaky_relu(kLeakySlope);
}

// Features and an embedding of the label through one more layer to the logit.
Value compared(Value features, Value label, const GanOptions& options) {
  const std::int64_t units = 4 * options.width;
  return Value::concat({features, label.dense(units)}).dense(2 * units).leaky_relu(kLeakySlope).dense(1);
}

}  // namespace

void declare_gan(OptionTable& table, GanOptions& options) {
  table.add("net", options.net, {"conv", "mlp"}, "Convolutional as in DCGAN's paper, or dense.");
  table.add("width", options.width, 1, 1024,
            "Channels next to the picture; each step away from it doubles them.");
  table.add("hidden", options.hidden, 1, 65536, "Units of the dense network's smaller hidden layer.");
  table.add("latent_size", options.latent_size, 1, 4096, "Numbers of the latent vector.");
  table.add("prior", options.prior, {"normal", "uniform"},
            "Distribution of the latent vector; uniform is in [-1, 1).");
}

Status check_sides(const GanOptions& options, const DataShape& shape, bool has_mlp) {
  const bool fits = shape.height % 4 == 0 && shape.width % 4 == 0 &&
                    sides(shape.height).kernel == sides(shape.width).kernel;
  if (options.net != "conv" || fits) return {};
  return fail(
      Code::bad_combination,
      "net=conv halves pictures three times with square kernels: expected sides that are multiples of "
      "4, both or none of 8, found " +
          std::to_string(shape.height) + " x " + std::to_string(shape.width) +
          (has_mlp ? ". Give --set net=mlp." : ". Give another --dataset."));
}

Value generated_picture(Value features, const GanOptions& options, const DataShape& shape) {
  return options.net == "conv" ? conv_picture(features, options, shape)
                               : mlp_picture(features, options, shape);
}

Value discriminator_trunk(Value image, const GanOptions& options, TrunkNorm norm) {
  return options.net == "conv" ? conv_trunk(image, options, norm) : mlp_trunk(image, options);
}

Value with_label(Value image, Value label, const std::string& net) {
  if (net != "conv") return Value::concat({image.flatten(), label});
  const std::int64_t height = image.shape()[1], width = image.shape()[2];
  return Value::concat({image, label.dense(height * width).reshape(1, height, width)});
}

Net make_generator(const GanOptions& options, const DataShape& shape, std::int64_t latent_size, bool labels) {
  Net net(format::Role::generator, "generator");
  Value features = net->input("latent", {latent_size});
  if (labels) {
    const Value label = net->input("label", {shape.classes});
    features = Value::concat({features, label});
  }
  net->output("image", generated_picture(features, options, shape));
  initialise_gan(options, *net);
  return net;
}

Net make_discriminator(const GanOptions& options, const DataShape& shape, TrunkNorm norm, bool labels) {
  Net net(format::Role::discriminator, "discriminator");
  const Value image = net->input("image", {shape.channels, shape.height, shape.width});
  if (!labels) {
    net->output("logit", discriminator_trunk(image, options, norm).dense(1));
  } else {
    const Value label = net->input("label", {shape.classes});
    net->output("logit", options.net == "conv"
                             ? compared(discriminator_trunk(image, options, norm), label, options)
                             : mlp_trunk(with_label(image, label, options.net), options).dense(1));
  }
  initialise_gan(options, *net);
  return net;
}

void initialise_gan(const GanOptions& options, NetImpl& net) {
  if (options.net != "conv") return;
  const torch::NoGradGuard no_grad;
  for (const Layer& layer : net.layers()) {
    if (!layer.tensors) continue;
    const std::uint32_t from = layer.inputs[0];
    const bool of_label = from < net.inputs().size() && net.inputs()[from].name == "label";
    const double mean = layer.kind == "batch_norm" ? 1.0 : 0.0;
    layer.tensors->weight.normal_(mean, of_label ? 1.0 : kInitDeviation);
    if (layer.tensors->bias.defined()) layer.tensors->bias.zero_();
  }
}

void stress_label(NetImpl& generator, std::int64_t noise, std::int64_t classes) {
  const torch::NoGradGuard no_grad;
  for (const Layer& layer : generator.layers()) {
    if (!layer.tensors) continue;
    layer.tensors->weight.narrow(1, noise, classes).mul_(0.5 * std::sqrt(static_cast<double>(noise)));
    return;
  }
}

void set_gan_run(RunOptions& run) {
  run.epochs = 20;
  run.batch_size = 64;
  run.lr = 5e-4;
  run.lr_schedule = "cosine";
  run.beta1 = 0.5;
}

void declare_input_noise(OptionTable& table, double& deviation) {
  table.add("input_noise", deviation, 0, 10,
            "Deviation of Gaussian noise on what the discriminator sees; falls to 0 over training.");
}

torch::Tensor input_noise_at(double deviation, const Batch& batch) {
  return deviation == 0 ? torch::Tensor() : deviation * (1 - batch.progress);
}

torch::Tensor noisy(const torch::Tensor& images, const torch::Tensor& deviation) {
  return deviation.defined() ? images + deviation * normal_like(images) : images;
}

torch::Tensor slanted(const torch::Tensor& images, double most) {
  if (most == 0) return images;
  const std::int64_t count = images.size(0);
  const torch::Tensor slant = own_rows(
      count, [&](std::int64_t rows) { return torch::empty({rows}, images.options()).uniform_(-most, most); });
  torch::Tensor map = torch::eye(2, 3, images.options()).repeat({count, 1, 1});
  map.select(1, 0).select(1, 1).copy_(slant);  // where a pixel comes from: x + slant * y, y
  const torch::Tensor grid = torch::affine_grid_generator(map, images.sizes(), /*align_corners=*/false);
  return torch::grid_sampler(images, grid, /*bilinear*/ 0, /*border*/ 1, /*align_corners=*/false);
}

torch::Tensor draw_noise(const std::vector<format::PriorPart>& prior, std::int64_t count,
                         torch::Device device) {
  std::vector<torch::Tensor> parts;
  for (const format::PriorPart& part : prior) {
    const auto size = static_cast<std::int64_t>(part.size);
    parts.push_back(own_rows(count, [&](std::int64_t rows) {
      torch::Tensor values = torch::empty({rows, size}, device);
      switch (part.kind) {
        case format::PriorKind::normal:
          values.normal_();
          break;
        case format::PriorKind::uniform:
          values.uniform_(static_cast<double>(part.low), static_cast<double>(part.high));
          break;
        case format::PriorKind::categorical:
          values =
              one_hot_rows(torch::randint(size, {rows}, torch::dtype(torch::kInt64).device(device)), size);
          break;
        case format::PriorKind::mixture:
          TORCH_CHECK(false, "a mixture is drawn by the family that fitted it");
      }
      return values;
    }));
  }
  return parts.size() == 1 ? parts[0] : torch::cat(parts, 1);
}

format::PriorPart noise_part(const std::string& kind, std::int64_t size) {
  format::PriorPart part;
  part.name = "z";
  part.kind = kind == "uniform" ? format::PriorKind::uniform : format::PriorKind::normal;
  part.size = static_cast<std::uint32_t>(size);
  return part;
}

torch::Tensor undo_rounding(const torch::Tensor& images, std::pair<float, float> range) {
  const double step = static_cast<double>(range.second - range.first) / 255.0;
  return images + (uniform_like(images) - 0.5) * step;
}

Played play_round(Nets& nets, const torch::Tensor& images, const torch::Tensor& z, const torch::Tensor& label,
                  Updater& updater, const Round& round) {
  const auto ask = [&](const char* net, const char* input, const torch::Tensor& values,
                       const torch::Tensor& asked) {
    Tensors inputs = {{input, values}};
    if (asked.defined()) inputs["label"] = asked;
    return nets.at(net)->forward(inputs);
  };
  const auto logits = [&](const torch::Tensor& pictures, const torch::Tensor& asked) {
    return ask("discriminator", "image", noisy(pictures, round.input_noise), asked).at("logit");
  };
  const torch::Tensor fakes = ask("generator", "latent", z, label).at("image");

  // Real and fake pass apart: BatchNorm's statistics are each batch's own.
  const torch::Tensor real_logits = logits(images, label);
  const torch::Tensor fake_logits = logits(fakes.detach(), label);
  torch::Tensor refused = gan_bce(fake_logits, false);
  if (round.wrong_label.defined()) {
    refused = 0.5 * (refused + gan_bce(logits(images, round.wrong_label), false));
  }
  const torch::Tensor d_loss = gan_bce(real_logits, true) + refused;
  updater.update("discriminator", d_loss);

  Played played;
  played.d_loss = d_loss.detach();
  played.d_real = real_logits.detach().sigmoid().mean();
  played.d_fake = fake_logits.detach().sigmoid().mean();
  if (!round.move_generator) return played;
  const torch::Tensor answers = logits(fakes, label);
  const torch::Tensor g_loss = round.saturating ? -gan_bce(answers, false) : gan_bce(answers, true);
  updater.update("generator", g_loss);
  played.g_loss = g_loss.detach();
  return played;
}

}  // namespace lc::train
