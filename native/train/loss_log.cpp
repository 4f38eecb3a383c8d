// Losses on their way from the device to the host.
#include "native/train/loss_log.h"

#include <algorithm>
#include <cmath>

#include "native/train/ranks.h"

namespace lc::train {

namespace {
constexpr std::int64_t kRing = 512;
}

LossLog::LossLog(torch::Device device, std::int64_t rows) : capacity_(rows), device_(device) {}

void LossLog::put(std::int64_t row, const Losses& losses) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> values;
  for (const auto& [name, value] : losses) values.push_back(value.to(torch::kFloat32));
  if (names_.empty()) {
    for (const auto& [name, value] : losses) names_.push_back(name);
    const auto count = static_cast<std::int64_t>(losses.size());
    rows_ = torch::empty({capacity_, count}, device_);
    if (!device_.is_cpu()) ring_ = torch::empty({std::max(kRing, capacity_), count}, device_);
  }
  torch::Tensor to = rows_[row];
  if (ranks().size() == 1) {
    torch::stack_out(to, values);
  } else {
    to.copy_(mean_over_ranks(torch::stack(values)));
  }
}

Status LossLog::close(std::int64_t rows, std::int64_t iteration) {
  const torch::NoGradGuard no_grad;
  Status status;
  if (ring_.defined()) {
    const auto used = static_cast<std::int64_t>(iterations_.size());
    if (used + rows > ring_.size(0)) status = collect();
    ring_.narrow(0, static_cast<std::int64_t>(iterations_.size()), rows).copy_(rows_.narrow(0, 0, rows));
  }
  for (std::int64_t i = 0; i < rows; ++i) iterations_.push_back(iteration - rows + 1 + i);
  if (!ring_.defined()) status = collect();
  return status;
}

Status LossLog::collect() {
  if (iterations_.empty()) return {};
  const auto used = static_cast<std::int64_t>(iterations_.size());
  const torch::Tensor host = (ring_.defined() ? ring_ : rows_).narrow(0, 0, used).cpu();
  const float* value = host.data_ptr<float>();
  const std::vector<std::int64_t> iterations = std::move(iterations_);
  iterations_.clear();
  window_.resize(names_.size());
  std::vector<double> losses(names_.size());
  for (const std::int64_t iteration : iterations) {
    for (std::size_t i = 0; i < names_.size(); ++i, ++value) {
      if (!std::isfinite(*value)) {
        return fail(Code::diverged, "loss '" + names_[i] + "' is " +
                                        (std::isnan(*value) ? "not a number" : "infinite") +
                                        " at iteration " + std::to_string(iteration));
      }
      losses[i] = static_cast<double>(*value);
      window_[i] += losses[i];
    }
    curve_.add(names_, losses, 1, iteration);
    ++window_count_;
  }
  return {};
}

std::vector<std::pair<std::string, double>> LossLog::take_means() {
  std::vector<std::pair<std::string, double>> means;
  if (window_count_ == 0 || names_.empty()) return means;
  for (std::size_t i = 0; i < window_.size(); ++i) {
    means.emplace_back(names_[i], window_[i] / static_cast<double>(window_count_));
  }
  window_.clear();
  window_count_ = 0;
  return means;
}

std::vector<double> LossLog::pack() const {
  std::vector<double> packed = {static_cast<double>(window_count_)};
  packed.insert(packed.end(), window_.begin(), window_.end());
  return packed;
}

void LossLog::unpack(const std::vector<double>& packed) {
  if (packed.empty()) return;
  window_count_ = static_cast<std::int64_t>(packed[0]);
  window_.assign(packed.begin() + 1, packed.end());
}

}  // namespace lc::train
