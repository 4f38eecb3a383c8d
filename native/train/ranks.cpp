// The ranks as networks and families meet them.
#include "native/train/ranks.h"

namespace lc::train {

namespace {

std::unique_ptr<Comm>& group() {
  static std::unique_ptr<Comm> only = std::make_unique<Comm>();
  return only;
}

struct SumOverRanks : torch::autograd::Function<SumOverRanks> {
  static torch::Tensor forward(torch::autograd::AutogradContext*, const torch::Tensor& values) {
    torch::Tensor sum = values.detach().clone(at::MemoryFormat::Contiguous);
    ranks().all_reduce(sum);
    return sum;
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext*,
                                               torch::autograd::tensor_list gradients) {
    return {sum_over_ranks(gradients[0])};
  }
};

std::vector<std::int64_t> whole_sizes(const torch::Tensor& rows, std::int64_t count) {
  std::vector<std::int64_t> sizes = rows.sizes().vec();
  sizes[0] = count;
  return sizes;
}

}  // namespace

Comm& ranks() {
  return *group();
}

void join(std::unique_ptr<Comm> comm) {
  group() = std::move(comm);
}

Status join_devices(torch::Device device) {
  if (ranks().size() == 1) return {};
  const bool cuda = device.is_cuda(), some_cuda = any_rank(cuda), some_cpu = any_rank(!cuda);
  if (some_cuda && some_cpu) {
    return fail(Code::bad_combination, std::string("this rank trains on ") + (cuda ? "a GPU" : "the CPU") +
                                           ", and another does not. Give every rank the same --device.");
  }
  if (!cuda) return {};
  Result<std::unique_ptr<Comm>> gpus = with_nccl(std::move(group()), device);
  join(gpus.ok() ? gpus.take() : std::make_unique<Comm>());
  return gpus.status();
}

torch::Tensor sum_over_ranks(const torch::Tensor& values) {
  return ranks().size() == 1 ? values : SumOverRanks::apply(values);
}

torch::Tensor mean_over_ranks(const torch::Tensor& values) {
  const torch::NoGradGuard no_grad;
  if (ranks().size() == 1) return values.detach();
  return sum_over_ranks(values.detach()) / ranks().size();
}

void average_over_ranks(torch::Tensor& values) {
  if (ranks().size() == 1) return;
  const torch::NoGradGuard no_grad;
  ranks().all_reduce(values);
  values.div_(ranks().size());
}

bool any_rank(bool mine) {
  if (ranks().size() == 1) return mine;
  torch::Tensor count = torch::full({1}, mine ? 1.0 : 0.0, torch::kFloat64);
  ranks().all_reduce(count);
  return count.item<double>() > 0;
}

torch::Tensor gather_rows(const torch::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  const std::int64_t size = ranks().size(), count = rows.size(0);
  if (size == 1) return rows.detach();
  // Whole numbers below 2^53 are exact in double.
  const torch::ScalarType type = rows.is_floating_point() ? rows.scalar_type() : torch::kFloat64;
  torch::Tensor all = torch::zeros(whole_sizes(rows, count * size), rows.options().dtype(type));
  all.narrow(0, ranks().rank() * count, count).copy_(rows);
  ranks().all_reduce(all);
  return all.to(rows.scalar_type());
}

torch::Tensor normal_like(const torch::Tensor& rows) {
  return own_rows(rows.size(0),
                  [&](std::int64_t count) { return torch::randn(whole_sizes(rows, count), rows.options()); });
}

torch::Tensor uniform_like(const torch::Tensor& rows) {
  return own_rows(rows.size(0),
                  [&](std::int64_t count) { return torch::rand(whole_sizes(rows, count), rows.options()); });
}

}  // namespace lc::train
