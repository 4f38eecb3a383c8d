// What the pictures of a model depend on: the spread of its latent numbers, how much each of them changes the
// picture, and the two directions that change it most. Measured by requests; plain arithmetic here.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/session/session.h"

namespace lc::ui {

constexpr float kInsightStep = 1.5f;         // standard deviations to either side
constexpr std::uint32_t kMaxMeasured = 512;  // longer latent vectors keep their order

struct Insight {
  std::vector<float> mean, sigma;  // of each latent number; sigma 0: one-hot, no direction
  std::vector<float> effect;  // mean absolute change of a pixel between the two steps; empty: not measured
  std::vector<std::uint32_t> order;  // numbers by effect, the largest first
  std::vector<float> principal[2];   // unit directions in standard deviations; empty: not measured
  bool has_spread = false, measured = false;
};

// The spread that the prior states, false where it only follows from samples (a mixture).
bool spread_of_prior(const format::Header& header, Insight& out);
// latents: [count][size]
void spread_of_samples(const format::Header& header, const std::vector<float>& latents, std::size_t count,
                       Insight& out);
// Two latent vectors a continuous number, below and above the mean.
session::Request steps_question(const session::ModelInfo& model, const Insight& insight);
// pictures: the answer, `pixels` numbers each.
void measure(const std::vector<float>& pictures, std::size_t pixels, Insight& out);

}  // namespace lc::ui
