// Loads models, compiles their networks, keeps a few moments of each.
#include "shared/session/model_store.h"

#include <algorithm>
#include <utility>

namespace lc::session {

namespace {

struct TaskRole {
  Task task;
  format::Role role;
};
constexpr TaskRole kTaskRoles[] = {{Task::sample, format::Role::decoder},
                                   {Task::sample, format::Role::generator},
                                   {Task::encode, format::Role::encoder},
                                   {Task::discriminate, format::Role::discriminator},
                                   {Task::discriminate, format::Role::classifier}};

std::uint32_t output_named(const nn::Graph& graph, std::string_view name) {
  const auto& outputs = graph.outputs();
  const auto found =
      std::find_if(outputs.begin(), outputs.end(), [&](const auto& port) { return port.name == name; });
  return static_cast<std::uint32_t>(found - outputs.begin());
}

// Rules that join a network to the prior: an encoder's first output or its `mean` is a latent vector.
Status check_encoder(const format::Header& header, const nn::Graph& graph) {
  const std::uint32_t mean = output_named(graph, "mean");
  const nn::Graph::Port& port = graph.outputs()[mean < graph.outputs().size() ? mean : 0];
  const nn::Shape expected = nn::Shape::features(format::latent_size(header));
  if (port.shape == expected) return {};
  return fail(Code::bad_network_outputs, "encoder, output '" + port.name + "': has shape " +
                                             to_string(port.shape) + ", the file's latent vectors are " +
                                             to_string(expected));
}

}  // namespace

std::uint32_t network_for(const format::Header& header, Task task) {
  for (const TaskRole& row : kTaskRoles) {
    if (row.task != task) continue;
    for (std::uint32_t n = 0; n < header.networks.size(); ++n) {
      if (header.networks[n].role == row.role) return n;
    }
  }
  return static_cast<std::uint32_t>(header.networks.size());
}

ModelInfo describe(const format::Header& header, std::string name, std::uint64_t file_bytes) {
  const auto can = [&](Task task) { return network_for(header, task) < header.networks.size(); };
  ModelInfo info;
  info.name = std::move(name);
  info.header = header;
  info.latent_size = format::latent_size(header);
  info.can_sample = can(Task::sample);
  info.can_encode = can(Task::encode);
  info.can_discriminate = can(Task::discriminate);
  info.classes = static_cast<std::uint32_t>(header.classes.size());
  info.moments = static_cast<std::uint32_t>(header.timeline.size() + 1);
  info.file_bytes = file_bytes;
  return info;
}

ModelStore::ModelStore(const kernels::Kernels& kernels) : kernels_(kernels) {}

Result<std::uint32_t> ModelStore::load(LoadRequest request) {
  auto model = std::make_shared<Model>();
  model->bytes = std::move(request.bytes);
  Result<format::ModelFile> file = format::read_model(model->bytes);
  if (!file.ok()) return file.status();
  model->file = file.take();
  model->mixture = read_mixture(model->file);
  const format::Header& header = model->file.header;

  ModelInfo info = describe(header, std::move(request.name), model->bytes.size());
  Entry entry;
  entry.model = model;
  for (std::uint32_t n = 0; n < header.networks.size(); ++n) {
    Result<nn::Graph> graph = nn::Graph::compile(model->file, n, info.moments, kernels_);
    if (!graph.ok()) return graph.status();
    if (n == network_for(header, Task::encode)) LC_TRY(check_encoder(header, graph.value()));
    if (n == network_for(header, Task::sample)) info.multiply_adds = graph->multiply_adds();
    entry.last.push_back(std::make_shared<const nn::Graph>(graph.take()));
  }
  info.model = static_cast<std::uint32_t>(infos_.size());
  infos_.push_back(std::move(info));
  const std::lock_guard<std::mutex> lock(mutex_);
  entries_.push_back(std::move(entry));
  return infos_.back().model;
}

std::shared_ptr<const Model> ModelStore::model(std::uint32_t number) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return number < entries_.size() ? entries_[number].model : nullptr;
}

Result<std::shared_ptr<const nn::Graph>> ModelStore::graph(std::uint32_t model, std::uint32_t network,
                                                           std::uint32_t moment) {
  // Compiling under the lock: threads that share a request want the same moment.
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = entries_[model];
  if (moment >= entry.model->file.header.timeline.size()) return entry.last[network];
  for (Compiled& kept : entry.earlier) {
    if (kept.network != network || kept.moment != moment) continue;
    kept.used = ++uses_;
    return kept.graph;
  }
  Result<nn::Graph> graph = nn::Graph::compile(entry.model->file, network, moment, kernels_);
  if (!graph.ok()) return graph.status();
  if (entry.earlier.size() >= kMaxKeptMoments) {
    entry.earlier.erase(
        std::min_element(entry.earlier.begin(), entry.earlier.end(),
                         [](const Compiled& a, const Compiled& b) { return a.used < b.used; }));
  }
  entry.earlier.push_back({network, moment, ++uses_, std::make_shared<const nn::Graph>(graph.take())});
  return entry.earlier.back().graph;
}

}  // namespace lc::session
