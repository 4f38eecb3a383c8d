// What can be told about a weights file without running it: is it sound, what are its layers.
#include "native/cli/inspect.h"

#include "native/io/npy.h"
#include "shared/nn/graph.h"

namespace lc::cli {

Status verify_weights(const std::string& path_or_name) {
  const Result<LoadedModel> model = load_weights(path_or_name);
  if (!model.ok()) return model.status();
  const format::Header& header = model->file.header;
  const auto networks = static_cast<std::uint32_t>(header.networks.size());
  const auto moments = static_cast<std::uint32_t>(header.timeline.size() + 1);
  for (std::uint32_t network = 0; network < networks; ++network) {
    for (std::uint32_t moment = 0; moment < moments; ++moment) {
      const auto graph = nn::Graph::compile(model->file, network, moment, kernels::simd());
      if (!graph.ok()) return at_path(model->path, graph.status());
    }
  }
  return {};
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

}  // namespace lc::cli
