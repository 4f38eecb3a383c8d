// Adam or RMSProp over flat buffers of all parameters of a group, and the schedule of the learning rate.
#include "native/train/optimizer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "native/train/cuda/cuda.h"

namespace lc::train {

double learning_rate(const RunOptions& run, double images_seen, double total_images) {
  double factor = 1;
  if (run.lr_schedule == "cosine") {
    factor = 0.5 * (1 + std::cos(M_PI * std::min(1.0, images_seen / std::max(total_images, 1.0))));
  }
  if (run.warmup_images > 0) {
    const double share =
        (images_seen + static_cast<double>(run.batch_size)) / static_cast<double>(run.warmup_images);
    factor *= std::min(1.0, share);
  }
  return run.lr * factor;
}

namespace {

// Matrix products read whole vectors at once from addresses that are multiples of this many bytes.
constexpr std::int64_t kAlignBytes = 128;
constexpr std::int64_t kAlign = kAlignBytes / static_cast<std::int64_t>(sizeof(float));

std::int64_t aligned(std::int64_t count) {
  return (count + kAlign - 1) / kAlign * kAlign;
}

}  // namespace

torch::Tensor flatten(std::vector<torch::Tensor>& tensors) {
  const torch::NoGradGuard no_grad;
  if (tensors.empty()) return {};
  std::int64_t size = 0;
  for (const torch::Tensor& tensor : tensors) size += aligned(tensor.numel());
  torch::Tensor flat = torch::zeros({size}, tensors[0].options().requires_grad(false));
  std::int64_t at = 0;
  for (torch::Tensor& tensor : tensors) {
    const torch::Tensor place = flat.narrow(0, at, tensor.numel()).view_as(tensor);
    place.copy_(tensor);
    tensor.set_data(place);
    at += aligned(tensor.numel());
  }
  return flat;
}

void update_plainly(FlatTensors& flat, const UpdateRule& rule, const UpdateScalars& now) {
  const torch::NoGradGuard no_grad;
  if (flat.average.defined() && now.fold > 0) flat.average.lerp_(flat.parameters, now.fold);
  flat.square.mul_(rule.beta2).addcmul_(flat.gradients, flat.gradients, 1 - rule.beta2);
  if (rule.rmsprop) {
    flat.parameters.addcdiv_(flat.gradients, flat.square.sqrt().add_(rule.eps), -now.step_size);
  } else {
    flat.mean.lerp_(flat.gradients, 1 - rule.beta1);
    flat.parameters.addcdiv_(flat.mean, flat.square.sqrt().mul_(now.root_scale).add_(rule.eps),
                             -now.step_size);
  }
  if (rule.clip > 0) flat.parameters.clamp_(-rule.clip, rule.clip);
}

namespace {

constexpr double kRmsDecay = 0.99;
// Below this many numbers a second thread costs more than it saves.
constexpr std::int64_t kGrain = 1 << 16;

std::vector<torch::Tensor> parameters_of(const std::vector<Net>& nets) {
  std::vector<torch::Tensor> all;
  for (const Net& net : nets) {
    for (const torch::Tensor& parameter : net->parameters()) all.push_back(parameter);
  }
  return all;
}

float* data(const torch::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

}  // namespace

Optimizer::Optimizer(const std::vector<Net>& nets, const Rule& rule, const RunOptions& run)
    : nets_(nets),
      leaves_(parameters_of(nets)),
      lr_scale_(rule.lr_scale),
      beta1_(rule.beta1 < 0 ? run.beta1 : rule.beta1),
      beta2_(rule.beta2 < 0 ? run.beta2 : rule.beta2) {
  rule_.rmsprop = rule.kind == Rule::Kind::rmsprop;
  rule_.beta1 = static_cast<float>(beta1_);
  rule_.beta2 = static_cast<float>(rule_.rmsprop ? kRmsDecay : beta2_);
  rule_.eps = static_cast<float>(run.adam_eps);
  rule_.clip = static_cast<float>(rule.clip);
  flat_.parameters = flatten(leaves_);
  flat_.gradients = torch::zeros_like(flat_.parameters);
  if (!rule_.rmsprop) flat_.mean = torch::zeros_like(flat_.parameters);
  flat_.square = torch::zeros_like(flat_.parameters);
  zeros_ = torch::zeros({kAlign}, flat_.parameters.options());
}

void Optimizer::follow(const std::vector<Net>& averages) {
  std::vector<torch::Tensor> copies = parameters_of(averages);
  flat_.average = flatten(copies);
  TORCH_CHECK(flat_.average.sizes() == flat_.parameters.sizes(), "an average has the layers of its nets");
}

float Optimizer::take_fold() {
  const float share = static_cast<float>(fold_);
  fold_ = 0;
  return share;
}

void Optimizer::run_fold(float share, const float* recorded) {
  if (!flat_.average.defined() || (share == 0 && recorded == nullptr)) return;
  const UpdateBuffers all = buffers();
  if (flat_.parameters.is_cpu()) {
    const float now = recorded != nullptr ? *recorded : share;
    at::parallel_for(0, all.size, kGrain,
                     [&](std::int64_t begin, std::int64_t end) { fold_range(all, now, begin, end); });
  } else {
    cuda::fold(all, share, recorded);
  }
}

void Optimizer::settle() {
  run_fold(take_fold(), nullptr);
}

void Optimizer::fold(const std::function<double()>& share, StepNumbers* recorder) {
  // Where no step came since, the average moves towards these parameters first, not towards the next.
  const bool settles = !stepped_;
  stepped_ = false;
  if (recorder == nullptr) {
    if (settles) settle();
    fold_ = share();
    return;
  }
  const float* recorded = recorder->bind<float>([this, share] {
    const float before = take_fold();
    fold_ = share();
    return before;
  });
  if (settles) run_fold(0, recorded);
}

void Optimizer::use_low_precision() {
  const torch::NoGradGuard no_grad;
  low_ = flat_.parameters.to(torch::kBFloat16);
  std::int64_t at = 0;
  std::size_t leaf = 0;
  for (Net& net : nets_) {
    for (const Layer& layer : net->layers()) {
      if (!layer.tensors) continue;
      const bool low = layer.kind == "dense" || layer.kind == "conv2d" || layer.kind == "conv_transpose2d";
      const auto place = [&](const torch::Tensor& parameter, torch::Tensor& copy) {
        if (!parameter.defined()) return;
        if (low) {
          copy = low_.narrow(0, at, parameter.numel()).view_as(parameter).requires_grad_(true);
          leaves_[leaf] = copy;
        }
        at += aligned(parameter.numel());
        ++leaf;
      };
      LayerTensors tensors = layer.tensors;  // a handle: a layer of a const list may not be written through
      place(tensors->weight, tensors->low_weight);
      place(tensors->bias, tensors->low_bias);
    }
  }
  TORCH_CHECK(leaf == leaves_.size(), "parameters are those of the layers, in their order");
}

void Optimizer::refresh_low_precision() {
  const torch::NoGradGuard no_grad;
  if (low_.defined()) low_.copy_(flat_.parameters);
}

void Optimizer::backward(const torch::Tensor& loss) {
  const std::vector<torch::Tensor> gradients =
      torch::autograd::grad({loss}, leaves_, {}, /*retain_graph=*/true, /*create_graph=*/false,
                            /*allow_unused=*/true);
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> rows;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const std::int64_t size = leaves_[i].numel(), gap = aligned(size) - size;
    const torch::Tensor& gradient = gradients[i];
    rows.push_back(gradient.defined() ? gradient.to(torch::kFloat32).reshape({-1})
                                      : zeros_.narrow(0, 0, 1).expand({size}));
    if (gap > 0) rows.push_back(zeros_.narrow(0, 0, gap));
  }
  torch::cat_out(flat_.gradients, rows);
}

std::vector<torch::Tensor> Optimizer::tensors() const {
  if (rule_.rmsprop) return {flat_.parameters, flat_.square};
  return {flat_.parameters, flat_.mean, flat_.square};
}

UpdateScalars Optimizer::scalars(double lr) {
  ++steps_;
  UpdateScalars now;
  now.step_size = static_cast<float>(lr * lr_scale_);
  now.fold = take_fold();
  if (rule_.rmsprop) return now;
  const double n = static_cast<double>(steps_);
  now.step_size = static_cast<float>(lr * lr_scale_ / (1 - std::pow(beta1_, n)));
  now.root_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2_, n)));
  return now;
}

UpdateBuffers Optimizer::buffers() {
  UpdateBuffers all;
  all.parameters = data(flat_.parameters);
  all.gradients = data(flat_.gradients);
  all.mean = data(flat_.mean);
  all.square = data(flat_.square);
  all.average = data(flat_.average);
  if (low_.defined()) all.low = static_cast<std::uint16_t*>(low_.data_ptr());
  all.size = flat_.parameters.numel();
  return all;
}

void Optimizer::step(const StepClock& clock) {
  stepped_ = true;
  const UpdateScalars* recorded = nullptr;
  UpdateScalars now;
  if (clock.recorder != nullptr) {
    recorded = clock.recorder->bind<UpdateScalars>([this, &clock] { return scalars(clock.lr); });
  } else {
    now = scalars(clock.lr);
  }
  const UpdateBuffers all = buffers();
  if (!flat_.parameters.is_cpu()) {
    cuda::update(all, rule_, now, recorded);
    return;
  }
  if (recorded != nullptr) now = *recorded;
  at::parallel_for(0, all.size, kGrain,
                   [&](std::int64_t begin, std::int64_t end) { update_range(all, rule_, now, begin, end); });
}

}  // namespace lc::train
