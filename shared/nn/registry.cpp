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
    {"elu", 1, 1, 0, 0, LayoutUse::passes, check_elu, make_elu},
    {"softplus", 1, 1, 0, 0, LayoutUse::passes, check_activation, make_softplus},
    {"softmax", 1, 1, 0, 0, LayoutUse::fixed, check_softmax, make_softmax},
    {"logsumexp", 1, 1, 0, 0, LayoutUse::fixed, check_logsumexp, make_logsumexp},
    {"instance_norm", 1, 1, 0, 2, LayoutUse::fixed, check_instance_norm, make_instance_norm},
    {"layer_norm", 1, 1, 0, 2, LayoutUse::fixed, check_layer_norm, make_layer_norm},
    {"pixel_norm", 1, 1, 0, 0, LayoutUse::passes, check_pixel_norm, make_pixel_norm},
    {"upsample", 1, 1, 0, 0, LayoutUse::fixed, check_upsample, make_upsample},
    {"avg_pool", 1, 1, 0, 0, LayoutUse::fixed, check_avg_pool, make_avg_pool},
    {"concat", 2, kMaxLayerInputs, 0, 0, LayoutUse::fixed, check_concat, make_concat},
    {"add", 2, 2, 0, 0, LayoutUse::fixed, check_add, make_add},
    {"minibatch_stddev", 1, 1, 0, 0, LayoutUse::fixed, check_minibatch_stddev, make_minibatch_stddev},
    {"minibatch_discrimination", 1, 1, 1, 1, LayoutUse::fixed, check_minibatch_discrimination,
     make_minibatch_discrimination},
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
  std::string message = phrase("{}: unknown layer kind '{}'", where, name);
  const std::string_view nearest = nearest_name(name, names);
  if (!nearest.empty()) message += phrase(", did you mean '{}'?", nearest);
  message += " Known are";
  for (std::size_t i = 0; i < names.size(); ++i) message += phrase("{}{}", i ? ", " : " ", names[i]);
  return fail(Code::unknown_layer, "{}. A newer version of this program may know it.", message);
}

std::string to_string(const Shape& shape) {
  std::string text;
  for (std::uint32_t i = 0; i < shape.rank; ++i) text += phrase("[{}]", shape.dims[i]);
  return text;
}

}  // namespace lc::nn
