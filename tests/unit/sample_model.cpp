// Builds the sample model from the numbers of a fixed seed.
#include "tests/unit/sample_model.h"

#include <cmath>
#include <string>

#include "shared/core/random.h"

namespace lc::sample {

namespace {

using format::Attribute;
using format::DType;
using format::LayerRecord;
using format::Network;
using format::Role;
using format::Writer;
using Dimensions = std::vector<std::uint32_t>;

std::uint32_t add_random(Writer& writer, const std::string& name, const Dimensions& shape, float scale,
                         DType dtype, std::uint8_t axis = 0) {
  std::size_t size = 1;
  for (const std::uint32_t dimension : shape) size *= dimension;
  std::vector<float> values(size);
  fill_normal(11, Stream::test, 4096 * writer.header.tensors.size(), values);
  for (float& value : values) value *= scale;
  return writer.add_tensor(name, shape, values, dtype, axis);
}

// Appends layers to one network of a writer; each reads the value before it, unless told otherwise.
class Builder {
 public:
  Builder(Writer& writer, Role role, const std::string& name, const std::string& input,
          const Dimensions& shape)
      : writer_(writer) {
    network_.role = role;
    network_.name = name;
    network_.inputs.push_back({input, shape});
  }

  std::uint32_t layer(const std::string& kind, std::vector<Attribute> attributes = {},
                      Dimensions tensors = {}) {
    return layer_of(last_, kind, std::move(attributes), std::move(tensors));
  }

  std::uint32_t dense(std::uint32_t in, std::uint32_t out, DType dtype) {
    return dense_of(last_, in, out, dtype);
  }

  std::uint32_t dense_of(std::uint32_t value, std::uint32_t in, std::uint32_t out, DType dtype) {
    return layer_of(value, "dense", {}, weights({out, in}, out, dtype, 0));
  }

  std::uint32_t conv(std::uint32_t in, std::uint32_t out, DType dtype) {
    return layer("conv2d", {{"stride", 2}, {"padding", 1}}, weights({out, in, 4, 4}, out, dtype, 0));
  }

  std::uint32_t conv_transpose(std::uint32_t in, std::uint32_t out, DType dtype) {
    return layer("conv_transpose2d", {{"stride", 2}, {"padding", 1}, {"output_padding", 0}},
                 weights({in, out, 4, 4}, out, dtype, 1));
  }

  void output(const std::string& name, std::uint32_t value) { network_.outputs.push_back({name, value}); }

  void finish() { writer_.header.networks.push_back(std::move(network_)); }

 private:
  std::uint32_t layer_of(std::uint32_t value, const std::string& kind, std::vector<Attribute> attributes,
                         Dimensions tensors) {
    LayerRecord record;
    record.kind = kind;
    record.name = std::to_string(network_.layers.size());
    record.inputs = {value};
    record.attributes = std::move(attributes);
    record.tensors = std::move(tensors);
    network_.layers.push_back(std::move(record));
    last_ = static_cast<std::uint32_t>(network_.inputs.size() + network_.layers.size() - 1);
    return last_;
  }

  Dimensions weights(const Dimensions& shape, std::uint32_t out, DType dtype, std::uint8_t axis) {
    const std::string prefix = network_.name + "." + std::to_string(network_.layers.size());
    const std::uint8_t scale_axis = dtype == DType::i8 ? axis : std::uint8_t{0};
    const std::uint32_t weight = add_random(writer_, prefix + ".weight", shape, 0.25f, dtype, scale_axis);
    return {weight, add_random(writer_, prefix + ".bias", {out}, 0.125f, DType::f32)};
  }

  Writer& writer_;
  Network network_;
  std::uint32_t last_ = 0;
};

void add_networks(Writer& writer) {
  Builder decoder(writer, Role::decoder, "decoder", "latent", {8});
  decoder.dense(8, 16, DType::f16);
  decoder.layer("relu");
  decoder.dense(16, 64, DType::f16);
  decoder.layer("sigmoid");
  decoder.output("image", decoder.layer("reshape", {{"channels", 1}, {"height", 8}, {"width", 8}}));
  decoder.finish();

  Builder encoder(writer, Role::encoder, "encoder", "image", {1, 8, 8});
  encoder.layer("reshape", {{"features", 64}});
  encoder.dense(64, 16, DType::i8);
  const std::uint32_t hidden = encoder.layer("relu");
  encoder.output("mean", encoder.dense_of(hidden, 16, 8, DType::f16));
  encoder.output("log_variance", encoder.dense_of(hidden, 16, 8, DType::f16));
  encoder.finish();

  Builder generator(writer, Role::generator, "generator", "latent", {8});
  generator.dense(8, 32, DType::f32);
  generator.layer("reshape", {{"channels", 8}, {"height", 2}, {"width", 2}});
  generator.layer("relu");
  generator.conv_transpose(8, 4, DType::i8);
  const std::uint32_t scale = add_random(writer, "generator.4.scale", {4}, 0.5f, DType::f32);
  const std::uint32_t shift = add_random(writer, "generator.4.shift", {4}, 0.5f, DType::f32);
  generator.layer("scale_shift", {}, {scale, shift});
  generator.layer("leaky_relu", {{"slope", 0.2}});
  generator.conv_transpose(4, 1, DType::f16);
  generator.output("image", generator.layer("sigmoid"));
  generator.finish();

  Builder discriminator(writer, Role::discriminator, "discriminator", "image", {1, 8, 8});
  discriminator.conv(1, 4, DType::f16);
  discriminator.layer("leaky_relu", {{"slope", 0.2}});
  discriminator.layer("reshape", {{"features", 64}});
  discriminator.output("logit", discriminator.dense(64, 1, DType::f32));
  discriminator.finish();

  Builder classifier(writer, Role::classifier, "classifier", "image", {1, 8, 8});
  classifier.layer("reshape", {{"features", 64}});
  classifier.layer("tanh");
  classifier.output("classes", classifier.dense(64, 3, DType::i8));
  classifier.finish();
}

void add_prior(Writer& writer) {
  const std::vector<float> weights = {0.75f, 0.25f}, means = {-1, 0.5f, 2, 0};
  const std::vector<float> cholesky = {1, 0, 0.5f, 0.75f, 0.25f, 0, -0.125f, 0.5f};
  const Dimensions tensors = {writer.add_tensor("prior.blend.weights", {2}, weights, DType::f32),
                              writer.add_tensor("prior.blend.means", {2, 2}, means, DType::f32),
                              writer.add_tensor("prior.blend.cholesky", {2, 2, 2}, cholesky, DType::f32)};
  using format::PriorKind;
  writer.header.prior = {{"z", PriorKind::normal, 3, -1, 1, {}},
                         {"code", PriorKind::uniform, 1, -2, 2, {}},
                         {"category", PriorKind::categorical, 2, -1, 1, {}},
                         {"blend", PriorKind::mixture, 2, -1, 1, tensors}};
}

// The decoder's first layer at two earlier moments.
void add_timeline(Writer& writer) {
  const Dimensions replaced = writer.header.networks[0].layers[0].tensors;
  for (const std::uint64_t iteration : {std::uint64_t{1}, std::uint64_t{100}}) {
    const std::string prefix = "timeline." + std::to_string(iteration) + ".decoder.0";
    const Dimensions by = {add_random(writer, prefix + ".weight", {16, 8}, 0.25f, DType::f16),
                           add_random(writer, prefix + ".bias", {16}, 0.125f, DType::f32)};
    writer.header.timeline.push_back({iteration, 64 * iteration, replaced, by});
  }
}

void add_records(format::Header& header) {
  header.provenance.dataset = "mnist";
  header.provenance.dataset_sha256 = std::string(60, '0') + "c0de";
  header.provenance.dataset_verified = false;
  header.provenance.options = {{"learning_rate", "0.001"}, {"net", "mlp"}, {"note", ""}};
  header.provenance.seed = 7;
  header.provenance.iterations = 1000;
  header.provenance.images_seen = 64000;
  header.provenance.seconds = 12.5;
  header.provenance.trainer_version = "0.1.0";
  header.provenance.device = "cpu, 2 threads";
  header.metrics = {{"test_loss", 101.25, "nats a picture"}, {"frechet_distance", 12.5, "10,000 samples"}};
  header.curve.iterations = {1, 10, 100, 1000};
  header.curve.series = {{"loss", {543.5f, 200, 120.25f, 101}}, {"kl", {0, 1.5f, 20, 25}}};
  for (const char* name : {"samples", "reconstructions"}) {
    format::Strip strip;
    strip.name = name;
    strip.count = 2;
    for (int i = 0; i < 2 * 64; ++i) strip.pixels.push_back(static_cast<std::uint8_t>(i * 2));
    header.strips.push_back(std::move(strip));
  }
}

}  // namespace

format::Writer sample_writer() {
  Writer writer;
  writer.header.family = "vae";
  writer.header.title = u8"Sample, Übung 數字";
  writer.header.image = {1, 8, 8, 0, 1};
  writer.header.classes = {"zero", "one", u8"zwei \u2014 \U0001F600"};
  add_networks(writer);
  add_prior(writer);
  add_timeline(writer);
  add_records(writer.header);
  return writer;
}

std::vector<std::uint8_t> sample_bytes() {
  auto file = sample_writer().finish();
  return file.ok() ? file.take() : std::vector<std::uint8_t>{};
}

}  // namespace lc::sample
