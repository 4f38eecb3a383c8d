// Builds networks layer by layer and runs them with LibTorch.
#include "native/train/net.h"

#include <cmath>
#include <functional>
#include <numeric>

namespace lc::train {

namespace {

constexpr double kBatchNormMomentum = 0.1;

std::int64_t product(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<std::int64_t>());
}

// PyTorch's default initialisation of linear and convolution layers: U(-b, b) with b = 1 / sqrt(fan_in) for
// both.
torch::Tensor uniform(Sizes shape, std::int64_t fan_in) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
  return torch::empty(shape).uniform_(-bound, bound);
}

std::int64_t whole(const Layer& layer, const char* attribute) {
  return static_cast<std::int64_t>(layer.attributes.at(attribute));
}

using Inputs = std::vector<torch::Tensor>;
using Run = std::function<torch::Tensor(const Layer&, const Inputs&, bool training)>;

torch::Tensor run_dense(const Layer& layer, const Inputs& in, bool) {
  return torch::linear(in[0], layer.tensors->weight, layer.tensors->bias);
}

torch::Tensor run_conv2d(const Layer& layer, const Inputs& in, bool) {
  return torch::conv2d(in[0], layer.tensors->weight, layer.tensors->bias, whole(layer, "stride"),
                       whole(layer, "padding"));
}

torch::Tensor run_conv_transpose2d(const Layer& layer, const Inputs& in, bool) {
  return torch::conv_transpose2d(in[0], layer.tensors->weight, layer.tensors->bias, whole(layer, "stride"),
                                 whole(layer, "padding"), whole(layer, "output_padding"));
}

torch::Tensor run_batch_norm(const Layer& layer, const Inputs& in, bool training) {
  const LayerTensorsImpl& t = *layer.tensors;
  return torch::batch_norm(in[0], t.weight, t.bias, t.running_mean, t.running_var, training,
                           kBatchNormMomentum, kBatchNormEps, at::globalContext().userEnabledCuDNN());
}

torch::Tensor run_reshape(const Layer& layer, const Inputs& in, bool) {
  Sizes sizes = layer.output;
  sizes.insert(sizes.begin(), in[0].size(0));
  return in[0].reshape(sizes);
}

const std::map<std::string, Run>& runs() {
  static const std::map<std::string, Run> table = {
      {"dense", run_dense},
      {"conv2d", run_conv2d},
      {"conv_transpose2d", run_conv_transpose2d},
      {"batch_norm", run_batch_norm},
      {"reshape", run_reshape},
      {"relu", [](const Layer&, const Inputs& in, bool) { return torch::relu(in[0]); }},
      {"leaky_relu", [](const Layer& l, const Inputs& in,
                        bool) { return torch::leaky_relu(in[0], l.attributes.at("slope")); }},
      {"tanh", [](const Layer&, const Inputs& in, bool) { return torch::tanh(in[0]); }},
      {"sigmoid", [](const Layer&, const Inputs& in, bool) { return torch::sigmoid(in[0]); }},
  };
  return table;
}

LayerTensors weights(torch::Tensor weight, torch::Tensor bias) {
  LayerTensors tensors;
  tensors->add_parameters(std::move(weight), std::move(bias));
  return tensors;
}

}  // namespace

void LayerTensorsImpl::add_parameters(torch::Tensor new_weight, torch::Tensor new_bias) {
  weight = register_parameter("weight", std::move(new_weight));
  if (new_bias.defined()) bias = register_parameter("bias", std::move(new_bias));
}

void LayerTensorsImpl::add_statistics(std::int64_t channels) {
  running_mean = register_buffer("running_mean", torch::zeros({channels}));
  running_var = register_buffer("running_var", torch::ones({channels}));
}

Value Value::dense(std::int64_t out, bool bias) const {
  TORCH_CHECK(shape().size() == 1, "dense needs features, flatten first");
  const std::int64_t in = shape()[0];
  Layer layer{"dense", "", {index_}, {}, {out}, nullptr};
  torch::Tensor weight = uniform({out, in}, in);
  layer.tensors = weights(weight, bias ? uniform({out}, in) : torch::Tensor());
  return net_->append(std::move(layer));
}

Value Value::conv2d(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                    bool bias) const {
  TORCH_CHECK(shape().size() == 3, "conv2d needs an image");
  const std::int64_t in = shape()[0];
  const auto size = [&](std::int64_t n) { return (n + 2 * padding - kernel) / stride + 1; };
  Layer layer{"conv2d", "", {index_}, {}, {out, size(shape()[1]), size(shape()[2])}, nullptr};
  layer.attributes = {{"stride", static_cast<double>(stride)}, {"padding", static_cast<double>(padding)}};
  const std::int64_t fan_in = in * kernel * kernel;
  torch::Tensor weight = uniform({out, in, kernel, kernel}, fan_in);
  layer.tensors = weights(weight, bias ? uniform({out}, fan_in) : torch::Tensor());
  return net_->append(std::move(layer));
}

Value Value::conv_transpose2d(std::int64_t out, std::int64_t kernel, std::int64_t stride,
                              std::int64_t padding, std::int64_t output_padding, bool bias) const {
  TORCH_CHECK(shape().size() == 3, "conv_transpose2d needs an image");
  const std::int64_t in = shape()[0];
  const auto size = [&](std::int64_t n) { return (n - 1) * stride - 2 * padding + kernel + output_padding; };
  Layer layer{"conv_transpose2d", "", {index_}, {}, {out, size(shape()[1]), size(shape()[2])}, nullptr};
  layer.attributes = {{"stride", static_cast<double>(stride)},
                      {"padding", static_cast<double>(padding)},
                      {"output_padding", static_cast<double>(output_padding)}};
  const std::int64_t fan_in = out * kernel * kernel;  // as PyTorch counts it
  torch::Tensor weight = uniform({in, out, kernel, kernel}, fan_in);
  layer.tensors = weights(weight, bias ? uniform({out}, fan_in) : torch::Tensor());
  return net_->append(std::move(layer));
}

Value Value::batch_norm() const {
  const std::int64_t channels = shape()[0];
  Layer layer{"batch_norm", "", {index_}, {}, shape(), nullptr};
  layer.tensors = weights(torch::ones({channels}), torch::zeros({channels}));
  layer.tensors->add_statistics(channels);
  return net_->append(std::move(layer));
}

Value Value::plain(const char* kind) const {
  return net_->append({kind, "", {index_}, {}, shape(), nullptr});
}
Value Value::relu() const {
  return plain("relu");
}
Value Value::tanh() const {
  return plain("tanh");
}
Value Value::sigmoid() const {
  return plain("sigmoid");
}

Value Value::leaky_relu(double slope) const {
  return net_->append({"leaky_relu", "", {index_}, {{"slope", slope}}, shape(), nullptr});
}

Value Value::reshape(std::int64_t channels, std::int64_t height, std::int64_t width) const {
  TORCH_CHECK(product(shape()) == channels * height * width, "reshape must keep the number of values");
  return net_->append({"reshape",
                       "",
                       {index_},
                       {{"channels", static_cast<double>(channels)},
                        {"height", static_cast<double>(height)},
                        {"width", static_cast<double>(width)}},
                       {channels, height, width},
                       nullptr});
}

Value Value::flatten() const {
  const std::int64_t features = product(shape());
  return net_->append(
      {"reshape", "", {index_}, {{"features", static_cast<double>(features)}}, {features}, nullptr});
}

const Sizes& Value::shape() const {
  return net_->shape_of(index_);
}

NetImpl::NetImpl(format::Role role, std::string label)
    : torch::nn::Module(label), role_(role), label_(std::move(label)) {}

Value NetImpl::input(const std::string& name, Sizes shape) {
  TORCH_CHECK(layers_.empty(), "inputs come before layers");
  inputs_.push_back({name, std::move(shape)});
  return {this, static_cast<std::uint32_t>(inputs_.size() - 1)};
}

void NetImpl::output(const std::string& name, Value value) {
  outputs_.push_back({name, value.index_, true});
}
void NetImpl::training_output(const std::string& name, Value value) {
  outputs_.push_back({name, value.index_, false});
}

Value NetImpl::append(Layer layer) {
  layer.name = std::to_string(layers_.size());
  if (layer.tensors) register_module(layer.name, layer.tensors);
  layers_.push_back(std::move(layer));
  return {this, static_cast<std::uint32_t>(inputs_.size() + layers_.size() - 1)};
}

const Sizes& NetImpl::shape_of(std::uint32_t value) const {
  return value < inputs_.size() ? inputs_[value].shape : layers_[value - inputs_.size()].output;
}

Tensors NetImpl::forward(const Tensors& inputs) {
  std::vector<torch::Tensor> values;
  values.reserve(inputs_.size() + layers_.size());
  for (const Input& input : inputs_) values.push_back(inputs.at(input.name));
  Inputs arguments;
  for (const Layer& layer : layers_) {
    arguments.clear();
    for (const std::uint32_t index : layer.inputs) arguments.push_back(values[index]);
    values.push_back(runs().at(layer.kind)(layer, arguments, is_training()));
  }
  Tensors result;
  for (const Output& output : outputs_) result[output.name] = values[output.value];
  return result;
}

torch::Tensor NetImpl::run(const torch::Tensor& input) {
  return forward({{inputs_.at(0).name, input}}).at(outputs_.at(0).name);
}

std::shared_ptr<NetImpl> NetImpl::copy() const {
  auto twin = std::make_shared<NetImpl>(role_, label_);
  twin->inputs_ = inputs_;
  twin->outputs_ = outputs_;
  for (const Layer& layer : layers_) {
    Layer made = layer;
    if (layer.tensors) {
      const LayerTensorsImpl& from = *layer.tensors;
      const auto clone = [](const torch::Tensor& t) {
        return t.defined() ? t.detach().clone() : torch::Tensor();
      };
      made.tensors = weights(clone(from.weight), clone(from.bias));
      if (from.running_mean.defined()) {
        made.tensors->running_mean = made.tensors->register_buffer("running_mean", clone(from.running_mean));
        made.tensors->running_var = made.tensors->register_buffer("running_var", clone(from.running_var));
      }
    }
    twin->append(std::move(made));
  }
  return twin;
}

std::vector<torch::Tensor> NetImpl::all_tensors() const {
  std::vector<torch::Tensor> tensors = parameters();
  for (const torch::Tensor& buffer : buffers()) tensors.push_back(buffer);
  return tensors;
}

void NetImpl::assign(const NetImpl& other) {
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> to = all_tensors(), from = other.all_tensors();
  TORCH_CHECK(to.size() == from.size(), "assign needs the same layers");
  for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i]);
}

std::int64_t NetImpl::parameter_count() const {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : parameters()) count += parameter.numel();
  return count;
}

}  // namespace lc::train
