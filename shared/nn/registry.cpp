// The table of layer kinds: one line a kind.
#include <iterator>
#include <string>

#include "shared/nn/layer.h"
#include "shared/nn/layers/layers.h"

namespace lc::nn {

namespace {

constexpr LayerKind kKinds[] = {
    // name, inputs, tensors
    {"dense", 1, 1, 1, 2, LayoutUse::folds, check_dense, make_dense},
    {"conv2d", 1, 1, 1, 2, LayoutUse::fixed, check_conv2d, make_conv2d},
    {"conv_transpose2d", 1, 1, 1, 2, LayoutUse::fixed, check_conv_transpose2d, make_conv_transpose2d},
    {"scale_shift", 1, 1, 2, 2, LayoutUse::passes, check_scale_shift, make_scale_shift},
    {"relu", 1, 1, 0, 0, LayoutUse::passes, check_activation, make_relu},
    {"leaky_relu", 1, 1, 0, 0, LayoutUse::passes, check_leaky_relu, make_leaky_relu},
    {"tanh", 1, 1, 0, 0, LayoutUse::passes, check_activation, make_tanh},
    {"sigmoid", 1, 1, 0, 0, LayoutUse::passes, check_activation, make_sigmoid},
    {"reshape", 1, 1, 0, 0, LayoutUse::reshapes, check_reshape, make_reshape},
};

}  // namespace

Span<const LayerKind> layer_kinds() {
  return {kKinds, std::size(kKinds)};
}

Result<const LayerKind*> find_layer_kind(std::string_view name, const std::string& where) {
  std::vector<std::string_view> names;
  for (const LayerKind& kind : kKinds) {
    if (kind.name == name) return &kind;
    names.push_back(kind.name);
  }
  std::string message = where + ": unknown layer kind '" + std::string(name) + "'";
  const std::string_view nearest = nearest_name(name, names);
  if (!nearest.empty()) message += ", did you mean '" + std::string(nearest) + "'?";
  message += " Known are";
  for (std::size_t i = 0; i < names.size(); ++i) message += (i ? ", " : " ") + std::string(names[i]);
  return fail(Code::unknown_layer, message + ". A newer version of this program may know it.");
}

std::string to_string(const Shape& shape) {
  std::string text;
  for (std::uint32_t i = 0; i < shape.rank; ++i) text += "[" + std::to_string(shape.dims[i]) + "]";
  return text;
}

}  // namespace lc::nn
