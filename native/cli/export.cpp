// `export`: writes a model for other programs. safetensors: PyTorch's parameter names and layouts, the graph
// as JSON. player: a weights file of the playing networks alone.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "native/cli/command.h"
#include "native/cli/export_player.h"
#include "native/cli/header_json.h"
#include "native/cli/output.h"
#include "native/cli/weights.h"
#include "native/cli/whole_number.h"
#include "native/io/files.h"

namespace lc::cli {
namespace {

constexpr std::size_t kSafetensorsAlignment = 8;

struct ExportOptions {
  std::string weights, format = "safetensors", out;
  std::uint32_t moment = UINT32_MAX;
  bool keep_dtype = false;
};

// A tensor under the name that the graph uses, with the data that the moment gives it.
struct Exported {
  std::uint32_t name_of = 0, data_of = 0;  // indices of the tensor table
  bool half = false;
  std::uint64_t elements = 0;
  std::uint64_t bytes() const { return elements * (half ? 2 : 4); }
};

// Every tensor that a network or the prior names; the copies of earlier moments stay out.
Result<std::vector<Exported>> select(const format::Header& header, const ExportOptions& options) {
  if (options.moment != UINT32_MAX && options.moment > header.timeline.size()) {
    return fail(Code::bad_argument, "--moment " + std::to_string(options.moment) +
                                        ": this file has the moments 0 to " +
                                        std::to_string(header.timeline.size()) + ".");
  }
  std::map<std::uint32_t, std::uint32_t> data_of;
  for (const format::Network& network : header.networks) {
    for (const format::LayerRecord& layer : network.layers) {
      for (const std::uint32_t tensor : layer.tensors) data_of[tensor] = tensor;
    }
  }
  for (const format::PriorPart& part : header.prior) {
    for (const std::uint32_t tensor : part.mixture) data_of[tensor] = tensor;
  }
  if (options.moment < header.timeline.size()) {
    const format::Moment& moment = header.timeline[options.moment];
    for (std::size_t i = 0; i < moment.replaced.size(); ++i) data_of[moment.replaced[i]] = moment.by[i];
  }
  std::vector<Exported> all;
  for (const auto& [name, data] : data_of) {
    Exported one;
    one.name_of = name;
    one.data_of = data;
    one.half = options.keep_dtype && header.tensors[data].dtype == format::DType::f16;
    one.elements = format::element_count(header.tensors[data]);
    all.push_back(one);
  }
  // The wider numbers first, so that each begins at a multiple of its size.
  std::stable_partition(all.begin(), all.end(), [](const Exported& one) { return !one.half; });
  return all;
}

Json metadata(const format::Header& header) {
  // safetensors holds texts here; "pt" is what tells PyTorch's tools that the layouts are PyTorch's.
  return {{"format", "pt"},
          {"generator", "latent-canvas " LC_VERSION},
          {"family", header.family},
          {"title", header.title},
          {"image", dump(image_json(header.image), -1)},
          {"prior", dump(prior_json(header), -1)},
          {"classes", dump(Json(header.classes), -1)},
          {"graph", dump(graph_json(header), -1)},
          {"provenance", dump(provenance_json(header.provenance), -1)}};
}

void append(std::vector<std::uint8_t>& bytes, const void* data, std::size_t size) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  bytes.insert(bytes.end(), first, first + size);
}

// u64 little-endian length of the header, the header (JSON, padded with blanks), the tensors one after
// another.
std::vector<std::uint8_t> safetensors(const format::ModelFile& file, const std::vector<Exported>& all) {
  Json header = {{"__metadata__", metadata(file.header)}};
  std::uint64_t offset = 0;
  for (const Exported& one : all) {
    const std::uint64_t end = offset + one.bytes();
    header[file.header.tensors[one.name_of].name] = {{"dtype", one.half ? "F16" : "F32"},
                                                     {"shape", file.header.tensors[one.name_of].shape},
                                                     {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = dump(header, -1);
  text.append((kSafetensorsAlignment - text.size() % kSafetensorsAlignment) % kSafetensorsAlignment, ' ');
  std::vector<std::uint8_t> bytes;
  bytes.reserve(8 + text.size() + offset);
  for (int i = 0; i < 8; ++i)
    bytes.push_back(static_cast<std::uint8_t>(std::uint64_t{text.size()} >> (8 * i)));
  append(bytes, text.data(), text.size());
  std::vector<float> values;
  for (const Exported& one : all) {
    if (one.half) {
      append(bytes, file.payload.data + file.header.tensors[one.data_of].offset, one.bytes());
      continue;
    }
    values.resize(one.elements);
    format::read_tensor(file, one.data_of, values);
    append(bytes, values.data(), one.bytes());
  }
  return bytes;
}

Result<std::vector<std::uint8_t>> safetensors_file(const format::ModelFile& file,
                                                   const ExportOptions& options) {
  const Result<std::vector<Exported>> all = select(file.header, options);
  if (!all.ok()) return all.status();
  return safetensors(file, all.value());
}

struct Format {
  const char *name, *extension;
  Result<std::vector<std::uint8_t>> (*write)(const format::ModelFile&, const ExportOptions&);
};
constexpr Format kFormats[] = {
    {"safetensors", ".safetensors", safetensors_file},
    {"player", ".player.lcw",
     [](const format::ModelFile& file, const ExportOptions&) { return player_file(file); }}};

Status export_model(const ExportOptions& options) {
  const auto* const format = std::find_if(std::begin(kFormats), std::end(kFormats),
                                          [&](const Format& each) { return options.format == each.name; });
  if (format == std::end(kFormats)) {
    return fail(Code::unknown_name,
                "--format " + options.format + ": not known. Known: safetensors, player.");
  }
  if (options.format == "player" && (options.moment != UINT32_MAX || options.keep_dtype)) {
    return fail(Code::bad_argument,
                "--format player copies the last weights as they are: leave --moment and --keep-dtype out.");
  }
  const Result<LoadedModel> model = load_weights(options.weights);
  if (!model.ok()) return model.status();
  const Result<std::vector<std::uint8_t>> bytes = format->write(model->file, options);
  if (!bytes.ok()) return at_path(model->path, bytes.status());
  const std::string out =
      options.out.empty() ? name_of_weights(model->path) + format->extension : options.out;
  LC_TRY(io::save_file(out, bytes.value()));
  note((out == "-" ? "standard output" : out) + ": " + grouped(bytes->size()) + " bytes");
  return {};
}

}  // namespace

Action describe_export(CLI::App& app) {
  const auto options = std::make_shared<ExportOptions>();
  app.add_option("FILE", options->weights, "A .lcw file, or a name such as vae-mnist")
      ->required()
      ->type_name("");
  app.add_option("-f,--format", options->format,
                 "safetensors, or player: a .lcw of the playing networks alone")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("-o,--out", options->out,
                 "Where to (default: <name>.safetensors or <name>.player.lcw); '-' is standard output")
      ->type_name("FILE");
  add_whole_number(app, "--moment", options->moment,
                   "The weights of an earlier moment of training, 0 the first");
  app.add_flag("--keep-dtype", options->keep_dtype, "f16 stays f16 (else everything becomes f32)");
  return [options] { return export_model(*options); };
}

}  // namespace lc::cli
