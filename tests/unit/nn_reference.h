// Evaluates a network of a file layer by layer in double precision, channel-major, straight from the records:
// shares no code with the graph.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "shared/format/format.h"
#include "tests/unit/kernels_reference.h"

namespace lc::test {

struct ReferenceValue {
  std::vector<std::uint32_t> shape;
  std::vector<double> numbers;  // of one sample
};

inline double attribute(const format::LayerRecord& layer, const std::string& name, double fallback = 0) {
  for (const format::Attribute& a : layer.attributes) {
    if (a.name == name) return a.value;
  }
  return fallback;
}

inline std::vector<float> tensor_values(const format::ModelFile& file, std::uint32_t tensor) {
  std::vector<float> values(format::element_count(file.header.tensors[tensor]));
  format::read_tensor(file, tensor, values);
  return values;
}

inline ReferenceValue reference_convolution(const format::LayerRecord& layer, const ReferenceValue& in,
                                            const std::vector<std::uint32_t>& weight_shape,
                                            const std::vector<float>& weight, const float* bias,
                                            bool transposed) {
  kernels::ConvShape s;
  s.in_channels = in.shape[0];
  s.in_height = in.shape[1];
  s.in_width = in.shape[2];
  s.out_channels = weight_shape[transposed ? 1 : 0];
  s.kernel_height = weight_shape[2];
  s.kernel_width = weight_shape[3];
  s.stride = static_cast<std::uint32_t>(attribute(layer, "stride"));
  s.padding = static_cast<std::uint32_t>(attribute(layer, "padding"));
  const auto extra = static_cast<std::uint32_t>(attribute(layer, "output_padding"));
  s.out_height = transposed ? (s.in_height - 1) * s.stride - 2 * s.padding + s.kernel_height + extra
                            : (s.in_height + 2 * s.padding - s.kernel_height) / s.stride + 1;
  s.out_width = transposed ? (s.in_width - 1) * s.stride - 2 * s.padding + s.kernel_width + extra
                           : (s.in_width + 2 * s.padding - s.kernel_width) / s.stride + 1;
  std::vector<float> last(in.numbers.size());
  const std::size_t pixels = std::size_t{s.in_height} * s.in_width;
  for (std::size_t i = 0; i < last.size(); ++i)
    last[i % pixels * s.in_channels + i / pixels] = static_cast<float>(in.numbers[i]);
  const kernels::Epilogue epilogue{bias, kernels::Activation::none, 0};
  const auto out =
      (transposed ? textbook_conv_transpose : textbook_conv)(s, 1, last.data(), weight.data(), epilogue);
  ReferenceValue value{{s.out_channels, s.out_height, s.out_width}, std::vector<double>(out.size())};
  for (std::size_t i = 0; i < out.size(); ++i) {
    value.numbers[i % s.out_channels * s.out_height * s.out_width + i / s.out_channels] = out[i];
  }
  return value;
}

using ReferenceBatch = std::vector<ReferenceValue>;  // a value of each sample

// v minus its mean when `centred`, over the root of its mean square.
inline void reference_normalize(const std::vector<double*>& v, bool centred, double eps) {
  double mean = 0, square = 0;
  for (const double* x : v) mean += centred ? *x / double(v.size()) : 0;
  for (const double* x : v) square += (*x - mean) * (*x - mean) / double(v.size());
  for (double* x : v) *x = (*x - mean) / std::sqrt(square + eps);
}

inline ReferenceValue reference_norm(const std::string& kind, const ReferenceValue& in,
                                     const std::vector<std::vector<float>>& tensors) {
  ReferenceValue out = in;
  const std::size_t channels = in.shape[0], pixels = in.numbers.size() / channels;
  const bool by_channel = kind == "instance_norm", by_pixel = kind == "pixel_norm";
  const std::size_t sets = by_channel ? channels : by_pixel ? pixels : 1;
  for (std::size_t set = 0; set < sets; ++set) {
    std::vector<double*> members;
    for (std::size_t i = 0; i < in.numbers.size(); ++i) {
      if ((by_channel && i / pixels != set) || (by_pixel && i % pixels != set)) continue;
      members.push_back(&out.numbers[i]);
    }
    reference_normalize(members, !by_pixel, by_pixel ? 1e-8 : 1e-5);
  }
  for (std::size_t i = 0; i < out.numbers.size() && !tensors.empty(); ++i) {
    out.numbers[i] = out.numbers[i] * tensors[0][i / pixels] + tensors[1][i / pixels];
  }
  return out;
}

// upsample by `up`, then the mean of squares of `pool`.
inline ReferenceValue reference_resize(const ReferenceValue& in, std::uint32_t up, std::uint32_t pool) {
  const std::uint32_t height = in.shape[1] * up / pool, width = in.shape[2] * up / pool;
  ReferenceValue out{{in.shape[0], height, width}, std::vector<double>(in.shape[0] * height * width)};
  for (std::uint32_t c = 0, at = 0; c < in.shape[0]; ++c) {
    for (std::uint32_t y = 0; y < height; ++y) {
      for (std::uint32_t x = 0; x < width; ++x, ++at) {
        for (std::uint32_t i = 0; i < pool * pool; ++i) {
          const std::uint32_t from_y = (y * pool + i / pool) / up, from_x = (x * pool + i % pool) / up;
          out.numbers[at] += in.numbers[(c * in.shape[1] + from_y) * in.shape[2] + from_x] / (pool * pool);
        }
      }
    }
  }
  return out;
}

// Sample b beside the samples of its group.
inline ReferenceValue reference_minibatch(const format::ModelFile& file, const format::LayerRecord& layer,
                                          const std::vector<float>* weight, const ReferenceBatch& batch,
                                          std::size_t b) {
  ReferenceValue out = batch[b];
  const auto group = static_cast<std::size_t>(attribute(layer, "group"));
  const std::size_t first = b / group * group, end = std::min(first + group, batch.size()),
                    size = out.numbers.size();
  if (weight == nullptr) {
    double total = 0;
    for (std::size_t i = 0; i < size; ++i) {
      double sum = 0, squares = 0;
      for (std::size_t j = first; j < end; ++j) sum += batch[j].numbers[i] / double(end - first);
      for (std::size_t j = first; j < end; ++j) squares += std::pow(batch[j].numbers[i] - sum, 2);
      total += std::sqrt(squares / double(end - first) + 1e-8) / double(size);
    }
    out.numbers.insert(out.numbers.end(), size / out.shape[0], total);
    ++out.shape[0];
    return out;
  }
  const std::vector<std::uint32_t>& shape = file.header.tensors[layer.tensors[0]].shape;
  for (std::uint32_t o = 0; o < shape[1]; ++o) {
    double near = 0;
    for (std::size_t j = first; j < end; ++j) {
      double distance = 0;
      for (std::uint32_t d = 0; d < shape[2]; ++d) {
        double difference = 0;
        for (std::size_t i = 0; i < size; ++i) {
          difference +=
              (batch[b].numbers[i] - batch[j].numbers[i]) * (*weight)[(i * shape[1] + o) * shape[2] + d];
        }
        distance += std::fabs(difference);
      }
      near += std::exp(-distance);
    }
    out.numbers.push_back(near);
  }
  out.shape[0] += shape[1];
  return out;
}

inline ReferenceValue reference_layer(const format::ModelFile& file, const format::LayerRecord& layer,
                                      const std::vector<const ReferenceBatch*>& inputs, std::size_t b) {
  using kernels::Activation;
  const ReferenceValue& in = (*inputs[0])[b];
  std::vector<std::vector<float>> tensors;
  for (const std::uint32_t t : layer.tensors) tensors.push_back(tensor_values(file, t));
  ReferenceValue out = in;
  if (layer.kind == "dense") {
    const std::size_t n = file.header.tensors[layer.tensors[0]].shape[0], k = in.numbers.size();
    out.shape = {static_cast<std::uint32_t>(n)};
    out.numbers.assign(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      if (tensors.size() > 1) out.numbers[i] = tensors[1][i];
      for (std::size_t j = 0; j < k; ++j) out.numbers[i] += in.numbers[j] * tensors[0][i * k + j];
    }
  } else if (layer.kind == "conv2d" || layer.kind == "conv_transpose2d") {
    out = reference_convolution(layer, in, file.header.tensors[layer.tensors[0]].shape, tensors[0],
                                tensors.size() > 1 ? tensors[1].data() : nullptr, layer.kind != "conv2d");
  } else if (layer.kind == "scale_shift") {
    const std::size_t pixels = in.numbers.size() / in.shape[0];
    for (std::size_t i = 0; i < in.numbers.size(); ++i) {
      out.numbers[i] = in.numbers[i] * tensors[0][i / pixels] + tensors[1][i / pixels];
    }
  } else if (layer.kind == "reshape") {
    out.shape = {static_cast<std::uint32_t>(attribute(layer, "features"))};
    if (out.shape[0] == 0) {
      out.shape.clear();
      for (const char* name : {"channels", "height", "width"}) {
        out.shape.push_back(static_cast<std::uint32_t>(attribute(layer, name)));
      }
    }
  } else if (layer.kind == "upsample" || layer.kind == "avg_pool") {
    out = reference_resize(in, std::uint32_t(attribute(layer, "factor", 1)),
                           std::uint32_t(attribute(layer, "kernel", 1)));
  } else if (layer.kind == "concat") {
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      const ReferenceValue& next = (*inputs[i])[b];
      out.shape[0] += next.shape[0];
      out.numbers.insert(out.numbers.end(), next.numbers.begin(), next.numbers.end());
    }
  } else if (layer.kind == "add") {
    const std::vector<double>& other = (*inputs[1])[b].numbers;
    const std::size_t repeat = in.numbers.size() / other.size();
    for (std::size_t i = 0; i < in.numbers.size(); ++i) out.numbers[i] += other[i / repeat];
  } else if (layer.kind == "softmax") {
    double sum = 0;
    for (double& v : out.numbers) sum += v = std::exp(v);
    for (double& v : out.numbers) v /= sum;
  } else if (layer.kind == "logsumexp") {
    double sum = 0;
    for (const double v : in.numbers) sum += std::exp(v);
    out = {{1}, {std::log(sum)}};
  } else if (layer.kind == "instance_norm" || layer.kind == "layer_norm" || layer.kind == "pixel_norm") {
    out = reference_norm(layer.kind, in, tensors);
  } else if (layer.kind == "minibatch_stddev" || layer.kind == "minibatch_discrimination") {
    out = reference_minibatch(file, layer, tensors.empty() ? nullptr : &tensors[0], *inputs[0], b);
  } else {
    const Activation kind = layer.kind == "relu"         ? Activation::relu
                            : layer.kind == "leaky_relu" ? Activation::leaky_relu
                            : layer.kind == "elu"        ? Activation::elu
                            : layer.kind == "softplus"   ? Activation::softplus
                            : layer.kind == "tanh"       ? Activation::tanh
                                                         : Activation::sigmoid;
    for (double& v : out.numbers)
      v = activated(v, kind, attribute(layer, "slope", attribute(layer, "alpha")));
  }
  return out;
}

// The network's outputs for a batch of each input.
inline std::vector<ReferenceBatch> reference_run(const format::ModelFile& file,
                                                 const format::Network& network,
                                                 const std::vector<ReferenceBatch>& inputs) {
  std::vector<ReferenceBatch> values = inputs, outputs;
  for (const format::LayerRecord& layer : network.layers) {
    std::vector<const ReferenceBatch*> read;
    for (const std::uint32_t value : layer.inputs) read.push_back(&values[value]);
    ReferenceBatch made;
    for (std::size_t b = 0; b < inputs[0].size(); ++b) made.push_back(reference_layer(file, layer, read, b));
    values.push_back(std::move(made));
  }
  for (const format::NetworkOutput& output : network.outputs) outputs.push_back(values[output.value]);
  return outputs;
}

}  // namespace lc::test
