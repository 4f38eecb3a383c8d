// improved-gan: the techniques of Salimans et al., each by switch, and their semi-supervised classifier.
#include <optional>

#include "native/train/losses.h"
#include "native/train/models/models.h"
#include "native/train/models/networks.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

constexpr std::int64_t kMinibatchFeatures = 32, kMinibatchDims = 4;  // B and C of the paper's section 3.2
constexpr std::int64_t kReferenceSamples = 64;                       // of virtual BatchNorm

struct ImprovedOptions {
  bool feature_matching = false;
  bool minibatch_discrimination = true;
  double label_smoothing = 0.1;
  double historical_averaging = 0;
  bool virtual_batch_norm = false;
  std::int64_t labelled = 100;
  double input_noise = 0.3, hidden_noise = 0.5;
};

// The images whose labels training may use: for each class the first that the feed deals, whose order is the
// seed's. No other label is ever read once they are complete.
class LabelledImages {
 public:
  void reset(std::int64_t count, const DataShape& shape) {
    quota_ = count / std::max<std::int64_t>(shape.classes, 1);
    images_ = torch::zeros({count, shape.channels, shape.height, shape.width});
    places_ = torch::full({count}, -1, torch::kInt64);
  }

  void collect(const Batch& batch) {
    images_ = images_.to(batch.images.device());
    if (places_.ge(0).all().item<bool>()) return;
    const torch::Tensor images = gather_rows(batch.images), labels = gather_rows(batch.labels).cpu(),
                        indices = gather_rows(batch.indices).cpu();
    for (std::int64_t i = 0; i < labels.size(0); ++i) {
      const torch::Tensor mine = places_.narrow(0, labels[i].item<std::int64_t>() * quota_, quota_);
      const torch::Tensor free = mine.lt(0).nonzero();
      if (free.size(0) == 0 || mine.eq(indices[i]).any().item<bool>()) continue;
      const std::int64_t slot = free[0].item<std::int64_t>();
      mine[slot] = indices[i];
      images_[labels[i].item<std::int64_t>() * quota_ + slot] = images[i];
    }
  }

  struct Drawn {
    torch::Tensor images, labels;
  };
  // With replacement, from torch's generator.
  Drawn draw(std::int64_t count) const {
    const torch::Tensor known = places_.ge(0).nonzero().flatten();
    const torch::Tensor rows =
        known.index_select(0, own_rows(count, [&](std::int64_t drawn) {
                             return torch::randint(known.size(0), {drawn}, torch::kInt64);
                           }));
    const torch::Tensor labels = torch::div(rows, quota_, "floor");
    return {images_.index_select(0, rows.to(images_.device())), labels.to(images_.device())};
  }

  std::vector<torch::Tensor> state() const { return {images_, places_}; }

 private:
  std::int64_t quota_ = 0;  // images of each class
  torch::Tensor images_;    // [count][channels][height][width], class by class
  torch::Tensor places_;    // [count], int64 on the CPU: places in the training set, -1 while there is none
};

class ImprovedGan : public GanFamily {
 public:
  void declare(OptionTable& table, RunOptions& run) override {
    run.epochs = 20;
    run.batch_size = 64;
    run.lr = 3e-4;
    run.beta1 = 0.5;
    declare_gan(table, options_);
    table.add("feature_matching", own_.feature_matching,
              "The generator matches the mean of the discriminator's features, not its verdict.");
    table.add("minibatch_discrimination", own_.minibatch_discrimination,
              "The discriminator sees how close a picture's features are to those of its batch.");
    table.add("label_smoothing", own_.label_smoothing, 0, 0.5,
              "One-sided: the target of real pictures is 1 less this.");
    table.add("historical_averaging", own_.historical_averaging, 0, 1e6,
              "Weight of the squared distance of each player's weights from their mean so far.");
    table.add("virtual_batch_norm", own_.virtual_batch_norm,
              "The generator's BatchNorm takes its statistics from one batch of latents that never changes.");
    table.add(
        "labelled", own_.labelled, 0, 1000,
        "Images with a label, as many of each class; 0 trains without labels and without a classifier.");
    declare_input_noise(table, own_.input_noise);
    table.add("hidden_noise", own_.hidden_noise, 0, 10,
              "Deviation of Gaussian noise on the discriminator's hidden layers in training.");
  }

  Result<Nets> build(const DataShape& shape) override {
    LC_TRY(check_sides(options_, shape));
    if (own_.labelled > 0 && (shape.classes < 2 || own_.labelled % shape.classes != 0)) {
      return fail(Code::bad_combination,
                  "labelled=" + std::to_string(own_.labelled) + " is not as many of each of the " +
                      std::to_string(shape.classes) + " classes. Give a multiple of them, or 0.");
    }
    Net discriminator(format::Role::discriminator, "discriminator");
    const Value image = discriminator->input("image", {shape.channels, shape.height, shape.width});
    // Without BatchNorm: one classifier must fit real, generated and labelled batches.
    const Value features = discriminator_trunk(image, options_, TrunkNorm::none);
    std::vector<Value> verdicts;
    std::optional<Value> classes;
    if (own_.labelled > 0) {
      // K classes and none for 'generated', whose logit is 0: section 5 of the paper.
      classes = features.dense(shape.classes);
      verdicts.push_back(classes->logsumexp());
    }
    if (own_.minibatch_discrimination) {
      // The batch is a matter of the verdict alone, so that a picture's class is its own.
      verdicts.push_back(features.minibatch_discrimination(kMinibatchFeatures, kMinibatchDims).dense(1));
    } else if (own_.labelled == 0) {
      verdicts.push_back(features.dense(1));
    }
    discriminator->output("logit", verdicts.size() == 1 ? verdicts[0] : verdicts[0].add(verdicts[1]));
    if (classes) discriminator->output("classes", *classes);
    discriminator->training_output("features", features);
    discriminator->use_noise(own_.hidden_noise);
    Net generator = make_generator(options_, shape, options_.latent_size);
    if (own_.virtual_batch_norm) generator->use_reference_batch(kReferenceSamples);

    // Not draw_noise: every rank has the whole of it.
    reference_ = torch::empty({kReferenceSamples, options_.latent_size});
    options_.prior == "uniform" ? reference_.uniform_(-1, 1) : reference_.normal_();
    means_ = {torch::zeros({discriminator->parameter_count()}), torch::zeros({generator->parameter_count()})};
    labelled_.reset(own_.labelled, shape);
    return Nets{{"generator", generator}, {"discriminator", discriminator}};
  }

  Repetition repetition() const override { return {0, "it keeps its labelled pictures on the host"}; }
  std::vector<torch::Tensor> state() const override {
    std::vector<torch::Tensor> tensors = labelled_.state();
    if (own_.virtual_batch_norm) tensors.push_back(reference_);
    if (own_.historical_averaging > 0) tensors.insert(tensors.end(), means_.begin(), means_.end());
    return tensors;
  }

  Losses step(Nets& nets, const Batch& batch, Updater& updater) override {
    Net& generator = nets.at("generator");
    Net& discriminator = nets.at("discriminator");
    const std::int64_t n = batch.images.size(0);
    const torch::Tensor fakes = generate(generator, draw_noise(prior(), n, batch.images.device()));

    noise_ = input_noise_at(own_.input_noise, batch);
    const Tensors real = judge(discriminator, batch.images);
    const Tensors fake = judge(discriminator, fakes.detach());
    const double smooth = own_.label_smoothing;
    torch::Tensor d_loss = (1 - smooth) * gan_bce(real.at("logit"), true) + gan_bce(fake.at("logit"), false);
    if (smooth > 0) d_loss = d_loss + smooth * gan_bce(real.at("logit"), false);
    torch::Tensor supervised;
    if (own_.labelled > 0) {
      labelled_.collect(batch);
      const LabelledImages::Drawn drawn = labelled_.draw(std::min(n, own_.labelled));
      supervised = torch::cross_entropy_loss(classify(discriminator, drawn.images), drawn.labels);
      d_loss = supervised + 0.5 * d_loss;
    }
    if (own_.historical_averaging > 0) {
      d_loss = d_loss + own_.historical_averaging * drift(*discriminator, means_[0], batch.iteration);
    }
    updater.update("discriminator", d_loss);

    const Tensors drawn = judge(discriminator, fakes);
    torch::Tensor g_loss = own_.feature_matching
                               ? feature_distance(discriminator, batch.images, drawn.at("features"))
                               : gan_bce(drawn.at("logit"), true);
    if (own_.historical_averaging > 0) {
      g_loss = g_loss + own_.historical_averaging * drift(*generator, means_[1], batch.iteration);
    }
    updater.update("generator", g_loss);

    Losses losses = {{"d_loss", d_loss.detach()},
                     {"g_loss", g_loss.detach()},
                     {"d_real", real.at("logit").detach().sigmoid().mean()},
                     {"d_fake", fake.at("logit").detach().sigmoid().mean()}};
    if (supervised.defined()) losses.emplace_back("supervised", supervised.detach());
    return losses;
  }

  std::vector<format::Metric> evaluate(Nets& nets, const torch::Tensor& images, const torch::Tensor& labels,
                                       std::uint64_t, const Stop& stop) const override {
    constexpr std::int64_t kChunk = 500;
    if (own_.labelled == 0) return {};
    std::int64_t wrong = 0;
    for (std::int64_t first = 0; first < images.size(0); first += kChunk) {
      if (stop()) return {};
      const std::int64_t n = std::min(kChunk, images.size(0) - first);
      const Tensors verdict = nets.at("discriminator")->forward({{"image", images.narrow(0, first, n)}});
      wrong += verdict.at("classes").argmax(1).ne(labels.narrow(0, first, n)).sum().item<std::int64_t>();
    }
    if (images.size(0) == 0) return {};
    return {{"test_error", static_cast<double>(wrong) / static_cast<double>(images.size(0)),
             "share of " + std::to_string(images.size(0)) + " test images put into a wrong class; " +
                 std::to_string(own_.labelled) + " labels in training"}};
  }

 private:
  torch::Tensor generate(Net& generator, const torch::Tensor& z) {
    if (!own_.virtual_batch_norm) return generator->run(z);
    reference_ = reference_.to(z.device());
    return generator->run(torch::cat({reference_, z})).narrow(0, reference_.size(0), z.size(0));
  }

  Tensors judge(Net& discriminator, const torch::Tensor& images) const {
    return discriminator->forward({{"image", noisy(images, noise_)}});
  }
  torch::Tensor classify(Net& discriminator, const torch::Tensor& images) const {
    const Tensors given = {{"image", noisy(images, noise_)}};
    return discriminator->forward_part(given, {"classes"}).at("classes");
  }

  // Squared distance between the means of features: section 3.1 of the paper.
  torch::Tensor feature_distance(Net& discriminator, const torch::Tensor& reals,
                                 const torch::Tensor& of_fakes) const {
    torch::Tensor of_reals;
    {
      const torch::NoGradGuard no_grad;
      of_reals = judge(discriminator, reals).at("features").mean(0);
    }
    return (of_fakes.mean(0) - of_reals).square().sum();
  }

  // Squared distance of the weights from their mean over the steps so far, this one included: section 3.3.
  static torch::Tensor drift(const NetImpl& net, torch::Tensor& mean, std::int64_t iteration) {
    const torch::Tensor now = net.trained();
    mean = mean.to(now.device());
    {
      const torch::NoGradGuard no_grad;
      mean.lerp_(now, 1.0 / static_cast<double>(iteration + 1));
    }
    return (now - mean).square().sum();
  }

  ImprovedOptions own_;
  LabelledImages labelled_;
  torch::Tensor noise_;               // deviation on what the discriminator sees in this step
  torch::Tensor reference_;           // latents of virtual BatchNorm's reference batch
  std::vector<torch::Tensor> means_;  // of the discriminator's and the generator's weights, flat
};

}  // namespace

FamilyEntry improved_gan_family() {
  FamilyEntry entry;
  entry.name = "improved-gan";
  entry.title = "Improved GAN";
  entry.paper =
      "T. Salimans, I. Goodfellow, W. Zaremba, V. Cheung, A. Radford, X. Chen: Improved techniques for "
      "training GANs";
  entry.year = 2016;
  entry.sentence = "Feature matching and its companions; the discriminator learns classes from few labels.";
  entry.needs = "images and labels";
  entry.make = []() -> std::unique_ptr<Family> { return std::make_unique<ImprovedGan>(); };
  return entry;
}

}  // namespace lc::train
