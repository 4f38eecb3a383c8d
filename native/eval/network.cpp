// One network of a weights file, run over many samples on several threads.
#include "native/eval/network.h"

#include <algorithm>
#include <mutex>

namespace lc::eval {

namespace {

constexpr std::size_t kChunk = 64;  // samples of one run: enough to fill a kernel, small enough to share out

const nn::Graph::Port* find(const std::vector<nn::Graph::Port>& ports, const std::string& name) {
  const auto found = std::find_if(ports.begin(), ports.end(),
                                  [&](const nn::Graph::Port& port) { return port.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

template <class List>
bool contains(const List& ports, const std::string& name) {
  return std::any_of(ports.begin(), ports.end(), [&](const auto& port) { return port.name == name; });
}

}  // namespace

bool has_output(const format::Network& network, const std::string& name) {
  return contains(network.outputs, name);
}
bool has_input(const format::Network& network, const std::string& name) {
  return contains(network.inputs, name);
}

Result<Network> Network::compile(const format::ModelFile& file, std::uint32_t network) {
  const auto moment = static_cast<std::uint32_t>(file.header.timeline.size());
  Result<nn::Graph> graph = nn::Graph::compile(file, network, moment, kernels::simd());
  if (!graph.ok()) return graph.status();
  return Network(graph.take());
}

bool Network::has_output(const std::string& name) const {
  return find(graph_.outputs(), name) != nullptr;
}
bool Network::has_input(const std::string& name) const {
  return find(graph_.inputs(), name) != nullptr;
}
std::size_t Network::output_size(const std::string& name) const {
  const nn::Graph::Port* port = find(graph_.outputs(), name);
  return port != nullptr ? static_cast<std::size_t>(port->shape.size()) : 0;
}

Result<Ports> Network::run(const Ports& inputs, const std::vector<std::string>& outputs,
                           unsigned threads) const {
  std::vector<const Matrix*> sources;
  for (const nn::Graph::Port& port : graph_.inputs()) {
    const auto given = inputs.find(port.name);
    if (given == inputs.end() || given->second.columns != port.shape.size() ||
        given->second.rows != inputs.begin()->second.rows) {
      return fail(Code::bad_combination,
                  "the network needs an input '" + port.name + "' of " + std::to_string(port.shape.size()) +
                      " numbers" +
                      (given == inputs.end() ? "" : ", found " + std::to_string(given->second.columns)));
    }
    sources.push_back(&given->second);
  }
  const std::size_t rows = sources.empty() ? 0 : sources[0]->rows;
  Ports results;
  std::vector<Matrix*> targets(graph_.outputs().size());
  for (const std::string& name : outputs) {
    if (!has_output(name)) {
      return fail(Code::bad_combination, "the network has no output '" + name + "'");
    }
    results[name] = Matrix(rows, output_size(name));
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto wanted = results.find(graph_.outputs()[i].name);
    targets[i] = wanted == results.end() ? nullptr : &wanted->second;
  }
  std::mutex mutex;
  Status status;
  parallel((rows + kChunk - 1) / kChunk, threads, [&](std::size_t chunk) {
    const std::size_t first = chunk * kChunk, count = std::min(kChunk, rows - first);
    std::vector<const float*> in;
    for (const Matrix* source : sources) in.push_back(source->row(first).data);
    std::vector<float*> out;
    for (Matrix* target : targets) out.push_back(target != nullptr ? target->row(first).data : nullptr);
    thread_local nn::Workspace workspace;
    const Status one = workspace.run(graph_, count, {in.data(), in.size()}, {out.data(), out.size()});
    if (one.ok()) return;
    const std::lock_guard<std::mutex> lock(mutex);
    status = one;
  });
  if (!status.ok()) return status;
  return results;
}

}  // namespace lc::eval
