// Features of pictures from a network that the person brings as TorchScript.
#include "native/train/script_features.h"

#include <torch/script.h>

#include <algorithm>
#include <exception>

#include "native/io/npy.h"
#include "native/train/torch_message.h"
#include "native/train/trainer.h"

namespace lc::train {

namespace {

constexpr std::int64_t kBatch = 50;

torch::Tensor run_all(torch::jit::Module& network, const torch::Tensor& pictures, torch::Device device) {
  torch::jit::Kwargs words;
  for (const c10::Argument& argument : network.get_method("forward").function().getSchema().arguments()) {
    if (argument.name() == "return_features") words["return_features"] = true;
  }
  std::vector<torch::Tensor> rows;
  for (std::int64_t first = 0; first < pictures.size(0); first += kBatch) {
    const torch::Tensor part = pictures.narrow(0, first, std::min(kBatch, pictures.size(0) - first));
    const torch::Tensor bytes = (part * 255).round().clamp(0, 255).to(torch::kUInt8).expand({-1, 3, -1, -1});
    const torch::Tensor answer = network.forward({bytes.to(device)}, words).toTensor();
    TORCH_CHECK(answer.dim() == 2 && answer.size(0) == part.size(0), "its answer has shape ", answer.sizes(),
                ", expected one row of features for each of ", part.size(0), " pictures");
    rows.push_back(answer.to(torch::kCPU, torch::kFloat32));
  }
  return torch::cat(rows).contiguous();
}

}  // namespace

Status script_features(const ScriptFeatures& desc) {
  const torch::InferenceMode inference;
  const Result<torch::Device> device = pick_device(desc.device);
  if (!device.ok()) return device.status();
  set_threads(desc.threads);
  Result<io::Array> array = io::load_npy(desc.pictures);
  if (!array.ok()) return array.status();
  const std::vector<std::int64_t> shape(array->shape.begin(), array->shape.end());
  if (shape.size() != 4 || shape[0] == 0 || (shape[1] != 1 && shape[1] != 3)) {
    return fail(Code::data_damaged, desc.pictures + ": " + io::shape_text(array->shape) +
                                        ", expected pictures: n x 1 or 3 x height x width");
  }
  torch::Tensor features;
  try {
    torch::jit::Module network = torch::jit::load(desc.script, device.value());
    network.eval();
    features = run_all(network, torch::from_blob(array->values.data(), shape), device.value());
  } catch (const std::exception& error) {
    return fail(Code::data_damaged,
                desc.script + ": cannot be run as a network that turns pictures into features: " +
                    torch_message(error) +
                    ". Give a file of torch.jit.save that takes bytes n x 3 x height x width.");
  }
  const auto rows = static_cast<std::uint64_t>(features.size(0)),
             columns = static_cast<std::uint64_t>(features.size(1));
  return io::save_npy(desc.out, {rows, columns},
                      {features.data_ptr<float>(), static_cast<std::size_t>(rows * columns)});
}

}  // namespace lc::train
