// What the variational autoencoders share.
#include "native/train/models/variational.h"

#include "native/train/losses.h"
#include "native/train/models/networks.h"
#include "native/train/play.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

// A dimension is in use when its mean varies over the data by more than this (Burda, Grosse & Salakhutdinov
// 2016, "Importance weighted autoencoders", section 5.2).
constexpr double kActiveVariance = 0.01;

Tensors inputs(const char* name, const torch::Tensor& values, const torch::Tensor& label) {
  Tensors result = {{name, values}};
  if (label.defined()) result["label"] = label;
  return result;
}

// Each row `times` times in a row, as repeat_interleave gives it; of 1.13's the GPU would have to be waited
// for.
torch::Tensor repeated(const torch::Tensor& rows, std::int64_t times) {
  if (times == 1 || !rows.defined()) return rows;
  std::vector<std::int64_t> sizes = rows.sizes().vec();
  sizes.insert(sizes.begin() + 1, times);
  return rows.unsqueeze(1).expand(sizes).flatten(0, 1);
}

torch::Tensor no_noise(const torch::Tensor& means) {
  return torch::zeros_like(means);
}

}  // namespace

Passage pass_through(Nets& nets, const torch::Tensor& images, const torch::Tensor& label, const Noise& noise,
                     std::int64_t draws) {
  const Tensors code = nets.at("encoder")->forward(inputs("image", images, label));
  Passage passage;
  passage.mean = code.at("mean");
  passage.log_variance = code.at("log_variance");
  const torch::Tensor means = repeated(passage.mean, draws);
  passage.noise = noise(means);
  passage.latents = means + repeated((0.5 * passage.log_variance).exp(), draws) * passage.noise;
  const Tensors picture =
      nets.at("decoder")->forward(inputs("latent", passage.latents, repeated(label, draws)));
  passage.logits = picture.at("logits");
  passage.images = picture.at("image");
  return passage;
}

void VariationalFamily::declare(OptionTable& table, RunOptions& run) {
  run.epochs = 20;
  run.lr_schedule = "cosine";
  declare_autoencoder(table, options_);
  table.add("recon_weight", recon_weight_, 0, 1e6, "Weight of the reconstruction term.");
  table.add("kl_weight", kl_weight_, 0, 1e6, "Weight of the KL term.");
  table.add("kl_warmup", kl_warmup_, 0, 1, "Share of training over which the KL term's weight grows from 0.");
  table.add("draws", draws_, 1, 1000,
            "Latents drawn for a picture; more than 1: the importance-weighted bound of Burda et al.");
  table.add("binarize", binarize_,
            "Training pixels become 1 with the probability of their grey value, anew in each step.");
}

torch::Tensor VariationalFamily::weigh(const torch::Tensor& reconstruction, const torch::Tensor& kl,
                                       const torch::Tensor& progress) const {
  // The warm-up: Bowman et al. 2016, "Generating sentences from a continuous space", section 3.1.
  return recon_weight_ * reconstruction + kl_weight_ * kl * grown(progress, kl_warmup_);
}

torch::Tensor VariationalFamily::grown(const torch::Tensor& progress, double share) {
  return share > 0 ? (progress / share).clamp_max(1) : torch::ones_like(progress);
}

Result<Nets> VariationalFamily::build(const DataShape& shape) {
  classes_ = shape.classes;
  return build_autoencoder(options_, shape, {"mean", "log_variance"}, conditional());
}

std::vector<format::PriorPart> VariationalFamily::prior() const {
  return {noise_part("normal", options_.latent_size)};
}

torch::Tensor VariationalFamily::label(const torch::Tensor& labels) const {
  return conditional() ? one_hot_rows(labels, classes_) : torch::Tensor();
}

VariationalFamily::Terms VariationalFamily::terms(Nets& nets, const torch::Tensor& images,
                                                  const torch::Tensor& labels, const Noise& noise,
                                                  std::int64_t draws) const {
  Terms terms;
  terms.passage = pass_through(nets, images, label(labels), noise, draws);
  terms.draw_reconstruction =
      reconstructions().at(options_.recon)(terms.passage.logits, repeated(images, draws));
  terms.reconstruction = terms.draw_reconstruction.mean();
  terms.kl = kl_to_standard_normal(terms.passage.mean, terms.passage.log_variance);
  return terms;
}

// Burda, Grosse & Salakhutdinov 2016, equation 8. The constants of q and of the prior cancel.
torch::Tensor VariationalFamily::importance_weighted(const Terms& terms,
                                                     const torch::Tensor& progress) const {
  const Passage& passage = terms.passage;
  const torch::Tensor log_deviation = repeated((0.5 * passage.log_variance).sum(1), draws_);
  const torch::Tensor log_ratio =  // log q(z|x) - log p(z)
      0.5 * (passage.latents.square() - passage.noise.square()).sum(1) - log_deviation;
  const torch::Tensor log_weights = -weigh(terms.draw_reconstruction, log_ratio, progress);
  return std::log(static_cast<double>(draws_)) - log_weights.reshape({-1, draws_}).logsumexp(1).mean();
}

Losses VariationalFamily::step(Nets& nets, const Batch& batch, Updater& updater) {
  const torch::Tensor images =
      binarize_ ? uniform_like(batch.images).lt(batch.images).to(batch.images.scalar_type()) : batch.images;
  const Terms now = terms(nets, images, batch.labels, normal_like, draws_);
  // One draw: the KL term's closed form has less variance than its estimate by the draw.
  const torch::Tensor loss = draws_ == 1 ? weigh(now.reconstruction, now.kl, batch.progress)
                                         : importance_weighted(now, batch.progress);
  updater.update("autoencoder", loss);
  return {{"loss", loss.detach()}, {"reconstruction", now.reconstruction.detach()}, {"kl", now.kl.detach()}};
}

torch::Tensor VariationalFamily::reconstruct(Nets& nets, const torch::Tensor& images,
                                             const torch::Tensor& labels) const {
  return pass_through(nets, images, label(labels), no_noise).images;
}

std::vector<format::Metric> VariationalFamily::evaluate(Nets& nets, const torch::Tensor& images,
                                                        const torch::Tensor& labels, std::uint64_t seed,
                                                        const Stop& stop) const {
  constexpr std::int64_t kChunk = 500;
  double loss = 0, reconstruction = 0, kl = 0;
  torch::Tensor kl_of = torch::zeros({options_.latent_size}, torch::kFloat64);
  std::vector<torch::Tensor> means;
  std::int64_t count = 0;
  for (std::int64_t first = 0; first < images.size(0) && !stop(); first += kChunk) {
    const std::int64_t n = std::min(kChunk, images.size(0) - first);
    const auto noise = [&](const torch::Tensor& like) {
      return philox_normal(seed, static_cast<std::uint64_t>(first * options_.latent_size),
                           {n, options_.latent_size})
          .to(like.device());
    };
    const Terms now = terms(nets, images.narrow(0, first, n), labels.narrow(0, first, n), noise);
    const double weight = static_cast<double>(n);
    loss += weigh(now.reconstruction, now.kl, torch::ones({}, now.kl.options())).item<double>() * weight;
    reconstruction += now.reconstruction.item<double>() * weight;
    kl += now.kl.item<double>() * weight;
    kl_of += kl_by_dimension(now.passage.mean, now.passage.log_variance).cpu().to(torch::kFloat64) * weight;
    means.push_back(now.passage.mean.cpu());
    count += n;
  }
  if (count == 0) return {};
  const double n = static_cast<double>(count);
  const std::string of = "mean of " + std::to_string(count) + " test images";
  const std::string note = "nats a picture, " + of + ", one draw of z each";
  const std::int64_t active =
      (torch::cat(means).var(0, /*unbiased=*/false) > kActiveVariance).sum().item<std::int64_t>();
  std::vector<format::Metric> metrics = {
      {"test_loss", loss / n, note + ", weighted as in training"},
      {"test_reconstruction", reconstruction / n, note},
      {"test_kl", kl / n, note},
      {"active_units", static_cast<double>(active),
       "of " + std::to_string(options_.latent_size) + ", whose mean varies by more than 0.01 over the " +
           std::to_string(count) + " test images (Burda et al. 2016)"}};
  constexpr std::int64_t kShown = 64;  // the header has room for some hundred metrics, not for any number
  for (std::int64_t i = 0; i < std::min(kShown, options_.latent_size); ++i) {
    metrics.push_back({"kl_" + std::to_string(i), kl_of[i].item<double>() / n,
                       "nats, KL of latent number " + std::to_string(i) + ", " + of});
  }
  return metrics;
}

}  // namespace lc::train
