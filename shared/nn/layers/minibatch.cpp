// minibatch_stddev and minibatch_discrimination: a sample beside the others of its group, `group` consecutive
// samples of the batch (the last group may be smaller).
#include <algorithm>
#include <cmath>
#include <utility>

#include "shared/nn/attributes.h"
#include "shared/nn/layers/inputs.h"
#include "shared/nn/layers/layers.h"
#include "shared/nn/weights.h"

namespace lc::nn {

namespace {

constexpr double kStddevEps = 1e-8;  // of Karras et al.'s code

// One number a group: the standard deviation of each place over the group, averaged over all places; it fills
// a new last channel.
class MinibatchStddev : public Layer {
 public:
  MinibatchStddev(const Shape& in, std::size_t group)
      : channels_(in.channels()), pixels_(std::size_t{in.height()} * in.width()), group_(group) {}

  void run(const RunArgs& args) const override {
    const std::size_t size = channels_ * pixels_;
    float* out = args.output;
    for (std::size_t first = 0; first < args.batch; first += group_) {
      const std::size_t count = std::min(group_, args.batch - first);
      const float* in = args.inputs[0] + first * size;
      const float spread = mean_spread(in, count, size);
      for (std::size_t p = 0; p < count * pixels_; ++p, in += channels_) {
        out = std::copy_n(in, channels_, out);
        *out++ = spread;
      }
    }
  }

 private:
  static float mean_spread(const float* in, std::size_t count, std::size_t size) {
    const double samples = static_cast<double>(count);
    double total = 0;
    for (std::size_t i = 0; i < size; ++i) {
      double mean = 0, square = 0;
      for (std::size_t b = 0; b < count; ++b) mean += in[b * size + i];
      mean /= samples;
      for (std::size_t b = 0; b < count; ++b) square += (in[b * size + i] - mean) * (in[b * size + i] - mean);
      total += std::sqrt(square / samples + kStddevEps);
    }
    return static_cast<float>(total / static_cast<double>(size));
  }

  const std::size_t channels_, pixels_, group_;
};

// Feature o of sample i: the sum over the group's samples j of exp(-|M_i - M_j|), where M are projections to
// `dims` numbers and the norm is L1 (Salimans et al. 2016, section 3.2).
class MinibatchDiscrimination : public Layer {
 public:
  MinibatchDiscrimination(const kernels::Kernels& kernels, std::size_t in, std::size_t out, std::size_t dims,
                          std::size_t group, kernels::Buffer packed)
      : kernels_(kernels), in_(in), out_(out), dims_(dims), group_(group), packed_(std::move(packed)) {}

  std::uint64_t packed_floats() const override { return packed_.size(); }
  std::size_t scratch_floats(std::size_t batch) const override { return batch * out_ * dims_; }
  void run(const RunArgs& args) const override {
    kernels::DenseArgs project;
    project.a = args.inputs[0];
    project.packed = packed_.data();
    project.out = args.scratch;
    project.m = args.batch;
    project.n = project.out_stride = out_ * dims_;
    project.k = project.a_stride = in_;
    kernels_.dense(project);
    for (std::size_t i = 0; i < args.batch; ++i) {
      const std::size_t first = i - i % group_, end = std::min(first + group_, args.batch);
      float* near = std::copy_n(args.inputs[0] + i * in_, in_, args.output + i * (in_ + out_));
      for (std::size_t o = 0; o < out_; ++o) near[o] = nearness(args.scratch, i, o, first, end);
    }
  }

 private:
  float nearness(const float* projected, std::size_t i, std::size_t o, std::size_t first,
                 std::size_t end) const {
    const std::size_t step = out_ * dims_;
    const float* mine = projected + i * step + o * dims_;
    float sum = 0;
    for (std::size_t j = first; j < end; ++j) {
      const float* other = projected + j * step + o * dims_;
      float distance = 0;
      for (std::size_t d = 0; d < dims_; ++d) distance += std::fabs(mine[d] - other[d]);
      sum += std::exp(-distance);
    }
    return sum;
  }

  const kernels::Kernels& kernels_;
  const std::size_t in_, out_, dims_, group_;
  kernels::Buffer packed_;
};

Result<std::uint32_t> group_of(const LayerSpec& spec) {
  return spec.attributes->whole("group", 1, kMaxGroup);
}

}  // namespace

Result<LayerInfo> check_minibatch_stddev(const LayerSpec& spec) {
  const Result<std::uint32_t> group = group_of(spec);
  if (!group.ok()) return group.status();
  LayerInfo info;
  info.output = (*spec.inputs)[0];
  ++info.output.dims[0];
  info.multiply_adds = 2 * (*spec.inputs)[0].size();
  info.group = group.value();
  return info;
}

MadeLayer make_minibatch_stddev(const LayerSpec& spec) {
  const Result<std::uint32_t> group = group_of(spec);
  if (!group.ok()) return group.status();
  return std::unique_ptr<Layer>(new MinibatchStddev((*spec.inputs)[0], group.value()));
}

Result<LayerInfo> check_minibatch_discrimination(const LayerSpec& spec) {
  LC_TRY(need_features(spec));
  LC_TRY(spec.weights->expect_rank(0, "weight", 3));
  const Result<std::uint32_t> group = group_of(spec);
  if (!group.ok()) return group.status();
  const std::uint32_t in = (*spec.inputs)[0].channels();
  const std::vector<std::uint32_t>& weight = spec.weights->shape(0);
  LC_TRY(spec.weights->expect_shape(0, "weight", {in, weight[1], weight[2]}));
  LayerInfo info;
  // A weight's numbers are in the file, so that their product fits; inputs and outputs have 24 bits.
  info.scratch = std::uint64_t{weight[1]} * weight[2];
  info.output = Shape::features(in + weight[1]);
  info.multiply_adds = info.scratch * (std::uint64_t{in} + group.value());
  info.group = group.value();
  return info;
}

MadeLayer make_minibatch_discrimination(const LayerSpec& spec) {
  const Result<std::uint32_t> group = group_of(spec);
  if (!group.ok()) return group.status();
  const std::vector<std::uint32_t>& shape = spec.weights->shape(0);
  const std::size_t in = shape[0], columns = std::size_t{shape[1]} * shape[2];
  const Result<kernels::Buffer> weight = spec.weights->read(0);
  if (!weight.ok()) return weight.status();
  // A dense layer's weight is [columns][in].
  Result<kernels::Buffer> turned = allocate(std::uint64_t{in} * columns, spec.where);
  if (!turned.ok()) return turned.status();
  for (std::size_t i = 0; i < in; ++i) {
    for (std::size_t c = 0; c < columns; ++c) turned->data()[c * in + i] = weight->data()[i * columns + c];
  }
  Result<kernels::Buffer> packed = allocate(spec.kernels->packed_dense_floats(columns, in), spec.where);
  if (!packed.ok()) return packed.status();
  spec.kernels->pack_dense(turned->data(), columns, in, packed->data());
  return std::unique_ptr<Layer>(
      new MinibatchDiscrimination(*spec.kernels, in, shape[1], shape[2], group.value(), packed.take()));
}

}  // namespace lc::nn
