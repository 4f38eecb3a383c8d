// Measures a model: every metric that its networks allow.
#include "native/eval/evaluate.h"

#include <algorithm>
#include <cstdio>

#include "native/eval/classes.h"
#include "native/eval/coverage.h"
#include "native/eval/encoders.h"
#include "native/eval/kernel_distance.h"
#include "shared/core/random.h"

namespace lc::eval {

namespace {

const std::vector<double>& parzen_sigmas() {
  static const std::vector<double> sigmas = {0.05, 0.07, 0.1,  0.12, 0.14, 0.16,
                                             0.18, 0.2,  0.22, 0.25, 0.3,  0.4};
  return sigmas;
}

std::string text(double value, const char* format = "%.4g") {
  char out[32];
  std::snprintf(out, sizeof out, format, value);
  return out;
}

std::string counted(std::size_t n) {
  return std::to_string(n);
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::string list_of(const std::vector<double>& values) {
  std::string out;
  for (const double value : values) out += (out.empty() ? "" : ", ") + text(value);
  return out;
}

class Evaluator {
 public:
  Evaluator(const format::ModelFile& model, const Reference& reference, const Draw& draw,
            const Protocol& protocol, const Progress& progress)
      : model_(model), reference_(reference), draw_(draw), protocol_(protocol), progress_(progress) {}

  Result<Evaluation> run() {
    test_ = reference_.test(protocol_.samples);
    Result<Seen> seen = reference_.look(test_);
    if (!seen.ok()) return seen.status();
    real_ = seen.take();
    if (makes_pictures()) {
      LC_TRY(draw_pictures());
      LC_TRY(measure_features());
      measure_classes();
      measure_pixels();
    } else {
      result_.left_out.push_back(
          "everything about generated pictures: no network turns latents into pictures");
    }
    const EncoderInputs inputs{model_, reference_, test_, protocol_, progress_};
    LC_TRY(measure_encoder(inputs, result_));
    LC_TRY(measure_class_outputs(inputs, result_));
    return std::move(result_);
  }

 private:
  bool makes_pictures() const {
    const format::Header& header = model_.header;
    return find_network(header, [](const format::Network& network) {
             return has_input(network, "latent") && has_output(network, "image");
           }) < header.networks.size();
  }

  void add(const std::string& name, double value, const std::string& note) {
    result_.measurements.push_back({name, value, note, {}, {}});
  }
  void add(const std::string& name, double value, const std::string& note, double real,
           const std::string& real_note) {
    result_.measurements.push_back({name, value, note, real, real_note});
  }

  // Pictures number 0 .. samples - 1 of the seed, class i mod classes for a conditional model; of `given`
  // latents, where there are some.
  Result<Matrix> draw_one(std::uint64_t seed, std::vector<float>* latents, std::vector<float> given = {}) {
    session::Request request;
    request.count = protocol_.samples;
    request.seed = seed;
    request.latents = std::move(given);
    Result<session::Frame> frame = draw_(request);
    if (!frame.ok()) return frame.status();
    if (latents != nullptr) *latents = std::move(frame->latents);
    return pictures_of(frame.take(), reference_.shape());
  }

  Status draw_pictures() {
    std::vector<double> distances, floors;
    const Gaussian real = gaussian_of(real_.features);
    for (std::uint64_t seed = 1; seed <= protocol_.seeds; ++seed) {
      progress_("Fréchet distance, seed " + std::to_string(seed));
      Result<Matrix> pictures = draw_one(seed, seed == 1 ? &latents_ : nullptr);
      if (!pictures.ok()) return pictures.status();
      Result<Seen> seen = reference_.look(pictures.value());
      if (!seen.ok()) return seen.status();
      distances.push_back(frechet_distance(gaussian_of(seen->features), real));
      Matrix training = reference_.random_training(protocol_.samples, seed);
      Result<Seen> trained = reference_.look(training);
      if (!trained.ok()) return trained.status();
      floors.push_back(frechet_distance(gaussian_of(trained->features), real));
      if (seed > 1) continue;
      fake_pictures_ = pictures.take();
      fake_ = seen.take();
      training_pictures_ = std::move(training);
      training_ = trained.take();
    }
    const std::string against = counted(fake_.features.rows) + " generated against " +
                                counted(real_.features.rows) + " test pictures, " +
                                counted(real_.features.columns) + " features of the pinned classifier";
    protocol_text_ = against;
    add("frechet_distance", mean_of(distances),
        against + "; mean of seeds 1 to " + std::to_string(protocol_.seeds) + ": " + list_of(distances),
        mean_of(floors), "training pictures in place of generated ones, mean of " + list_of(floors));
    return measure_unfitted_prior(real, against);
  }

  // What a fitted mixture is worth: the same model's pictures of N(0, I), which its codes never followed.
  Status measure_unfitted_prior(const Gaussian& real, const std::string& against) {
    const std::vector<format::PriorPart>& prior = model_.header.prior;
    const auto fitted = [](const auto& part) { return part.kind == format::PriorKind::mixture; };
    if (std::none_of(prior.begin(), prior.end(), fitted)) return {};
    progress_("Fréchet distance, latents of N(0, I)");
    std::vector<double> distances;
    for (std::uint64_t seed = 1; seed <= protocol_.seeds; ++seed) {
      std::vector<float> latents(protocol_.samples * format::latent_size(model_.header));
      fill_normal(seed, Stream::latent, 0, {latents.data(), latents.size()});
      const Result<Matrix> pictures = draw_one(seed, nullptr, std::move(latents));
      if (!pictures.ok()) return pictures.status();
      const Result<Seen> seen = reference_.look(pictures.value());
      if (!seen.ok()) return seen.status();
      distances.push_back(frechet_distance(gaussian_of(seen->features), real));
    }
    add("frechet_distance_normal", mean_of(distances),
        against + ", latents of N(0, I) in place of the file's mixture; mean of seeds 1 to " +
            std::to_string(protocol_.seeds) + ": " + list_of(distances));
    return {};
  }

  Status measure_features() {
    const unsigned threads = protocol_.threads;
    const std::string floor = "training pictures in place of generated ones";
    progress_("kernel distance");
    add("kid", kernel_distance(fake_.features, real_.features, threads),
        "unbiased, cubic kernel, all pairs; " + protocol_text_ + ", seed 1",
        kernel_distance(training_.features, real_.features, threads), floor);
    const std::size_t k = protocol_.neighbours;
    if (fake_.features.rows <= k || real_.features.rows <= k) return {};
    progress_("precision, recall, density, coverage");
    const Coverage fake = coverage(real_.features, fake_.features, k, threads);
    const Coverage train = coverage(real_.features, training_.features, k, threads);
    const std::string note = "k = " + counted(k) + ", " + protocol_text_ + ", seed 1";
    add("precision", fake.precision, note, train.precision, floor);
    add("recall", fake.recall, note, train.recall, floor);
    add("density", fake.density, note, train.density, floor);
    add("coverage", fake.coverage, note, train.coverage, floor);
    return {};
  }

  void measure_classes() {
    const std::size_t classes = reference_.classes();
    result_.histogram = class_histogram(fake_.classes, classes);
    const std::vector<std::uint64_t> real = class_histogram(real_.classes, classes);
    const std::string note = "nats, the pinned classifier's classes of " + counted(fake_.classes.size()) +
                             " generated pictures, seed 1";
    add("class_entropy", entropy(result_.histogram),
        note + "; even classes would give " + text(entropy(std::vector<std::uint64_t>(classes, 1))),
        entropy(real), "the test pictures");
    add("class_kl", kl_to_uniform(result_.histogram), note + ", to even classes", kl_to_uniform(real),
        "the test pictures");
    if (!model_.header.classes.empty()) {
      std::vector<std::uint32_t> asked(fake_.classes.size());
      for (std::size_t i = 0; i < asked.size(); ++i) asked[i] = static_cast<std::uint32_t>(i % classes);
      add("conditional_accuracy", agreement(asked, fake_.classes),
          "share of " + counted(asked.size()) +
              " generated pictures in which the pinned classifier sees the asked class",
          agreement(test_labels(), real_.classes), "the test pictures and their labels");
    }
    measure_code();
  }

  std::vector<std::uint32_t> test_labels() const {
    const auto& labels = reference_.data().test.labels;
    return {labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(test_.rows)};
  }

  // A categorical code of as many values as there are classes, judged by what is drawn for it.
  void measure_code() {
    const std::size_t classes = reference_.classes(), size = format::latent_size(model_.header);
    std::size_t at = 0;
    for (const format::PriorPart& part : model_.header.prior) {
      if (part.kind == format::PriorKind::categorical && part.size == classes) {
        std::vector<std::vector<std::uint64_t>> table(classes, std::vector<std::uint64_t>(classes));
        for (std::size_t i = 0; i < fake_.classes.size(); ++i) {
          const float* code = latents_.data() + i * size + at;
          ++table[static_cast<std::size_t>(std::max_element(code, code + classes) - code)][fake_.classes[i]];
        }
        add("code_error_drawn", 1 - matched_share(table),
            "share of " + counted(fake_.classes.size()) +
                " generated pictures whose class is not that of their code, by the best one-to-one matching");
        return;
      }
      at += part.size;
    }
  }

  void measure_pixels() {
    const unsigned threads = protocol_.threads;
    progress_("sharpness and nearest training pictures");
    add("sharpness", sharpness(fake_pictures_, reference_.shape()),
        "variance of the Laplacian, mean of " + counted(fake_pictures_.rows) + " generated pictures, seed 1",
        sharpness(test_, reference_.shape()), "the test pictures");
    const std::size_t few = std::min<std::size_t>(protocol_.nearest, test_.rows);
    add("nearest_train_distance", mean_of(nearest(fake_pictures_.part(0, few))),
        "Euclidean, pixels in [0, 1], mean of " + counted(few) +
            " generated pictures to the nearest of all " + counted(reference_.data().train.count) +
            " training pictures",
        mean_of(nearest(test_.part(0, few))), counted(few) + " test pictures");
    progress_("Parzen windows");
    const std::size_t validation =
        std::min<std::size_t>(protocol_.parzen_validation, training_pictures_.rows);
    const Matrix held_out = training_pictures_.part(0, validation);
    const Parzen fake = parzen(fake_pictures_, held_out, test_, parzen_sigmas(), threads);
    const std::string note = "nats, standard error " + text(fake.standard_error) + ", windows of " +
                             text(fake.sigma) + " about " + counted(fake_pictures_.rows) +
                             " generated pictures, mean of " + counted(test_.rows) +
                             " test pictures; historical, says little of quality";
    const std::size_t rest = training_pictures_.rows - validation;
    if (rest == 0) return add("parzen", fake.mean, note);
    const Parzen real =
        parzen(training_pictures_.part(validation, rest), held_out, test_, parzen_sigmas(), threads);
    add("parzen", fake.mean, note, real.mean,
        counted(rest) + " training pictures in place of generated ones");
  }

  // All training pictures, a part at a time: as floats they may be a gigabyte.
  std::vector<double> nearest(const Matrix& pictures) const {
    constexpr std::size_t kPart = 10000;
    std::vector<double> best;
    const std::size_t count = reference_.data().train.count;
    for (std::size_t first = 0; first < count; first += kPart) {
      const Matrix part = reference_.training(first, std::min(kPart, count - first));
      const std::vector<double> distances = nearest_distances(pictures, part, protocol_.threads);
      if (best.empty()) best = distances;
      for (std::size_t i = 0; i < best.size(); ++i) best[i] = std::min(best[i], distances[i]);
    }
    return best;
  }

  const format::ModelFile& model_;
  const Reference& reference_;
  const Draw& draw_;
  const Protocol& protocol_;
  const Progress& progress_;
  Evaluation result_;
  Matrix test_, fake_pictures_, training_pictures_;
  Seen real_, fake_, training_;
  std::vector<float> latents_;  // of the pictures of seed 1
  std::string protocol_text_;
};

}  // namespace

Result<Matrix> pictures_of(session::Frame&& frame, const PictureShape& to) {
  const PictureShape own = {frame.channels, frame.height, frame.width};
  Matrix pictures;
  pictures.rows = frame.count;
  pictures.columns = own.size();
  pictures.values = std::move(frame.pictures);
  return middle(pictures, own, to);
}

Result<Evaluation> evaluate(const format::ModelFile& model, const Reference& reference, const Draw& draw,
                            const Protocol& protocol, const Progress& progress) {
  return Evaluator(model, reference, draw, protocol, progress).run();
}

format::Metric to_metric(const Measurement& measurement) {
  std::string note = measurement.note;
  if (measurement.real) note += "; " + text(*measurement.real) + " for " + measurement.real_note;
  return {measurement.name, measurement.value, note};
}

}  // namespace lc::eval
