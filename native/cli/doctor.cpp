// `doctor`: checks this machine and says what to do about each problem.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "native/cli/command.h"
#include "native/cli/header_json.h"
#include "native/cli/inspect.h"
#include "native/cli/output.h"
#include "native/cli/play.h"
#include "native/cli/trainer.h"
#include "native/cli/weights.h"
#include "native/data/dataset.h"
#include "shared/kernels/kernels.h"

namespace lc::cli {
namespace {

enum class State { good, missing, bad };

struct Finding {
  State state = State::good;
  std::string what, detail, remedy;
  Code code = Code::ok;  // of a bad one
};

struct DoctorOptions {
  std::string data_dir;
  bool json = false;
};

const char* state_name(State state) {
  const char* const names[] = {"ok", "missing", "bad"};
  return names[static_cast<std::size_t>(state)];
}

Finding engine() {
  return {State::good, "engine",
          std::string(kernels::simd().name) + " kernels, " + std::to_string(thread_count(0)) + " threads", "",
          Code::ok};
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at))
    text.replace(at, 1, "; ");
  return text;
}

Finding trainer() {
  Finding finding = {State::good, "trainer", find_trainer(), "", Code::ok};
  if (finding.detail.empty()) {
    return {State::missing, "trainer", "no latent-canvas-train beside this program or in PATH",
            "install LibTorch (scripts/setup does it) and build with -DLC_TRAIN=ON", Code::ok};
  }
  const Result<std::string> version = ask_trainer({"--version"});
  if (version.ok()) {
    finding.detail += ": " + one_line(version.value());
    return finding;
  }
  finding.state = State::bad;
  finding.detail = version.status().message;
  finding.code = version.status().code;
  return finding;
}

Finding dataset(const data::DatasetSpec& spec, const DoctorOptions& options) {
  const std::string what = "data set " + spec.name;
  if (spec.files.empty()) return {State::good, what, "nothing to fetch: it is drawn", "", Code::ok};
  data::DatasetQuery query;
  query.name = spec.name;
  query.data_dir = options.data_dir;
  const Result<data::Found> found = data::find_dataset(query);
  if (!found.ok()) return {State::bad, what, found.status().message, "", found.status().code};
  if (found->folder.empty()) {
    return {State::missing, what, "not on this machine", "latent-canvas fetch " + spec.name, Code::ok};
  }
  const Result<data::Dataset> loaded = data::load_dataset(query);
  if (!loaded.ok()) return {State::bad, what, loaded.status().message, "", loaded.status().code};
  return {State::good, what,
          loaded->folder + ", " + grouped(loaded->train.count) + " + " + grouped(loaded->test.count) +
              " pictures, hashes ok",
          "", Code::ok};
}

std::vector<Finding> weights() {
  std::vector<Finding> findings;
  for (const std::string& path : known_weights()) {
    const Status status = verify_weights(path);
    const std::string what = "weights " + name_of_weights(path);
    if (status.ok())
      findings.push_back({State::good, what, path, "", Code::ok});
    else
      findings.push_back({State::bad, what, std::string(name_of(status.code)) + ": " + status.message,
                          "train it again, or get the file again", status.code});
  }
  if (findings.empty()) {
    findings.push_back(
        {State::missing, "weights", "no .lcw file was found",
         "latent-canvas train --model vae --dataset mnist, or set LATENT_CANVAS_WEIGHTS to their folder",
         Code::ok});
  }
  return findings;
}

std::string text_of(const std::vector<Finding>& findings) {
  const Tone tones[] = {Tone::good, Tone::doubtful, Tone::bad};
  std::string text;
  for (const Finding& finding : findings) {
    const std::string word = state_name(finding.state);
    text += toned(word, tones[static_cast<std::size_t>(finding.state)]) + std::string(9 - word.size(), ' ') +
            finding.what + ": " + finding.detail + "\n";
    if (!finding.remedy.empty()) text += std::string(9, ' ') + "-> " + finding.remedy + "\n";
  }
  return text;
}

Json json_of(const std::vector<Finding>& findings) {
  Json rows = Json::array();
  for (const Finding& finding : findings) {
    rows.push_back({{"state", state_name(finding.state)},
                    {"what", finding.what},
                    {"detail", finding.detail},
                    {"remedy", finding.remedy}});
  }
  return {{"version", LC_VERSION}, {"findings", rows}};
}

Status examine(const DoctorOptions& options) {
  std::vector<Finding> findings = {engine(), trainer()};
  for (const data::DatasetSpec& spec : data::datasets()) findings.push_back(dataset(spec, options));
  for (Finding& finding : weights()) findings.push_back(std::move(finding));
  print(options.json ? dump(json_of(findings), 2) + "\n" : text_of(findings));
  std::size_t bad = 0;
  Code first = Code::ok;
  for (const Finding& finding : findings) {
    if (finding.state != State::bad) continue;
    ++bad;
    if (first == Code::ok) first = finding.code;
  }
  if (bad == 0) return {};
  return fail(first,
              std::to_string(bad) + " of " + std::to_string(findings.size()) + " checks are bad; see above.");
}

}  // namespace

Action describe_doctor(CLI::App& app) {
  const auto options = std::make_shared<DoctorOptions>();
  app.add_option("--data-dir", options->data_dir, "Look for data sets in this folder first")
      ->type_name("DIR");
  app.add_flag("--json", options->json, "As JSON");
  return [options] { return examine(*options); };
}

}  // namespace lc::cli
