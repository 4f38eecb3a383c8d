// What wgan and wgan-gp share.
#include "native/train/models/wasserstein.h"

namespace lc::train {

void WassersteinFamily::declare_critic(OptionTable& table) {
  declare_gan(table, options_);
  table.add("n_critic", n_critic_, 1, 1000, "Steps of the critic for each step of the generator.");
}

WassersteinFamily::Extra WassersteinFamily::extra(Net&, const torch::Tensor&, const torch::Tensor&) const {
  return {};
}

Losses WassersteinFamily::step(Nets& nets, const Batch& batch, Updater& updater) {
  Net& generator = nets.at("generator");
  Net& critic = nets.at("discriminator");
  const torch::Tensor z = draw_noise(prior(), batch.images.size(0), batch.images.device());
  const bool generators_turn = (batch.iteration + 1) % n_critic_ == 0;
  torch::Tensor fakes;
  {
    const torch::AutoGradMode graph(generators_turn);
    fakes = generator->run(z);
  }

  // Real and fake pass apart: BatchNorm's statistics are each batch's own.
  const torch::Tensor real = critic->run(batch.images).mean();
  const torch::Tensor fake = critic->run(fakes.detach()).mean();
  const Extra more = extra(critic, batch.images, fakes.detach());
  torch::Tensor d_loss = fake - real;
  if (more.loss.defined()) d_loss = d_loss + more.loss;
  updater.update("discriminator", d_loss);
  if (generators_turn) updater.update("generator", -critic->run(fakes).mean());

  Losses losses = {
      {"d_loss", d_loss.detach()}, {"g_loss", -fake.detach()}, {"estimate", (real - fake).detach()}};
  losses.insert(losses.end(), more.report.begin(), more.report.end());
  return losses;
}

std::vector<format::Metric> WassersteinFamily::evaluate(Nets& nets, const torch::Tensor& images,
                                                        const torch::Tensor&, std::uint64_t seed,
                                                        const Stop& stop) const {
  constexpr std::int64_t kChunk = 500;
  const std::int64_t count = images.size(0);
  const torch::Tensor z = latents(count, seed);
  double sum = 0;
  for (std::int64_t first = 0; first < count; first += kChunk) {
    if (stop()) return {};
    const std::int64_t n = std::min(kChunk, count - first);
    const torch::Tensor fakes = nets.at("generator")->run(z.narrow(0, first, n).to(images.device()));
    const torch::Tensor apart =
        nets.at("discriminator")->run(images.narrow(0, first, n)) - nets.at("discriminator")->run(fakes);
    sum += apart.sum().item<double>();
  }
  if (count == 0) return {};
  return {{"critic_estimate", sum / static_cast<double>(count),
           "mean score of " + std::to_string(count) + " test images less that of as many samples"}};
}

}  // namespace lc::train
