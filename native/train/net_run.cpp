// What each kind of layer computes, in LibTorch's functions.
#include <functional>

#include "native/train/fused.h"
#include "native/train/net.h"
#include "native/train/ranks.h"

namespace lc::train {

namespace {

constexpr double kBatchNormMomentum = 0.1;
constexpr double kNormEps = 1e-5;       // of instance_norm and layer_norm: PyTorch's
constexpr double kPixelNormEps = 1e-8;  // and of minibatch_stddev: Karras et al.'s

using Inputs = std::vector<torch::Tensor>;
using Run = std::function<torch::Tensor(const Layer&, const Inputs&, bool training)>;

std::int64_t whole(const Layer& layer, const char* attribute) {
  return static_cast<std::int64_t>(layer.attributes.at(attribute));
}

// Products and convolutions run in the precision of their weight, everything else in that of its input;
// statistics, exponentials and what a network gives in float32. A CPU takes the rounded weights and computes
// in float32: LibTorch 1.13 has no transposed convolution of bfloat16 there.
torch::Tensor in_use(const torch::Tensor& parameter, const torch::Tensor& low) {
  if (!low.defined()) return parameter;
  return low.is_cuda() ? low : low.to(torch::kFloat32);
}
torch::Tensor weight_of(const Layer& layer) {
  const torch::Tensor weight = in_use(layer.tensors->weight, layer.tensors->low_weight);
  const torch::Tensor gained = layer.weight_gain == 1 ? weight : weight * layer.weight_gain;
  return layer.factor.empty() ? gained : gained * layer.tensors->factor;
}
torch::Tensor bias_of(const Layer& layer) {
  const torch::Tensor bias = in_use(layer.tensors->bias, layer.tensors->low_bias);
  return layer.factor.empty() || !bias.defined() ? bias : bias * layer.tensors->factor;
}

torch::Tensor to_type_of(const torch::Tensor& weight, const torch::Tensor& input) {
  return input.to(weight.scalar_type());
}
torch::Tensor full(const torch::Tensor& input) {
  return input.to(torch::kFloat32);
}

// Tensor cores read channels last. On a CPU, and in full precision on a GPU, it gains nothing.
torch::Tensor in_layout(const torch::Tensor& images) {
  const bool tensor_cores =
      images.is_cuda() && (images.scalar_type() == torch::kBFloat16 || at::globalContext().allowTF32CuDNN());
  return tensor_cores ? images.contiguous(at::MemoryFormat::ChannelsLast) : images;
}

// Undefined for a norm that is not affine.
torch::Tensor scale_of(const Layer& layer) {
  return layer.tensors ? layer.tensors->weight : torch::Tensor();
}
torch::Tensor shift_of(const Layer& layer) {
  return layer.tensors ? layer.tensors->bias : torch::Tensor();
}

torch::Tensor run_dense(const Layer& layer, const Inputs& in, bool) {
  const torch::Tensor weight = weight_of(layer);
  return torch::linear(to_type_of(weight, in[0]), weight, bias_of(layer));
}

torch::Tensor run_conv2d(const Layer& layer, const Inputs& in, bool) {
  const torch::Tensor weight = weight_of(layer);
  return torch::conv2d(in_layout(to_type_of(weight, in[0])), weight, bias_of(layer), whole(layer, "stride"),
                       whole(layer, "padding"));
}

torch::Tensor run_conv_transpose2d(const Layer& layer, const Inputs& in, bool) {
  const torch::Tensor weight = weight_of(layer);
  return torch::conv_transpose2d(in_layout(to_type_of(weight, in[0])), weight, bias_of(layer),
                                 whole(layer, "stride"), whole(layer, "padding"),
                                 whole(layer, "output_padding"));
}

// Virtual batch normalisation: the statistics are those of the reference samples, which come first in the
// batch; every other sample counts as one more of them, for itself alone.
torch::Tensor run_virtual_batch_norm(const Layer& layer, const torch::Tensor& in) {
  const LayerTensorsImpl& t = *layer.tensors;
  const std::int64_t n = layer.reference;
  const torch::Tensor values = in.flatten(2 < in.dim() ? 2 : 1).reshape({in.size(0), in.size(1), -1});
  const torch::Tensor means = values.mean(2), squares = values.square().mean(2);  // [batch][channels]
  const torch::Tensor mean = means.narrow(0, 0, n).mean(0), square = squares.narrow(0, 0, n).mean(0);
  {
    const torch::NoGradGuard no_grad;
    t.running_mean.copy_(mean);
    t.running_var.copy_(square - mean.square());
  }
  const double own = 1 / static_cast<double>(n + 1);
  const auto mixed = [&](const torch::Tensor& reference, const torch::Tensor& each) {
    const torch::Tensor others = torch::lerp(reference.expand_as(each), each, own);
    return torch::cat({reference.expand({n, -1}), others.narrow(0, n, others.size(0) - n)}).unsqueeze(2);
  };
  const torch::Tensor centre = mixed(mean, means), power = mixed(square, squares);
  const torch::Tensor normed = (values - centre) * torch::rsqrt(power - centre.square() + kBatchNormEps);
  return (normed * t.weight.unsqueeze(1) + t.bias.unsqueeze(1)).reshape(in.sizes());
}

// The statistics are those of the whole batch, whatever share of it this rank has.
torch::Tensor run_batch_norm_over_ranks(const Layer& layer, const torch::Tensor& in) {
  const LayerTensorsImpl& t = *layer.tensors;
  std::vector<std::int64_t> others = {0}, channels = {1, in.size(1)};
  for (std::int64_t i = 2; i < in.dim(); ++i) {
    others.push_back(i);
    channels.push_back(1);
  }
  const double count = static_cast<double>(in.numel() / in.size(1) * ranks().size());
  const torch::Tensor values = in.to(torch::kFloat32);
  const torch::Tensor mean = sum_over_ranks(values.sum(others)) / count;
  const torch::Tensor centred = values - mean.view(channels);
  const torch::Tensor variance = sum_over_ranks(centred.square().sum(others)) / count;
  {
    const torch::NoGradGuard no_grad;
    t.running_mean.lerp_(mean.detach(), kBatchNormMomentum);
    t.running_var.lerp_(variance.detach() * (count / (count - 1)),
                        kBatchNormMomentum);  // unbiased: PyTorch's
  }
  const torch::Tensor scale = t.weight * torch::rsqrt(variance + kBatchNormEps);
  return (centred * scale.view(channels) + t.bias.view(channels)).to(in.scalar_type());
}

torch::Tensor run_batch_norm(const Layer& layer, const Inputs& in, bool training) {
  if (training && layer.reference > 0) return run_virtual_batch_norm(layer, full(in[0]));
  if (training && ranks().size() > 1) return run_batch_norm_over_ranks(layer, in[0]);
  const LayerTensorsImpl& t = *layer.tensors;
  const torch::Tensor input = in[0].is_cuda() ? in[0] : full(in[0]);  // a GPU's takes bfloat16 as it is
  return torch::batch_norm(input, t.weight, t.bias, t.running_mean, t.running_var, training,
                           kBatchNormMomentum, kBatchNormEps, at::globalContext().userEnabledCuDNN());
}

torch::Tensor run_instance_norm(const Layer& layer, const Inputs& in, bool) {
  return torch::instance_norm(full(in[0]), scale_of(layer), shift_of(layer), {}, {}, /*use_input_stats=*/true,
                              kBatchNormMomentum, kNormEps, at::globalContext().userEnabledCuDNN());
}

// One group of channels: the whole sample.
torch::Tensor run_layer_norm(const Layer& layer, const Inputs& in, bool) {
  return torch::group_norm(full(in[0]), 1, scale_of(layer), shift_of(layer), kNormEps);
}

torch::Tensor run_pixel_norm(const Layer&, const Inputs& in, bool) {
  const torch::Tensor input = full(in[0]);
  return input * torch::rsqrt((input * input).mean(1, /*keepdim=*/true) + kPixelNormEps);
}

torch::Tensor run_upsample(const Layer& layer, const Inputs& in, bool) {
  return torch::upsample_nearest2d(in[0], {layer.output[1], layer.output[2]});
}

// An undefined value stands for zeros.
torch::Tensor run_add(const Layer&, const Inputs& in, bool) {
  if (!in[0].defined() || !in[1].defined()) return in[0].defined() ? in[0] : in[1];
  if (in[0].dim() == in[1].dim()) return in[0] + in[1];
  return in[0] + in[1].unsqueeze(-1).unsqueeze(-1);
}

torch::Tensor run_minibatch_stddev(const Layer& layer, const Inputs& in, bool) {
  std::vector<torch::Tensor> groups;
  for (const torch::Tensor& group : full(in[0]).split(whole(layer, "group"))) {
    const torch::Tensor spread = (group - group.mean(0, true)).square().mean(0) + kPixelNormEps;
    Sizes sizes = group.sizes().vec();
    sizes[1] = 1;
    groups.push_back(torch::cat({group, spread.sqrt().mean().expand(sizes)}, 1));
  }
  return torch::cat(groups);
}

torch::Tensor run_minibatch_discrimination(const Layer& layer, const Inputs& in, bool) {
  const torch::Tensor& weight = layer.tensors->weight;  // [in][out][dims]
  const torch::Tensor input = full(in[0]);
  const torch::Tensor projected =
      torch::mm(input, weight.flatten(1)).reshape({-1, weight.size(1), weight.size(2)});
  std::vector<torch::Tensor> near;
  for (const torch::Tensor& group : projected.split(whole(layer, "group"))) {
    const torch::Tensor distance = (group.unsqueeze(0) - group.unsqueeze(1)).abs().sum(3);
    near.push_back(torch::exp(-distance).sum(1));
  }
  return torch::cat({input, torch::cat(near)}, 1);
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
      {"instance_norm", run_instance_norm},
      {"layer_norm", run_layer_norm},
      {"pixel_norm", run_pixel_norm},
      {"upsample", run_upsample},
      {"avg_pool",
       [](const Layer& l, const Inputs& in, bool) { return torch::avg_pool2d(in[0], whole(l, "kernel")); }},
      {"concat", [](const Layer&, const Inputs& in, bool) { return torch::cat(in, 1); }},
      {"add", run_add},
      {"minibatch_stddev", run_minibatch_stddev},
      {"minibatch_discrimination", run_minibatch_discrimination},
      {"reshape", run_reshape},
      {"relu", [](const Layer&, const Inputs& in, bool) { return torch::relu(in[0]); }},
      {"leaky_relu", [](const Layer& l, const Inputs& in,
                        bool) { return torch::leaky_relu(in[0], l.attributes.at("slope")); }},
      {"elu",
       [](const Layer& l, const Inputs& in, bool) { return torch::elu(in[0], l.attributes.at("alpha")); }},
      {"softplus", [](const Layer&, const Inputs& in, bool) { return torch::softplus(full(in[0])); }},
      {"tanh", [](const Layer&, const Inputs& in, bool) { return torch::tanh(full(in[0])); }},
      {"sigmoid", [](const Layer&, const Inputs& in, bool) { return torch::sigmoid(full(in[0])); }},
      {"logsumexp", [](const Layer&, const Inputs& in,
                       bool) { return torch::logsumexp(full(in[0]), 1, /*keepdim=*/true); }},
      {"softmax", [](const Layer&, const Inputs& in, bool) { return torch::softmax(full(in[0]), 1); }},
  };
  return table;
}

}  // namespace

torch::Tensor run_layer(const Layer& layer, const std::vector<torch::Tensor>& inputs, bool training) {
  const torch::Tensor output = runs().at(layer.kind)(layer, inputs, training);
  return training && layer.noise > 0 ? output + layer.noise * normal_like(output) : output;
}

bool runs_as_one(const Layer& layer, const Layer& next, const torch::Tensor& input, bool training) {
  return training && ranks().size() == 1 && layer.kind == "batch_norm" && layer.reference == 0 &&
         next.noise == 0 && (next.kind == "leaky_relu" || next.kind == "relu") &&
         has_batch_norm_leaky_relu(input);
}

torch::Tensor run_as_one(const Layer& layer, const Layer& next, const torch::Tensor& input) {
  const LayerTensorsImpl& t = *layer.tensors;
  const double slope = next.kind == "relu" ? 0 : next.attributes.at("slope");
  return batch_norm_leaky_relu(input, {t.weight, t.bias, t.running_mean, t.running_var}, kBatchNormMomentum,
                               kBatchNormEps, slope);
}

}  // namespace lc::train
