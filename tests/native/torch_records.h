// Runs the layer records of a .lcw network with LibTorch's functions: docs/layers.md read literally, for
// comparison.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "shared/format/format.h"

namespace lc::train {

// tensor(i): number i of the file's table (or of an ExportedNetwork), in the type to compute in. Inputs and
// outputs by port.
inline std::map<std::string, torch::Tensor> run_records(
    const format::Network& network, const std::function<torch::Tensor(std::uint32_t)>& tensor,
    const std::map<std::string, torch::Tensor>& inputs) {
  std::vector<torch::Tensor> values;
  for (const format::NetworkInput& input : network.inputs) values.push_back(inputs.at(input.name));
  for (const format::LayerRecord& layer : network.layers) {
    const torch::Tensor x = values[layer.inputs[0]];
    const auto weight = [&](std::size_t i) {
      return i < layer.tensors.size() ? tensor(layer.tensors[i]) : torch::Tensor();
    };
    std::map<std::string, double> number;
    for (const format::Attribute& attribute : layer.attributes) number[attribute.name] = attribute.value;
    const auto whole = [&](const char* name) { return static_cast<std::int64_t>(number.at(name)); };
    const std::map<std::string, std::function<torch::Tensor()>> kinds = {
        {"dense", [&] { return torch::linear(x, weight(0), weight(1)); }},
        {"conv2d", [&] { return torch::conv2d(x, weight(0), weight(1), whole("stride"), whole("padding")); }},
        {"conv_transpose2d",
         [&] {
           return torch::conv_transpose2d(x, weight(0), weight(1), whole("stride"), whole("padding"),
                                          whole("output_padding"));
         }},
        {"scale_shift",
         [&] {
           std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
           shape[1] = x.size(1);
           return x * weight(0).reshape(shape) + weight(1).reshape(shape);
         }},
        {"reshape",
         [&] {
           return number.count("features") != 0
                      ? x.reshape({x.size(0), whole("features")})
                      : x.reshape({x.size(0), whole("channels"), whole("height"), whole("width")});
         }},
        {"relu", [&] { return torch::relu(x); }},
        {"leaky_relu", [&] { return torch::leaky_relu(x, number.at("slope")); }},
        {"tanh", [&] { return torch::tanh(x); }},
        {"sigmoid", [&] { return torch::sigmoid(x); }},
    };
    values.push_back(kinds.at(layer.kind)());
  }
  std::map<std::string, torch::Tensor> outputs;
  for (const format::NetworkOutput& output : network.outputs) outputs[output.name] = values[output.value];
  return outputs;
}

}  // namespace lc::train
