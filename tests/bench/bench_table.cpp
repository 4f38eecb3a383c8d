// The engine's speed as a table, without a benchmark library: for wasm under node, and anywhere for a quick
// look. Interleaves the ceiling with the cases, so that a busy machine slows both. Usage: bench_table
// [seconds a cell].
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "shared/kernels/kernels.h"
#include "shared/nn/graph.h"
#include "tests/bench/cases.h"
#include "tests/bench/ceiling.h"

#ifdef __EMSCRIPTEN__
#include <emscripten.h>
#endif

namespace lc::bench {
namespace {

// Processor time of this process: other programs' shares of a busy machine do not count.
#ifdef __EMSCRIPTEN__
EM_JS(double, seconds, (), {
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

// GFLOP/s of the ceiling, for about `duration` seconds.
double ceiling(double duration) {
  static float sink = 0;
  const double start = seconds();
  double operations = 0;
  do operations += double(multiply_adds(200'000, &sink));
  while (seconds() - start < duration);
  return operations / (seconds() - start) * 1e-9;
}

struct Runner {
  nn::Graph graph;
  nn::Workspace workspace;
  std::vector<float> latents, pictures;
  std::size_t batch;

  // Pictures a second, for about `duration` seconds.
  double rate(double duration) {
    const float* from = latents.data();
    float* to = pictures.data();
    const double start = seconds();
    std::size_t runs = 0;
    do {
      if (!workspace.run(graph, batch, {&from, 1}, {&to, 1}).ok()) return 0;
      ++runs;
    } while (seconds() - start < duration);
    return double(runs * batch) / (seconds() - start);
  }
};

int run(double duration) {
  constexpr int kRounds = 9;
  std::printf("kernels: %s\n%-28s %6s %12s %9s %9s\n", kernels::simd().name, "decoder", "batch", "pictures/s",
              "GFLOP/s", "of peak");
  std::vector<double> peaks;
  for (const Case& c : cases()) {
    const auto bytes = c.make();
    const auto file = format::read_model(bytes);
    if (!file.ok()) return std::fprintf(stderr, "%s\n", file.status().message.c_str()), 1;
    for (const std::size_t batch : {1, 16, 64}) {
      auto graph = nn::Graph::compile(file.value(), 0, 0, kernels::simd());
      if (!graph.ok()) return std::fprintf(stderr, "%s\n", graph.status().message.c_str()), 1;
      Runner runner{graph.take(), {}, {}, {}, batch};
      runner.latents.resize(batch * runner.graph.inputs()[0].shape.size());
      runner.pictures.resize(batch * runner.graph.outputs()[0].shape.size());
      fill_normal(7, Stream::test, 0, runner.latents);
      runner.rate(duration);
      std::vector<double> rates, shares;
      const double flops = 2e-9 * double(runner.graph.multiply_adds());
      for (int i = 0; i < kRounds; ++i) {
        const double peak = ceiling(duration / kRounds);
        rates.push_back(runner.rate(duration / kRounds));
        shares.push_back(rates.back() * flops / peak);
        peaks.push_back(peak);
      }
      const double rate = median(rates);
      std::printf("%-28s %6zu %12.0f %9.1f %8.0f%%\n", c.name, batch, rate, rate * flops,
                  100 * median(shares));
      std::fflush(stdout);
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
