// The networks that the benchmarks run: decoders of several families and widths, with random weights.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "shared/core/random.h"
#include "shared/format/format.h"

namespace lc::bench {

struct Layer {
  const char* kind;
  std::vector<format::Attribute> attributes;
  std::vector<std::uint32_t> weight;  // its shape; empty: a layer without parameters
  std::uint32_t out = 0, fan_in = 1;  // of one with parameters
};

inline Layer dense(std::uint32_t in, std::uint32_t out) {
  return {"dense", {}, {out, in}, out, in};
}
inline Layer image(std::uint32_t c, std::uint32_t h, std::uint32_t w) {
  return {"reshape", {{"channels", double(c)}, {"height", double(h)}, {"width", double(w)}}, {}};
}
inline Layer up(std::uint32_t in, std::uint32_t out) {
  return {"conv_transpose2d", {{"stride", 2}, {"padding", 1}}, {in, out, 4, 4}, out, 4 * in};
}
inline Layer conv(std::uint32_t in, std::uint32_t out) {
  return {"conv2d", {{"stride", 1}, {"padding", 1}}, {out, in, 3, 3}, out, 9 * in};
}
inline Layer relu() {
  return {"relu", {}, {}};
}
inline Layer leaky_relu() {
  return {"leaky_relu", {{"slope", 0.2}}, {}};
}
inline Layer tanh() {
  return {"tanh", {}, {}};
}
inline Layer sigmoid() {
  return {"sigmoid", {}, {}};
}

struct Sizes {
  std::uint32_t latent, channels, side;  // side: of square pictures
};

// A decoder.
struct Case {
  const char* name;
  Sizes sizes;
  std::vector<Layer> layers;

  // The bytes of its .lcw file; none if that cannot be made.
  std::vector<std::uint8_t> make() const {
    format::Writer writer;
    format::Header& h = writer.header;
    h.family = "bench";
    h.title = "bench";
    h.image = {sizes.channels, sizes.side, sizes.side, -1, 1};
    h.prior.push_back({"z", format::PriorKind::normal, sizes.latent, -1, 1, {}});
    h.provenance.dataset = "none";
    format::Network net;
    net.name = "decoder";
    net.inputs.push_back({"latent", {sizes.latent}});
    const auto tensor = [&](const std::vector<std::uint32_t>& shape, float scale) {
      std::size_t count = 1;
      for (const std::uint32_t n : shape) count *= n;
      std::vector<float> values(count);
      fill_normal(1, Stream::test, std::uint64_t{h.tensors.size()} << 32, values);
      for (float& v : values) v *= scale;
      return writer.add_tensor("t" + std::to_string(h.tensors.size()), shape, values, format::DType::f32);
    };
    for (const Layer& layer : layers) {
      format::LayerRecord record;
      record.kind = layer.kind;
      record.name = std::to_string(net.layers.size());
      record.inputs = {static_cast<std::uint32_t>(net.layers.size())};
      record.attributes = layer.attributes;
      if (!layer.weight.empty()) {
        record.tensors = {tensor(layer.weight, std::sqrt(2.0f / float(layer.fan_in))),
                          tensor({layer.out}, 0.05f)};
      }
      net.layers.push_back(std::move(record));
    }
    net.outputs.push_back({"image", static_cast<std::uint32_t>(net.layers.size())});
    h.networks.push_back(std::move(net));
    auto bytes = writer.finish();
    return bytes.ok() ? bytes.take() : std::vector<std::uint8_t>();
  }
};

// One decoder at many widths, `c` channels in the middle: what is a multiple of 4 or 8 beside what is not.
constexpr std::uint32_t kWidths[] = {8, 16, 30, 31, 32, 33, 34, 35, 36, 40, 62, 63, 64, 65, 66, 128};
inline std::vector<std::uint8_t> of_width(std::uint32_t c) {
  const Case decoder = {
      "width",
      {32, 1, 28},
      {dense(32, c * 49), relu(), image(c, 7, 7), up(c, c), relu(), up(c, c), relu(), conv(c, 1), sigmoid()}};
  return decoder.make();
}

// Decoders of common sizes, then narrow, odd and large ones.
inline const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"dense 20-400-784",
       {20, 1, 28},
       {dense(20, 400), relu(), dense(400, 784), sigmoid(), image(1, 28, 28)}},
      {"dense 8-150-300-1200",
       {8, 3, 20},
       {dense(8, 150), relu(), dense(150, 300), relu(), dense(300, 1200), tanh(), image(3, 20, 20)}},
      {"conv 64-128x7-64-32-1",
       {64, 1, 28},
       {dense(64, 128 * 49), relu(), image(128, 7, 7), up(128, 64), relu(), up(64, 32), relu(), conv(32, 1),
        sigmoid()}},
      {"dcgan 100-256x7-128-64-1",
       {100, 1, 28},
       {dense(100, 256 * 49), image(256, 7, 7), relu(), up(256, 128), relu(), up(128, 64), relu(),
        conv(64, 1), tanh()}},
      {"dcgan 100-512x4-256-128-3",
       {100, 3, 32},
       {dense(100, 512 * 16), image(512, 4, 4), relu(), up(512, 256), relu(), up(256, 128), relu(),
        up(128, 3), tanh()}},
      {"narrow 16-32x7-16-1",
       {16, 1, 28},
       {dense(16, 32 * 49), relu(), image(32, 7, 7), up(32, 16), relu(), up(16, 1), sigmoid()}},
      {"odd 10-50x7-30-7-1",
       {10, 1, 28},
       {dense(10, 50 * 49), relu(), image(50, 7, 7), up(50, 30), relu(), up(30, 7), relu(), conv(7, 1),
        sigmoid()}},
      {"odd 24-90x5-45-3",
       {24, 3, 20},
       {dense(24, 90 * 25), relu(), image(90, 5, 5), up(90, 45), leaky_relu(), up(45, 3), tanh()}},
      {"conv3 32-64x14-64-33-3",
       {32, 3, 28},
       {dense(32, 64 * 196), relu(), image(64, 14, 14), conv(64, 64), relu(), up(64, 33), relu(), conv(33, 3),
        tanh()}},
      {"large 128-192x8-96-48-24-3",
       {128, 3, 64},
       {dense(128, 192 * 64), relu(), image(192, 8, 8), up(192, 96), relu(), up(96, 48), relu(), up(48, 24),
        relu(), conv(24, 3), tanh()}},
  };
  return kCases;
}

}  // namespace lc::bench
