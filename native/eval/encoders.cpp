// Metrics of networks that look at pictures.
#include "native/eval/encoders.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "native/eval/classes.h"
#include "native/eval/likelihood.h"

namespace lc::eval {

namespace {

constexpr std::uint64_t kBinarySeed = 11, kDrawSeed = 12;  // of the pixels, of the latents

Matrix one_hot(const std::vector<std::uint8_t>& labels, std::size_t count, std::size_t classes) {
  Matrix out(count, classes);
  for (std::size_t i = 0; i < count; ++i) out.row(i)[labels[i]] = 1;
  return out;
}

// From [0, 1] to the networks' range, and back.
Matrix to_range(Matrix pictures, const format::ImageSpec& image) {
  for (float& value : pictures.values) value = image.low + (image.high - image.low) * value;
  return pictures;
}
Matrix to_unit(Matrix pictures, const format::ImageSpec& image) {
  for (float& value : pictures.values) value = (value - image.low) / (image.high - image.low);
  return pictures;
}

// `count` rows at even distances: neighbours in a data set may be alike (the first half of MNIST's test
// pictures is the easier one).
Matrix spread(const Matrix& from, std::size_t count) {
  Matrix out(count, from.columns);
  for (std::size_t i = 0; i < count; ++i) {
    const Span<const float> row = from.row(i * from.rows / count);
    std::copy(row.begin(), row.end(), out.row(i).begin());
  }
  return out;
}

class Measurer {
 public:
  Measurer(const EncoderInputs& in, Evaluation& result) : in_(in), result_(result) {
    labels_ = one_hot(in.reference.data().test.labels, in.test.rows, in.reference.classes());
  }

  Status encoder() {
    const format::Header& header = in_.model.header;
    const std::uint32_t encoder = find_network(
        header, [](const format::Network& network) { return network.role == format::Role::encoder; });
    const std::uint32_t decoder = find_network(header, [](const format::Network& network) {
      return has_input(network, "latent") && has_output(network, "image");
    });
    if (encoder == header.networks.size() || decoder == header.networks.size()) return {};
    const format::ImageSpec& image = header.image;
    if (std::size_t{image.channels} * image.height * image.width != in_.reference.shape().size()) {
      result_.left_out.push_back("the encoder's metrics: its pictures are larger than the data set's");
      return {};
    }
    Result<Network> encodes = Network::compile(in_.model, encoder);
    if (!encodes.ok()) return encodes.status();
    Result<Network> decodes = Network::compile(in_.model, decoder);
    if (!decodes.ok()) return decodes.status();
    for (const nn::Graph::Port& port : decodes->graph().inputs()) {
      if (port.name == "latent" || port.name == "label") continue;
      result_.left_out.push_back("the encoder's metrics: the decoder has an input '" + port.name + "'");
      return {};
    }
    LC_TRY(reconstruct(encodes.value(), decodes.value()));
    if (encodes->has_output("mean") && encodes->has_output("log_variance"))
      LC_TRY(likelihoods(encodes.value()));
    return {};
  }

  Status class_outputs() {
    LC_TRY(class_answers("classes", [&](const std::vector<std::uint32_t>& answers, const std::string& note) {
      const double right = agreement(answers, truth());
      add("test_accuracy", right, "share" + note + " that get their own class");
      add("test_error", 1 - right, "share" + note + " that get another class");
    }));
    const std::size_t classes = in_.reference.classes();
    for (const format::PriorPart& part : in_.model.header.prior) {
      if (part.kind != format::PriorKind::categorical || part.size != classes) continue;
      return class_answers(
          part.name, [&](const std::vector<std::uint32_t>& answers, const std::string& note) {
            std::vector<std::vector<std::uint64_t>> table(classes, std::vector<std::uint64_t>(classes));
            const std::vector<std::uint32_t> labels = truth();
            for (std::size_t i = 0; i < labels.size(); ++i) ++table[answers[i]][labels[i]];
            add("code_error", 1 - matched_share(table),
                "share" + note +
                    " whose class is not that of the code read from them, by the best one-to-one matching");
          });
    }
    return {};
  }

 private:
  using Answers = std::function<void(const std::vector<std::uint32_t>&, const std::string& note)>;

  std::vector<std::uint32_t> truth() const {
    const auto& labels = in_.reference.data().test.labels;
    return {labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(in_.test.rows)};
  }

  // Of the first network that looks at pictures alone and has an output of that name, one number a class.
  Status class_answers(const std::string& output, const Answers& answers) {
    const format::Header& header = in_.model.header;
    const format::ImageSpec& image = header.image;
    const bool same =
        std::size_t{image.channels} * image.height * image.width == in_.reference.shape().size();
    const std::uint32_t index = find_network(header, [&](const format::Network& network) {
      return network.inputs.size() == 1 && has_input(network, "image") && has_output(network, output);
    });
    if (index == header.networks.size() || !same) return {};
    const Result<Network> network = Network::compile(in_.model, index);
    if (!network.ok()) return network.status();
    if (network->output_size(output) != in_.reference.classes()) return {};
    const Result<Ports> ports = run(network.value(), in_.test, labels_, {output});
    if (!ports.ok()) return ports.status();
    answers(predicted_classes(ports.value().at(output)), " of " + std::to_string(in_.test.rows) +
                                                             " test pictures, network '" +
                                                             header.networks[index].name + "',");
    return {};
  }

  void add(const std::string& name, double value, const std::string& note) {
    result_.measurements.push_back({name, value, note, {}, {}});
  }

  // Pictures in [0, 1] with their one-hot labels, where the network takes them.
  Result<Ports> run(const Network& network, const Matrix& pictures, const Matrix& labels,
                    const std::vector<std::string>& outputs) const {
    Ports inputs = {{"image", to_range(pictures, in_.model.header.image)}};
    if (network.has_input("label")) inputs["label"] = labels;
    return network.run(inputs, outputs, in_.protocol.threads);
  }

  Status reconstruct(const Network& encoder, const Network& decoder) {
    in_.progress("reconstructions");
    const std::string code = encoder.has_output("mean") ? "mean" : encoder.graph().outputs()[0].name;
    Result<Ports> codes = run(encoder, in_.test, labels_, {code});
    if (!codes.ok()) return codes.status();
    Ports inputs = {{"latent", codes->at(code)}};
    if (decoder.has_input("label")) inputs["label"] = labels_;
    Result<Ports> pictures = decoder.run(inputs, {"image"}, in_.protocol.threads);
    if (!pictures.ok()) return pictures.status();
    const Matrix decoded = to_unit(std::move(pictures->at("image")), in_.model.header.image);
    double sum = 0;
    for (std::size_t i = 0; i < decoded.values.size(); ++i) {
      const double error = static_cast<double>(decoded.values[i] - in_.test.values[i]);
      sum += error * error;
    }
    add("reconstruction_mse", sum / static_cast<double>(decoded.values.size()),
        "mean squared error a pixel in [0, 1], " + std::to_string(in_.test.rows) + " test pictures");
    return {};
  }

  Status likelihoods(const Network& encoder) {
    Result<Ports> codes = run(encoder, in_.test, labels_, {"mean", "log_variance"});
    if (!codes.ok()) return codes.status();
    const Dimensions parts = dimensions(codes->at("mean"), codes->at("log_variance"));
    result_.kl_per_dimension = parts.kl;
    add("active_units", static_cast<double>(parts.active()),
        "latent dimensions of " + std::to_string(parts.kl.size()) +
            " whose mean varies by more than 0.01 over " + std::to_string(in_.test.rows) + " test pictures");
    double kl = 0;
    for (const double value : parts.kl) kl += value;
    add("kl", kl,
        "nats, KL(q(z|x) || p(z)), mean of " + std::to_string(in_.test.rows) + " grey test pictures");
    const format::Header& header = in_.model.header;
    const bool standard = header.prior.size() == 1 && header.prior[0].kind == format::PriorKind::normal;
    const Result<BernoulliDecoder> decoder = BernoulliDecoder::compile(in_.model);
    if (!standard || !decoder.ok()) {
      result_.left_out.push_back(
          "log-likelihoods: " + (standard ? decoder.status().message : "the prior is not a standard normal"));
      return {};
    }
    if (in_.protocol.nll_images == 0) return {};
    const std::size_t count = std::min<std::size_t>(in_.protocol.nll_images, in_.test.rows);
    const Matrix grey = spread(in_.test, count), labels = spread(labels_, count);
    LC_TRY(likelihood(encoder, decoder.value(), binarised(grey, kBinarySeed), labels, "dynamic",
                      "pixels drawn with the probability of their grey value"));
    return likelihood(encoder, decoder.value(), thresholded(grey), labels, "static",
                      "pixels 1 from one half on");
  }

  Status likelihood(const Network& encoder, const BernoulliDecoder& decoder, const Matrix& pictures,
                    const Matrix& labels, const std::string& kind, const std::string& how) {
    in_.progress("log-likelihood, " + kind);
    Result<Ports> codes = run(encoder, pictures, labels, {"mean", "log_variance"});
    if (!codes.ok()) return codes.status();
    const Matrix& means = codes->at("mean");
    const Matrix& log_variances = codes->at("log_variance");
    const std::size_t draws = in_.protocol.nll_draws;
    std::vector<Evidence> evidence(pictures.rows);
    std::mutex mutex;
    Status status;
    parallel(pictures.rows, in_.protocol.threads, [&](std::size_t i) {
      const Span<const float> label = decoder.conditional() ? labels.row(i) : Span<const float>();
      const Result<Evidence> one =
          importance_estimate(means.row(i), log_variances.row(i), draws, kDrawSeed, i * draws * means.columns,
                              [&](const Matrix& z, std::vector<double>& out) {
                                return decoder.log_likelihood(pictures.row(i), label, z, out);
                              });
      if (one.ok()) {
        evidence[i] = one.value();
        return;
      }
      const std::lock_guard<std::mutex> lock(mutex);
      status = one.status();
    });
    LC_TRY(status);
    const double n = static_cast<double>(evidence.size());
    double nll = 0, elbo = 0, squares = 0;
    for (const Evidence& one : evidence) {
      nll -= one.log_likelihood / n;
      elbo += one.elbo / n;
    }
    for (const Evidence& one : evidence) squares += (nll + one.log_likelihood) * (nll + one.log_likelihood);
    char error[32];
    std::snprintf(error, sizeof error, "%.2f", n > 1 ? std::sqrt(squares / (n - 1) / n) : 0.0);
    const std::string note = "nats, " + std::to_string(evidence.size()) + " test pictures spread over all, " +
                             how + ", " + std::to_string(draws) + " draws each";
    const std::string given = decoder.conditional() ? ", given the label" : "";
    add("nll_" + kind, nll,
        "-log p(x)" + given + ", importance-sampled, " + note + ", standard error " + error);
    add("elbo_" + kind, elbo, "evidence lower bound" + given + ", " + note);
    return {};
  }

  const EncoderInputs& in_;
  Evaluation& result_;
  Matrix labels_;
};

}  // namespace

Status measure_encoder(const EncoderInputs& inputs, Evaluation& result) {
  return Measurer(inputs, result).encoder();
}

Status measure_class_outputs(const EncoderInputs& inputs, Evaluation& result) {
  return Measurer(inputs, result).class_outputs();
}

}  // namespace lc::eval
