// Runs the layer records of a .lcw network with LibTorch's functions: docs/layers.md read literally, for
// comparison.
#pragma once

#include <torch/torch.h>

#include <algorithm>
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
        {"elu", [&] { return torch::elu(x, number.at("alpha")); }},
        {"softplus", [&] { return torch::softplus(x); }},
        {"softmax", [&] { return torch::softmax(x, 1); }},
        {"logsumexp", [&] { return torch::log(torch::exp(x).sum(1, true)); }},
        {"instance_norm",
         [&] { return torch::instance_norm(x, weight(0), weight(1), {}, {}, true, 0, 1e-5, false); }},
        {"layer_norm", [&] { return torch::group_norm(x, 1, weight(0), weight(1), 1e-5); }},
        {"pixel_norm", [&] { return x / torch::sqrt((x * x).mean(1, true) + 1e-8); }},
        {"upsample",
         [&] { return x.repeat_interleave(whole("factor"), 2).repeat_interleave(whole("factor"), 3); }},
        {"avg_pool", [&] { return torch::avg_pool2d(x, whole("kernel")); }},
        {"concat",
         [&] {
           std::vector<torch::Tensor> joined;
           for (const std::uint32_t value : layer.inputs) joined.push_back(values[value]);
           return torch::cat(joined, 1);
         }},
        {"add",
         [&] {
           const torch::Tensor y = values[layer.inputs.at(1)];
           return x.dim() == y.dim() ? x + y : x + y.reshape({y.size(0), y.size(1), 1, 1});
         }},
        {"minibatch_stddev",
         [&] {
           std::vector<torch::Tensor> spreads;
           for (const torch::Tensor& group : x.split(whole("group"))) {
             const torch::Tensor spread = (group.var(0, /*unbiased=*/false) + 1e-8).sqrt().mean();
             spreads.push_back(spread.expand({group.size(0)}));
           }
           std::vector<std::int64_t> shape = x.sizes().vec();
           shape[1] = 1;
           std::vector<std::int64_t> one(static_cast<std::size_t>(x.dim()), 1);
           one[0] = x.size(0);
           return torch::cat({x, torch::cat(spreads).reshape(one).expand(shape)}, 1);
         }},
        {"minibatch_discrimination",
         [&] {
           const torch::Tensor m = torch::tensordot(x, weight(0), {1}, {0});
           torch::Tensor near = torch::zeros({x.size(0), m.size(1)}, x.options());
           for (std::int64_t i = 0; i < x.size(0); ++i) {
             const std::int64_t first = i - i % whole("group");
             for (std::int64_t j = first; j < std::min(first + whole("group"), x.size(0)); ++j) {
               near[i] += torch::exp(-(m[i] - m[j]).abs().sum(1));
             }
           }
           return torch::cat({x, near}, 1);
         }},
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
