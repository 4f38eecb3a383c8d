// What can be told about a weights file without running it: is it sound, what are its layers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/cli/weights.h"
#include "shared/core/status.h"
#include "shared/format/schema.h"
#include "shared/nn/layer.h"

namespace lc::cli {

// Reads the file and compiles every network at every moment; the first rule it breaks, the path in front.
Status verify_weights(const std::string& path_or_name);

struct LayerFigures {
  nn::Shape output;  // of one picture
  std::uint64_t parameters = 0, multiply_adds = 0;
};

// One entry a layer; the first rule that a layer breaks, the path in front.
Result<std::vector<LayerFigures>> layer_figures(const LoadedModel& model, const format::Network& network);

// Elements of the tensors that the network's layers use.
std::uint64_t parameter_count(const format::Header& header, const format::Network& network);

const char* role_name(format::Role role);
const char* dtype_name(format::DType dtype);  // "f32"
const char* prior_kind_name(format::PriorKind kind);

// "1 x 28 x 28"
std::string shape_text(const std::vector<std::uint32_t>& shape);
std::string shape_text(const nn::Shape& shape);

}  // namespace lc::cli
