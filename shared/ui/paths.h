// Ways through the latent space. Plain arithmetic.
#pragma once

#include <string>
#include <vector>

#include "shared/session/session.h"

namespace lc::ui {

// The latent vector at t in [0, 1] between two: along the sphere where the prior is normal (Shoemake's slerp,
// in which the lengths are mixed too), along the line elsewhere and where `straight`.
std::vector<float> between(const format::Header& header, const float* a, const float* b, float t,
                           bool straight);

// a - b + c, brought back into the range of uniform parts.
std::vector<float> sum_of(const format::Header& header, const float* a, const float* b, const float* c);

// "z3", or what the file calls it where the number is a code of its own: "code 1".
std::string latent_name(const format::Header& header, std::size_t number);

// Calls use(part, first number of it) for each part of the prior.
template <class Use>
void each_part(const format::Header& header, Use use) {
  std::size_t at = 0;
  for (const format::PriorPart& part : header.prior) {
    use(part, at);
    at += part.size;
  }
}

}  // namespace lc::ui
