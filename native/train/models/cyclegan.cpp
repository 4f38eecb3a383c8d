// cyclegan: two domains and a translator each way, trained without pairs, of Zhu et al.
#include "native/train/models/domains.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

// Least squares (Mao et al. 2017).
torch::Tensor lsgan(const torch::Tensor& scores, double target) {
  return (scores - target).square().mean();
}
torch::Tensor l1_mean(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().mean();
}

class CycleGan : public Family {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 2;
    run.batch_size = 16;
    run.lr = 2e-4;
    run.beta1 = 0.5;
    run.lr_schedule = "cosine";
    std::vector<std::string> names;
    for (const auto& [name, domain] : domains()) names.push_back(name);
    table.add("domain_b", domain_b_, names,
              "What becomes of the data in domain b; domain a is the data as it is.");
    table.add("width", width_, 1, 1024,
              "Channels next to the picture; the halved picture has twice as many.");
    table.add("blocks", blocks_, 0, 64, "Residual blocks of each generator.");
    table.add("cycle_weight", cycle_weight_, 0, 1e6, "Weight of the way there and back.");
    table.add("identity_weight", identity_weight_, 0, 1e6,
              "Weight, times cycle_weight, of leaving pictures that are in the domain already as they are.");
    table.add("pool", pool_size_, 0, 10000, "Earlier pictures that each discriminator is shown again.");
  }

  Result<Nets> build(const DataShape& shape) override {
    if (shape.height % 4 != 0 || shape.width % 4 != 0) {
      return fail(Code::bad_combination,
                  "pictures are halved twice: expected sides that are multiples of 4, found " +
                      std::to_string(shape.height) + " x " + std::to_string(shape.width) + ".");
    }
    const Sizes size = {shape.channels, shape.height, shape.width};
    Nets nets;
    for (const char* label : {"a_to_b", "b_to_a"}) {
      Net net(format::Role::generator, label);
      net->output("image", translate(net->input("image", size)));
      nets.emplace(label, net);
    }
    for (const char* label : {"judge_a", "judge_b"}) {
      Net net(format::Role::discriminator, label);
      net->output("logit", judge(net->input("image", size)));
      nets.emplace(label, net);
    }
    for (auto& [label, net] : nets) initialise(*net);
    pool_a_.make(pool_size_, shape);
    pool_b_.make(pool_size_, shape);
    return nets;
  }

  std::vector<Group> groups() const override {
    return {{"generators", {"a_to_b", "b_to_a"}}, {"discriminators", {"judge_a", "judge_b"}}};
  }
  std::string player() const override { return "a_to_b"; }
  std::vector<std::string> exported(const Nets&) const override { return {"b_to_a"}; }
  std::pair<float, float> image_range() const override { return {-1.f, 1.f}; }
  std::vector<format::PriorPart> prior() const override { return {}; }
  Repetition repetition() const override { return {0, "its pool of earlier pictures is dealt on the host"}; }
  std::vector<torch::Tensor> state() const override {
    std::vector<torch::Tensor> tensors = pool_a_.state();
    for (const torch::Tensor& tensor : pool_b_.state()) tensors.push_back(tensor);
    return tensors;
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    const auto [a, b] = unpaired(batch, domains().at(domain_b_));
    const torch::Tensor nothing = torch::zeros({}, batch.images.options());
    // One batch in 2^15 of 16 pictures has none of one domain, and is passed over: by every rank, for they
    // must make the same steps.
    if (any_rank(a.size(0) == 0 || b.size(0) == 0)) {
      return {{"g_loss", nothing}, {"cycle", nothing}, {"identity", nothing}, {"d_loss", nothing}};
    }
    Net &a_to_b = nets.at("a_to_b"), &b_to_a = nets.at("b_to_a");
    Net &judge_a = nets.at("judge_a"), &judge_b = nets.at("judge_b");

    const torch::Tensor fake_b = a_to_b->run(a), fake_a = b_to_a->run(b);
    const torch::Tensor fooling = lsgan(judge_b->run(fake_b), 1) + lsgan(judge_a->run(fake_a), 1);
    const torch::Tensor cycle = l1_mean(b_to_a->run(fake_b), a) + l1_mean(a_to_b->run(fake_a), b);
    const torch::Tensor identity =
        identity_weight_ > 0 ? l1_mean(a_to_b->run(b), b) + l1_mean(b_to_a->run(a), a) : nothing;
    const torch::Tensor g_loss = fooling + cycle_weight_ * (cycle + identity_weight_ * identity);
    updater.update("generators", g_loss);

    const std::int64_t n = batch.images.size(0);
    const torch::Tensor old_a = pool_a_.exchange(fake_a, n), old_b = pool_b_.exchange(fake_b, n);
    const torch::Tensor d_loss = 0.5 * (lsgan(judge_a->run(a), 1) + lsgan(judge_a->run(old_a), 0) +
                                        lsgan(judge_b->run(b), 1) + lsgan(judge_b->run(old_b), 0));
    updater.update("discriminators", d_loss);
    return {{"g_loss", g_loss.detach()},
            {"cycle", cycle.detach()},
            {"identity", identity.detach()},
            {"d_loss", d_loss.detach()}};
  }

  // There and back.
  torch::Tensor reconstruct(Nets& nets, const torch::Tensor& images, const torch::Tensor&) const override {
    return nets.at("b_to_a")->run(nets.at("a_to_b")->run(images));
  }

  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, const torch::Tensor&,
                                       std::uint64_t, const Stop& stop) const override {
    constexpr std::int64_t kChunk = 500;
    double there = 0, cycle_a = 0, cycle_b = 0;
    std::int64_t count = 0;
    for (std::int64_t first = 0; first < images.size(0) && !stop(); first += kChunk) {
      const std::int64_t n = std::min(kChunk, images.size(0) - first);
      const torch::Tensor a = images.narrow(0, first, n), b = domains().at(domain_b_)(a);
      const torch::Tensor fake_b = nets.at("a_to_b")->run(a), fake_a = nets.at("b_to_a")->run(b);
      // Halved: values in [-1, 1] are twice as far apart as those in [0, 1].
      const double share = 0.5 * static_cast<double>(n);
      there += share * l1_mean(fake_b, b).item<double>();
      cycle_a += share * l1_mean(nets.at("b_to_a")->run(fake_b), a).item<double>();
      cycle_b += share * l1_mean(nets.at("a_to_b")->run(fake_a), b).item<double>();
      count += n;
    }
    if (count == 0) return {};
    const double n = static_cast<double>(count);
    const std::string note =
        "mean absolute difference a pixel, black 0 and white 1, " + std::to_string(count) + " test images";
    return {{"cycle_error_a", cycle_a / n, note + ", a -> b -> a"},
            {"cycle_error_b", cycle_b / n, note + ", b -> a -> b"},
            {"translation_error", there / n,
             note + ", a -> b against domain_b's own rule, which training never saw in pairs"}};
  }

 private:
  // The paper's, with one halving instead of two: 28 pixels are few.
  Value translate(Value image) const {
    const auto join = [](Value value, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
      return value.conv2d(out, kernel, stride, kernel / 2).instance_norm();
    };
    Value h = join(join(image, width_, 7, 1).relu(), 2 * width_, 3, 2).relu();
    for (std::int64_t i = 0; i < blocks_; ++i) {
      h = h.add(join(join(h, 2 * width_, 3, 1).relu(), 2 * width_, 3, 1));
    }
    h = h.conv_transpose2d(width_, 3, 2, 1, 1).instance_norm().relu();
    return h.conv2d(image.shape()[0], 7, 1, 3).tanh();
  }

  // A score for each patch.
  Value judge(Value image) const {
    return image.conv2d(width_, 4, 2, 1)
        .leaky_relu(kLeakySlope)
        .conv2d(2 * width_, 4, 2, 1)
        .instance_norm()
        .leaky_relu(kLeakySlope)
        .conv2d(1, 3, 1, 1);
  }

  static void initialise(NetImpl& net) {
    const torch::NoGradGuard no_grad;
    for (const Layer& layer : net.layers()) {
      if (!layer.tensors || layer.kind == "instance_norm") continue;
      layer.tensors->weight.normal_(0, kInitDeviation);
      layer.tensors->bias.zero_();
    }
  }

  std::string domain_b_ = "inverted-outline";
  std::int64_t width_ = 16, blocks_ = 2, pool_size_ = 50;
  double cycle_weight_ = 10, identity_weight_ = 0.5;
  ImagePool pool_a_, pool_b_;
};

}  // namespace

FamilyEntry cyclegan_family() {
  FamilyEntry entry;
  entry.name = "cyclegan";
  entry.title = "CycleGAN";
  entry.paper =
      "J.-Y. Zhu, T. Park, P. Isola, A. A. Efros: Unpaired image-to-image translation using cycle-consistent "
      "adversarial networks";
  entry.year = 2017;
  entry.sentence = "Translates pictures between two domains, and back, without ever having seen a pair.";
  entry.needs = "images";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<CycleGan>(); };
  return entry;
}

}  // namespace lc::train
