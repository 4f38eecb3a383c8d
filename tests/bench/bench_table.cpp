// The engine's speed as a table, layer by layer and for whole decoders, without a benchmark library: for wasm
// (table.mjs), and anywhere for a quick look. Interleaves the ceiling with the cases, so that a busy machine
// slows both. Usage: bench_table [seconds a cell].
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "shared/kernels/kernels.h"
#include "shared/nn/graph.h"
#include "tests/bench/cases.h"
#include "tests/bench/ceiling.h"
#include "tests/bench/layers.h"

#ifdef __EMSCRIPTEN__
#include <emscripten.h>
#endif

namespace lc::bench {
namespace {

// Processor time of this process, where it can be had: other programs' shares of a busy machine do not count.
#ifdef __EMSCRIPTEN__
EM_JS(double, seconds, (), {
  if (!globalThis.process) return performance.now() * 1e-3;
  const used = process.cpuUsage();
  return (used.user + used.system) * 1e-6;
});
#else
double seconds() {
  return double(std::clock()) / CLOCKS_PER_SEC;
}
#endif

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + long(values.size() / 2), values.end());
  return values[values.size() / 2];
}

std::vector<double> peaks;

// GFLOP/s of the ceiling, for about `duration` seconds.
double ceiling(double duration) {
  static float sink = 0;
  const double start = seconds();
  double operations = 0;
  do operations += double(multiply_adds(200'000, &sink));
  while (seconds() - start < duration);
  return operations / (seconds() - start) * 1e-9;
}

// One line of the table: `work` is run for about `duration` seconds in all, `operations` a run, beside the
// ceiling.
template <class Work>
void row(const std::string& name, std::size_t batch, double operations, double duration, const Work& work) {
  constexpr int kRounds = 9;
  const int group = int(2e7 / operations) + 1;  // runs between two looks at the clock
  const auto speed = [&](double seconds_each) {
    const double start = seconds();
    double runs = 0;
    do {
      for (int i = 0; i < group; ++i) work();
      runs += group;
    } while (seconds() - start < seconds_each);
    return runs * operations / (seconds() - start) * 1e-9;
  };
  speed(duration);  // V8 compiles anew, in a thread beside, what it finds called often
  std::vector<double> speeds, shares;
  for (int i = 0; i < kRounds; ++i) {
    const double peak = ceiling(duration / kRounds);
    speeds.push_back(speed(duration / kRounds));
    shares.push_back(speeds.back() / peak);
    peaks.push_back(peak);
  }
  const double gflops = median(speeds);
  std::printf("%-44s %6zu %12.0f %9.1f %8.0f%%\n", name.c_str(), batch,
              gflops * 1e9 / operations * double(batch), gflops, 100 * median(shares));
  std::fflush(stdout);
}

bool decoder(const Case& c, std::size_t batch, double duration) {
  const auto bytes = c.make();
  const auto file = format::read_model(bytes);
  auto graph = nn::Graph::compile(file.value(), 0, 0, kernels::simd());
  if (!graph.ok()) return std::fprintf(stderr, "%s\n", graph.status().message.c_str()), false;
  nn::Workspace workspace;
  std::vector<float> latents(batch * graph->inputs()[0].shape.size());
  std::vector<float> pictures(batch * graph->outputs()[0].shape.size());
  fill_normal(7, Stream::test, 0, latents);
  row(c.name, batch, 2 * double(batch) * double(graph->multiply_adds()), duration, [&] {
    const float* from = latents.data();
    float* to = pictures.data();
    if (!workspace.run(graph.value(), batch, {&from, 1}, {&to, 1}).ok()) std::abort();
  });
  return true;
}

int run(double duration) {
  std::printf("kernels: %s\n%-44s %6s %12s %9s %9s\n", kernels::simd().name, "layer or decoder", "batch",
              "pictures/s", "GFLOP/s", "of peak");
  for (const LayerCase& c : layer_cases()) {
    for (const std::size_t batch : {1, 16, 64}) {
      LayerRun layer(c, batch, kernels::simd());
      row(name_of(c), batch, layer.operations(), duration, [&] { layer.run(); });
    }
  }
  for (const Case& c : cases()) {
    for (const std::size_t batch : {1, 16, 64}) {
      if (!decoder(c, batch, duration)) return 1;
    }
  }
  std::printf("peak: %.1f GFLOP/s of multiply-adds in registers, one thread (median)\n", median(peaks));
  return 0;
}

}  // namespace
}  // namespace lc::bench

int main(int argc, char** argv) {
  return lc::bench::run(argc > 1 ? std::atof(argv[1]) : 0.3);
}
