// The kernels' faces for LibTorch's tensors.
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

#include "native/train/cuda/cuda.h"
#include "native/train/cuda/launch.h"

namespace lc::train::cuda {

namespace {

cudaStream_t stream() {
  return at::cuda::getCurrentCUDAStream().stream();
}

// A launch that could not be made leaves its error behind.
void check() {
  const cudaError_t error = cudaGetLastError();
  TORCH_CHECK(error == cudaSuccess, "a CUDA kernel could not be launched: ", cudaGetErrorString(error));
}

bool channels_last(const torch::Tensor& images) {
  return !images.is_contiguous() && images.is_contiguous(at::MemoryFormat::ChannelsLast);
}

NormShape shape_of(const torch::Tensor& input) {
  return {input.size(0), input.size(1), input.size(2) * input.size(3), channels_last(input),
          input.scalar_type() == torch::kBFloat16};
}

torch::Tensor parts_of(const NormShape& shape, const torch::Tensor& like) {
  return torch::empty({kNormParts * shape.channels * 3}, like.options().dtype(torch::kFloat32));
}

}  // namespace

bool built() {
  return true;
}

bool takes(const torch::Tensor& tensor) {
  return tensor.is_cuda() && tensor.is_contiguous() &&
         (tensor.scalar_type() == torch::kFloat32 || tensor.scalar_type() == torch::kUInt8);
}

bool takes_norm(const torch::Tensor& input) {
  const bool type = input.scalar_type() == torch::kFloat32 || input.scalar_type() == torch::kBFloat16;
  return input.is_cuda() && input.dim() == 4 && type && (input.is_contiguous() || channels_last(input));
}

void use_own_stream(torch::Device device) {
  c10::cuda::set_device(device.index());
  c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index()));
}

void update(const UpdateBuffers& buffers, const UpdateRule& rule, const UpdateScalars& now,
            const UpdateScalars* recorded) {
  launch_update(buffers, rule, now, recorded, stream());
  check();
}

void fold(const UpdateBuffers& buffers, float share, const float* recorded) {
  launch_fold(buffers, share, recorded, stream());
  check();
}

Gathered gather(const GatherFrom& from, std::int64_t count, std::int32_t first,
                const std::int32_t* recorded) {
  at::IntArrayRef sizes = from.images.sizes();
  Gathered batch;
  batch.images =
      torch::empty({count, sizes[1], sizes[2], sizes[3]}, from.images.options().dtype(torch::kFloat32));
  batch.labels = torch::empty({count}, from.labels.options());
  batch.indices = torch::empty({count}, from.order.options());
  GatherRows rows = {};
  rows.images = from.images.data_ptr<std::uint8_t>();
  rows.labels = from.labels.data_ptr<std::int64_t>();
  rows.order = from.order.data_ptr<std::int64_t>();
  rows.pixels = sizes[1] * sizes[2] * sizes[3];
  rows.count = count;
  rows.scale = from.scale;
  rows.shift = from.shift;
  rows.first = first;
  rows.recorded = recorded;
  rows.to_images = batch.images.data_ptr<float>();
  rows.to_labels = batch.labels.data_ptr<std::int64_t>();
  rows.to_indices = batch.indices.data_ptr<std::int64_t>();
  launch_gather(rows, stream());
  check();
  return batch;
}

torch::Tensor bce_of_samples(const torch::Tensor& logits, const torch::Tensor& target) {
  const std::int64_t rows = logits.size(0);
  torch::Tensor sums = torch::empty({rows}, logits.options());
  launch_bce(logits.data_ptr<float>(), target.data_ptr<float>(), rows, logits.numel() / rows,
             sums.data_ptr<float>(), stream());
  check();
  return sums;
}

torch::Tensor bce_of_samples_backward(const torch::Tensor& gradient, const torch::Tensor& logits,
                                      const torch::Tensor& target) {
  const std::int64_t rows = logits.size(0);
  torch::Tensor result = torch::empty_like(logits);
  launch_bce_backward(gradient.data_ptr<float>(), logits.data_ptr<float>(), target.data_ptr<float>(), rows,
                      logits.numel() / rows, result.data_ptr<float>(), stream());
  check();
  return result;
}

Normed batch_norm_leaky_relu(const torch::Tensor& input, const BatchNormTensors& norm, double momentum,
                             double eps, double slope) {
  const NormShape shape = shape_of(input);
  Normed result = {torch::empty_like(input), torch::empty_like(norm.running_mean),
                   torch::empty_like(norm.running_mean)};
  const torch::Tensor parts = parts_of(shape, input);
  NormForward to = {};
  to.input = input.data_ptr();
  to.output = result.output.data_ptr();
  to.scale = norm.scale.data_ptr<float>();
  to.shift = norm.shift.data_ptr<float>();
  to.running_mean = norm.running_mean.data_ptr<float>();
  to.running_var = norm.running_var.data_ptr<float>();
  to.mean = result.mean.data_ptr<float>();
  to.inverse_deviation = result.inverse_deviation.data_ptr<float>();
  to.parts = parts.data_ptr<float>();
  to.momentum = static_cast<float>(momentum);
  to.eps = static_cast<float>(eps);
  to.slope = static_cast<float>(slope);
  launch_norm(shape, to, stream());
  check();
  return result;
}

NormedGradients batch_norm_leaky_relu_backward(const torch::Tensor& gradient, const torch::Tensor& input,
                                               const torch::Tensor& scale, const torch::Tensor& shift,
                                               const torch::Tensor& mean,
                                               const torch::Tensor& inverse_deviation, double slope) {
  const NormShape shape = shape_of(input);
  // In the input's layout and type, whatever the layer above gave.
  const torch::Tensor given =
      gradient.to(input.scalar_type())
          .contiguous(shape.channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
  NormedGradients result = {torch::empty_like(input), torch::empty_like(scale), torch::empty_like(shift)};
  const torch::Tensor parts = parts_of(shape, input);
  NormBackward to = {};
  to.gradient = given.data_ptr();
  to.input = input.data_ptr();
  to.to_input = result.input.data_ptr();
  to.scale = scale.data_ptr<float>();
  to.shift = shift.data_ptr<float>();
  to.mean = mean.data_ptr<float>();
  to.inverse_deviation = inverse_deviation.data_ptr<float>();
  to.to_scale = result.scale.data_ptr<float>();
  to.to_shift = result.shift.data_ptr<float>();
  to.parts = parts.data_ptr<float>();
  to.slope = static_cast<float>(slope);
  launch_norm_backward(shape, to, stream());
  check();
  return result;
}

}  // namespace lc::train::cuda
