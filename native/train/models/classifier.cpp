// classifier: the pinned feature network that pictures are measured with.
#include "native/train/models/models.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

namespace F = torch::nn::functional;

struct ClassifierOptions {
  std::int64_t stem = 0;    // channels of a convolution before the picture is halved; 0: none
  std::int64_t width = 24;  // channels of the first stage; the two that follow have twice as many
  std::int64_t depth = 1;   // convolutions of a stage after the one that halves the picture
  std::int64_t features = 64;
  std::int64_t shift = 2;
  bool flip = false;
  double label_smoothing = 0;
};

Value unit(Value image, std::int64_t channels, std::int64_t kernel, std::int64_t stride) {
  return image.conv2d(channels, kernel, stride, 1, false).batch_norm().relu();
}

// A kernel of 3 joins an odd side with its rounded half, 4 an even one: 28 -> 14 -> 7 -> 4, 32 -> 16 -> 8
// -> 4.
Value trunk(Value value, const ClassifierOptions& options) {
  if (options.stem > 0) value = unit(value, options.stem, 3, 1);
  for (const std::int64_t channels : {options.width, 2 * options.width, 2 * options.width}) {
    value = unit(value, channels, value.shape()[1] % 2 == 0 ? 4 : 3, 2);
    for (std::int64_t i = 0; i < options.depth; ++i) value = unit(value, channels, 3, 1);
  }
  return value;
}

// Each picture moved by up to `reach` pixels both ways on black.
torch::Tensor shifted(const torch::Tensor& images, std::int64_t reach) {
  if (reach == 0) return images;
  const std::int64_t n = images.size(0), channels = images.size(1), h = images.size(2), w = images.size(3);
  const torch::TensorOptions whole = torch::TensorOptions(torch::kInt64).device(images.device());
  const torch::Tensor padded = torch::constant_pad_nd(images, {reach, reach, reach, reach}, 0);
  const auto moves = [&] {
    return own_rows(n, [&](std::int64_t count) {
      return torch::randint(2 * reach + 1, {count, 1, 1, 1}, whole);
    });
  };
  const torch::Tensor rows = moves() + torch::arange(h, whole).reshape({1, 1, h, 1});
  const torch::Tensor columns = moves() + torch::arange(w, whole).reshape({1, 1, 1, w});
  return padded.gather(2, rows.expand({n, channels, h, w + 2 * reach}))
      .gather(3, columns.expand({n, channels, h, w}));
}

// Each picture mirrored or not.
torch::Tensor flipped(const torch::Tensor& images) {
  const torch::Tensor mirror = own_rows(images.size(0), [&](std::int64_t count) {
    return torch::rand({count, 1, 1, 1}, images.options()) < 0.5;
  });
  return torch::where(mirror, images.flip(3), images);
}

class Classifier : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 6;
    run.lr = 3e-3;
    run.lr_schedule = "cosine";
    run.warmup_images = 20000;
    table.add("stem", options_.stem, 0, 1024,
              "Channels of a convolution before the picture is halved; 0: none.");
    table.add("width", options_.width, 1, 1024,
              "Channels of the first stage; the two that follow have twice as many.");
    table.add("depth", options_.depth, 0, 8,
              "Convolutions of a stage after the one that halves the picture.");
    table.add("features", options_.features, 1, 4096, "Numbers of the feature vector.");
    table.add("shift", options_.shift, 0, 16, "Training pictures move by up to this many pixels.");
    table.add("flip", options_.flip, "Half of the training pictures are mirrored; for photographs.");
    table.add("label_smoothing", options_.label_smoothing, 0, 0.9,
              "Share of the target that is spread over all classes.");
  }

  Result<Nets> build(const DataShape& shape) override {
    const bool halves = shape.height == shape.width && shape.height % 4 == 0;
    if (!halves) {
      return fail(
          Code::bad_combination,
          "the classifier halves pictures three times with square kernels: expected equal sides that are "
          "multiples of 4, found " +
              std::to_string(shape.height) + " x " + std::to_string(shape.width) + ".");
    }
    Net net(format::Role::classifier, "classifier");
    const Value image = net->input("image", {shape.channels, shape.height, shape.width});
    const Value features =
        trunk(image, options_).flatten().dense(options_.features, false).batch_norm().relu();
    net->output("classes", features.dense(shape.classes));
    net->output("features", features);
    return Nets{{"classifier", net}};
  }

  std::vector<Group> groups() const override { return {{"classifier", {"classifier"}}}; }
  std::string player() const override { return ""; }
  std::pair<float, float> image_range() const override { return {0.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override { return {}; }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    torch::Tensor images = shifted(batch.images, options_.shift);
    if (options_.flip) images = flipped(images);
    const torch::Tensor logits = nets.at("classifier")->forward({{"image", images}}).at("classes");
    const torch::Tensor loss = F::cross_entropy(
        logits, batch.labels, F::CrossEntropyFuncOptions().label_smoothing(options_.label_smoothing));
    updater.update("classifier", loss);
    const torch::Tensor right = logits.detach().argmax(1) == batch.labels;
    return {{"loss", loss.detach()}, {"accuracy", right.to(torch::kFloat32).mean()}};
  }

  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, const torch::Tensor& labels,
                                       std::uint64_t, const Stop& stop) const override {
    constexpr std::int64_t kChunk = 500;
    double loss = 0, right = 0;
    std::int64_t count = 0;
    for (std::int64_t first = 0; first < images.size(0) && !stop(); first += kChunk) {
      const std::int64_t n = std::min(kChunk, images.size(0) - first);
      const torch::Tensor logits =
          nets.at("classifier")->forward({{"image", images.narrow(0, first, n)}}).at("classes");
      const torch::Tensor asked = labels.narrow(0, first, n);
      loss += F::cross_entropy(logits, asked).item<double>() * static_cast<double>(n);
      right += (logits.argmax(1) == asked).sum().item<double>();
      count += n;
    }
    if (count == 0) return {};
    const double n = static_cast<double>(count);
    const std::string note = "of " + std::to_string(count) + " test images";
    return {{"test_accuracy", right / n, "share " + note + " that get their own class"},
            {"test_error", 1 - right / n, "share " + note + " that get another class"},
            {"test_loss", loss / n, "cross-entropy in nats, mean " + note}};
  }

 private:
  ClassifierOptions options_;
};

}  // namespace

FamilyEntry classifier_family() {
  FamilyEntry entry;
  entry.name = "classifier";
  entry.title = "Classifier";
  entry.paper = "S. Ioffe, C. Szegedy: Batch normalization";
  entry.year = 2015;
  entry.sentence =
      "Convolutions to ten classes; its last hidden layer is what generated pictures are measured in.";
  entry.needs = "images and labels";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<Classifier>(); };
  return entry;
}

}  // namespace lc::train
