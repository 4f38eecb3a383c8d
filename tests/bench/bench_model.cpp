// One network's speed, for tests/bench/peers: `bench_model --write cases|widths FOLDER` writes the networks
// of cases.h as .lcw files; without arguments it reads commands, one a line, and answers each with a line:
//   load BATCH FOLDER NAME   reads FOLDER/NAME.lcw and FOLDER/latents, writes FOLDER/pictures: "ok"
//   measure MS               milliseconds a run, the median over MS milliseconds
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "shared/kernels/kernels.h"
#include "shared/nn/graph.h"
#include "tests/bench/cases.h"

namespace lc::bench {
namespace {

void write_bytes(const std::string& path, const void* data, std::size_t bytes) {
  std::ofstream(path, std::ios::binary).write(static_cast<const char*>(data), std::streamsize(bytes));
}

std::vector<std::uint8_t> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// File names have no spaces.
int write_cases(const std::string& set, const std::string& folder) {
  if (set == "widths") {
    for (const std::uint32_t channels : kWidths) {
      const auto bytes = of_width(channels);
      write_bytes(folder + "/width-" + std::to_string(channels) + ".lcw", bytes.data(), bytes.size());
    }
    return 0;
  }
  for (const Case& c : cases()) {
    std::string name = c.name;
    std::replace(name.begin(), name.end(), ' ', '-');
    const auto bytes = c.make();
    write_bytes(folder + "/" + name + ".lcw", bytes.data(), bytes.size());
  }
  return 0;
}

struct Loaded {
  nn::Graph graph;
  nn::Workspace workspace;
  std::vector<float> latents, pictures;
  std::size_t batch;

  Status run() {
    const float* from = latents.data();
    float* to = pictures.data();
    return workspace.run(graph, batch, {&from, 1}, {&to, 1});
  }
};

std::unique_ptr<Loaded> load(std::size_t batch, const std::string& folder, const std::string& name) {
  const auto bytes = read_bytes(folder + "/" + name + ".lcw");
  const auto file = format::read_model(bytes);
  if (!file.ok()) return nullptr;
  auto graph = nn::Graph::compile(file.value(), 0, 0, kernels::simd());
  if (!graph.ok()) return nullptr;
  auto loaded = std::unique_ptr<Loaded>(new Loaded{graph.take(), {}, {}, {}, batch});
  loaded->latents.resize(batch * loaded->graph.inputs()[0].shape.size());
  loaded->pictures.resize(batch * loaded->graph.outputs()[0].shape.size());
  const auto latents = read_bytes(folder + "/latents");
  if (latents.size() != loaded->latents.size() * sizeof(float)) return nullptr;
  std::copy(latents.begin(), latents.end(), reinterpret_cast<std::uint8_t*>(loaded->latents.data()));
  if (!loaded->run().ok()) return nullptr;
  write_bytes(folder + "/pictures", loaded->pictures.data(), loaded->pictures.size() * sizeof(float));
  return loaded;
}

double measure(Loaded& loaded, double milliseconds) {
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  std::vector<double> times;
  const auto begin = Clock::now();
  do {
    const auto start = Clock::now();
    if (!loaded.run().ok()) return 0;
    times.push_back(Milliseconds(Clock::now() - start).count());
  } while (Milliseconds(Clock::now() - begin).count() < milliseconds);
  std::nth_element(times.begin(), times.begin() + long(times.size() / 2), times.end());
  return times[times.size() / 2];
}

int serve() {
  std::unique_ptr<Loaded> loaded;
  std::string command, folder, name;
  while (std::cin >> command) {
    if (command == "load") {
      std::size_t batch = 0;
      std::cin >> batch >> folder >> name;
      loaded = load(batch, folder, name);
      std::cout << (loaded ? "ok" : "failed") << std::endl;
    } else {
      double milliseconds = 0;
      std::cin >> milliseconds;
      std::cout << (loaded ? measure(*loaded, milliseconds) : 0) << std::endl;
    }
  }
  return 0;
}

}  // namespace
}  // namespace lc::bench

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "--write") return lc::bench::write_cases(argv[2], argv[3]);
  return lc::bench::serve();
}
