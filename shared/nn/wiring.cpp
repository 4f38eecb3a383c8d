// Chooses the order of each value in memory.
#include "shared/nn/wiring.h"

#include <optional>

namespace lc::nn {

namespace {

// The image whose order all readers of features `v` can take, because they reshape to it or pass it on to
// such ones. `wanted` holds the answers for later values.
std::optional<Shape> wanted_by_readers(const Wiring& wiring, const Value& value,
                                       const std::vector<std::optional<Shape>>& wanted) {
  if (value.is_output || value.consumers.empty() || value.shape.rank != 1) return std::nullopt;
  std::optional<Shape> image;
  for (const std::uint32_t layer : value.consumers) {
    const Value& made = wiring.values[wiring.value_of(layer)];
    std::optional<Shape> here;
    if (wiring.kinds[layer]->layout_use == LayoutUse::reshapes && made.shape.rank == 3) here = made.shape;
    if (wiring.kinds[layer]->layout_use == LayoutUse::passes) here = wanted[wiring.value_of(layer)];
    if (!here || (image && *image != *here)) return std::nullopt;
    image = here;
  }
  return image;
}

// True when every reader of features `v` copes with the order of `image`.
bool readers_accept(const Wiring& wiring, std::uint32_t v, const Shape& image) {
  const Value& value = wiring.values[v];
  if (value.is_output) return false;
  for (const std::uint32_t layer : value.consumers) {
    const std::uint32_t made = wiring.value_of(layer);
    switch (wiring.kinds[layer]->layout_use) {
      case LayoutUse::folds:
        break;
      case LayoutUse::passes:
        if (!readers_accept(wiring, made, image)) return false;
        break;
      case LayoutUse::reshapes:
        if (wiring.values[made].shape != image) return false;
        break;
      case LayoutUse::fixed:
        return false;
    }
  }
  return true;
}

}  // namespace

void choose_layouts(Wiring& wiring) {
  std::vector<std::optional<Shape>> wanted(wiring.values.size());
  for (std::size_t v = wiring.values.size(); v-- > 0;) {
    wanted[v] = wanted_by_readers(wiring, wiring.values[v], wanted);
  }
  for (std::size_t v = 0; v < wiring.values.size(); ++v) {
    Value& value = wiring.values[v];
    value.layout.image = value.shape;
    if (value.shape.rank == 3 || v < wiring.input_count()) continue;
    const std::size_t layer = v - wiring.input_count();
    const Value& input = wiring.values[wiring.network->layers[layer].inputs[0]];
    switch (wiring.kinds[layer]->layout_use) {
      case LayoutUse::folds:
        if (wanted[v]) value.layout.image = *wanted[v];
        break;
      case LayoutUse::passes:
        value.layout = input.layout;
        break;
      case LayoutUse::reshapes:
        if (input.shape.rank == 3 && readers_accept(wiring, static_cast<std::uint32_t>(v), input.shape)) {
          value.layout = input.layout;
        }
        break;
      case LayoutUse::fixed:
        break;
    }
  }
}

}  // namespace lc::nn
