// Evaluates a network of a file layer by layer in double precision, channel-major, straight from the records:
// shares no code with the graph.
#pragma once

#include <string>
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

inline ReferenceValue reference_layer(const format::ModelFile& file, const format::LayerRecord& layer,
                                      const ReferenceValue& in) {
  using kernels::Activation;
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
  } else {
    const Activation kind = layer.kind == "relu"         ? Activation::relu
                            : layer.kind == "leaky_relu" ? Activation::leaky_relu
                            : layer.kind == "tanh"       ? Activation::tanh
                                                         : Activation::sigmoid;
    for (double& v : out.numbers) v = activated(v, kind, attribute(layer, "slope"));
  }
  return out;
}

// The network's outputs for one sample of each input.
inline std::vector<ReferenceValue> reference_run(const format::ModelFile& file,
                                                 const format::Network& network,
                                                 const std::vector<ReferenceValue>& inputs) {
  std::vector<ReferenceValue> values = inputs, outputs;
  for (const format::LayerRecord& layer : network.layers) {
    values.push_back(reference_layer(file, layer, values[layer.inputs[0]]));
  }
  for (const format::NetworkOutput& output : network.outputs) outputs.push_back(values[output.value]);
  return outputs;
}

}  // namespace lc::test
