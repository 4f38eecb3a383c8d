// The networks that the benchmarks run: decoders of several families and widths, with random weights.
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/random.h"
#include "shared/format/format.h"

namespace lc::bench {

struct Case {
  const char* name;
  std::vector<std::uint8_t> (*make)();
};

// A decoder under construction; each call appends a layer.
class Decoder {
 public:
  Decoder(std::uint32_t latent, std::uint32_t channels, std::uint32_t size) {
    format::Header& h = writer_.header;
    h.family = "bench";
    h.title = "bench";
    h.image = {channels, size, size, -1, 1};
    h.prior.push_back({"z", format::PriorKind::normal, latent, -1, 1, {}});
    h.provenance.dataset = "none";
    net_.name = "decoder";
    net_.inputs.push_back({"latent", {latent}});
  }
  Decoder& dense(std::uint32_t in, std::uint32_t out) { return layer("dense", {}, {out, in}, out, in); }
  Decoder& image(std::uint32_t c, std::uint32_t h, std::uint32_t w) {
    return layer("reshape", {{"channels", double(c)}, {"height", double(h)}, {"width", double(w)}}, {}, 0, 1);
  }
  Decoder& up(std::uint32_t in, std::uint32_t out) {
    return layer("conv_transpose2d", {{"stride", 2}, {"padding", 1}}, {in, out, 4, 4}, out, 4 * in);
  }
  Decoder& conv(std::uint32_t in, std::uint32_t out) {
    return layer("conv2d", {{"stride", 1}, {"padding", 1}}, {out, in, 3, 3}, out, 9 * in);
  }
  Decoder& activation(std::string_view kind) {
    if (kind == "leaky_relu") return layer(kind, {{"slope", 0.2}}, {}, 0, 1);
    return layer(kind, {}, {}, 0, 1);
  }
  std::vector<std::uint8_t> finish() {
    net_.outputs.push_back({"image", static_cast<std::uint32_t>(net_.layers.size())});
    writer_.header.networks.push_back(net_);
    auto bytes = writer_.finish();
    return bytes.ok() ? bytes.take() : std::vector<std::uint8_t>();
  }

 private:
  Decoder& layer(std::string_view kind, std::vector<format::Attribute> attributes,
                 std::vector<std::uint32_t> shape, std::uint32_t out, std::uint32_t fan_in) {
    format::LayerRecord record;
    record.kind = kind;
    record.name = std::to_string(net_.layers.size());
    record.inputs = {static_cast<std::uint32_t>(net_.layers.size())};
    record.attributes = std::move(attributes);
    if (out > 0) {
      record.tensors = {tensor(std::move(shape), std::sqrt(2.0f / float(fan_in))), tensor({out}, 0.05f)};
    }
    net_.layers.push_back(std::move(record));
    return *this;
  }
  std::uint32_t tensor(std::vector<std::uint32_t> shape, float scale) {
    std::size_t count = 1;
    for (const std::uint32_t n : shape) count *= n;
    std::vector<float> values(count);
    fill_normal(1, Stream::test, std::uint64_t{writer_.header.tensors.size()} << 32, values);
    for (float& v : values) v *= scale;
    return writer_.add_tensor("t" + std::to_string(writer_.header.tensors.size()), std::move(shape), values,
                              format::DType::f32);
  }

  format::Writer writer_;
  format::Network net_;
};

// One decoder at many widths, `channels` in the middle: what is a multiple of 4 or 8 beside what is not.
constexpr std::uint32_t kWidths[] = {8, 16, 30, 31, 32, 33, 34, 35, 36, 40, 62, 63, 64, 65, 66, 128};
inline std::vector<std::uint8_t> of_width(std::uint32_t channels) {
  return Decoder(32, 1, 28)
      .dense(32, channels * 49)
      .activation("relu")
      .image(channels, 7, 7)
      .up(channels, channels)
      .activation("relu")
      .up(channels, channels)
      .activation("relu")
      .conv(channels, 1)
      .activation("sigmoid")
      .finish();
}

// Decoders of common sizes, then narrow, odd and large ones.
inline const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"dense 20-400-784",
       [] {
         return Decoder(20, 1, 28)
             .dense(20, 400)
             .activation("relu")
             .dense(400, 784)
             .activation("sigmoid")
             .image(1, 28, 28)
             .finish();
       }},
      {"dense 8-150-300-1200",
       [] {
         return Decoder(8, 3, 20)
             .dense(8, 150)
             .activation("relu")
             .dense(150, 300)
             .activation("relu")
             .dense(300, 1200)
             .activation("tanh")
             .image(3, 20, 20)
             .finish();
       }},
      {"conv 64-128x7-64-32-1",
       [] {
         return Decoder(64, 1, 28)
             .dense(64, 128 * 49)
             .activation("relu")
             .image(128, 7, 7)
             .up(128, 64)
             .activation("relu")
             .up(64, 32)
             .activation("relu")
             .conv(32, 1)
             .activation("sigmoid")
             .finish();
       }},
      {"dcgan 100-256x7-128-64-1",
       [] {
         return Decoder(100, 1, 28)
             .dense(100, 256 * 49)
             .image(256, 7, 7)
             .activation("relu")
             .up(256, 128)
             .activation("relu")
             .up(128, 64)
             .activation("relu")
             .conv(64, 1)
             .activation("tanh")
             .finish();
       }},
      {"dcgan 100-512x4-256-128-3",
       [] {
         return Decoder(100, 3, 32)
             .dense(100, 512 * 16)
             .image(512, 4, 4)
             .activation("relu")
             .up(512, 256)
             .activation("relu")
             .up(256, 128)
             .activation("relu")
             .up(128, 3)
             .activation("tanh")
             .finish();
       }},
      {"narrow 16-32x7-16-1",
       [] {
         return Decoder(16, 1, 28)
             .dense(16, 32 * 49)
             .activation("relu")
             .image(32, 7, 7)
             .up(32, 16)
             .activation("relu")
             .up(16, 1)
             .activation("sigmoid")
             .finish();
       }},
      {"odd 10-50x7-30-7-1",
       [] {
         return Decoder(10, 1, 28)
             .dense(10, 50 * 49)
             .activation("relu")
             .image(50, 7, 7)
             .up(50, 30)
             .activation("relu")
             .up(30, 7)
             .activation("relu")
             .conv(7, 1)
             .activation("sigmoid")
             .finish();
       }},
      {"odd 24-90x5-45-3",
       [] {
         return Decoder(24, 3, 20)
             .dense(24, 90 * 25)
             .activation("relu")
             .image(90, 5, 5)
             .up(90, 45)
             .activation("leaky_relu")
             .up(45, 3)
             .activation("tanh")
             .finish();
       }},
      {"conv3 32-64x14-64-33-3",
       [] {
         return Decoder(32, 3, 28)
             .dense(32, 64 * 196)
             .activation("relu")
             .image(64, 14, 14)
             .conv(64, 64)
             .activation("relu")
             .up(64, 33)
             .activation("relu")
             .conv(33, 3)
             .activation("tanh")
             .finish();
       }},
      {"large 128-192x8-96-48-24-3",
       [] {
         return Decoder(128, 3, 64)
             .dense(128, 192 * 64)
             .activation("relu")
             .image(192, 8, 8)
             .up(192, 96)
             .activation("relu")
             .up(96, 48)
             .activation("relu")
             .up(48, 24)
             .activation("relu")
             .conv(24, 3)
             .activation("tanh")
             .finish();
       }},
  };
  return kCases;
}

}  // namespace lc::bench
