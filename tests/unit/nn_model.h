// Builds small model files in memory for the tests of graphs and sessions.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "shared/format/format.h"
#include "tests/unit/kernels_reference.h"

namespace lc::test {

inline std::string port_name(format::Role role) {
  return role == format::Role::encoder ? "mean" : role == format::Role::discriminator ? "logit" : "image";
}

// One network of a file under construction. Each call appends a layer that reads the value before it.
class NetBuilder {
 public:
  using Attributes = std::vector<format::Attribute>;
  using Shape = std::vector<std::uint32_t>;

  NetBuilder(format::Writer& writer, format::Role role, std::string name, std::string input, Shape shape)
      : writer_(writer) {
    network.role = role;
    network.name = std::move(name);
    network.inputs.push_back({std::move(input), std::move(shape)});
    last_ = 0;
  }

  // The value that the layer makes. Tensors are random, scaled so that sums stay near 2.
  // `others`: what it reads besides the value before it.
  std::uint32_t layer(const std::string& kind, const Attributes& attributes = {},
                      const std::vector<Shape>& tensors = {}, const std::vector<std::uint32_t>& others = {}) {
    format::LayerRecord record;
    record.kind = kind;
    record.name = std::to_string(network.layers.size());
    record.inputs = {last_};
    record.inputs.insert(record.inputs.end(), others.begin(), others.end());
    record.attributes = attributes;
    for (const Shape& shape : tensors) record.tensors.push_back(tensor(shape));
    network.layers.push_back(std::move(record));
    return last_ = static_cast<std::uint32_t>(network.inputs.size() + network.layers.size() - 1);
  }
  NetBuilder& from(std::uint32_t value) {
    last_ = value;
    return *this;
  }
  std::uint32_t dense(std::uint32_t in, std::uint32_t out) { return layer("dense", {}, {{out, in}, {out}}); }
  std::uint32_t conv2d(std::uint32_t in, std::uint32_t out, std::uint32_t kernel, std::uint32_t stride,
                       std::uint32_t padding) {
    return layer("conv2d", {{"stride", double(stride)}, {"padding", double(padding)}},
                 {{out, in, kernel, kernel}, {out}});
  }
  std::uint32_t conv_transpose2d(std::uint32_t in, std::uint32_t out, std::uint32_t kernel,
                                 std::uint32_t stride, std::uint32_t padding) {
    return layer("conv_transpose2d", {{"stride", double(stride)}, {"padding", double(padding)}},
                 {{in, out, kernel, kernel}, {out}});
  }
  std::uint32_t image(std::uint32_t channels, std::uint32_t height, std::uint32_t width) {
    return layer("reshape",
                 {{"channels", double(channels)}, {"height", double(height)}, {"width", double(width)}});
  }
  std::uint32_t features(std::uint32_t n) { return layer("reshape", {{"features", double(n)}}); }
  void output(const std::string& name) { network.outputs.push_back({name, last_}); }

  std::uint32_t tensor(const Shape& shape) {
    std::size_t count = 1, fan_in = 1;
    for (const std::uint32_t n : shape) count *= n;
    if (shape.size() > 1) fan_in = count / (shape.size() == 4 ? std::min(shape[0], shape[1]) : shape[0]);
    auto values = random_floats(count, writer_.header.tensors.size() + 1);
    const float scale = shape.size() > 1 ? 3.0f / std::sqrt(float(fan_in)) : 0.5f;
    for (float& v : values) v *= scale;
    const std::string name = network.name + "." + std::to_string(writer_.header.tensors.size()) + ".weight";
    return writer_.add_tensor(name, shape, values, dtype);
  }

  format::Network network;
  format::DType dtype = format::DType::f32;

 private:
  format::Writer& writer_;
  std::uint32_t last_ = 0;
};

// A header that the reader accepts, once networks are added.
inline format::Writer new_writer(std::uint32_t latent_size, format::ImageSpec image) {
  format::Writer writer;
  writer.header.family = "vae";
  writer.header.title = "test";
  writer.header.provenance.dataset = "mnist";
  writer.header.provenance.dataset_sha256 = std::string(64, '0');
  writer.header.provenance.trainer_version = "test";
  writer.header.provenance.device = "cpu";
  writer.header.provenance.iterations = 1000;
  writer.header.image = image;
  writer.header.prior.push_back({"z", format::PriorKind::normal, latent_size, -1, 1, {}});
  return writer;
}

// The bytes and their view. Fails the test when the reader refuses them.
struct TestFile {
  std::vector<std::uint8_t> bytes;
  format::ModelFile file;
};
inline TestFile finish(format::Writer& writer) {
  TestFile made;
  auto bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  if (!bytes.ok()) return made;
  made.bytes = bytes.take();
  auto file = format::read_model(made.bytes);
  EXPECT_TRUE(file.ok()) << file.status().message;
  if (file.ok()) made.file = file.take();
  return made;
}

// A decoder of every usual part: dense, reshape, transposed convolutions with odd channels, an image of
// `channels`.
inline void add_conv_decoder(format::Writer& writer, std::uint32_t latent, std::uint32_t channels) {
  NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {latent});
  net.dense(latent, 12 * 7 * 7);
  net.layer("relu");
  net.image(12, 7, 7);
  net.conv_transpose2d(12, 9, 4, 2, 1);
  net.layer("leaky_relu", {{"slope", 0.2}});
  net.conv_transpose2d(9, channels, 4, 2, 1);
  net.layer("sigmoid");
  net.output("image");
  writer.header.networks.push_back(net.network);
}

}  // namespace lc::test
