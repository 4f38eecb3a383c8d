// Builds networks layer by layer: shapes, attributes, and weights as they begin.
#include <cmath>
#include <functional>
#include <numeric>

#include "native/train/net.h"

namespace lc::train {

namespace {

std::int64_t product(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<std::int64_t>());
}

// PyTorch's default initialisation of linear and convolution layers: U(-b, b) with b = 1 / sqrt(fan_in) for
// both.
torch::Tensor uniform(Sizes shape, std::int64_t fan_in) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
  return torch::empty(shape).uniform_(-bound, bound);
}

LayerTensors weights(torch::Tensor weight, torch::Tensor bias) {
  LayerTensors tensors;
  tensors->add_parameters(std::move(weight), std::move(bias));
  return tensors;
}

// The weights of a layer with `out` columns; gain 0: PyTorch's beginning.
void begin_weights(Layer& layer, const Sizes& shape, std::int64_t out, std::int64_t fan_in, bool bias,
                   double gain) {
  if (gain == 0) {
    const torch::Tensor weight = uniform(shape, fan_in);
    layer.tensors = weights(weight, bias ? uniform({out}, fan_in) : torch::Tensor());
    return;
  }
  layer.weight_gain = gain / std::sqrt(static_cast<double>(fan_in));
  layer.tensors = weights(torch::randn(shape), bias ? torch::zeros({out}) : torch::Tensor());
}

double number(std::int64_t n) {
  return static_cast<double>(n);
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

void LayerTensorsImpl::add_factor(torch::Tensor value) {
  factor = register_buffer("factor", std::move(value));
}

Value Value::dense(std::int64_t out, bool bias, double gain) const {
  TORCH_CHECK(shape().size() == 1, "dense needs features, flatten first");
  const std::int64_t in = shape()[0];
  Layer layer{"dense", "", {index_}, {}, {out}, nullptr};
  begin_weights(layer, {out, in}, out, in, bias, gain);
  return net_->append(std::move(layer));
}

Value Value::conv2d(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                    bool bias, double gain) const {
  TORCH_CHECK(shape().size() == 3, "conv2d needs an image");
  const std::int64_t in = shape()[0];
  const auto size = [&](std::int64_t n) { return (n + 2 * padding - kernel) / stride + 1; };
  Layer layer{"conv2d", "", {index_}, {}, {out, size(shape()[1]), size(shape()[2])}, nullptr};
  layer.attributes = {{"stride", number(stride)}, {"padding", number(padding)}};
  begin_weights(layer, {out, in, kernel, kernel}, out, in * kernel * kernel, bias, gain);
  return net_->append(std::move(layer));
}

Value Value::conv_transpose2d(std::int64_t out, std::int64_t kernel, std::int64_t stride,
                              std::int64_t padding, std::int64_t output_padding, bool bias) const {
  TORCH_CHECK(shape().size() == 3, "conv_transpose2d needs an image");
  const std::int64_t in = shape()[0];
  const auto size = [&](std::int64_t n) { return (n - 1) * stride - 2 * padding + kernel + output_padding; };
  Layer layer{"conv_transpose2d", "", {index_}, {}, {out, size(shape()[1]), size(shape()[2])}, nullptr};
  layer.attributes = {
      {"stride", number(stride)}, {"padding", number(padding)}, {"output_padding", number(output_padding)}};
  const std::int64_t fan_in = out * kernel * kernel;  // as PyTorch counts it
  begin_weights(layer, {in, out, kernel, kernel}, out, fan_in, bias, 0);
  return net_->append(std::move(layer));
}

Value Value::batch_norm() const {
  const std::int64_t channels = shape()[0];
  Layer layer{"batch_norm", "", {index_}, {}, shape(), nullptr};
  layer.tensors = weights(torch::ones({channels}), torch::zeros({channels}));
  layer.tensors->add_statistics(channels);
  return net_->append(std::move(layer));
}

// A scale of 1 and a shift of 0 for each channel, when the norm is affine.
Value Value::norm(const char* kind, bool affine) const {
  Layer layer{kind, "", {index_}, {}, shape(), nullptr};
  if (affine) layer.tensors = weights(torch::ones({shape()[0]}), torch::zeros({shape()[0]}));
  return net_->append(std::move(layer));
}

Value Value::instance_norm(bool affine) const {
  TORCH_CHECK(shape().size() == 3, "instance_norm needs an image");
  return norm("instance_norm", affine);
}
Value Value::layer_norm(bool affine) const {
  return norm("layer_norm", affine);
}

Value Value::plain(const char* kind) const {
  return net_->append({kind, "", {index_}, {}, shape(), nullptr});
}
Value Value::pixel_norm() const {
  return plain("pixel_norm");
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

Value Value::elu(double alpha) const {
  return net_->append({"elu", "", {index_}, {{"alpha", alpha}}, shape(), nullptr});
}
Value Value::softplus() const {
  return plain("softplus");
}
Value Value::softmax() const {
  TORCH_CHECK(shape().size() == 1, "softmax needs features, flatten first");
  return plain("softmax");
}

Value Value::logsumexp() const {
  TORCH_CHECK(shape().size() == 1, "logsumexp needs features, flatten first");
  return net_->append({"logsumexp", "", {index_}, {}, {1}, nullptr});
}

Value Value::upsample(std::int64_t factor) const {
  TORCH_CHECK(shape().size() == 3, "upsample needs an image");
  const Sizes& in = shape();
  return net_->append({"upsample",
                       "",
                       {index_},
                       {{"factor", number(factor)}},
                       {in[0], in[1] * factor, in[2] * factor},
                       nullptr});
}

Value Value::avg_pool(std::int64_t kernel) const {
  TORCH_CHECK(shape().size() == 3, "avg_pool needs an image");
  const Sizes& in = shape();
  TORCH_CHECK(in[1] >= kernel && in[2] >= kernel, "avg_pool needs an image as large as its kernel");
  return net_->append({"avg_pool",
                       "",
                       {index_},
                       {{"kernel", number(kernel)}},
                       {in[0], in[1] / kernel, in[2] / kernel},
                       nullptr});
}

Value Value::concat(const std::vector<Value>& values) {
  TORCH_CHECK(values.size() >= 2 && values.size() <= 4, "concat takes two to four values");
  Layer layer{"concat", "", {}, {}, values[0].shape(), nullptr};
  layer.output[0] = 0;
  for (const Value& value : values) {
    Sizes like = value.shape();
    layer.output[0] += like[0];
    like[0] = layer.output[0];
    TORCH_CHECK(value.net_ == values[0].net_ && like == layer.output,
                "concat takes features, or images of one height and width, of one net");
    layer.inputs.push_back(value.index_);
  }
  return values[0].net_->append(std::move(layer));
}

Value Value::add(const Value& other) const {
  const bool onto_pixels = shape().size() == 3 && other.shape().size() == 1 && shape()[0] == other.shape()[0];
  TORCH_CHECK(other.net_ == net_ && (onto_pixels || other.shape() == shape()),
              "add takes a value of the same shape, or one feature for each channel of this image");
  return net_->append({"add", "", {index_, other.index_}, {}, shape(), nullptr});
}

namespace {

void check_group(std::int64_t group) {
  TORCH_CHECK(group >= 1 && group <= kMaxBatchGroup, "a group has 1 to ", kMaxBatchGroup, " samples");
}

}  // namespace

Value Value::minibatch_stddev(std::int64_t group) const {
  check_group(group);
  Layer layer{"minibatch_stddev", "", {index_}, {{"group", number(group)}}, shape(), nullptr};
  ++layer.output[0];
  return net_->append(std::move(layer));
}

Value Value::minibatch_discrimination(std::int64_t out, std::int64_t dims, std::int64_t group) const {
  TORCH_CHECK(shape().size() == 1, "minibatch_discrimination needs features, flatten first");
  check_group(group);
  const std::int64_t in = shape()[0];
  Layer layer{"minibatch_discrimination", "", {index_}, {{"group", number(group)}}, {in + out}, nullptr};
  layer.tensors = weights(uniform({in, out, dims}, in), {});
  return net_->append(std::move(layer));
}

Value Value::reshape(std::int64_t channels, std::int64_t height, std::int64_t width) const {
  TORCH_CHECK(product(shape()) == channels * height * width, "reshape must keep the number of values");
  return net_->append({"reshape",
                       "",
                       {index_},
                       {{"channels", number(channels)}, {"height", number(height)}, {"width", number(width)}},
                       {channels, height, width},
                       nullptr});
}

Value Value::flatten() const {
  const std::int64_t features = product(shape());
  return net_->append({"reshape", "", {index_}, {{"features", number(features)}}, {features}, nullptr});
}

Value Value::factor(const std::string& name) const {
  TORCH_CHECK(index_ >= net_->inputs_.size(), "a factor needs a layer");
  Layer& layer = net_->layers_[index_ - net_->inputs_.size()];
  TORCH_CHECK(layer.kind == "dense" || layer.kind == "conv2d" || layer.kind == "conv_transpose2d",
              "a factor needs a dense or convolution layer");
  layer.factor = name;
  layer.tensors->add_factor(torch::ones({1}));
  return *this;
}

const Sizes& Value::shape() const {
  return net_->shape_of(index_);
}

}  // namespace lc::train
