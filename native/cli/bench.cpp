// `bench`: measures how fast models draw on this machine.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "native/cli/command.h"
#include "native/cli/header_json.h"
#include "native/cli/output.h"
#include "native/cli/play.h"
#include "native/cli/weights.h"
#include "native/cli/whole_number.h"
#include "shared/session/engine.h"
#include "shared/session/model_store.h"

namespace lc::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct BenchOptions {
  std::vector<std::string> weights;
  std::vector<std::uint32_t> batches = {1, 16, 64};
  std::vector<std::uint32_t> threads;  // empty: 1, and one a core
  double seconds = 0.3;
  bool json = false;
};

struct Measured {
  std::uint64_t multiply_adds = 0;  // of one picture
  std::uint64_t pictures = 0;
  double seconds = 0;
  double median_batch_ms = 0;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Each thread draws batches with an engine of its own until the time is over.
Result<Measured> measure(const LoadedModel& model, const kernels::Kernels& kernels, std::uint32_t threads,
                         std::uint32_t batch, double seconds) {
  const auto store = std::make_shared<session::ModelStore>(kernels);
  const Result<std::uint32_t> loaded = store->load({name_of_weights(model.path), model.bytes});
  if (!loaded.ok()) return at_path(model.path, loaded.status());
  std::vector<session::Engine> engines;
  std::vector<session::Frame> frames(threads);
  session::Request request;
  request.count = batch;
  for (std::uint32_t t = 0; t < threads; ++t) {
    engines.emplace_back(store);
    engines[t].render(request, frames[t]);  // reserves memory and warms the caches
    if (!frames[t].status.ok()) return at_path(model.path, frames[t].status);
  }
  std::vector<std::vector<double>> times(threads);
  const Clock::time_point start = Clock::now();
  const auto work = [&](std::uint32_t t) {
    session::Request mine = request;
    do {
      const Clock::time_point before = Clock::now();
      mine.first += batch;
      engines[t].render(mine, frames[t]);
      times[t].push_back(seconds_since(before));
    } while (seconds_since(start) < seconds);
  };
  Threads others;
  for (std::uint32_t t = 1; t < threads; ++t) {
    if (others.start([&work, t] { work(t); })) continue;
    return fail(Code::out_of_memory,
                "the system gives no " + std::to_string(threads) + " threads. Ask for fewer.");
  }
  work(0);
  others.join();
  Measured measured;
  measured.multiply_adds = store->models()[loaded.value()].multiply_adds;
  measured.seconds = seconds_since(start);
  std::vector<double> all;
  for (const std::vector<double>& some : times) all.insert(all.end(), some.begin(), some.end());
  measured.pictures = all.size() * batch;
  std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2), all.end());
  measured.median_batch_ms = all[all.size() / 2] * 1e3;
  return measured;
}

Status check(const BenchOptions& options) {
  for (const std::uint32_t batch : options.batches) {
    if (batch == 0 || batch > session::kMaxCount) {
      return fail(Code::too_much_asked, "--batch " + std::to_string(batch) + ": expected 1 to " +
                                            std::to_string(session::kMaxCount) + ".");
    }
  }
  for (const std::uint32_t threads : options.threads) {
    if (threads == 0 || threads > kMaxThreads) {
      return fail(Code::too_much_asked, "--threads " + std::to_string(threads) + ": expected 1 to " +
                                            std::to_string(kMaxThreads) + ".");
    }
  }
  if (!(options.seconds > 0 && options.seconds <= 3600)) {
    return fail(Code::bad_argument, "--seconds: expected more than 0 and at most 3600.");
  }
  return {};
}

Status bench(BenchOptions options) {
  LC_TRY(check(options));
  if (options.threads.empty()) {
    options.threads = {1};
    if (thread_count(0) > 1) options.threads.push_back(thread_count(0));
  }
  if (options.weights.empty()) options.weights = known_weights();
  if (options.weights.empty()) {
    return fail(
        Code::unknown_name,
        "no weights were found to measure; name a file, or set LATENT_CANVAS_WEIGHTS to their folder.");
  }
  using Align = Table::Align;
  Table table({{"model"},
               {"kernels"},
               {"threads", Align::right},
               {"batch", Align::right},
               {"pictures/s", Align::right},
               {"GFLOP/s", Align::right},
               {"ms/batch", Align::right}});
  Json rows = Json::array();
  for (const std::string& path : options.weights) {
    const Result<LoadedModel> model = load_weights(path);
    if (!model.ok()) return model.status();
    const std::string name = name_of_weights(model->path);
    const format::Header& header = model->file.header;
    if (session::network_for(header, session::Task::sample) == header.networks.size()) {
      note(name + ": has no decoder or generator, passed over");
      continue;
    }
    for (const kernels::Kernels* kernels : {&kernels::plain(), &kernels::simd()}) {
      for (const std::uint32_t threads : options.threads) {
        for (const std::uint32_t batch : options.batches) {
          const Result<Measured> measured = measure(model.value(), *kernels, threads, batch, options.seconds);
          if (!measured.ok()) return measured.status();
          const double rate = static_cast<double>(measured->pictures) / measured->seconds;
          const double gflops = rate * 2e-9 * static_cast<double>(measured->multiply_adds);
          table.row({name, kernels->name, std::to_string(threads), std::to_string(batch), number_text(rate),
                     number_text(gflops, 3), number_text(measured->median_batch_ms, 3)});
          rows.push_back({{"model", name},
                          {"kernels", kernels->name},
                          {"threads", threads},
                          {"batch", batch},
                          {"pictures_per_second", rate},
                          {"gflop_per_second", gflops},
                          {"median_batch_ms", measured->median_batch_ms},
                          {"multiply_adds", measured->multiply_adds}});
        }
      }
    }
  }
  print(options.json ? dump(rows, 2) + "\n" : table.text());
  return {};
}

}  // namespace

Action describe_bench(CLI::App& app) {
  const auto options = std::make_shared<BenchOptions>();
  app.add_option("FILE", options->weights, "Weights files or names of models (default: all that are found)")
      ->type_name("");
  add_whole_number(app, "--batch", options->batches, "Pictures a request, comma separated (default 1,16,64)")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_whole_number(app, "--threads", options->threads, "Threads, comma separated (default: 1 and one a core)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--seconds", options->seconds, "Time for each figure")
      ->type_name("S")
      ->capture_default_str();
  app.add_flag("--json", options->json, "As JSON");
  return [options] { return bench(*options); };
}

}  // namespace lc::cli
