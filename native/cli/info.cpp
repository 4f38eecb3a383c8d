// `info`: tells what a weights file holds, for people or as JSON.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "native/cli/command.h"
#include "native/cli/header_json.h"
#include "native/cli/inspect.h"
#include "native/cli/output.h"
#include "native/cli/weights.h"
#include "shared/nn/graph.h"

namespace lc::cli {
namespace {

struct InfoOptions {
  std::string weights;
  bool json = false;
};

constexpr std::size_t kLabelWidth = 12;

std::string line(const std::string& label, const std::string& text) {
  return label + std::string(kLabelWidth - std::min(kLabelWidth - 1, label.size()), ' ') + text + "\n";
}

std::string prior_text(const format::Header& header) {
  std::string text = std::to_string(format::latent_size(header)) + " numbers:";
  for (const format::PriorPart& part : header.prior) {
    text += " " + part.name + " " + prior_kind_name(part.kind) + " (" + std::to_string(part.size) + ")";
    if (part.kind == format::PriorKind::uniform)
      text += " from " + number_text(part.low) + " to " + number_text(part.high);
    if (part.kind == format::PriorKind::mixture && !part.mixture.empty()) {
      text += ", " + std::to_string(header.tensors[part.mixture[0]].shape[0]) + " Gaussians";
    }
  }
  return text;
}

std::string attributes_text(const format::LayerRecord& layer) {
  std::string text;
  for (const format::Attribute& attribute : layer.attributes) {
    text += (text.empty() ? "" : " ") + attribute.name + " " + number_text(attribute.value);
  }
  return text;
}

std::string ports_text(const std::vector<nn::Graph::Port>& ports) {
  std::string text;
  for (const nn::Graph::Port& port : ports)
    text += (text.empty() ? "" : ", ") + port.name + " (" + shape_text(port.shape) + ")";
  return text;
}

Result<std::string> network_text(const LoadedModel& model, std::uint32_t index) {
  const format::Header& header = model.file.header;
  const format::Network& network = header.networks[index];
  const auto moment = static_cast<std::uint32_t>(header.timeline.size());
  const auto graph = nn::Graph::compile(model.file, index, moment, kernels::plain());
  if (!graph.ok()) return at_path(model.path, graph.status());
  // A graph that compiled has sound layers, so that their figures can be told.
  const Result<std::vector<LayerFigures>> figures = layer_figures(model, network);
  if (!figures.ok()) return figures.status();
  std::string text = "\n" + toned(network.name, Tone::strong) + " (" + role_name(network.role) +
                     "): " + ports_text(graph->inputs()) + " -> " + ports_text(graph->outputs()) + "; " +
                     grouped(parameter_count(header, network)) + " parameters, " +
                     grouped(graph->multiply_adds()) + " multiply-adds a picture\n";
  using Align = Table::Align;
  Table table({{"layer"},
               {"kind"},
               {"attributes"},
               {"output"},
               {"weights"},
               {"parameters", Align::right},
               {"multiply-adds", Align::right}});
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const format::LayerRecord& layer = network.layers[i];
    const LayerFigures& figure = figures.value()[i];
    // The first tensor is the weight; the bias has the type that its size deserves.
    const char* const dtype = layer.tensors.empty() ? "" : dtype_name(header.tensors[layer.tensors[0]].dtype);
    table.row({layer.name, layer.kind, attributes_text(layer), shape_text(figure.output), dtype,
               figure.parameters == 0 ? "" : grouped(figure.parameters),
               figure.multiply_adds == 0 ? "" : grouped(figure.multiply_adds)});
  }
  return text + table.text("  ");
}

std::string provenance_text(const format::Provenance& p) {
  std::string text =
      line("data set", p.dataset + (p.dataset_verified ? ", verified" : ", NOT the pinned files") +
                           ", sha256 " + p.dataset_sha256);
  text += line("trained", grouped(p.iterations) + " iterations, " + grouped(p.images_seen) + " images, " +
                              number_text(p.seconds) + " s on " + p.device + ", seed " +
                              std::to_string(p.seed) + ", trainer " + p.trainer_version);
  std::string options;
  for (const format::Option& option : p.options)
    options += (options.empty() ? "" : " ") + option.key + "=" + option.value;
  return options.empty() ? text : text + line("options", options);
}

std::string timeline_text(const format::Header& header) {
  if (header.timeline.empty()) return "none";
  std::string text = std::to_string(header.timeline.size() + 1) + " moments, after";
  for (const format::Moment& moment : header.timeline) text += " " + grouped(moment.iteration);
  return text + " iterations, and the end";
}

Status info(const InfoOptions& options) {
  const Result<LoadedModel> model = load_weights(options.weights);
  if (!model.ok()) return model.status();
  const format::Header& header = model->file.header;
  if (options.json) {
    Json json = {{"file", model->path}, {"bytes", model->bytes.size()}};
    json.update(header_json(header));
    print(dump(json, 2) + "\n");
    return {};
  }
  const format::ImageSpec& image = header.image;
  std::string text = toned(header.title, Tone::strong) + "\n";
  text += line("file", model->path + ", " + grouped(model->bytes.size()) + " bytes, " +
                           std::to_string(header.tensors.size()) + " tensors");
  text += line("family", header.family);
  text += line("pictures", shape_text(nn::Shape::image(image.channels, image.height, image.width)) +
                               ", black " + number_text(image.low) + ", white " + number_text(image.high));
  text += line("latent", prior_text(header));
  std::string classes;
  for (const std::string& name : header.classes) classes += (classes.empty() ? "" : ", ") + name;
  if (!classes.empty()) text += line("classes", classes);
  text += provenance_text(header.provenance);
  for (const format::Metric& metric : header.metrics) {
    text += line("metric", metric.name + " " + number_text(metric.value, 6) +
                               (metric.note.empty() ? "" : ", " + metric.note));
  }
  text += line("timeline", timeline_text(header));
  for (std::uint32_t i = 0; i < header.networks.size(); ++i) {
    const Result<std::string> network = network_text(model.value(), i);
    if (!network.ok()) return network.status();
    text += network.value();
  }
  print(text);
  return {};
}

}  // namespace

Action describe_info(CLI::App& app) {
  const auto options = std::make_shared<InfoOptions>();
  app.add_option("FILE", options->weights, "A .lcw file, or a name such as vae-mnist")
      ->required()
      ->type_name("");
  app.add_flag("--json", options->json, "Everything of the header as JSON");
  return [options] { return info(*options); };
}

}  // namespace lc::cli
