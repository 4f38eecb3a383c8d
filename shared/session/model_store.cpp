// Loads models, compiles their networks, keeps a few moments of each.
#include "shared/session/model_store.h"

#include <algorithm>
#include <utility>

namespace lc::session {

namespace {

// In order of preference. An empty port: any.
struct TaskRole {
  Task task;
  format::Role role;
  std::string_view input, output;
};
constexpr TaskRole kTaskRoles[] = {{Task::sample, format::Role::decoder, "latent", ""},
                                   {Task::sample, format::Role::generator, "latent", ""},
                                   {Task::encode, format::Role::encoder, "", ""},
                                   {Task::discriminate, format::Role::discriminator, "", ""},
                                   {Task::discriminate, format::Role::classifier, "", ""},
                                   {Task::translate, format::Role::generator, "image", "image"},
                                   {Task::classify, format::Role::classifier, "", ""},
                                   {Task::classify, format::Role::discriminator, "", "classes"}};

template <class Ports>
bool has_port(const Ports& ports, std::string_view name) {
  return name.empty() ||
         std::any_of(ports.begin(), ports.end(), [&](const auto& port) { return port.name == name; });
}

// A line has one number, a curve one row of them.
Figure figure_of(const format::ImageSpec& image) {
  if (image.height != 1) return Figure::picture;
  if (image.width > 1) return Figure::curve;
  return image.channels == 1 ? Figure::density : Figure::picture;
}

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
  return fail(Code::bad_network_outputs,
              "encoder, output '{}': has shape {}, the file's latent vectors are {}", port.name,
              to_string(port.shape), to_string(expected));
}

}  // namespace

std::uint32_t network_for(const format::Header& header, Task task, std::uint32_t direction) {
  for (const TaskRole& row : kTaskRoles) {
    if (row.task != task) continue;
    for (std::uint32_t n = 0; n < header.networks.size(); ++n) {
      const format::Network& network = header.networks[n];
      const bool fits = network.role == row.role && has_port(network.inputs, row.input) &&
                        has_port(network.outputs, row.output);
      if (fits && (task != Task::translate || direction-- == 0)) return n;
    }
  }
  return static_cast<std::uint32_t>(header.networks.size());
}

std::vector<std::string> directions_of(const format::Header& header) {
  std::vector<std::string> names;
  for (;;) {
    const std::uint32_t network =
        network_for(header, Task::translate, static_cast<std::uint32_t>(names.size()));
    if (network == header.networks.size()) return names;
    names.push_back(header.networks[network].name);
  }
}

bool reads(const format::Network& network, std::string_view input) {
  return has_port(network.inputs, input);
}

Status check_frame(std::uint32_t count, std::uint64_t floats_of_picture) {
  if (floats_of_picture <= kMaxFrameFloats / std::max(1u, count)) return {};
  return fail(Code::too_much_asked,
              "the request asks for {} pictures of {} numbers each, at most {} numbers at a time, so {} of "
              "them. Ask for them in parts.",
              count, floats_of_picture, kMaxFrameFloats, kMaxFrameFloats / floats_of_picture);
}

ModelInfo describe(std::shared_ptr<const format::Header> read, std::string name, std::uint64_t file_bytes) {
  const format::Header& header = *read;
  const auto can = [&](Task task) { return network_for(header, task) < header.networks.size(); };
  ModelInfo info;
  info.name = std::move(name);
  info.header = std::move(read);
  info.can_sample = can(Task::sample);
  info.can_encode = can(Task::encode);
  info.can_discriminate = can(Task::discriminate);
  info.can_classify = can(Task::classify);
  if (info.can_sample || info.can_encode) info.latent_size = format::latent_size(header);
  if (info.can_sample)
    info.any_resolution = reads(header.networks[network_for(header, Task::sample)], "coordinates");
  info.directions = directions_of(header);
  info.figure = figure_of(header.image);
  info.classes = static_cast<std::uint32_t>(header.classes.size());
  info.moments = static_cast<std::uint32_t>(header.timeline.size() + 1);
  info.file_bytes = file_bytes;
  return info;
}

ModelInfo describe(std::shared_ptr<const format::ModelFile> read, std::string name,
                   std::uint64_t file_bytes) {
  const format::ModelFile& file = *read;
  ModelInfo info = describe(std::shared_ptr<const format::Header>(std::move(read), &file.header),
                            std::move(name), file_bytes);
  const std::vector<format::PriorPart>& prior = file.header.prior;
  // What stands where other models have their prior: one Gaussian.
  if (!info.can_classify || info.latent_size > 0 || prior.size() != 1 || prior[0].name != "features" ||
      prior[0].mixture.empty() || file.header.tensors[prior[0].mixture[0]].shape[0] != 1)
    return info;
  info.features = read_mixture(file);
  info.features.erase(info.features.begin());  // its weight
  return info;
}

ModelStore::ModelStore(const kernels::Kernels& kernels) : kernels_(kernels) {}

Result<std::uint32_t> ModelStore::load(LoadRequest request) {
  auto model = std::make_shared<Model>();
  model->bytes = std::move(request.bytes);
  LC_TRY(format::read_model(model->bytes, model->file));
  model->mixture = read_mixture(model->file);
  const format::Header& header = model->file.header;

  ModelInfo info = describe(std::shared_ptr<const format::ModelFile>(model, &model->file),
                            std::move(request.name), model->bytes.size());
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
