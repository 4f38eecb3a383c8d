// Networks of the trainer to networks of a .lcw file.
#include "native/train/export.h"

#include <optional>

namespace lc::train {

namespace {

// Kinds whose output channels a following BatchNorm may scale, and the axis of those channels in the weight.
std::optional<std::uint8_t> channel_axis(const std::string& kind) {
  static const std::map<std::string, std::uint8_t> axes = {
      {"dense", 0}, {"conv2d", 0}, {"conv_transpose2d", 1}};
  const auto found = axes.find(kind);
  return found == axes.end() ? std::nullopt : std::optional<std::uint8_t>(found->second);
}

// Output channels' axis in any weight, for the scales of i8. minibatch_discrimination's are [in][out][dims].
std::uint8_t scale_axis(const std::string& kind) {
  return kind == "minibatch_discrimination" ? std::uint8_t{1} : channel_axis(kind).value_or(0);
}

torch::Tensor on_cpu(const torch::Tensor& t) {
  return t.detach().to(torch::kCPU, torch::kFloat64).contiguous();
}

struct ScaleShift {
  torch::Tensor scale, shift;  // [channels], double
};

ScaleShift scale_shift_of(const LayerTensorsImpl& norm) {
  ScaleShift result;
  result.scale = on_cpu(norm.weight) / (on_cpu(norm.running_var) + kBatchNormEps).sqrt();
  result.shift = on_cpu(norm.bias) - on_cpu(norm.running_mean) * result.scale;
  return result;
}

// A layer's own weights in double, changed by what folds into it.
struct Pending {
  torch::Tensor weight, bias;
};

class Folder {
 public:
  explicit Folder(const NetImpl& net) : net_(net), inputs_(net.inputs().size()) {
    readers_.resize(inputs_ + net.layers().size());
    for (const Layer& layer : net.layers()) {
      for (const std::uint32_t value : layer.inputs) ++readers_[value];
    }
    for (const NetImpl::Output& output : net.outputs()) {
      if (output.exported) ++readers_[output.value];
    }
  }

  ExportedNetwork run() {
    collect();
    return write();
  }

 private:
  const Layer* layer_at(std::uint32_t value) const {
    return value < inputs_ ? nullptr : &net_.layers()[value - inputs_];
  }

  // True for a layer that a scale and shift of `channels` channels may pass: it moves or averages numbers of
  // one such channel.
  bool passes(const Layer& layer, std::int64_t channels) const {
    if (layer.kind == "reshape") return true;
    return (layer.kind == "upsample" || layer.kind == "avg_pool") && layer.output[0] % channels == 0;
  }

  // The layer that a batch_norm of `channels` channels reading `value` folds into, or null.
  const Layer* fold_target(std::uint32_t value, std::int64_t channels) const {
    const Layer* layer = layer_at(value);
    while (layer != nullptr && passes(*layer, channels) && readers_[value] == 1) {
      value = layer->inputs[0];
      layer = layer_at(value);
    }
    const bool folds = layer != nullptr && readers_[value] == 1 && channel_axis(layer->kind) &&
                       layer->output[0] % channels == 0;
    return folds ? layer : nullptr;
  }

  void collect() {
    for (const Layer& layer : net_.layers()) {
      if (layer.kind == "batch_norm") {
        if (const Layer* target = fold_target(layer.inputs[0], layer.output[0])) {
          fold(pending_.at(target), *target, scale_shift_of(*layer.tensors));
          folded_.push_back(&layer);
        }
      } else if (layer.tensors) {
        const LayerTensorsImpl& t = *layer.tensors;
        const double factor = t.factor.defined() ? t.factor.item<double>() : 1;
        pending_[&layer] = {on_cpu(t.weight) * (layer.weight_gain * factor),
                            t.bias.defined() ? on_cpu(t.bias) * factor : torch::Tensor()};
      }
    }
  }

  static void fold(Pending& weights, const Layer& target, ScaleShift by) {
    const std::int64_t axis = *channel_axis(target.kind);
    // A dense layer that was reshaped to an image has height x width rows a channel.
    const std::int64_t rows = weights.weight.size(axis);
    const std::int64_t repeat = rows / by.scale.size(0);
    by.scale = by.scale.repeat_interleave(repeat);
    by.shift = by.shift.repeat_interleave(repeat);
    Sizes shape(static_cast<std::size_t>(weights.weight.dim()), 1);
    shape[static_cast<std::size_t>(axis)] = rows;
    weights.weight = weights.weight * by.scale.reshape(shape);
    weights.bias = weights.bias.defined() ? weights.bias * by.scale + by.shift : by.shift;
  }

  std::uint32_t add(ExportedNetwork& out, const std::string& name, const torch::Tensor& values,
                    std::uint8_t axis) {
    out.tensors.push_back({name, values.to(torch::kFloat32).contiguous(), axis});
    return static_cast<std::uint32_t>(out.tensors.size() - 1);
  }

  ExportedNetwork write() {
    ExportedNetwork out;
    out.network.role = net_.role();
    out.network.name = net_.label();
    const auto sizes = [](const Sizes& from) { return std::vector<std::uint32_t>(from.begin(), from.end()); };
    for (const NetImpl::Input& input : net_.inputs())
      out.network.inputs.push_back({input.name, sizes(input.shape)});
    std::vector<std::uint32_t> number(readers_.size());  // old value to new value
    for (std::uint32_t i = 0; i < inputs_; ++i) number[i] = i;
    std::uint32_t next = static_cast<std::uint32_t>(inputs_);
    for (std::size_t i = 0; i < net_.layers().size(); ++i) {
      const Layer& layer = net_.layers()[i];
      std::uint32_t& mine = number[inputs_ + i];
      if (std::find(folded_.begin(), folded_.end(), &layer) != folded_.end()) {
        mine = number[layer.inputs[0]];
        continue;
      }
      format::LayerRecord record;
      record.kind = layer.kind;
      record.name = layer.name;
      for (const std::uint32_t value : layer.inputs) record.inputs.push_back(number[value]);
      for (const auto& [key, value] : layer.attributes) record.attributes.push_back({key, value});
      if (layer.kind == "batch_norm") {
        const ScaleShift values = scale_shift_of(*layer.tensors);
        record.kind = "scale_shift";
        record.tensors = {add(out, layer.name + ".scale", values.scale, 0),
                          add(out, layer.name + ".shift", values.shift, 0)};
      } else if (layer.tensors) {
        const Pending& weights = pending_.at(&layer);
        record.tensors = {add(out, layer.name + ".weight", weights.weight, scale_axis(layer.kind))};
        if (weights.bias.defined()) record.tensors.push_back(add(out, layer.name + ".bias", weights.bias, 0));
      }
      out.network.layers.push_back(std::move(record));
      mine = next++;
    }
    for (const NetImpl::Output& output : net_.outputs()) {
      if (output.exported) out.network.outputs.push_back({output.name, number[output.value]});
    }
    return out;
  }

  const NetImpl& net_;
  std::size_t inputs_;
  std::vector<std::uint32_t> readers_;
  std::map<const Layer*, Pending> pending_;
  std::vector<const Layer*> folded_;
};

std::uint32_t add_tensor(format::Writer& writer, const std::string& prefix, const ExportedTensor& tensor,
                         format::DType dtype) {
  std::vector<std::uint32_t> shape;
  for (const std::int64_t size : tensor.values.sizes()) shape.push_back(static_cast<std::uint32_t>(size));
  // Biases and scales are few and each matters: eight bits are for the matrices.
  const bool small = shape.size() < 2 && dtype == format::DType::i8;
  const format::DType stored = small ? format::DType::f16 : dtype;
  const std::uint8_t axis = stored == format::DType::i8 ? tensor.scale_axis : std::uint8_t{0};
  return writer.add_tensor(prefix + tensor.name, shape,
                           {tensor.values.data_ptr<float>(), static_cast<std::size_t>(tensor.values.numel())},
                           stored, axis);
}

}  // namespace

ExportedNetwork export_network(const NetImpl& net) {
  return Folder(net).run();
}

format::DType dtype_from(const std::string& name) {
  static const std::map<std::string, format::DType> names = {
      {"f32", format::DType::f32}, {"f16", format::DType::f16}, {"i8", format::DType::i8}};
  return names.at(name);
}

std::vector<std::uint32_t> add_network(format::Writer& writer, const NetImpl& net, format::DType dtype) {
  ExportedNetwork exported = export_network(net);
  std::vector<std::uint32_t> indices;
  for (const ExportedTensor& tensor : exported.tensors) {
    indices.push_back(add_tensor(writer, net.label() + ".", tensor, dtype));
  }
  for (format::LayerRecord& layer : exported.network.layers) {
    for (std::uint32_t& tensor : layer.tensors) tensor = indices[tensor];
  }
  writer.header.networks.push_back(std::move(exported.network));
  return indices;
}

format::Moment add_moment(format::Writer& writer, const NetImpl& net, const std::vector<std::uint32_t>& base,
                          std::uint64_t iteration, std::uint64_t images_seen, format::DType dtype) {
  format::Moment moment;
  moment.iteration = iteration;
  moment.images_seen = images_seen;
  moment.replaced = base;
  const std::string prefix = "at-" + std::to_string(iteration) + "/" + net.label() + ".";
  for (const ExportedTensor& tensor : export_network(net).tensors) {
    moment.by.push_back(add_tensor(writer, prefix, tensor, dtype));
  }
  return moment;
}

}  // namespace lc::train
