// Ways through the latent space.
#include "shared/ui/paths.h"

#include <algorithm>
#include <cmath>

namespace lc::ui {

std::vector<float> between(const format::Header& header, const float* a, const float* b, float t,
                           bool straight) {
  std::vector<float> out(format::latent_size(header));
  each_part(header, [&](const format::PriorPart& part, std::size_t first) {
    double dot = 0, aa = 0, bb = 0;
    for (std::size_t i = first; i < first + part.size; ++i) {
      dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
      aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
      bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    double from = 1 - static_cast<double>(t), to = static_cast<double>(t);
    const double cosine = std::clamp(dot / std::sqrt(std::max(1e-12, aa * bb)), -1.0, 1.0);
    const double angle = std::acos(cosine), sine = std::sin(angle);
    if (part.kind == format::PriorKind::normal && !straight && sine > 1e-4) {
      from = std::sin(from * angle) / sine;
      to = std::sin(to * angle) / sine;
    }
    for (std::size_t i = first; i < first + part.size; ++i)
      out[i] = static_cast<float>(from * static_cast<double>(a[i]) + to * static_cast<double>(b[i]));
  });
  return out;
}

std::vector<float> sum_of(const format::Header& header, const float* a, const float* b, const float* c) {
  std::vector<float> out(format::latent_size(header));
  each_part(header, [&](const format::PriorPart& part, std::size_t first) {
    for (std::size_t i = first; i < first + part.size; ++i) {
      out[i] = a[i] - b[i] + c[i];
      if (part.kind == format::PriorKind::uniform) out[i] = std::clamp(out[i], part.low, part.high);
      if (part.kind == format::PriorKind::categorical) out[i] = std::clamp(out[i], 0.0f, 1.0f);
    }
  });
  return out;
}

std::string latent_name(const format::Header& header, std::size_t number) {
  std::string name = "z" + std::to_string(number + 1);
  each_part(header, [&](const format::PriorPart& part, std::size_t first) {
    const bool own = part.kind == format::PriorKind::uniform && header.prior.size() > 1;
    if (!own || number < first || number >= first + part.size) return;
    name = part.size == 1 ? part.name : part.name + " " + std::to_string(number - first + 1);
  });
  return name;
}

}  // namespace lc::ui
