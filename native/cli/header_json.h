// A weights file's header as JSON: all of it for `info --json`, the graph alone for `export`.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "shared/format/schema.h"

namespace lc::cli {

using Json = nlohmann::ordered_json;

// Networks with their layers; tensors by name, in the order of docs/layers.md.
Json graph_json(const format::Header& header);
Json image_json(const format::ImageSpec& image);
Json prior_json(const format::Header& header);
Json provenance_json(const format::Provenance& provenance);

std::string base64(const std::vector<std::uint8_t>& bytes);

// Everything of the header. Bytes of the strips as base64.
Json header_json(const format::Header& header);

// Text of a header is not always UTF-8: what is not becomes U+FFFD. `indent` -1: on one line.
std::string dump(const Json& json, int indent);

}  // namespace lc::cli
