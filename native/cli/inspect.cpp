// What can be told about a weights file without running it: is it sound, what are its layers.
#include "native/cli/inspect.h"

#include "native/io/npy.h"
#include "shared/nn/attributes.h"
#include "shared/nn/graph.h"
#include "shared/nn/weights.h"

namespace lc::cli {

Status verify_weights(const std::string& path_or_name) {
  const Result<LoadedModel> model = load_weights(path_or_name);
  if (!model.ok()) return model.status();
  const format::Header& header = model->file.header;
  const auto networks = static_cast<std::uint32_t>(header.networks.size());
  const auto moments = static_cast<std::uint32_t>(header.timeline.size() + 1);
  // The end of training first, as the engine does: the same file gets the same message.
  for (std::uint32_t moment = moments; moment-- > 0;) {
    for (std::uint32_t network = 0; network < networks; ++network) {
      const auto graph = nn::Graph::compile(model->file, network, moment, kernels::simd());
      if (!graph.ok()) return at_path(model->path, graph.status());
    }
  }
  return {};
}

Result<std::vector<LayerFigures>> layer_figures(const LoadedModel& model, const format::Network& network) {
  std::vector<nn::Shape> values;
  for (const format::NetworkInput& input : network.inputs) {
    const std::vector<std::uint32_t>& dims = input.shape;
    values.push_back(dims.size() == 3 ? nn::Shape::image(dims[0], dims[1], dims[2])
                                      : nn::Shape::features(dims[0]));
  }
  std::vector<LayerFigures> figures;
  for (const format::LayerRecord& layer : network.layers) {
    const std::string where = network.name + ", layer " + layer.name + " (" + layer.kind + ")";
    const Result<const nn::LayerKind*> kind = nn::find_layer_kind(layer.kind, where);
    if (!kind.ok()) return at_path(model.path, kind.status());
    std::vector<nn::Shape> inputs;
    for (const std::uint32_t value : layer.inputs) inputs.push_back(values[value]);
    nn::Attributes attributes(layer, where);
    nn::Weights weights(model.file, layer.tensors, where);
    nn::LayerSpec spec;
    spec.where = where;
    spec.inputs = &inputs;
    spec.attributes = &attributes;
    spec.weights = &weights;
    const Result<nn::LayerInfo> info = kind.value()->check(spec);
    if (!info.ok()) return at_path(model.path, info.status());
    LayerFigures figure;
    figure.output = info->output;
    figure.multiply_adds = info->multiply_adds;
    for (const std::uint32_t tensor : layer.tensors) {
      figure.parameters += format::element_count(model.file.header.tensors[tensor]);
    }
    values.push_back(figure.output);
    figures.push_back(figure);
  }
  return figures;
}

std::uint64_t parameter_count(const format::Header& header, const format::Network& network) {
  std::uint64_t count = 0;
  for (const format::LayerRecord& layer : network.layers) {
    for (const std::uint32_t tensor : layer.tensors) count += format::element_count(header.tensors[tensor]);
  }
  return count;
}

const char* role_name(format::Role role) {
  const char* const names[] = {"decoder", "generator", "encoder", "discriminator", "classifier"};
  return names[static_cast<std::size_t>(role)];
}

const char* dtype_name(format::DType dtype) {
  const char* const names[] = {"f32", "f16", "i8"};
  return names[static_cast<std::size_t>(dtype)];
}

const char* prior_kind_name(format::PriorKind kind) {
  const char* const names[] = {"normal", "uniform", "categorical", "mixture"};
  return names[static_cast<std::size_t>(kind)];
}

std::string shape_text(const std::vector<std::uint32_t>& shape) {
  return io::shape_text({shape.begin(), shape.end()});
}

std::string shape_text(const nn::Shape& shape) {
  return io::shape_text({shape.dims, shape.dims + shape.rank});
}

}  // namespace lc::cli
