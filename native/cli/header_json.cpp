// A weights file's header as JSON: all of it for `info --json`, the graph alone for `export`.
#include "native/cli/header_json.h"

#include <cmath>

#include "native/cli/inspect.h"
#include "shared/format/format.h"

namespace lc::cli {
namespace {

Json names_json(const format::Header& header, const std::vector<std::uint32_t>& tensors) {
  Json names = Json::array();
  for (const std::uint32_t tensor : tensors) names.push_back(header.tensors[tensor].name);
  return names;
}

Json layer_json(const format::Header& header, const format::LayerRecord& layer) {
  Json attributes = Json::object();
  for (const format::Attribute& attribute : layer.attributes) {
    // Whole numbers as such, so that a stride does not read 2.0.
    constexpr double kLargest = 1e15;  // well within 64 bits
    if (std::abs(attribute.value) < kLargest && std::trunc(attribute.value) == attribute.value)
      attributes[attribute.name] = static_cast<std::int64_t>(attribute.value);
    else
      attributes[attribute.name] = attribute.value;
  }
  return {{"kind", layer.kind},
          {"name", layer.name},
          {"inputs", layer.inputs},
          {"attributes", attributes},
          {"tensors", names_json(header, layer.tensors)}};
}

Json network_json(const format::Header& header, const format::Network& network) {
  Json inputs = Json::array(), layers = Json::array(), outputs = Json::array();
  for (const format::NetworkInput& input : network.inputs)
    inputs.push_back({{"name", input.name}, {"shape", input.shape}});
  for (const format::LayerRecord& layer : network.layers) layers.push_back(layer_json(header, layer));
  for (const format::NetworkOutput& output : network.outputs)
    outputs.push_back({{"name", output.name}, {"value", output.value}});
  return {{"role", role_name(network.role)},
          {"name", network.name},
          {"inputs", inputs},
          {"layers", layers},
          {"outputs", outputs}};
}

Json tensors_json(const format::Header& header) {
  Json tensors = Json::array();
  for (const format::TensorRecord& tensor : header.tensors) {
    tensors.push_back({{"name", tensor.name},
                       {"dtype", dtype_name(tensor.dtype)},
                       {"shape", tensor.shape},
                       {"offset", tensor.offset},
                       {"bytes", format::payload_bytes(tensor)}});
    if (tensor.dtype == format::DType::i8) tensors.back()["scale_axis"] = tensor.scale_axis;
  }
  return tensors;
}

Json curve_json(const format::Curve& curve) {
  Json series = Json::object();
  for (const format::Series& one : curve.series) series[one.name] = one.values;
  return {{"iterations", curve.iterations}, {"series", series}};
}

Json timeline_json(const format::Header& header) {
  Json timeline = Json::array();
  for (const format::Moment& moment : header.timeline) {
    timeline.push_back({{"iteration", moment.iteration},
                        {"images_seen", moment.images_seen},
                        {"replaced", names_json(header, moment.replaced)},
                        {"by", names_json(header, moment.by)}});
  }
  return timeline;
}

}  // namespace

std::string base64(const std::vector<std::uint8_t>& bytes) {
  const char* const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= have ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

Json graph_json(const format::Header& header) {
  Json networks = Json::array();
  for (const format::Network& network : header.networks) networks.push_back(network_json(header, network));
  return networks;
}

Json image_json(const format::ImageSpec& image) {
  return {{"channels", image.channels},
          {"height", image.height},
          {"width", image.width},
          {"low", image.low},
          {"high", image.high}};
}

Json prior_json(const format::Header& header) {
  Json prior = Json::array();
  for (const format::PriorPart& part : header.prior) {
    Json one = {{"name", part.name}, {"kind", prior_kind_name(part.kind)}, {"size", part.size}};
    if (part.kind == format::PriorKind::uniform) one.update({{"low", part.low}, {"high", part.high}});
    if (part.kind == format::PriorKind::mixture) one["mixture"] = names_json(header, part.mixture);
    prior.push_back(one);
  }
  return prior;
}

Json provenance_json(const format::Provenance& provenance) {
  Json options = Json::object();
  for (const format::Option& option : provenance.options) options[option.key] = option.value;
  return {{"dataset", provenance.dataset},
          {"dataset_sha256", provenance.dataset_sha256},
          {"dataset_verified", provenance.dataset_verified},
          {"options", options},
          {"seed", provenance.seed},
          {"iterations", provenance.iterations},
          {"images_seen", provenance.images_seen},
          {"seconds", provenance.seconds},
          {"trainer_version", provenance.trainer_version},
          {"device", provenance.device}};
}

Json header_json(const format::Header& header) {
  Json metrics = Json::array(), strips = Json::array();
  for (const format::Metric& metric : header.metrics) {
    metrics.push_back({{"name", metric.name}, {"value", metric.value}, {"note", metric.note}});
  }
  for (const format::Strip& strip : header.strips) {
    strips.push_back({{"name", strip.name}, {"count", strip.count}, {"pixels_base64", base64(strip.pixels)}});
  }
  return {{"family", header.family},
          {"title", header.title},
          {"image", image_json(header.image)},
          {"latent_size", format::latent_size(header)},
          {"prior", prior_json(header)},
          {"classes", header.classes},
          {"networks", graph_json(header)},
          {"tensors", tensors_json(header)},
          {"provenance", provenance_json(header.provenance)},
          {"metrics", metrics},
          {"curve", curve_json(header.curve)},
          {"strips", strips},
          {"timeline", timeline_json(header)}};
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lc::cli
