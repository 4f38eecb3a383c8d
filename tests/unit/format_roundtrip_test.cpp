// What was written is what is read: each dtype within its error, every field, odd names, and the limits
// themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "shared/core/random.h"
#include "shared/format/format.h"
#include "shared/format/layout.h"
#include "tests/unit/sample_model.h"

namespace {

using lc::Code;
using lc::Stream;
using lc::format::DType;
using lc::format::read_model;
using lc::format::Writer;
using Buffer = std::vector<std::uint8_t>;

std::vector<float> random_values(std::size_t count, float scale) {
  std::vector<float> values(count);
  lc::fill_normal(21, Stream::test, 0, values);
  for (float& value : values) value *= scale;
  return values;
}

// The smallest model: a classifier without weights.
Writer smallest() {
  Writer writer;
  writer.header.family = "test";
  writer.header.provenance.dataset = "none";
  lc::format::Network network;
  network.role = lc::format::Role::classifier;
  network.name = "classifier";
  network.inputs = {{"image", {1, 28, 28}}};
  network.layers = {{"relu", "0", {0}, {}, {}}};
  network.outputs = {{"classes", 1}};
  writer.header.networks = {network};
  return writer;
}

// Writes one tensor and reads it back.
std::vector<float> there_and_back(const std::vector<std::uint32_t>& shape, const std::vector<float>& values,
                                  DType dtype, std::uint8_t axis = 0) {
  Writer writer = smallest();
  writer.add_tensor("w", shape, values, dtype, axis);
  const auto bytes = writer.finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message;
  if (!bytes.ok()) return {};
  const auto model = read_model(bytes.value());
  std::vector<float> out(lc::format::element_count(model.value().header.tensors[0]));
  lc::format::read_tensor(model.value(), 0, out);
  return out;
}

TEST(RoundTrip, SingleFloatsAreExact) {
  std::vector<float> values = random_values(6000, 1e3f);
  values[0] = -0.0f, values[1] = 1e-45f, values[2] = 3.4028235e38f, values[3] = -1.17549435e-38f;
  const std::vector<float> back = there_and_back({60, 100}, values, DType::f32);
  ASSERT_EQ(back.size(), values.size());
  EXPECT_EQ(std::memcmp(back.data(), values.data(), values.size() * 4), 0);
}

TEST(RoundTrip, HalfFloatsErrByHalfAStepAtMost) {
  double worst = 0;
  for (const float scale : {1e-6f, 1e-3f, 1.0f, 1e3f}) {
    const std::vector<float> values = random_values(8192, scale);
    const std::vector<float> back = there_and_back({8192}, values, DType::f16);
    for (std::size_t i = 0; i < values.size(); ++i) {
      // A step is 2^-10 of the power of two below, and 2^-24 at least.
      const double step = std::max(std::ldexp(1.0, -24), std::ldexp(1.0, std::ilogb(values[i]) - 10));
      worst = std::max(worst, std::abs(static_cast<double>(back[i]) - values[i]) / step);
    }
  }
  std::printf("f16: largest error %.4f steps\n", worst);
  EXPECT_LE(worst, 0.5);
  EXPECT_GT(worst, 0.45);
}

TEST(RoundTrip, BytesErrByHalfTheirChannelsScaleOnEveryAxis) {
  struct Case {
    std::vector<std::uint32_t> shape;
    std::uint8_t axis;
  };
  double worst = 0;
  for (const Case& c : {Case{{7, 11}, 0}, Case{{7, 11}, 1}, Case{{5, 3, 4, 4}, 0}, Case{{5, 3, 4, 4}, 1},
                        Case{{13}, 0}, Case{{2, 1, 2, 1, 2, 1, 2, 3}, 7}}) {
    std::size_t size = 1, inner = 1;
    for (const std::uint32_t d : c.shape) size *= d;
    for (std::size_t axis = c.axis + std::size_t{1}; axis < c.shape.size(); ++axis) inner *= c.shape[axis];
    const std::size_t channels = c.shape[c.axis];
    std::vector<float> values = random_values(size, 0.3f);
    // Channels of very different size, so that a scale taken from the wrong axis shows.
    for (std::size_t i = 0; i < size; ++i)
      values[i] *= std::ldexp(1.0f, -static_cast<int>(i / inner % channels));
    std::vector<float> largest(channels, 0.0f);
    for (std::size_t i = 0; i < size; ++i) {
      largest[i / inner % channels] = std::max(largest[i / inner % channels], std::abs(values[i]));
    }
    const std::vector<float> back = there_and_back(c.shape, values, DType::i8, c.axis);
    ASSERT_EQ(back.size(), size);
    for (std::size_t i = 0; i < size; ++i) {
      const double step = largest[i / inner % channels] / 127.0;
      worst = std::max(worst, std::abs(static_cast<double>(back[i]) - values[i]) / step);
    }
  }
  std::printf("i8: largest error %.6f scales\n", worst);
  EXPECT_LE(worst, 0.5 + 1e-4);  // the scale itself is rounded to a float
  EXPECT_GT(worst, 0.3);
}

TEST(RoundTrip, AChannelOfZerosStaysZero) {
  const std::vector<float> back = there_and_back({2, 2}, {0, 0, 127, -1}, DType::i8);
  EXPECT_EQ(back, (std::vector<float>{0, 0, 127, -1}));
}

TEST(Writer, RefusesWhatTheDtypeCannotHold) {
  struct Case {
    DType dtype;
    float value;
    Code code;
  };
  constexpr float kInfinity = HUGE_VALF;
  for (const Case& c :
       {Case{DType::f16, 65520, Code::weight_not_finite}, Case{DType::f16, -7e4f, Code::weight_not_finite},
        Case{DType::f32, kInfinity, Code::weight_not_finite},
        Case{DType::i8, -kInfinity, Code::weight_not_finite}, Case{DType::i8, NAN, Code::weight_not_finite},
        Case{DType::f16, NAN, Code::weight_not_finite}, Case{DType::f16, 65519, Code::ok},
        Case{DType::i8, 3e38f, Code::ok}}) {
    Writer writer = smallest();
    writer.add_tensor("w", {2}, std::vector<float>{1, c.value}, c.dtype);
    const auto bytes = writer.finish();
    EXPECT_EQ(bytes.status().code, c.code) << c.value << ": " << bytes.status().message;
    if (c.code != Code::ok) {
      EXPECT_NE(bytes.status().message.find("element 1"), std::string::npos) << bytes.status().message;
      // Said by the writer, which knows the value, not by the reader's check of what was written.
      EXPECT_EQ(bytes.status().message.find("infinite or not"), std::string::npos) << bytes.status().message;
    }
  }
}

TEST(Writer, KeepsItsFirstErrorAndStillGivesIndices) {
  Writer writer = smallest();
  EXPECT_EQ(writer.add_tensor("a", {3}, std::vector<float>{1, 2}, DType::f32), 0u);
  EXPECT_EQ(writer.add_tensor("B", {1}, std::vector<float>{1}, DType::f32), 1u);
  EXPECT_EQ(writer.add_tensor("c", {}, std::vector<float>{1}, DType::f32), 2u);
  const auto bytes = writer.finish();
  EXPECT_EQ(bytes.status().code, Code::bad_shape);
  EXPECT_NE(bytes.status().message.find("given 2 values, its shape has 3"), std::string::npos);
}

TEST(Writer, RunsTheReadersChecks) {
  Writer writer = lc::sample::sample_writer();
  writer.header.networks[0].layers[2].inputs = {7};
  EXPECT_EQ(writer.finish().status().code, Code::bad_value_index);
}

TEST(Sample, EveryFieldComesBack) {
  const Writer writer = lc::sample::sample_writer();
  const Buffer bytes = lc::sample::sample_bytes();
  const auto model = read_model(bytes);
  ASSERT_TRUE(model.ok()) << model.status().message;
  const lc::format::Header& h = model.value().header;
  // Both headers encode to the same bytes, so that no field is forgotten here.
  EXPECT_TRUE(lc::format::assemble(writer.header, {}) == lc::format::assemble(h, {}));
  EXPECT_EQ(h.family, "vae");
  EXPECT_EQ(h.classes[2], u8"zwei \u2014 \U0001F600");
  EXPECT_EQ(lc::format::latent_size(h), 8u);
  EXPECT_EQ(h.networks.size(), 5u);
  EXPECT_FALSE(h.provenance.dataset_verified);
  EXPECT_EQ(h.provenance.options[0].value, "0.001");
  EXPECT_EQ(h.metrics[0].value, 101.25);
  EXPECT_EQ(h.curve.series[1].values[1], 1.5f);
  EXPECT_EQ(h.strips[1].pixels[127], 254);
  EXPECT_EQ(h.timeline[1].iteration, 100u);
  std::vector<float> cholesky(8);
  lc::format::read_tensor(model.value(), h.prior[3].mixture[2], cholesky);
  EXPECT_EQ(cholesky, (std::vector<float>{1, 0, 0.5f, 0.75f, 0.25f, 0, -0.125f, 0.5f}));
}

TEST(Sample, PayloadIsAlignedAndEndsWithTheFile) {
  const Buffer bytes = lc::sample::sample_bytes();
  const auto model = read_model(bytes);
  ASSERT_TRUE(model.ok());
  const lc::Bytes payload = model.value().payload;
  EXPECT_EQ((payload.data - bytes.data()) % 64, 0);
  EXPECT_EQ(payload.end(), bytes.data() + bytes.size());
  const auto& last = model.value().header.tensors.back();
  EXPECT_EQ(last.offset + lc::format::payload_bytes(last), payload.size);
}

TEST(Sample, ReadsAlikeFromAnyAddress) {
  const Buffer bytes = lc::sample::sample_bytes();
  const auto aligned = read_model(bytes);
  for (std::size_t shift = 1; shift < 8; ++shift) {
    Buffer moved(bytes.size() + shift);
    std::copy(bytes.begin(), bytes.end(), moved.begin() + static_cast<std::ptrdiff_t>(shift));
    const auto model = read_model({moved.data() + shift, bytes.size()});
    ASSERT_TRUE(model.ok()) << shift;
    for (std::uint32_t i = 0; i < model.value().header.tensors.size(); ++i) {
      std::vector<float> a(lc::format::element_count(model.value().header.tensors[i])), b(a.size());
      lc::format::read_tensor(aligned.value(), i, a);
      lc::format::read_tensor(model.value(), i, b);
      ASSERT_EQ(a, b);
    }
  }
}

TEST(Limits, TheSmallestModelIsAccepted) {
  const auto bytes = smallest().finish();
  ASSERT_TRUE(bytes.ok()) << bytes.status().message;
  EXPECT_EQ(bytes.value().size() % 64, 0u);
}

TEST(Limits, TheLargestCountsAreAccepted) {
  Writer writer = smallest();
  for (int i = 0; i < 1024; ++i) {
    std::string name = std::to_string(i);
    name.insert(0, i < 8 ? 128 - name.size() : 0, '-');
    writer.add_tensor(name, {1, 1, 1, 1, 1, 1, 1, 1}, std::vector<float>{1.0f * static_cast<float>(i)},
                      DType::i8, 7);
  }
  auto& layers = writer.header.networks[0].layers;
  layers.resize(512, layers[0]);
  writer.header.provenance.iterations = 255;
  for (std::uint64_t i = 0; i < 256; ++i) writer.header.timeline.push_back({i, i, {0}, {1}});
  writer.header.title = std::string(4096, 'x');
  for (int i = 0; i < 1000; ++i) writer.header.classes.push_back(u8"ß" + std::to_string(i));
  const auto bytes = writer.finish();
  ASSERT_TRUE(bytes.ok()) << bytes.status().message;
  EXPECT_TRUE(read_model(bytes.value()).ok());
}

TEST(Limits, OddButLawfulTextsAreAccepted) {
  Writer writer = smallest();
  writer.header.family = "a/b.c_d-e";
  writer.header.title = u8"\u00a0\ufeff\uffff \U0010ffff \u202e \u0800";
  writer.header.classes = {u8"数字", u8"👩‍🎨", "a\"b\\c", " "};
  writer.header.networks[0].inputs.push_back({"label", {4}});
  writer.header.networks[0].layers[0].inputs = {0};
  const auto bytes = writer.finish();
  ASSERT_TRUE(bytes.ok()) << bytes.status().message;
  const auto model = read_model(bytes.value());
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model.value().header.title, writer.header.title);
  EXPECT_EQ(model.value().header.classes, writer.header.classes);
}

TEST(Checksum, IsThatOfZlib) {
  const char digits[] = "123456789";
  EXPECT_EQ(lc::format::crc32({reinterpret_cast<const std::uint8_t*>(digits), 9}), 0xcbf43926u);
  EXPECT_EQ(lc::format::crc32({}), 0u);
  Buffer bytes(67);
  std::vector<std::uint32_t> words(bytes.size());
  lc::fill_words(1, Stream::test, 0, words);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(words[i]);
  for (std::size_t first = 0; first < 9; ++first) {
    for (std::size_t size = 0; size + first <= bytes.size(); ++size) {
      std::uint32_t plain = ~0u;  // a bit at a time
      for (std::size_t i = 0; i < size; ++i) {
        plain ^= bytes[first + i];
        for (int bit = 0; bit < 8; ++bit) plain = (plain >> 1) ^ ((plain & 1) != 0 ? 0xEDB88320u : 0);
      }
      ASSERT_EQ(lc::format::crc32({bytes.data() + first, size}), ~plain) << first << ' ' << size;
    }
  }
}

}  // namespace
