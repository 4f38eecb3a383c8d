// The layers that the benchmarks run by themselves: shapes of decoders and generators, wide, narrow and odd.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "shared/core/random.h"
#include "shared/kernels/buffer.h"
#include "shared/kernels/kernels.h"

namespace lc::bench {

struct LayerCase {
  const char* kind;
  std::uint32_t in_channels, side, out_channels, kernel = 1, stride = 1,
                                                 padding = 0;  // side: of the input, 0: dense
  bool transposed = false;
};

inline const std::vector<LayerCase>& layer_cases() {
  static const std::vector<LayerCase> kCases = {
      {"dense", 400, 0, 784},
      {"dense", 100, 0, 12544},
      {"dense", 37, 0, 201},
      {"conv2d 3x3", 64, 14, 64, 3, 1, 1},
      {"conv2d 3x3", 96, 8, 48, 3, 1, 1},
      {"conv2d 3x3", 30, 13, 22, 3, 1, 1},
      {"conv2d 1x1", 128, 16, 64},
      {"conv_transpose2d 4x4/2", 256, 7, 128, 4, 2, 1, true},
      {"conv_transpose2d 4x4/2", 64, 14, 32, 4, 2, 1, true},
      {"conv_transpose2d 4x4/2", 50, 7, 30, 4, 2, 1, true},
      {"conv_transpose2d 4x4/2", 18, 15, 10, 4, 2, 1, true},
      {"to pixels, conv2d 3x3", 64, 28, 1, 3, 1, 1},
      {"to pixels, conv2d 3x3", 32, 28, 1, 3, 1, 1},
      {"to pixels, conv2d 3x3", 7, 28, 1, 3, 1, 1},
      {"to pixels, conv2d 3x3", 48, 32, 3, 3, 1, 1},
      {"to pixels, conv2d 1x1", 32, 28, 1},
      {"to pixels, conv_transpose2d 4x4/2", 128, 16, 3, 4, 2, 1, true},
      {"to pixels, conv_transpose2d 4x4/2", 16, 14, 1, 4, 2, 1, true},
      {"to pixels, conv_transpose2d 4x4/2", 33, 17, 2, 4, 2, 1, true},
  };
  return kCases;
}

inline std::string name_of(const LayerCase& c) {
  std::string name =
      std::string(c.kind) + " " + std::to_string(c.in_channels) + "->" + std::to_string(c.out_channels);
  return c.side == 0 ? name : name + " @" + std::to_string(c.side);
}

// One layer with random weights, and inputs for a batch.
class LayerRun {
 public:
  LayerRun(const LayerCase& c, std::size_t batch, const kernels::Kernels& kernels)
      : kernels_(kernels), batch_(batch) {
    shape_.in_channels = c.in_channels;
    shape_.in_height = shape_.in_width = c.side;
    shape_.out_channels = c.out_channels;
    shape_.kernel_height = shape_.kernel_width = c.kernel;
    shape_.stride = c.stride;
    shape_.padding = c.padding;
    shape_.transposed = c.transposed;
    shape_.out_height = shape_.out_width = c.side == 0 ? 0
                                           : c.transposed
                                               ? (c.side - 1) * c.stride - 2 * c.padding + c.kernel
                                               : (c.side + 2 * c.padding - c.kernel) / c.stride + 1;
    const std::size_t weights = std::size_t{c.in_channels} * c.out_channels * c.kernel * c.kernel;
    std::vector<float> weight(weights);
    fill_normal(1, Stream::test, 0, weight);
    for (float& w : weight) w *= 1 / std::sqrt(float(c.in_channels * c.kernel * c.kernel));
    if (dense()) {
      packed_.reserve(kernels.packed_dense_floats(c.out_channels, c.in_channels));
      kernels.pack_dense(weight.data(), c.out_channels, c.in_channels, packed_.data());
    } else {
      shape_.tile = kernels.choose_tile(shape_);
      packed_.reserve(kernels.packed_conv_floats(shape_));
      kernels.pack_conv(shape_, weight.data(), packed_.data());
      scratch_.reserve(kernels.conv_scratch_floats(shape_, batch));
    }
    in_.resize(batch * c.in_channels * (dense() ? 1 : c.side * c.side));
    fill_normal(2, Stream::test, 0, in_);
    out_.resize(batch * c.out_channels * (dense() ? 1 : shape_.out_height * shape_.out_width));
    bias_.resize(c.out_channels);
  }

  void run() {
    if (dense()) {
      kernels::DenseArgs args;
      args.a = in_.data();
      args.packed = packed_.data();
      args.out = out_.data();
      args.m = batch_;
      args.n = args.out_stride = shape_.out_channels;
      args.k = args.a_stride = shape_.in_channels;
      args.epilogue = {bias_.data(), kernels::Activation::relu, 0};
      return kernels_.dense(args);
    }
    kernels::ConvArgs args;
    args.shape = shape_;
    args.in = in_.data();
    args.packed = packed_.data();
    args.out = out_.data();
    args.scratch = scratch_.data();
    args.batch = batch_;
    args.epilogue = {bias_.data(), kernels::Activation::relu, 0};
    kernels_.conv(args);
  }

  // Of one run: the multiply-adds of the definition, padding counted, twice.
  double operations() const {
    const double positions = dense()             ? 1
                             : shape_.transposed ? double(shape_.in_height) * shape_.in_width
                                                 : double(shape_.out_height) * shape_.out_width;
    return 2.0 * double(batch_) * positions * shape_.in_channels * shape_.out_channels *
           shape_.kernel_height * shape_.kernel_width;
  }

 private:
  bool dense() const { return shape_.in_height == 0; }

  const kernels::Kernels& kernels_;
  kernels::ConvShape shape_;
  kernels::Buffer packed_, scratch_;
  std::vector<float> in_, out_, bias_;
  std::size_t batch_;
};

}  // namespace lc::bench
