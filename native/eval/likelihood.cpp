// The likelihood of pictures under a model with an encoder and a decoder.
#include "native/eval/likelihood.h"

#include <algorithm>
#include <cmath>

#include "shared/core/random.h"
#include "shared/kernels/kernels.h"

namespace lc::eval {

namespace {

constexpr std::size_t kBlock = 250;  // draws at a time
constexpr double kActive = 0.01;

// log of a sum of exponentials that grows term by term.
struct LogSum {
  double largest = -INFINITY, sum = 0;
  void add(double term) {
    if (term > largest) {
      sum = sum * std::exp(largest - term) + 1;
      largest = term;
    } else {
      sum += std::exp(term - largest);
    }
  }
  double value() const { return largest + std::log(sum); }
};

// In eight lanes, which the compiler keeps in one register.
double sum_of(Span<const float> values) {
  float lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= values.size; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) lanes[lane] += values[i + lane];
  }
  double sum = 0;
  for (; i < values.size; ++i) sum += static_cast<double>(values[i]);
  for (const float lane : lanes) sum += static_cast<double>(lane);
  return sum;
}

}  // namespace

Result<Evidence> importance_estimate(Span<const float> mean, Span<const float> log_variance,
                                     std::size_t draws, std::uint64_t seed, std::uint64_t first,
                                     const LogLikelihood& log_likelihood) {
  const std::size_t size = mean.size;
  std::vector<double> likelihoods;
  LogSum weights;
  double elbo = 0;
  for (std::size_t begin = 0; begin < draws; begin += kBlock) {
    Matrix z(std::min(kBlock, draws - begin), size);
    fill_normal(seed, Stream::test, first + begin * size, Span<float>(z.values));
    std::vector<double> ratios(z.rows);  // log p(z) - log q(z|x)
    for (std::size_t i = 0; i < z.rows; ++i) {
      const Span<float> row = z.row(i);
      for (std::size_t d = 0; d < size; ++d) {
        const double noise = static_cast<double>(row[d]), spread = static_cast<double>(log_variance[d]);
        const double value = static_cast<double>(mean[d]) + std::exp(spread / 2) * noise;
        row[d] = static_cast<float>(value);
        ratios[i] += (noise * noise + spread - value * value) / 2;
      }
    }
    likelihoods.resize(z.rows);
    LC_TRY(log_likelihood(z, likelihoods));
    for (std::size_t i = 0; i < z.rows; ++i) {
      weights.add(likelihoods[i] + ratios[i]);
      elbo += likelihoods[i] + ratios[i];
    }
  }
  Evidence evidence;
  evidence.log_likelihood = weights.value() - std::log(static_cast<double>(draws));
  evidence.elbo = elbo / static_cast<double>(draws);
  return evidence;
}

Result<BernoulliDecoder> BernoulliDecoder::compile(const format::ModelFile& file) {
  const std::uint32_t index = find_network(file.header, [](const format::Network& network) {
    return has_input(network, "latent") && has_output(network, "image");
  });
  if (index == file.header.networks.size()) {
    return fail(Code::bad_combination, "the file has no network from latents to pictures");
  }
  // The same file, except that the network gives what goes into its last sigmoid: logits of any size, where
  // the sigmoid would round to 0 or 1.
  format::ModelFile logits = file;
  format::Network& network = logits.header.networks[index];
  for (format::NetworkOutput& output : network.outputs) {
    if (output.name != "image") continue;
    while (output.value >= network.inputs.size()) {
      const format::LayerRecord& layer = network.layers[output.value - network.inputs.size()];
      if (layer.kind != "sigmoid" && layer.kind != "reshape") break;
      output.value = layer.inputs[0];
      if (layer.kind != "sigmoid") continue;
      Result<Network> compiled = Network::compile(logits, index);
      if (!compiled.ok()) return compiled.status();
      return BernoulliDecoder(compiled.take());
    }
  }
  return fail(Code::bad_combination,
              "the decoder does not end in a sigmoid: its pictures are no probabilities");
}

Status BernoulliDecoder::log_likelihood(Span<const float> picture, Span<const float> label, const Matrix& z,
                                        std::vector<double>& out) const {
  Ports inputs = {{"latent", z}};
  if (conditional()) {
    Matrix& labels = inputs["label"] = Matrix(z.rows, label.size);
    for (std::size_t i = 0; i < z.rows; ++i) std::copy(label.begin(), label.end(), labels.row(i).begin());
  }
  Result<Ports> ports = network_.run(inputs, {"image"}, 1);
  if (!ports.ok()) return ports.status();
  std::vector<std::size_t> ones;
  for (std::size_t p = 0; p < picture.size; ++p) {
    if (picture[p] > 0) ones.push_back(p);
  }
  // log p(x|z) = sum over pixels of x logit - log(1 + exp(logit)).
  Matrix& logits = ports.value().at("image");
  for (std::size_t i = 0; i < z.rows; ++i) {
    out[i] = 0;
    for (const std::size_t p : ones) out[i] += static_cast<double>(logits.row(i)[p]);
  }
  kernels::simd().activate(logits.values.data(), logits.values.size(), kernels::Activation::softplus, 0);
  const Matrix& softplus = logits;
  for (std::size_t i = 0; i < z.rows; ++i) out[i] -= sum_of(softplus.row(i));
  return {};
}

Matrix binarised(const Matrix& grey, std::uint64_t seed) {
  Matrix out(grey.rows, grey.columns);
  fill_uniform(seed, Stream::test, 0, Span<float>(out.values));
  for (std::size_t i = 0; i < out.values.size(); ++i)
    out.values[i] = out.values[i] < grey.values[i] ? 1.0f : 0.0f;
  return out;
}

Matrix thresholded(const Matrix& grey) {
  Matrix out = grey;
  for (float& value : out.values) value = value >= 0.5f ? 1.0f : 0.0f;
  return out;
}

std::size_t Dimensions::active() const {
  return static_cast<std::size_t>(
      std::count_if(variance.begin(), variance.end(), [](double v) { return v > kActive; }));
}

Dimensions dimensions(const Matrix& means, const Matrix& log_variances) {
  Dimensions result;
  const double n = static_cast<double>(means.rows);
  for (std::size_t d = 0; d < means.columns; ++d) {
    double kl = 0, sum = 0, squares = 0;
    for (std::size_t i = 0; i < means.rows; ++i) {
      const double mean = static_cast<double>(means.row(i)[d]);
      const double spread = static_cast<double>(log_variances.row(i)[d]);
      kl += (mean * mean + std::exp(spread) - 1 - spread) / 2;
      sum += mean;
      squares += mean * mean;
    }
    result.kl.push_back(kl / n);
    result.variance.push_back(squares / n - (sum / n) * (sum / n));
  }
  return result;
}

}  // namespace lc::eval
