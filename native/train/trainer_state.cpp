// What of a run lives on between two starts: gathered from it, and put back.
#include <algorithm>
#include <mutex>

#include "native/train/play.h"
#include "native/train/trainer.h"

namespace lc::train {

namespace {

torch::Tensor generator_state(torch::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void set_generator_state(torch::Device device, const torch::Tensor& state) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
}

// Whether a generator of the device takes it: LibTorch looks at its size and at what it holds.
bool is_generator_state(torch::Device device, const torch::Tensor& state) {
  try {
    at::globalContext().defaultGenerator(device).clone().set_state(state);
  } catch (const c10::Error&) {
    return false;
  }
  return true;
}

}  // namespace

Result<State> Trainer::state() {
  LC_TRY(diverged(losses_->collect()));
  State state;
  std::vector<std::int64_t> counters = {iteration_};
  for (const auto& [name, optimiser] : optimisers_) {
    if (!torch::isfinite(optimiser->parameters()).all().item<bool>()) {
      return fail(Code::diverged, "a parameter of group '" + name + "' is not finite at iteration " +
                                      std::to_string(iteration_) + ". Try a smaller --set lr=...");
    }
    counters.push_back(optimiser->steps());
    const std::vector<torch::Tensor> tensors = optimiser->tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      state.tensors["group/" + name + "/" + std::to_string(i)] = tensors[i].cpu().clone();
    }
  }
  const auto put = [&](const std::string& prefix, const std::vector<torch::Tensor>& tensors) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      state.tensors[prefix + "/" + std::to_string(i)] = tensors[i].detach().cpu().clone();
    }
  };
  for (const auto& [label, net] : nets_) {
    put("statistics/" + label, net->buffers());
    put("average/" + label, average_->nets().at(label)->all_tensors());
  }
  put("family", recipe_.family->state());
  std::vector<std::int64_t> moments;
  for (const Snapshot& snapshot : timeline_) {
    moments.push_back(snapshot.iteration);
    put("moment/" + std::to_string(snapshot.iteration), snapshot.net->all_tensors());
  }
  state.tensors["moments"] = torch::tensor(moments, torch::kInt64);
  state.tensors["counters"] = torch::tensor(counters, torch::kInt64);
  state.tensors["seconds"] = torch::tensor({seconds}, torch::kFloat64);
  state.tensors["curve"] = torch::tensor(losses_->curve().pack(), torch::kFloat64);
  state.tensors["window"] = torch::tensor(losses_->pack(), torch::kFloat64);
  state.tensors["rng/cpu"] = generator_state(torch::kCPU);
  if (device_.is_cuda()) state.tensors["rng/cuda"] = generator_state(device_).cpu();
  std::string names;
  for (const std::string& name : losses_->curve().names()) names += name + "\n";
  state.texts["curve"] = names;
  state.texts["dataset_sha256"] = data_.train_sha256;
  for (const format::Option& option : recipe_.table.values())
    state.texts["option/" + option.key] = option.value;
  return state;
}

Status Trainer::restore(const State& state) {
  const torch::NoGradGuard no_grad;
  const auto text = [&](const std::string& key) {
    const auto found = state.texts.find(key);
    return found == state.texts.end() ? std::string() : found->second;
  };
  if (text("dataset_sha256") != data_.train_sha256) {
    return fail(Code::bad_combination, "the run was trained on images with SHA-256 " +
                                           text("dataset_sha256") + ", found " + data_.train_sha256 + ".");
  }
  // Everything is looked up and compared before anything changes.
  std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;  // to, from
  Status problem;
  const auto find = [&](const std::string& name) -> torch::Tensor {
    const auto found = state.tensors.find(name);
    if (found != state.tensors.end()) return found->second;
    if (problem.ok())
      problem = fail(Code::data_damaged, "the state has no '" + name + "'; start the run anew.");
    return {};
  };
  const auto plan = [&](const std::string& prefix, const std::vector<torch::Tensor>& to) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      const std::string name = prefix + "/" + std::to_string(i);
      const torch::Tensor from = find(name);
      if (!from.defined()) return;
      if (from.sizes() != to[i].sizes() || from.scalar_type() != to[i].scalar_type()) {
        problem =
            fail(Code::bad_combination, "the state's '" + name + "' has another shape; start the run anew.");
        return;
      }
      copies.emplace_back(to[i], from);
    }
  };
  for (const auto& [name, optimiser] : optimisers_) plan("group/" + name, optimiser->tensors());
  for (const auto& [label, net] : nets_) {
    plan("statistics/" + label, net->buffers());
    plan("average/" + label, average_->nets().at(label)->all_tensors());
  }
  plan("family", recipe_.family->state());
  const torch::Tensor counters = find("counters"), moments = find("moments"), curve = find("curve"),
                      elapsed = find("seconds"), rng = find("rng/cpu");
  if (!problem.ok()) return problem;
  const auto is = [](const torch::Tensor& t, torch::ScalarType type) {
    return t.scalar_type() == type && t.dim() == 1;
  };
  const auto cuda = state.tensors.find("rng/cuda"), window = state.tensors.find("window");
  const bool has_cuda = device_.is_cuda() && cuda != state.tensors.end();
  const bool has_window = window != state.tensors.end();  // states of older builds have none
  const bool sound = is(counters, torch::kInt64) && is(moments, torch::kInt64) &&
                     is(curve, torch::kFloat64) && is(elapsed, torch::kFloat64) && elapsed.numel() == 1 &&
                     (!has_window || is(window->second, torch::kFloat64)) &&
                     counters.numel() == static_cast<std::int64_t>(optimisers_.size()) + 1 &&
                     counters.ge(0).all().item<bool>() && moments.ge(0).all().item<bool>() &&
                     moments.le(counters[0]).all().item<bool>() && is_generator_state(torch::kCPU, rng) &&
                     (!has_cuda || is_generator_state(device_, cuda->second));
  if (!sound) return fail(Code::data_damaged, "the state's counters are malformed; start the run anew.");
  std::vector<Snapshot> timeline;
  for (std::int64_t i = 0; i < moments.numel() && problem.ok(); ++i) {
    const std::int64_t iteration = moments[i].item<std::int64_t>();
    Net net(nets_.at(recipe_.family->player())->copy());
    net->eval();
    net->to(torch::kCPU);
    plan("moment/" + std::to_string(iteration), net->all_tensors());
    timeline.push_back({iteration, iteration * recipe_.run.batch_size, net});
  }
  if (!problem.ok()) return problem;

  for (auto& [to, from] : copies) to.copy_(from);
  for (auto& [name, optimiser] : optimisers_) optimiser->refresh_low_precision();
  timeline_ = std::move(timeline);
  iteration_ = counters[0].item<std::int64_t>();
  for (std::size_t i = 0; i < optimisers_.size(); ++i) {
    optimisers_[i].second->set_steps(counters[static_cast<std::int64_t>(i) + 1].item<std::int64_t>());
  }
  seconds = elapsed[0].item<double>();
  std::vector<std::string> names;
  std::string name;
  for (const char c : text("curve")) {
    if (c != '\n') {
      name += c;
      continue;
    }
    names.push_back(name);
    name.clear();
  }
  const auto numbers = [](const torch::Tensor& t) {
    return std::vector<double>(t.data_ptr<double>(), t.data_ptr<double>() + t.numel());
  };
  losses_->curve().unpack(names, numbers(curve));
  if (has_window) losses_->unpack(numbers(window->second));
  set_generator_state(torch::kCPU, rng);
  if (has_cuda) set_generator_state(device_, cuda->second);
  return {};
}

}  // namespace lc::train
