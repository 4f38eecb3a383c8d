// `eval`: measures a model against its data set, prints every number with the protocol that defines it.
#include "native/cli/eval.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "native/cli/command.h"
#include "native/cli/header_json.h"
#include "native/cli/output.h"
#include "native/cli/play.h"
#include "native/cli/rewrite.h"
#include "native/cli/score.h"
#include "native/cli/script_score.h"
#include "native/cli/weights.h"
#include "native/cli/whole_number.h"
#include "native/data/bytes.h"

namespace lc::cli {
namespace {

// What --quick measures: enough to see a trend, too little to quote.
void make_quick(eval::Protocol& protocol) {
  protocol.samples = 2000;
  protocol.seeds = 1;
  protocol.nearest = 200;
  protocol.parzen_validation = 200;
  protocol.nll_images = 50;
  protocol.nll_draws = 500;
}

// The pinned feature network, or the one that was given instead.
struct Classifier {
  LoadedModel model;
  std::string sha256;
  bool pinned = true;
};

Result<Classifier> load_classifier(const EvalOptions& options, const std::string& dataset) {
  Classifier classifier;
  const Result<const eval::PinnedNetwork*> pinned = eval::pinned_network(dataset);
  if (!pinned.ok() && options.classifier.empty()) return pinned.status();
  Result<LoadedModel> model =
      load_weights(options.classifier.empty() ? pinned.value()->name : options.classifier);
  if (!model.ok()) return model.status();
  classifier.model = model.take();
  classifier.sha256 = data::sha256_hex({classifier.model.bytes});
  classifier.pinned = pinned.ok() && classifier.sha256 == pinned.value()->sha256;
  if (!classifier.pinned && options.classifier.empty()) {
    return fail(Code::bad_combination,
                classifier.model.path + ": SHA-256 " + classifier.sha256 + ", expected " +
                    pinned.value()->sha256 +
                    ": other features would give other numbers. Take the shipped file, or "
                    "give --classifier FILE to measure in other features.");
  }
  return classifier;
}

Json measurements_json(const std::vector<eval::Measurement>& measurements) {
  Json list = Json::array();
  for (const eval::Measurement& m : measurements) {
    Json one = {{"name", m.name}, {"value", m.value}, {"note", m.note}};
    if (m.real) one.update({{"real", *m.real}, {"real_note", m.real_note}});
    list.push_back(one);
  }
  return list;
}

Json evaluation_json(const LoadedModel& model, const std::string& dataset, const Classifier& classifier,
                     const eval::Protocol& protocol, const eval::Evaluation& evaluation) {
  return {{"file", model.path},
          {"model_sha256", data::sha256_hex({model.bytes})},
          {"family", model.file.header.family},
          {"dataset", dataset},
          {"classifier",
           {{"file", name_of_weights(classifier.model.path)},
            {"sha256", classifier.sha256},
            {"pinned", classifier.pinned}}},
          {"protocol",
           {{"samples", protocol.samples},
            {"seeds", protocol.seeds},
            {"neighbours", protocol.neighbours},
            {"nll_images", protocol.nll_images},
            {"nll_draws", protocol.nll_draws}}},
          {"metrics", measurements_json(evaluation.measurements)},
          {"class_histogram", evaluation.histogram},
          {"kl_per_dimension", evaluation.kl_per_dimension},
          {"left_out", evaluation.left_out}};
}

template <class List>
std::string joined(const List& values) {
  std::string text;
  for (const auto& value : values)
    text += (text.empty() ? "" : " ") + number_text(static_cast<double>(value), 3);
  return text;
}

std::string evaluation_text(const LoadedModel& model, const data::Dataset& data, const Classifier& classifier,
                            const eval::Evaluation& evaluation) {
  std::string text = toned(model.file.header.title, Tone::strong) + ", measured on " + data.spec->title +
                     (data.verified ? "" : " (NOT the pinned files)") + "\nfeatures of " +
                     name_of_weights(classifier.model.path) + ", SHA-256 " + classifier.sha256.substr(0, 16) +
                     (classifier.pinned ? " (pinned)" : " (NOT the pinned network)") + "\n\n";
  Table table({{"metric"}, {"value", Table::Align::right}, {"real", Table::Align::right}});
  for (const eval::Measurement& m : evaluation.measurements) {
    table.row({m.name, number_text(m.value, 5), m.real ? number_text(*m.real, 5) : ""});
  }
  text += table.text() + "\n";
  for (const eval::Measurement& m : evaluation.measurements) {
    text += toned(m.name, Tone::strong) + ": " + m.note + (m.real ? "; real: " + m.real_note : "") + "\n";
  }
  if (!evaluation.histogram.empty()) text += "class histogram: " + joined(evaluation.histogram) + "\n";
  if (!evaluation.kl_per_dimension.empty()) {
    text += "KL of each latent dimension, nats: " + joined(evaluation.kl_per_dimension) + "\n";
  }
  for (const std::string& reason : evaluation.left_out) text += "left out: " + reason + "\n";
  return text;
}

// A feature network's file keeps what live measurements need, too.
Status write_features(const LoadedModel& model, const data::Dataset& data,
                      std::vector<format::Metric> metrics, unsigned threads) {
  const Result<eval::Reference> own = eval::Reference::make(data, model.file, threads);
  if (!own.ok()) return at_path(model.path, own.status());
  const Result<eval::FeatureStatistics> statistics = eval::feature_statistics(own.value());
  if (!statistics.ok()) return at_path(model.path, statistics.status());
  metrics.push_back({"frechet_floor", statistics->floor,
                     "Fréchet distance of " + grouped(eval::kLiveSamples) + " training pictures to all " +
                         grouped(data.test.count) + " test pictures in these features, mean of " +
                         std::to_string(statistics->draws) + " draws"});
  return write_measured(model, metrics, &statistics.value());
}

// Bytes that are pinned stay as they are.
Status check_may_write(const LoadedModel& model) {
  const std::string sha256 = data::sha256_hex({model.bytes});
  for (const eval::PinnedNetwork& network : eval::pinned_networks()) {
    if (network.sha256 != sha256 || network.name != name_of_weights(model.path)) continue;
    return fail(Code::bad_combination, model.path + ": this is the pinned feature network of " +
                                           network.dataset +
                                           "; writing into it would make it another file. Leave --write out, "
                                           "or copy it to another name first.");
  }
  return {};
}

}  // namespace

Status evaluate_file(const EvalOptions& given) {
  EvalOptions options = given;
  if (options.quick) make_quick(options.protocol);
  options.protocol.threads = thread_count(options.threads);
  Result<LoadedModel> loaded = load_weights(options.weights);
  if (!loaded.ok()) return loaded.status();
  LoadedModel& model = loaded.value();
  if (options.write) LC_TRY(check_may_write(model));
  const std::string dataset =
      options.dataset.empty() ? model.file.header.provenance.dataset : options.dataset;
  const Result<Classifier> classifier = load_classifier(options, dataset);
  if (!classifier.ok()) return classifier.status();
  const Result<data::Dataset> data = data::load_dataset({dataset, options.data_dir, options.unverified_data});
  if (!data.ok()) return data.status();
  const eval::Progress progress = [&](const std::string& what) {
    if (!options.quiet) note(name_of_weights(model.path) + ": " + what);
  };
  const Result<eval::Reference> reference =
      eval::Reference::make(data.value(), classifier->model.file, options.protocol.threads);
  if (!reference.ok()) return reference.status();
  const eval::Draw draw = [&](const session::Request& request) {
    PlayDesc desc;
    desc.request = request;
    desc.threads = options.protocol.threads;
    return play(model, desc);
  };
  Result<eval::Evaluation> evaluation =
      eval::evaluate(model.file, reference.value(), draw, options.protocol, progress);
  if (!evaluation.ok()) return at_path(model.path, evaluation.status());
  const Status scored = options.cas ? check_scored(model, data.value()) : Status();
  if (!scored.ok()) evaluation->left_out.push_back(scored.message);
  if (options.cas && scored.ok()) {
    progress("classification accuracy score: training the pinned recipe on generated pictures");
    const Result<eval::Measurement> score =
        classification_score(model, data.value(), options.protocol.threads);
    if (!score.ok()) return score.status();
    evaluation->measurements.push_back(score.value());
  }
  if (!options.script.empty()) {
    progress("Fréchet distance in the features of " + options.script);
    const Result<eval::Measurement> distance = script_distance(
        draw, reference.value(), options.script, options.protocol.samples, options.protocol.threads);
    if (!distance.ok()) return distance.status();
    evaluation->measurements.push_back(distance.value());
  }
  if (options.print && options.json) {
    print(dump(evaluation_json(model, dataset, classifier.value(), options.protocol, evaluation.value()), 2) +
          "\n");
  } else if (options.print) {
    print(evaluation_text(model, data.value(), classifier.value(), evaluation.value()));
  }
  if (!options.write) return {};
  std::vector<format::Metric> metrics;
  for (const eval::Measurement& m : evaluation->measurements) metrics.push_back(eval::to_metric(m));
  if (eval::feature_network(model.file.header) == model.file.header.networks.size())
    return write_measured(model, metrics, nullptr);
  return write_features(model, data.value(), metrics, options.protocol.threads);
}

Action describe_eval(CLI::App& app) {
  const auto options = std::make_shared<EvalOptions>();
  EvalOptions& o = *options;
  app.add_option("-w,--weights,FILE", o.weights, "A .lcw file, a run folder, or a name such as vae-mnist")
      ->required()
      ->type_name("FILE");
  app.add_option("--dataset", o.dataset, "Data set to measure against (default: the one it was trained on)")
      ->type_name("NAME");
  app.add_option("--data-dir", o.data_dir, "Folder of the data set")->type_name("DIR");
  app.add_option("--classifier", o.classifier,
                 "Measure in the features of this network instead of the pinned one")
      ->type_name("FILE");
  app.add_option(
         "--script", o.script,
         "Fréchet distance in the features of this TorchScript network, too: an FID where it is Inception "
         "(needs the trainer)")
      ->type_name("FILE.pt");
  add_whole_number(app, "--samples", o.protocol.samples, "Pictures to draw, and to compare with")
      ->capture_default_str()
      ->check(CLI::Range(10u, kMaxPictures));
  add_whole_number(app, "--seeds", o.protocol.seeds, "Seeds of the Fréchet distance: 1, 2, ...")
      ->capture_default_str()
      ->check(CLI::Range(1u, 100u));
  add_whole_number(app, "--nll-images", o.protocol.nll_images, "Test pictures of the log-likelihood; 0: none")
      ->capture_default_str();
  add_whole_number(app, "--nll-draws", o.protocol.nll_draws, "Latents drawn for each of them")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1000000u));
  add_whole_number(app, "--threads", o.threads, "Threads (default: one a core); changes the speed alone")
      ->type_name("N");
  CLI::Option* quick =
      app.add_flag("--quick", o.quick, "A fifth of the pictures, one seed: to see a trend, not to quote");
  for (const char* own : {"--samples", "--seeds", "--nll-images", "--nll-draws"})
    quick->excludes(app.get_option(own));
  app.add_flag("--cas", o.cas,
               "Train the classifier's recipe on generated pictures, too (minutes; needs the trainer)");
  app.add_flag("--write", o.write, "Keep the numbers in the weights file");
  app.add_flag("--json", o.json, "As JSON");
  app.add_flag("--unverified-data", o.unverified_data, "Take data files whose hash is not the pinned one");
  app.add_flag("-q,--quiet", o.quiet, "No progress on stderr");
  return [options] { return evaluate_file(*options); };
}

}  // namespace lc::cli
