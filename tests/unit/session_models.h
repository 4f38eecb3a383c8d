// Model files for the tests of sessions.
#pragma once

#include <vector>

#include "shared/session/session.h"
#include "tests/unit/nn_model.h"

namespace lc::test {

// A small decoder (and encoder and discriminator) with a normal prior. `moments` earlier ones on the
// timeline.
inline session::LoadRequest small_model(std::uint32_t moments = 0) {
  format::Writer writer = new_writer(6, {1, 28, 28, -1, 1});
  NetBuilder decoder(writer, format::Role::decoder, "decoder", "latent", {6});
  decoder.dense(6, 8 * 7 * 7);
  decoder.layer("relu");
  decoder.image(8, 7, 7);
  decoder.conv_transpose2d(8, 6, 4, 2, 1);
  decoder.layer("relu");
  decoder.conv_transpose2d(6, 1, 4, 2, 1);
  decoder.layer("tanh");
  decoder.output("image");
  NetBuilder encoder(writer, format::Role::encoder, "encoder", "image", {1, 28, 28});
  encoder.conv2d(1, 5, 4, 2, 1);
  encoder.layer("relu");
  encoder.features(5 * 14 * 14);
  encoder.dense(5 * 14 * 14, 6);
  encoder.output("mean");
  NetBuilder judge(writer, format::Role::discriminator, "discriminator", "image", {1, 28, 28});
  judge.features(784);
  judge.dense(784, 1);
  judge.output("logit");
  for (const NetBuilder* net : {&decoder, &encoder, &judge}) writer.header.networks.push_back(net->network);
  for (std::uint32_t m = 0; m < moments; ++m) {
    // Another weight of the decoder's first layer.
    const std::uint32_t old = decoder.network.layers[0].tensors[0];
    const auto values = random_floats(8 * 7 * 7 * 6, 900 + m);
    const auto by =
        writer.add_tensor("moment." + std::to_string(m), {8 * 7 * 7, 6}, values, format::DType::f32);
    writer.header.timeline.push_back({m + 1, 100 * (m + 1), {old}, {by}});
  }
  auto bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  return {"small", bytes.ok() ? bytes.take() : std::vector<std::uint8_t>()};
}

// The largest pictures that a file may have, of 16 latent numbers: 4 channels of 1024 x 1024.
inline session::LoadRequest large_model() {
  format::Writer writer = new_writer(16, {4, 1024, 1024, 0, 1});
  NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {16});
  net.image(4, 2, 2);
  net.layer("upsample", {{"factor", 64}});
  net.layer("upsample", {{"factor", 8}});
  net.output("image");
  writer.header.networks.push_back(net.network);
  auto bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  return {"large", bytes.ok() ? bytes.take() : std::vector<std::uint8_t>()};
}

// A conditional decoder of 3 classes: its picture shows the label in its first pixels.
inline session::LoadRequest labelled_model() {
  format::Writer writer = new_writer(2, {1, 1, 3, 0, 1});
  writer.header.classes = {"zero", "one", "two"};
  NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {2});
  net.network.inputs.push_back({"label", {3}});
  net.from(1).image(1, 1, 3);
  net.output("image");
  writer.header.networks.push_back(net.network);
  auto bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  return {"labelled", bytes.ok() ? bytes.take() : std::vector<std::uint8_t>()};
}

// A model that draws at any size: two features of the latents coloured by place, 3 channels of 4 x 5 pixels.
inline session::LoadRequest coordinate_model() {
  format::Writer writer = new_writer(4, {3, 4, 5, -1, 1});
  NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {4});
  net.network.inputs.push_back({"coordinates", {3, 4, 5}});
  const std::uint32_t features = net.from(0).dense(4, 7);
  net.from(1).conv2d(3, 7, 1, 1, 0);
  net.layer("add", {}, {}, {features});
  net.layer("tanh");
  const std::uint32_t places = net.layer("concat", {}, {}, {1});
  net.from(places).conv2d(10, 3, 1, 1, 0);
  net.layer("tanh");
  net.output("image");
  writer.header.networks.push_back(net.network);
  auto bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  return {"coordinates", bytes.ok() ? bytes.take() : std::vector<std::uint8_t>()};
}

// Two translators (the second turns grey upside down), a critic with classes beside its score, and no
// latents.
inline session::LoadRequest translating_model() {
  format::Writer writer = new_writer(1, {1, 3, 4, -1, 1});
  writer.header.prior.clear();
  writer.header.classes = {"zero", "one", "two"};
  for (const char* name : {"a-to-b", "b-to-a"}) {
    NetBuilder net(writer, format::Role::generator, name, "image", {1, 3, 4});
    const float sign = name[0] == 'a' ? 0.5f : -1.0f;
    const std::uint32_t scale =
        writer.add_tensor(std::string(name) + ".scale", {1}, {&sign, 1}, format::DType::f32);
    const float nothing = 0;
    const std::uint32_t shift =
        writer.add_tensor(std::string(name) + ".shift", {1}, {&nothing, 1}, format::DType::f32);
    net.layer("scale_shift");
    net.network.layers.back().tensors = {scale, shift};
    net.output("image");
    writer.header.networks.push_back(net.network);
  }
  NetBuilder critic(writer, format::Role::discriminator, "critic", "image", {1, 3, 4});
  const std::uint32_t flat = critic.features(12);
  critic.dense(12, 3);
  critic.output("classes");
  critic.from(flat).layer("minibatch_discrimination", {{"group", 5}}, {{12, 2, 2}});
  critic.dense(14, 1);
  critic.output("logit");
  writer.header.networks.push_back(critic.network);
  auto bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  return {"translating", bytes.ok() ? bytes.take() : std::vector<std::uint8_t>()};
}

// Three classes from two features of 12 pixels, and, unless `plain`, what its file tells of the features of
// test pictures: mean (1, 2), covariance of factor (3, 0; -1, 0.5).
inline session::LoadRequest feature_model(bool plain = false) {
  format::Writer writer = new_writer(1, {1, 3, 4, 0, 1});
  writer.header.prior.clear();
  writer.header.provenance.dataset = "mnist";
  NetBuilder net(writer, format::Role::classifier, "classifier", "image", {1, 3, 4});
  net.features(12);
  const std::uint32_t features = net.dense(12, 2);
  net.dense(2, 3);
  net.output("classes");
  net.from(features).output("features");
  writer.header.networks.push_back(net.network);
  if (!plain) {
    format::PriorPart part;
    part.name = "features";
    part.kind = format::PriorKind::mixture;
    part.size = 2;
    const std::vector<float> weight = {1}, mean = {1, 2}, factor = {3, 0, -1, 0.5f};
    part.mixture = {writer.add_tensor("features.weights", {1}, weight, format::DType::f32),
                    writer.add_tensor("features.means", {1, 2}, mean, format::DType::f32),
                    writer.add_tensor("features.cholesky", {1, 2, 2}, factor, format::DType::f32)};
    writer.header.prior = {part};
  }
  auto bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  return {"features", bytes.ok() ? bytes.take() : std::vector<std::uint8_t>()};
}

// FNV-1a of the floats' bits.
inline std::uint64_t hash_of(const std::vector<float>& values) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
  for (std::size_t i = 0; i < values.size() * sizeof(float); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3ull;
  return hash;
}

}  // namespace lc::test
