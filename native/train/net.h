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
  // Copies in bfloat16 that training runs on, and whose gradients move the parameters; undefined: there are
  // none.
  torch::Tensor low_weight, low_bias;
  torch::Tensor factor;  // [1]: weight and bias are multiplied by it before use; set, not learnt
  void add_parameters(torch::Tensor new_weight, torch::Tensor new_bias);
  void add_statistics(std::int64_t channels);
  void add_factor(torch::Tensor value);
};
TORCH_MODULE(LayerTensors);

struct Layer {
  std::string kind;                          // a kind of docs/layers.md, or "batch_norm"
  std::string name;                          // PyTorch's module name in a Sequential: "0", "1", ... in order
  std::vector<std::uint32_t> inputs;         // values: the net's inputs first, then one a layer
  std::map<std::string, double> attributes;  // those of docs/layers.md
  Sizes output;
  LayerTensors tensors{nullptr};  // null for a layer without weights
  // What the weight is multiplied by before use; the export folds it. Equalised learning rates need it.
  double weight_gain = 1;
  double noise = 0;            // deviation of what training adds to the output
  std::int64_t reference = 0;  // batch_norm: how many samples of a training batch give the statistics; 0: all
  std::string factor = {};     // the name by which the factor is set; empty where there is none
};

// What `layer` makes of its inputs, each [batch][shape].
torch::Tensor run_layer(const Layer& layer, const std::vector<torch::Tensor>& inputs, bool training);

// Whether `layer` and the one after it, if that alone reads it, are one pass on this device: BatchNorm and
// LeakyReLU on a GPU.
bool runs_as_one(const Layer& layer, const Layer& next, const torch::Tensor& input, bool training);
torch::Tensor run_as_one(const Layer& layer, const Layer& next, const torch::Tensor& input);

class NetImpl;

// Handle to a value of a net under construction: each call appends a layer that reads this value.
class Value {
 public:
  // With a gain the learning rate is equalised (Karras et al. 2018, section 4.1): the weight is drawn from
  // N(0, 1) and used multiplied by gain / sqrt(fan_in), the bias begins at 0. He's gain is sqrt(2).
  Value dense(std::int64_t out, bool bias = true, double gain = 0) const;
  // Square kernels.
  Value conv2d(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
               bool bias = true, double gain = 0) const;
  Value conv_transpose2d(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                         std::int64_t output_padding = 0, bool bias = true) const;
  Value batch_norm() const;  // eps 1e-5, momentum 0.1: PyTorch's defaults
  // Over the pixels of each channel; affine: a scale and a shift for each channel.
  Value instance_norm(bool affine = true) const;
  // Over all numbers of a sample; affine: a scale and a shift for each channel or feature.
  Value layer_norm(bool affine = true) const;
  Value pixel_norm() const;  // over the channels of each pixel, or over features
  Value relu() const;
  Value leaky_relu(double slope) const;
  Value elu(double alpha = 1) const;
  Value softplus() const;
  Value tanh() const;
  Value sigmoid() const;
  Value softmax() const;                      // of features
  Value logsumexp() const;                    // of features, to one
  Value upsample(std::int64_t factor) const;  // nearest
  Value avg_pool(std::int64_t kernel) const;  // stride as the kernel
  // Two to four values: features, or images of one size along their channels.
  static Value concat(const std::vector<Value>& values);
  // Another value of the same shape; or features [C] onto each pixel of this image [C][H][W].
  Value add(const Value& other) const;
  // These two look across the batch, in groups of `group` consecutive samples (the last may be smaller), and
  // have no place in a network that draws pictures.
  // Appends a channel: the standard deviation over the group, averaged over everything (Karras et al. 2018,
  // section 3).
  Value minibatch_stddev(std::int64_t group = 4) const;
  // Appends `out` features: how near the group's samples lie to this one, in projections to `dims` dimensions
  // (Salimans et al. 2016, section 3.2).
  Value minibatch_discrimination(std::int64_t out, std::int64_t dims, std::int64_t group = 64) const;
  Value reshape(std::int64_t channels, std::int64_t height, std::int64_t width) const;
  Value flatten() const;
  // This value, of a dense or convolution layer, under a factor that set_factor changes; 1 at first. The
  // export folds it.
  Value factor(const std::string& name) const;
  const Sizes& shape() const;  // of one sample

 private:
  friend class NetImpl;
  Value(NetImpl* net, std::uint32_t index) : net_(net), index_(index) {}
  Value plain(const char* kind) const;
  Value norm(const char* kind, bool affine) const;
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
  // The outputs `wanted` alone, from the layers that they need alone. `given` has values by the names of
  // inputs or outputs: what lies behind a given value is not run, and an undefined tensor adds nothing.
  Tensors forward_part(const Tensors& given, const std::vector<std::string>& wanted);
  void set_factor(const std::string& name, double value);

  // Virtual batch normalisation (Salimans et al. 2016, section 3.5): from now on the first `samples` of each
  // training batch are the reference batch, whose statistics every BatchNorm takes and keeps; each further
  // sample adds its own, as one sample more.
  void use_reference_batch(std::int64_t samples);

  // From now on training adds Gaussian noise of this deviation to what every leaky_relu gives.
  void use_noise(double deviation);

  // The same layers with copies of the weights and statistics.
  std::shared_ptr<NetImpl> copy() const;
  // Takes over weights and statistics of a net with the same layers.
  void assign(const NetImpl& other);
  // Parameters, statistics and factors, in order, that an average must follow.
  std::vector<torch::Tensor> all_tensors() const;
  // Those of them that are not to be averaged: the factors.
  std::vector<torch::Tensor> factors() const;
  std::int64_t parameter_count() const;
  // What training moves, as one float32 tensor with a graph to it: the parameters, or their low copies.
  torch::Tensor trained() const;

  format::Role role() const { return role_; }
  const std::string& label() const { return label_; }
  const std::vector<Input>& inputs() const { return inputs_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  friend class Value;
  Value append(Layer layer);
  const Sizes& shape_of(std::uint32_t value) const;
  std::uint32_t value_of(const std::string& name) const;  // of an input or output
  void plan();                                            // after each change of layers or outputs

  format::Role role_;
  std::string label_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<Layer> layers_;
  std::vector<std::size_t> last_reader_;  // of each value: a layer, or layers_.size() for what is kept
};
TORCH_MODULE(Net);

using Nets = std::map<std::string, Net>;  // by label

constexpr double kBatchNormEps = 1e-5;
constexpr std::int64_t kMaxBatchGroup = 64;  // the engine's

}  // namespace lc::train
