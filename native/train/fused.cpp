// Chains of operations that training runs as one, forward and backward.
#include "native/train/fused.h"

#include "native/train/cuda/cuda.h"

namespace lc::train {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// Three passes over the logits instead of ten. What backward() does can itself be differentiated.
struct BceOfSamples : torch::autograd::Function<BceOfSamples> {
  static Variable forward(AutogradContext* context, const Variable& logits, const Variable& target) {
    context->save_for_backward({logits, target});
    if (cuda::takes(logits) && cuda::takes(target)) return cuda::bce_of_samples(logits, target);
    return torch::softplus(logits).addcmul_(logits, target, -1).flatten(1).sum(1);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    if (cuda::takes(saved[0]) && cuda::takes(saved[1]) && !torch::GradMode::is_enabled()) {
      return {cuda::bce_of_samples_backward(gradients[0].contiguous(), saved[0], saved[1]), Variable()};
    }
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(saved[0].dim()), 1);
    sizes[0] = saved[0].size(0);
    const Variable apart = torch::sigmoid(saved[0]) - saved[1], scale = gradients[0].reshape(sizes);
    if (torch::GradMode::is_enabled()) return {apart * scale, Variable()};
    return {Variable(apart).mul_(scale), Variable()};
  }
};

struct KlSum : torch::autograd::Function<KlSum> {
  static Variable forward(AutogradContext* context, const Variable& mean, const Variable& log_variance) {
    context->save_for_backward({mean, log_variance});
    return kl_sum_plainly(mean, log_variance);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    return {gradients[0] * saved[0], (0.5 * gradients[0]) * torch::expm1(saved[1])};
  }
};

// Only for devices with kernels of their own.
struct BatchNormLeakyRelu : torch::autograd::Function<BatchNormLeakyRelu> {
  static Variable forward(AutogradContext* context, const Variable& input, const Variable& scale,
                          const Variable& shift, const Variable& running_mean, const Variable& running_var,
                          double momentum, double eps, double slope) {
    const cuda::Normed normed =
        cuda::batch_norm_leaky_relu(input, {scale, shift, running_mean, running_var}, momentum, eps, slope);
    context->save_for_backward({input, scale, shift, normed.mean, normed.inverse_deviation});
    context->saved_data["slope"] = slope;
    return normed.output;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "the fused BatchNorm has no second derivative");
    const variable_list saved = context->get_saved_variables();
    const cuda::NormedGradients to =
        cuda::batch_norm_leaky_relu_backward(gradients[0], saved[0], saved[1], saved[2], saved[3], saved[4],
                                             context->saved_data["slope"].toDouble());
    const Variable none;
    return {to.input, to.scale, to.shift, none, none, none, none, none};
  }
};

}  // namespace

torch::Tensor bce_of_samples(const torch::Tensor& logits, const torch::Tensor& target) {
  return BceOfSamples::apply(logits, target);
}

torch::Tensor bce_of_samples_plainly(const torch::Tensor& logits, const torch::Tensor& target) {
  return (torch::relu(logits) - logits * target + torch::log1p(torch::exp(-logits.abs()))).flatten(1).sum(1);
}

torch::Tensor kl_sum(const torch::Tensor& mean, const torch::Tensor& log_variance) {
  return KlSum::apply(mean, log_variance);
}

torch::Tensor kl_sum_plainly(const torch::Tensor& mean, const torch::Tensor& log_variance) {
  return (-0.5 * (1 + log_variance - mean.square() - log_variance.exp())).sum();
}

bool has_batch_norm_leaky_relu(const torch::Tensor& input) {
  return cuda::takes_norm(input);
}

torch::Tensor batch_norm_leaky_relu(const torch::Tensor& input, const BatchNormTensors& norm, double momentum,
                                    double eps, double slope) {
  if (!has_batch_norm_leaky_relu(input)) {
    return batch_norm_leaky_relu_plainly(input, norm, momentum, eps, slope);
  }
  return BatchNormLeakyRelu::apply(input, norm.scale, norm.shift, norm.running_mean, norm.running_var,
                                   momentum, eps, slope);
}

torch::Tensor batch_norm_leaky_relu_plainly(const torch::Tensor& input, const BatchNormTensors& norm,
                                            double momentum, double eps, double slope) {
  const torch::Tensor normed =
      torch::batch_norm(input, norm.scale, norm.shift, norm.running_mean, norm.running_var, /*training=*/true,
                        momentum, eps, at::globalContext().userEnabledCuDNN());
  return slope == 0 ? torch::relu(normed) : torch::leaky_relu(normed, slope);
}

}  // namespace lc::train
