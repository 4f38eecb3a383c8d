// The engine under Google Benchmark: pictures a second, GFLOP/s, and the ceiling of the core it runs on.
#include <benchmark/benchmark.h>

#include <string>

#include "shared/kernels/kernels.h"
#include "shared/nn/graph.h"
#include "tests/bench/cases.h"
#include "tests/bench/ceiling.h"
#include "tests/bench/layers.h"

namespace lc::bench {
namespace {

using benchmark::Counter;

void peak(benchmark::State& state) {
  float sink = 0;
  double operations = 0;
  for (auto _ : state) operations += double(multiply_adds(100'000, &sink));
  benchmark::DoNotOptimize(sink);
  state.counters["FLOP/s"] = Counter(operations, Counter::kIsRate);
}

void decoder(benchmark::State& state, const Case& c, const kernels::Kernels& set, std::size_t batch) {
  const auto bytes = c.make();
  const auto file = format::read_model(bytes);
  if (!file.ok()) return state.SkipWithError(file.status().message.c_str());
  auto graph = nn::Graph::compile(file.value(), 0, 0, set);
  if (!graph.ok()) return state.SkipWithError(graph.status().message.c_str());
  std::vector<float> latents(batch * graph->inputs()[0].shape.size());
  std::vector<float> pictures(batch * graph->outputs()[0].shape.size());
  fill_normal(7, Stream::test, 0, latents);
  const float* from = latents.data();
  float* to = pictures.data();
  nn::Workspace workspace;
  for (auto _ : state) {
    const Status status = workspace.run(graph.value(), batch, {&from, 1}, {&to, 1});
    if (!status.ok()) return state.SkipWithError(status.message.c_str());
    benchmark::DoNotOptimize(pictures.data());
  }
  const double drawn = double(state.iterations()) * double(batch);
  state.counters["pictures/s"] = Counter(drawn, Counter::kIsRate);
  state.counters["FLOP/s"] = Counter(drawn * 2 * double(graph->multiply_adds()), Counter::kIsRate);
}

void compile(benchmark::State& state, const Case& c) {
  const auto bytes = c.make();
  for (auto _ : state) {
    const auto file = format::read_model(bytes);
    if (!file.ok()) return state.SkipWithError(file.status().message.c_str());
    auto graph = nn::Graph::compile(file.value(), 0, 0, kernels::simd());
    if (!graph.ok()) return state.SkipWithError(graph.status().message.c_str());
    benchmark::DoNotOptimize(graph->packed_floats());
  }
}

void layer(benchmark::State& state, const LayerCase& c, std::size_t batch) {
  LayerRun run(c, batch, kernels::simd());
  for (auto _ : state) run.run();
  const double runs = double(state.iterations());
  state.counters["pictures/s"] = Counter(runs * double(batch), Counter::kIsRate);
  state.counters["FLOP/s"] = Counter(runs * run.operations(), Counter::kIsRate);
}

void add_all() {
  benchmark::RegisterBenchmark("peak/multiply-adds in registers", peak);
  for (const LayerCase& c : layer_cases()) {
    for (const std::size_t batch : {1, 16, 64}) {
      const std::string name = name_of(c) + "/batch " + std::to_string(batch);
      benchmark::RegisterBenchmark(name.c_str(), [&c, batch](benchmark::State& s) { layer(s, c, batch); });
    }
  }
  for (const Case& c : cases()) {
    for (const std::size_t batch : {1, 16, 64}) {
      const std::string name = std::string(c.name) + "/batch " + std::to_string(batch);
      benchmark::RegisterBenchmark(
          name.c_str(), [&c, batch](benchmark::State& s) { decoder(s, c, kernels::simd(), batch); });
    }
    benchmark::RegisterBenchmark((std::string(c.name) + "/load").c_str(),
                                 [&c](benchmark::State& s) { compile(s, c); });
  }
}

}  // namespace
}  // namespace lc::bench

int main(int argc, char** argv) {
  lc::bench::add_all();
  benchmark::AddCustomContext("kernels", lc::kernels::simd().name);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
