// One network of a weights file, run over many samples on several threads.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "native/eval/matrix.h"
#include "shared/core/status.h"
#include "shared/format/format.h"
#include "shared/nn/graph.h"

namespace lc::eval {

// Values by port name, one sample a row.
using Ports = std::map<std::string, Matrix>;

class Network {
 public:
  // Of the weights at the end of training. `file` is needed during the call only.
  static Result<Network> compile(const format::ModelFile& file, std::uint32_t network);

  bool has_output(const std::string& name) const;
  bool has_input(const std::string& name) const;
  std::size_t output_size(const std::string& name) const;
  const nn::Graph& graph() const { return graph_; }

  // The named outputs for all samples. bad_combination when an input or an output is missing, or its size
  // wrong.
  Result<Ports> run(const Ports& inputs, const std::vector<std::string>& outputs, unsigned threads) const;

 private:
  explicit Network(nn::Graph graph) : graph_(std::move(graph)) {}
  nn::Graph graph_;
};

// The first network that `fits`, or networks.size().
template <class Fits>
std::uint32_t find_network(const format::Header& header, const Fits& fits) {
  std::uint32_t i = 0;
  while (i < header.networks.size() && !fits(header.networks[i])) ++i;
  return i;
}
bool has_output(const format::Network& network, const std::string& name);
bool has_input(const format::Network& network, const std::string& name);

}  // namespace lc::eval
