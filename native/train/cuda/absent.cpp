// Stands in for cuda/*.cu in a build without CUDA.
#include "native/train/cuda/cuda.h"

namespace lc::train::cuda {

namespace {
[[noreturn]] void absent() {
  TORCH_CHECK(false, "this trainer was built without CUDA");
}
}  // namespace

bool built() {
  return false;
}
bool takes(const torch::Tensor&) {
  return false;
}
bool takes_norm(const torch::Tensor&) {
  return false;
}
void use_own_stream(torch::Device) {
  absent();
}
void update(const UpdateBuffers&, const UpdateRule&, const UpdateScalars&, const UpdateScalars*) {
  absent();
}
void fold(const UpdateBuffers&, float, const float*) {
  absent();
}
Gathered gather(const GatherFrom&, std::int64_t, std::int32_t, const std::int32_t*) {
  absent();
}
torch::Tensor bce_of_samples(const torch::Tensor&, const torch::Tensor&) {
  absent();
}
torch::Tensor bce_of_samples_backward(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&) {
  absent();
}
Normed batch_norm_leaky_relu(const torch::Tensor&, const BatchNormTensors&, double, double, double) {
  absent();
}
NormedGradients batch_norm_leaky_relu_backward(const torch::Tensor&, const torch::Tensor&,
                                               const torch::Tensor&, const torch::Tensor&,
                                               const torch::Tensor&, const torch::Tensor&, double) {
  absent();
}
std::unique_ptr<Stepper> graph_stepper(StepWork&, const Family::Repetition&, std::int64_t) {
  absent();
}

}  // namespace lc::train::cuda
