// Trains the families of a comparison, each in a folder of its own, and measures them.
#include "native/cli/train_compared.h"

#include <algorithm>

#include "native/cli/eval.h"
#include "native/cli/output.h"
#include "native/cli/report.h"
#include "native/cli/trainer.h"
#include "native/cli/weights.h"
#include "native/eval/reference.h"
#include "native/io/files.h"

namespace lc::cli {
namespace {

// Iterations 1, 2, 3, 4, 100 and one more before the end.
constexpr const char* kTimeline = "timeline=6";
// Of the likelihood; less than `eval` takes, because all families wait for it. The note tells them.
constexpr std::uint32_t kNllImages = 100, kNllDraws = 1000;

Status check_sets(const TrainCompared& desc) {
  for (const std::string& pair : desc.sets) {
    const std::size_t colon = pair.find(':');
    if (colon == std::string::npos || colon > pair.find('=')) continue;
    const std::string family = pair.substr(0, colon);
    if (std::find(desc.families.begin(), desc.families.end(), family) != desc.families.end()) continue;
    return fail(Code::bad_argument, "--set " + pair + ": '" + family +
                                        "' is not among the families of --train. Give family:key=value for "
                                        "one of them, or key=value for all.");
  }
  return {};
}

std::vector<std::string> new_run(const TrainCompared& desc, const std::string& family,
                                 const std::string& run) {
  std::vector<std::string> words = {"--model", family,      "--dataset",  desc.dataset, "--out",
                                    run,       "--threads", desc.threads, "--set",      kTimeline};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {flag, value});
  };
  add("--epochs", desc.epochs);
  add("--data-dir", desc.data_dir);
  for (const std::string& pair : desc.sets) {
    const std::size_t colon = pair.find(':');
    const bool of_one = colon != std::string::npos && colon < pair.find('=');
    if (!of_one) add("--set", pair);
    if (of_one && pair.substr(0, colon) == family) add("--set", pair.substr(colon + 1));
  }
  if (desc.unverified_data) words.push_back("--unverified-data");
  return words;
}

// Measures what training left, unless that was done before.
Status measure(const TrainCompared& desc, const std::string& run) {
  if (!eval::pinned_network(desc.dataset).ok()) return {};
  const Result<LoadedModel> model = load_weights(run);
  if (!model.ok()) return model.status();
  if (metric_of(model->file.header, "frechet_distance") != nullptr) return {};
  EvalOptions options;
  options.weights = run;
  options.data_dir = desc.data_dir;
  options.unverified_data = desc.unverified_data;
  options.protocol.nll_images = kNllImages;
  options.protocol.nll_draws = kNllDraws;
  options.write = true;
  options.print = false;
  options.quiet = desc.quiet;
  return evaluate_file(options);
}

}  // namespace

Result<std::vector<std::string>> train_compared(const TrainCompared& desc) {
  LC_TRY(check_sets(desc));
  LC_TRY(io::make_folders(desc.out));
  std::vector<std::string> runs;
  for (const std::string& family : desc.families) {
    const std::string run = io::join(desc.out, family);
    runs.push_back(run);
    if (io::file_exists(io::join(run, "weights.lcw"))) {
      if (!desc.quiet) note(run + ": trained already");
    } else {
      std::vector<std::string> words = io::file_exists(io::join(run, "state"))
                                           ? std::vector<std::string>{"--resume", run}
                                           : new_run(desc, family, run);
      if (desc.quiet) words.push_back("--quiet");
      const Result<std::string> answer = ask_trainer(words);
      if (!answer.ok()) return answer.status();
    }
    LC_TRY(measure(desc, run));
  }
  return runs;
}

}  // namespace lc::cli
