// How fast this machine trains a model, and where the time goes.
#include "native/train/bench.h"

#include <ATen/record_function.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

namespace lc::train {

namespace {

using WallClock = std::chrono::steady_clock;
using Inputs = c10::ArrayRef<const c10::IValue>;

constexpr std::int64_t kWarmUpSteps = 3;

double seconds_since(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

// Multiply-adds of the operations that have nearly all of them, by what LibTorch calls them; those that they
// call in turn are not counted again.
double product(const torch::Tensor& a, const torch::Tensor& b) {
  return static_cast<double>(a.numel()) * static_cast<double>(b.size(-1));
}

// Each number of what is spread over the other (the input of a transposed convolution, the output of a plain
// one) meets all weights of its channel.
double convolution(const torch::Tensor& image, const torch::Tensor& weight) {
  return static_cast<double>(image.numel()) * static_cast<double>(weight.numel() / weight.size(0));
}

// LibTorch takes one number for all axes.
std::int64_t of_axis(const std::vector<std::int64_t>& list, std::size_t axis) {
  return list[list.size() == 1 ? 0 : axis];
}

double forward_convolution(Inputs in) {
  const torch::Tensor image = in[0].toTensor(), weight = in[1].toTensor();
  if (in[6].toBool()) return convolution(image, weight);
  const std::vector<std::int64_t> stride = in[3].toIntVector(), padding = in[4].toIntVector(),
                                  dilation = in[5].toIntVector();
  double positions = static_cast<double>(image.size(0) * weight.size(0));
  for (std::int64_t i = 2; i < image.dim(); ++i) {
    const auto axis = static_cast<std::size_t>(i - 2);
    // Wider than its numbers where dilated: in the second derivative of a convolution with a stride.
    const std::int64_t kernel = of_axis(dilation, axis) * (weight.size(i) - 1) + 1;
    const std::int64_t reach = image.size(i) + 2 * of_axis(padding, axis) - kernel;
    positions *= static_cast<double>(reach / of_axis(stride, axis) + 1);
  }
  return positions * static_cast<double>(weight.numel() / weight.size(0));
}

double backward_convolution(Inputs in) {
  const torch::Tensor gradient = in[0].toTensor(), image = in[1].toTensor(), weight = in[2].toTensor();
  const c10::List<bool> wanted = in[10].toBoolList();
  const double once = convolution(in[7].toBool() ? image : gradient, weight);
  return once * ((wanted.get(0) ? 1 : 0) + (wanted.get(1) ? 1 : 0));
}

const std::map<std::string, double (*)(Inputs)>& counted() {
  static const std::map<std::string, double (*)(Inputs)> table = {
      {"aten::mm", [](Inputs in) { return product(in[0].toTensor(), in[1].toTensor()); }},
      {"aten::addmm", [](Inputs in) { return product(in[1].toTensor(), in[2].toTensor()); }},
      {"aten::bmm", [](Inputs in) { return product(in[0].toTensor(), in[1].toTensor()); }},
      {"aten::convolution", forward_convolution},
      {"aten::convolution_backward", backward_convolution},
  };
  return table;
}

// LibTorch's own profiler hooks: what the trainer marks as a part of a step, and every operation.
struct Observed {
  bool waits = false;  // for the GPU at the borders of a part
  double multiply_adds = 0;
  std::map<std::string, double> seconds;  // by part, without the parts inside it
  std::vector<std::string> open;
  WallClock::time_point since;

  void border() {
    if (waits) torch::cuda::synchronize();
    const WallClock::time_point now = WallClock::now();
    if (!open.empty()) seconds[open.back()] += std::chrono::duration<double>(now - since).count();
    since = now;
  }
};
Observed* observed = nullptr;
thread_local int counting = 0;  // how many counted operations this one is inside of

struct Entered : at::ObserverContext {
  bool part = false, operation = false;
};

std::unique_ptr<at::ObserverContext> enter(const at::RecordFunction& function) {
  auto context = std::make_unique<Entered>();
  if (observed == nullptr) return context;
  context->part = function.scope() == at::RecordScope::USER_SCOPE;
  if (context->part) {
    observed->border();
    observed->open.emplace_back(function.name());
    return context;
  }
  const auto row = counted().find(function.name());
  context->operation = row != counted().end();
  if (context->operation && counting++ == 0) observed->multiply_adds += row->second(function.inputs());
  return context;
}

void leave(const at::RecordFunction&, at::ObserverContext* given) {
  const auto* context = static_cast<const Entered*>(given);
  if (context == nullptr || observed == nullptr) return;
  if (context->operation) --counting;
  if (!context->part) return;
  observed->border();
  observed->open.pop_back();
}

class Observer {
 public:
  Observer(Observed& target, at::RecordScope scope) {
    observed = &target;
    handle_ = at::addGlobalCallback(at::RecordFunctionCallback(enter, leave)
                                        .needsInputs(scope == at::RecordScope::FUNCTION)
                                        .scopes({scope}));
  }
  ~Observer() {
    at::removeCallback(handle_);
    observed = nullptr;
  }
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

 private:
  at::CallbackHandle handle_;
};

// One step, or as many as are recorded together, with what the loop does after it.
Status step(Trainer& trainer, const Sinks& sinks) {
  LC_TRY(trainer.step());
  RECORD_USER_SCOPE("logging");
  if (trainer.iteration() % trainer.recipe().run.log_every != 0) return {};
  const Result<Numbers> losses = trainer.take_losses();
  if (!losses.ok()) return losses.status();
  for (const auto& sink : sinks) LC_TRY(sink->numbers(trainer.iteration(), losses.value()));
  return {};
}

Status steps_for(Trainer& trainer, const Sinks& sinks, double seconds, TrainingCost& cost) {
  const bool cuda = trainer.device().is_cuda();
  if (cuda) torch::cuda::synchronize();
  const WallClock::time_point start = WallClock::now();
  const std::int64_t first = trainer.iteration();
  do {
    LC_TRY(step(trainer, sinks));
  } while (seconds_since(start) < seconds);
  cost.steps = trainer.iteration() - first;
  if (cuda) torch::cuda::synchronize();
  cost.seconds = seconds_since(start);
  return {};
}

}  // namespace

Result<TrainingCost> measure_training(Trainer& trainer, const Sinks& sinks, double seconds) {
  TrainingCost cost, apart;
  {
    // Families may take turns (five steps of a critic, one of the generator): a round of them is counted.
    // First, because a recorded step shows its operations once and never again.
    constexpr std::int64_t kCountedSteps = 10;
    Observed seen;
    const Observer observer(seen, at::RecordScope::FUNCTION);
    for (std::int64_t i = 0; i < kCountedSteps; ++i) LC_TRY(step(trainer, sinks));
    cost.flops = 2 * seen.multiply_adds / static_cast<double>(kCountedSteps);
  }
  for (std::int64_t i = 0; i < kWarmUpSteps; ++i) LC_TRY(step(trainer, sinks));
  LC_TRY(steps_for(trainer, sinks, seconds / 2, cost));
  {
    Observed seen;
    seen.waits = trainer.device().is_cuda();
    const Observer observer(seen, at::RecordScope::USER_SCOPE);
    LC_TRY(steps_for(trainer, sinks, seconds / 2, apart));
    // A replayed graph is one piece.
    const bool in_parts = seen.seconds["forward and backward"] > 0;
    for (const char* name :
         {"data", "forward and backward", "ranks", "optimiser", "average", "losses", "logging"}) {
      if (in_parts) cost.parts.emplace_back(name, seen.seconds[name] / static_cast<double>(apart.steps));
    }
  }
  return cost;
}

double matrix_product_rate(torch::Device device) {
  constexpr std::int64_t kSide = 2048;
  constexpr int kTries = 5;
  const torch::NoGradGuard no_grad;
  const torch::Tensor a = torch::randn({kSide, kSide}, device), b = torch::randn({kSide, kSide}, device);
  torch::Tensor c = torch::mm(a, b);
  double best = 0;
  for (int i = 0; i < kTries; ++i) {
    if (device.is_cuda()) torch::cuda::synchronize();
    const WallClock::time_point start = WallClock::now();
    torch::mm_out(c, a, b);
    if (device.is_cuda()) torch::cuda::synchronize();
    best = std::max(best, 2.0 * kSide * kSide * kSide / seconds_since(start));
  }
  return best;
}

std::string report_of(Trainer& trainer, const TrainingCost& cost, double ceiling, bool json) {
  const RunOptions& run = trainer.recipe().run;
  const double steps = static_cast<double>(cost.steps);
  const double step_seconds = cost.seconds / steps;
  const double images = static_cast<double>(run.batch_size) / step_seconds;
  const double rate = cost.flops / step_seconds;
  if (json) {
    nlohmann::ordered_json parts;
    for (const auto& [name, seconds] : cost.parts) parts[name] = 1e3 * seconds;
    const nlohmann::ordered_json result = {{"model", run.model},
                                           {"dataset", run.dataset},
                                           {"batch_size", run.batch_size},
                                           {"device", trainer.device_text()},
                                           {"steps", cost.steps},
                                           {"images_per_second", images},
                                           {"step_ms", 1e3 * step_seconds},
                                           {"parts_ms", parts},
                                           {"gflop_per_step", 1e-9 * cost.flops},
                                           {"gflop_per_second", 1e-9 * rate},
                                           {"matrix_product_gflop_per_second", 1e-9 * ceiling},
                                           {"share_of_matrix_product", rate / ceiling}};
    return result.dump(2) + "\n";
  }
  char text[160];
  std::string table = run.model + " on " + run.dataset + ", batch " + std::to_string(run.batch_size) + ", " +
                      trainer.device_text() + ", " + std::to_string(cost.steps) + " steps\n";
  const auto line = [&](const std::string& name, double value, const char* unit) {
    std::snprintf(text, sizeof text, "%-24s %10.3f %s\n", name.c_str(), value, unit);
    table += text;
  };
  std::snprintf(text, sizeof text, "%-24s %10.0f\n", "images/s", images);
  table += text;
  line("step", 1e3 * step_seconds, "ms");
  if (cost.parts.empty()) table += "  replayed in one piece; --set graph_steps=0 shows its parts\n";
  double all = 0;
  for (const auto& [name, seconds] : cost.parts) all += seconds;
  for (const auto& [name, seconds] : cost.parts) {
    std::snprintf(text, sizeof text, "  %-22s %10.3f ms  %5.1f %%\n", name.c_str(), 1e3 * seconds,
                  all > 0 ? 100 * seconds / all : 0);
    table += text;
  }
  line("arithmetic", 1e-9 * cost.flops, "GFLOP/step");
  line("rate", 1e-9 * rate, "GFLOP/s");
  line("matrix products alone", 1e-9 * ceiling, "GFLOP/s");
  line("share of that", 100 * rate / ceiling, "%");
  return table;
}

}  // namespace lc::train
