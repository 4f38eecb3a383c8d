// What runs on an NVIDIA GPU beside LibTorch's own operations. This header needs no CUDA; where the trainer
// is built without it, absent.cpp stands in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "native/train/family.h"
#include "native/train/fused.h"
#include "native/train/optimizer.h"
#include "native/train/stepper.h"

namespace lc::train::cuda {

// Whether this build has them. Without, the rest of this header must not be called, the two takes apart.
bool built();
// Whether the kernels below take this tensor: built(), on a GPU, contiguous in its memory format.
bool takes(const torch::Tensor& tensor);
// The same of BatchNorm's, which take [batch][channels][height][width] of float32 or bfloat16 in either
// layout.
bool takes_norm(const torch::Tensor& input);

// From now on this thread's work goes to `device`, to a stream of its own: one that can be recorded, as the
// default stream cannot, and the same for parameters, first steps, recording and replay.
void use_own_stream(torch::Device device);

// update_range and fold_range (update.h) on the device. With `recorded`, the scalars are read there when the
// work runs.
void update(const UpdateBuffers& buffers, const UpdateRule& rule, const UpdateScalars& now,
            const UpdateScalars* recorded);
void fold(const UpdateBuffers& buffers, float share, const float* recorded);

// Rows of bytes that become a batch: images[order[first + i]] * scale + shift, and its label. With
// `recorded`, `first` is read there.
struct Gathered {
  torch::Tensor images, labels, indices;
};
struct GatherFrom {
  torch::Tensor images;  // [n][channels][height][width], bytes
  torch::Tensor labels;  // [n], int64
  torch::Tensor order;   // [m], int64
  float scale = 1, shift = 0;
};
Gathered gather(const GatherFrom& from, std::int64_t count, std::int32_t first, const std::int32_t* recorded);

// fused.h's.
torch::Tensor bce_of_samples(const torch::Tensor& logits, const torch::Tensor& target);
torch::Tensor bce_of_samples_backward(const torch::Tensor& gradient, const torch::Tensor& logits,
                                      const torch::Tensor& target);
struct Normed {
  torch::Tensor output, mean, inverse_deviation;
};
Normed batch_norm_leaky_relu(const torch::Tensor& input, const BatchNormTensors& norm, double momentum,
                             double eps, double slope);
struct NormedGradients {
  torch::Tensor input, scale, shift;
};
NormedGradients batch_norm_leaky_relu_backward(const torch::Tensor& gradient, const torch::Tensor& input,
                                               const torch::Tensor& scale, const torch::Tensor& shift,
                                               const torch::Tensor& mean,
                                               const torch::Tensor& inverse_deviation, double slope);

// Makes the first steps one by one, then records `steps` of them as one CUDA graph and replays it. Steps that
// make the host wait for the device go on one by one; text() says why. std::runtime_error when CUDA refuses a
// recording for another reason.
std::unique_ptr<Stepper> graph_stepper(StepWork& work, const Family::Repetition& repetition,
                                       std::int64_t steps);

}  // namespace lc::train::cuda
