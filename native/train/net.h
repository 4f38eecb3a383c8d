// A network of the trainer, written as the list of layers that a .lcw file holds, and run by LibTorch. One
// description serves training, export and parity; training-only layers (batch_norm) fold away in the export.
#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/format/schema.h"

namespace lc::train {

using Tensors = std::map<std::string, torch::Tensor>;  // by port name
using Sizes = std::vector<std::int64_t>;  // of one sample: [features] or [channels][height][width]

// Parameters and buffers of one layer; undefined where the layer has none. Layouts are PyTorch's.
struct LayerTensorsImpl : torch::nn::Module {
  torch::Tensor weight, bias, running_mean, running_var;
  void add_parameters(torch::Tensor new_weight, torch::Tensor new_bias);
  void add_statistics(std::int64_t channels);
};
TORCH_MODULE(LayerTensors);

struct Layer {
  std::string kind;                          // a kind of docs/layers.md, or "batch_norm"
  std::string name;                          // PyTorch's module name in a Sequential: "0", "1", ... in order
  std::vector<std::uint32_t> inputs;         // values: the net's inputs first, then one a layer
  std::map<std::string, double> attributes;  // those of docs/layers.md
  Sizes output;
  LayerTensors tensors{nullptr};  // null for a layer without weights
};

class NetImpl;

// Handle to a value of a net under construction: each call appends a layer that reads this value.
class Value {
 public:
  Value dense(std::int64_t out, bool bias = true) const;
  // Square kernels.
  Value conv2d(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
               bool bias = true) const;
  Value conv_transpose2d(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                         std::int64_t output_padding = 0, bool bias = true) const;
  Value batch_norm() const;  // eps 1e-5, momentum 0.1: PyTorch's defaults
  Value relu() const;
  Value leaky_relu(double slope) const;
  Value tanh() const;
  Value sigmoid() const;
  Value reshape(std::int64_t channels, std::int64_t height, std::int64_t width) const;
  Value flatten() const;
  const Sizes& shape() const;  // of one sample

 private:
  friend class NetImpl;
  Value(NetImpl* net, std::uint32_t index) : net_(net), index_(index) {}
  Value plain(const char* kind) const;
  NetImpl* net_;
  std::uint32_t index_;
};

class NetImpl : public torch::nn::Module {
 public:
  struct Input {
    std::string name;
    Sizes shape;
  };
  struct Output {
    std::string name;
    std::uint32_t value = 0;
    bool exported = true;
  };

  // `label` is the network's name in the file and the prefix of its tensors' names: "decoder".
  NetImpl(format::Role role, std::string label);

  Value input(const std::string& name, Sizes shape);
  void output(const std::string& name, Value value);
  void training_output(const std::string& name, Value value);  // for losses; not exported

  // All outputs for a batch; inputs: [batch][shape].
  Tensors forward(const Tensors& inputs);
  // Shorthand for a net with one input: the first output.
  torch::Tensor run(const torch::Tensor& input);

  // The same layers with copies of the weights and statistics.
  std::shared_ptr<NetImpl> copy() const;
  // Takes over weights and statistics of a net with the same layers.
  void assign(const NetImpl& other);
  // Parameters and statistics, in order, that an average must follow.
  std::vector<torch::Tensor> all_tensors() const;
  std::int64_t parameter_count() const;

  format::Role role() const { return role_; }
  const std::string& label() const { return label_; }
  const std::vector<Input>& inputs() const { return inputs_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  friend class Value;
  Value append(Layer layer);
  const Sizes& shape_of(std::uint32_t value) const;

  format::Role role_;
  std::string label_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<Layer> layers_;
};
TORCH_MODULE(Net);

using Nets = std::map<std::string, Net>;  // by label

constexpr double kBatchNormEps = 1e-5;

}  // namespace lc::train
