// A network as a whole: its ports, its run, copies of it.
#include "native/train/net.h"

namespace lc::train {

NetImpl::NetImpl(format::Role role, std::string label)
    : torch::nn::Module(label), role_(role), label_(std::move(label)) {}

Value NetImpl::input(const std::string& name, Sizes shape) {
  TORCH_CHECK(layers_.empty(), "inputs come before layers");
  inputs_.push_back({name, std::move(shape)});
  plan();
  return {this, static_cast<std::uint32_t>(inputs_.size() - 1)};
}

void NetImpl::output(const std::string& name, Value value) {
  outputs_.push_back({name, value.index_, true});
  plan();
}
void NetImpl::training_output(const std::string& name, Value value) {
  outputs_.push_back({name, value.index_, false});
  plan();
}

Value NetImpl::append(Layer layer) {
  layer.name = std::to_string(layers_.size());
  if (layer.tensors) register_module(layer.name, layer.tensors);
  layers_.push_back(std::move(layer));
  plan();
  return {this, static_cast<std::uint32_t>(inputs_.size() + layers_.size() - 1)};
}

const Sizes& NetImpl::shape_of(std::uint32_t value) const {
  return value < inputs_.size() ? inputs_[value].shape : layers_[value - inputs_.size()].output;
}

void NetImpl::plan() {
  last_reader_.assign(inputs_.size() + layers_.size(), layers_.size());
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (const std::uint32_t index : layers_[i].inputs) last_reader_[index] = i;
  }
  for (const Output& output : outputs_) last_reader_[output.value] = layers_.size();
}

Tensors NetImpl::forward(const Tensors& inputs) {
  std::vector<torch::Tensor> values;
  values.reserve(inputs_.size() + layers_.size());
  for (const Input& input : inputs_) values.push_back(inputs.at(input.name));
  std::vector<torch::Tensor> arguments;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    arguments.clear();
    for (const std::uint32_t index : layers_[i].inputs) arguments.push_back(values[index]);
    // What the backward pass does not need makes room for the next.
    for (const std::uint32_t index : layers_[i].inputs) {
      if (last_reader_[index] == i) values[index].reset();
    }
    const Layer* next = i + 1 < layers_.size() ? &layers_[i + 1] : nullptr;
    const bool next_alone_reads = last_reader_[values.size()] == i + 1;
    if (next != nullptr && next_alone_reads && runs_as_one(layers_[i], *next, arguments[0], is_training())) {
      values.emplace_back();
      values.push_back(run_as_one(layers_[i], *next, arguments[0]));
      ++i;
      continue;
    }
    values.push_back(run_layer(layers_[i], arguments, is_training()));
  }
  Tensors result;
  for (const Output& output : outputs_) result[output.name] = values[output.value].to(torch::kFloat32);
  return result;
}

torch::Tensor NetImpl::run(const torch::Tensor& input) {
  return forward({{inputs_.at(0).name, input}}).at(outputs_.at(0).name);
}

std::uint32_t NetImpl::value_of(const std::string& name) const {
  for (std::uint32_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].name == name) return i;
  }
  for (const Output& output : outputs_) {
    if (output.name == name) return output.value;
  }
  TORCH_CHECK(false, label_, " has no input or output called ", name);
}

Tensors NetImpl::forward_part(const Tensors& given, const std::vector<std::string>& wanted) {
  const std::size_t first = inputs_.size();
  std::vector<torch::Tensor> values(first + layers_.size());
  std::vector<bool> known(values.size()), needed(values.size());
  for (const auto& [name, tensor] : given) {
    values[value_of(name)] = tensor;
    known[value_of(name)] = true;
  }
  for (const std::string& name : wanted) needed[value_of(name)] = true;
  for (std::size_t i = values.size(); i-- > first;) {
    if (!needed[i] || known[i]) continue;
    for (const std::uint32_t index : layers_[i - first].inputs) needed[index] = true;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!needed[i] || known[i]) continue;
    TORCH_CHECK(i >= first, "input ", inputs_[i].name, " of ", label_, " is needed and was not given");
    std::vector<torch::Tensor> arguments;
    for (const std::uint32_t index : layers_[i - first].inputs) arguments.push_back(values[index]);
    values[i] = run_layer(layers_[i - first], arguments, is_training());
  }
  Tensors result;
  for (const std::string& name : wanted) result[name] = values[value_of(name)].to(torch::kFloat32);
  return result;
}

void NetImpl::set_factor(const std::string& name, double value) {
  const torch::NoGradGuard no_grad;
  bool found = false;
  for (const Layer& layer : layers_) {
    if (layer.factor != name) continue;
    layer.tensors->factor.fill_(value);
    found = true;
  }
  TORCH_CHECK(found, label_, " has no factor called ", name);
}

void NetImpl::use_reference_batch(std::int64_t samples) {
  for (Layer& layer : layers_) {
    if (layer.kind == "batch_norm") layer.reference = samples;
  }
}

void NetImpl::use_noise(double deviation) {
  for (Layer& layer : layers_) {
    if (layer.kind == "leaky_relu") layer.noise = deviation;
  }
}

std::shared_ptr<NetImpl> NetImpl::copy() const {
  auto twin = std::make_shared<NetImpl>(role_, label_);
  twin->inputs_ = inputs_;
  for (const Layer& layer : layers_) {
    Layer made = layer;
    if (layer.tensors) {
      const LayerTensorsImpl& from = *layer.tensors;
      const auto clone = [](const torch::Tensor& t) {
        return t.defined() ? t.detach().clone() : torch::Tensor();
      };
      made.tensors = LayerTensors();
      made.tensors->add_parameters(clone(from.weight), clone(from.bias));
      if (from.factor.defined()) made.tensors->add_factor(clone(from.factor));
      if (from.running_mean.defined()) {
        made.tensors->running_mean = made.tensors->register_buffer("running_mean", clone(from.running_mean));
        made.tensors->running_var = made.tensors->register_buffer("running_var", clone(from.running_var));
      }
    }
    twin->append(std::move(made));
  }
  twin->outputs_ = outputs_;
  twin->plan();
  return twin;
}

std::vector<torch::Tensor> NetImpl::all_tensors() const {
  std::vector<torch::Tensor> tensors = parameters();
  for (const torch::Tensor& buffer : buffers()) tensors.push_back(buffer);
  return tensors;
}

std::vector<torch::Tensor> NetImpl::factors() const {
  std::vector<torch::Tensor> tensors;
  for (const Layer& layer : layers_) {
    if (!layer.factor.empty()) tensors.push_back(layer.tensors->factor);
  }
  return tensors;
}

void NetImpl::assign(const NetImpl& other) {
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> to = all_tensors(), from = other.all_tensors();
  TORCH_CHECK(to.size() == from.size(), "assign needs the same layers");
  for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i]);
  for (const Layer& layer : layers_) {
    if (!layer.tensors || !layer.tensors->low_weight.defined()) continue;
    layer.tensors->low_weight.copy_(layer.tensors->weight);
    if (layer.tensors->low_bias.defined()) layer.tensors->low_bias.copy_(layer.tensors->bias);
  }
}

torch::Tensor NetImpl::trained() const {
  std::vector<torch::Tensor> flats;
  const auto put = [&](const torch::Tensor& parameter, const torch::Tensor& low) {
    if (parameter.defined()) flats.push_back((low.defined() ? low : parameter).to(torch::kFloat32).flatten());
  };
  for (const Layer& layer : layers_) {
    if (!layer.tensors) continue;
    put(layer.tensors->weight, layer.tensors->low_weight);
    put(layer.tensors->bias, layer.tensors->low_bias);
  }
  return torch::cat(flats);
}

std::int64_t NetImpl::parameter_count() const {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : parameters()) count += parameter.numel();
  return count;
}

}  // namespace lc::train
