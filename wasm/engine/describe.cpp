// A model's description as JSON text for JavaScript: everything of the header but the weights.
#include "wasm/engine/describe.h"

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "shared/core/text.h"

namespace lc::engine {
namespace {

constexpr const char* kRoles[] = {"decoder", "generator", "encoder", "discriminator", "classifier"};
constexpr const char* kPriors[] = {"normal", "uniform", "categorical", "mixture"};
constexpr const char* kFigures[] = {"picture", "density", "curve"};
constexpr const char* kTypes[] = {"f32", "f16", "i8"};

// Writes values in order and puts the commas; the caller opens and closes.
class Json {
 public:
  std::string text;

  Json& open(char bracket) {
    separate();
    text += bracket;
    fresh_ = true;
    return *this;
  }
  Json& close(char bracket) {
    text += bracket;
    fresh_ = false;
    return *this;
  }
  Json& key(std::string_view name) {
    string(name);
    text += ':';
    fresh_ = true;
    return *this;
  }
  Json& string(std::string_view value) {
    separate();
    append_quoted(text, value);
    return *this;
  }
  Json& boolean(bool value) { return raw(value ? "true" : "false"); }
  Json& number(std::uint64_t value) { return raw(phrase("{}", value)); }
  Json& number(std::uint32_t value) { return raw(phrase("{}", value)); }
  Json& number(double value) { return print(value, 17); }
  Json& number(float value) { return print(static_cast<double>(value), 9); }

 private:
  void separate() {
    if (!fresh_) text += ',';
    fresh_ = false;
  }
  Json& raw(std::string_view value) {
    separate();
    text += value;
    return *this;
  }
  // As many digits as bring back the same value.
  Json& print(double value, std::size_t digits) {
    if (!std::isfinite(value)) return raw("null");
    separate();
    append_real(text, value, digits);
    return *this;
  }

  bool fresh_ = true;
};

template <class T>
void numbers(Json& json, std::string_view key, const std::vector<T>& values) {
  json.key(key).open('[');
  for (const T& value : values) json.number(value);
  json.close(']');
}

void networks(Json& json, const format::Header& header) {
  json.key("networks").open('[');
  for (const format::Network& network : header.networks) {
    json.open('{')
        .key("role")
        .string(kRoles[static_cast<int>(network.role)])
        .key("name")
        .string(network.name);
    json.key("inputs").open('[');
    for (const format::NetworkInput& input : network.inputs) {
      json.open('{').key("name").string(input.name);
      numbers(json, "shape", input.shape);
      json.close('}');
    }
    json.close(']').key("layers").open('[');
    for (const format::LayerRecord& layer : network.layers) {
      json.open('{').key("kind").string(layer.kind).key("name").string(layer.name);
      numbers(json, "inputs", layer.inputs);
      json.key("attributes").open('{');
      for (const format::Attribute& attribute : layer.attributes)
        json.key(attribute.name).number(attribute.value);
      json.close('}');
      numbers(json, "tensors", layer.tensors);
      json.close('}');
    }
    json.close(']').key("outputs").open('[');
    for (const format::NetworkOutput& output : network.outputs) {
      json.open('{').key("name").string(output.name).key("value").number(output.value).close('}');
    }
    json.close(']').close('}');
  }
  json.close(']');
}

void provenance(Json& json, const format::Provenance& from) {
  json.key("provenance").open('{');
  json.key("dataset").string(from.dataset).key("datasetSha256").string(from.dataset_sha256);
  json.key("datasetVerified").boolean(from.dataset_verified);
  json.key("options").open('{');
  for (const format::Option& option : from.options) json.key(option.key).string(option.value);
  json.close('}');
  json.key("seed").string(phrase("{}", from.seed)).key("iterations").number(from.iterations);
  json.key("imagesSeen").number(from.images_seen).key("seconds").number(from.seconds);
  json.key("trainerVersion").string(from.trainer_version).key("device").string(from.device);
  json.close('}');
}

}  // namespace

std::string describe_json(const session::ModelInfo& info) {
  const format::Header& header = *info.header;
  Json json;
  json.open('{');
  json.key("model").number(info.model).key("name").string(info.name);
  json.key("title").string(header.title).key("family").string(header.family);
  json.key("fileBytes").number(info.file_bytes).key("multiplyAdds").number(info.multiply_adds);
  json.key("latentSize").number(info.latent_size).key("moments").number(info.moments);
  json.key("canSample").boolean(info.can_sample).key("canEncode").boolean(info.can_encode);
  json.key("canDiscriminate").boolean(info.can_discriminate).key("canClassify").boolean(info.can_classify);
  json.key("anyResolution").boolean(info.any_resolution);
  json.key("figure").string(kFigures[static_cast<int>(info.figure)]);

  json.key("directions").open('[');
  for (const std::string& name : info.directions) json.string(name);
  json.close(']');

  json.key("classes").open('[');
  for (const std::string& name : header.classes) json.string(name);
  json.close(']');

  const format::ImageSpec& image = header.image;
  json.key("image").open('{').key("channels").number(image.channels).key("height").number(image.height);
  json.key("width")
      .number(image.width)
      .key("low")
      .number(image.low)
      .key("high")
      .number(image.high)
      .close('}');

  json.key("prior").open('[');
  for (const format::PriorPart& part : header.prior) {
    json.open('{').key("name").string(part.name).key("kind").string(kPriors[static_cast<int>(part.kind)]);
    json.key("size").number(part.size).key("low").number(part.low).key("high").number(part.high).close('}');
  }
  json.close(']');

  json.key("timeline").open('[');
  for (const format::Moment& moment : header.timeline) {
    json.open('{')
        .key("iteration")
        .number(moment.iteration)
        .key("imagesSeen")
        .number(moment.images_seen)
        .close('}');
  }
  json.close(']');

  provenance(json, header.provenance);

  json.key("metrics").open('[');
  for (const format::Metric& metric : header.metrics) {
    json.open('{').key("name").string(metric.name).key("value").number(metric.value);
    json.key("note").string(metric.note).close('}');
  }
  json.close(']');

  json.key("curve").open('{');
  numbers(json, "iterations", header.curve.iterations);
  json.key("series").open('[');
  for (const format::Series& series : header.curve.series) {
    json.open('{').key("name").string(series.name);
    numbers(json, "values", series.values);
    json.close('}');
  }
  json.close(']').close('}');

  networks(json, header);

  json.key("tensors").open('[');
  for (const format::TensorRecord& tensor : header.tensors) {
    json.open('{')
        .key("name")
        .string(tensor.name)
        .key("dtype")
        .string(kTypes[static_cast<int>(tensor.dtype)]);
    numbers(json, "shape", tensor.shape);
    json.close('}');
  }
  json.close(']').close('}');
  return std::move(json.text);
}

}  // namespace lc::engine
