// Draws latent vectors from the prior of a file.
#include <algorithm>
#include <string>

#include "shared/core/random.h"
#include "shared/session/engine.h"

namespace lc::session {

namespace {

using format::PriorKind;
using format::PriorPart;

// One number in [0, 1) for part `part` of picture i, apart from the latent numbers themselves.
float chance(const format::Header& header, const Request& request, std::uint64_t picture, std::size_t part) {
  float u = 0;
  fill_uniform(request.seed, Stream::component, picture * header.prior.size() + part, {&u, 1});
  return u;
}

void draw_mixture(const float* mixture, std::uint32_t components, const PriorPart& part, float u,
                  float temperature, float* z) {
  const std::size_t size = part.size;
  const float *weights = mixture, *means = weights + components, *factors = means + components * size;
  std::uint32_t c = 0;
  for (float sum = weights[0]; c + 1 < components && u >= sum; sum += weights[c]) ++c;
  const float* factor = factors + c * size * size;
  // z = mean + temperature * factor * z, from the last row up, because row r reads z[0..r].
  for (std::size_t r = size; r-- > 0;) {
    float sum = 0;
    for (std::size_t k = 0; k <= r; ++k) sum += factor[r * size + k] * z[k];
    z[r] = means[c * size + r] + temperature * sum;
  }
}

std::size_t mixture_floats(std::size_t components, std::size_t size) {
  return components * (1 + size + size * size);
}

}  // namespace

std::vector<float> read_mixture(const format::ModelFile& file) {
  std::vector<float> values;
  for (const PriorPart& part : file.header.prior) {
    for (const std::uint32_t tensor : part.mixture) {
      const std::size_t first = values.size();
      const auto count = static_cast<std::size_t>(format::element_count(file.header.tensors[tensor]));
      values.resize(first + count);
      format::read_tensor(file, tensor, {values.data() + first, count});
    }
  }
  return values;
}

Status draw_latents(const format::Header& header, Span<const float> mixture, const Request& request,
                    Span<float> out) {
  const std::size_t size = format::latent_size(header);
  if (out.size != size * request.count) {
    return fail(Code::bad_argument, "room for {} latent numbers, expected {} x {}", out.size, request.count,
                size);
  }
  std::size_t at = 0;  // of the part in the latent vector
  const float* numbers = mixture.data;
  for (std::size_t p = 0; p < header.prior.size(); at += header.prior[p].size, ++p) {
    const PriorPart& part = header.prior[p];
    std::uint32_t components = 0;
    if (part.kind == PriorKind::mixture) {
      components = header.tensors[part.mixture[0]].shape[0];
      if (static_cast<std::size_t>(mixture.end() - numbers) < mixture_floats(components, part.size)) {
        return fail(Code::bad_argument, "the mixture's numbers are missing: pass those of read_mixture");
      }
    }
    for (std::uint32_t i = 0; i < request.count; ++i) {
      const std::uint64_t picture = request.first + i;
      float* z = out.data + i * size + at;
      const Span<float> target{z, part.size};
      switch (part.kind) {
        case PriorKind::normal:
          fill_normal(request.seed, Stream::latent, picture * size + at, target);
          for (float& value : target) value *= request.temperature;
          break;
        case PriorKind::uniform:
          fill_uniform(request.seed, Stream::latent, picture * size + at, target);
          for (float& value : target) value = part.low + (part.high - part.low) * value;
          break;
        case PriorKind::categorical: {
          std::fill(target.begin(), target.end(), 0.0f);
          const float u = chance(header, request, picture, p);
          z[std::min(part.size - 1, static_cast<std::uint32_t>(u * static_cast<float>(part.size)))] = 1;
          break;
        }
        case PriorKind::mixture:
          fill_normal(request.seed, Stream::latent, picture * size + at, target);
          draw_mixture(numbers, components, part, chance(header, request, picture, p), request.temperature,
                       z);
          break;
      }
    }
    numbers += components ? mixture_floats(components, part.size) : 0;
  }
  return {};
}

}  // namespace lc::session
