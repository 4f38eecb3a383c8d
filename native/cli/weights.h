// Finds weights files by path or by name and reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/io/files.h"
#include "shared/core/status.h"
#include "shared/format/format.h"

namespace lc::cli {

constexpr std::uint64_t kMaxWeightsBytes = 1ull << 30;

// Folders where names are looked for, those that exist: $LATENT_CANVAS_WEIGHTS, ./weights, the installed
// ones, the source tree's.
std::vector<std::string> weights_folders();

// Every .lcw file of those folders, sorted; of two files with one name the first folder's.
std::vector<std::string> known_weights();

using io::name_of_weights;

// A path as it is; a run folder means its weights.lcw; a name like "vae-mnist" is looked for among
// known_weights(), then as NAME.lcw and runs/NAME below the present folder. An unknown one gets the nearest
// and the known names.
Result<std::string> find_weights(const std::string& path_or_name);

// A validated file with the bytes that it looks into. Move only, so that the view stays true.
struct LoadedModel {
  std::string path;
  std::vector<std::uint8_t> bytes;
  format::ModelFile file;
  LoadedModel() = default;
  LoadedModel(LoadedModel&&) = default;
  LoadedModel& operator=(LoadedModel&&) = default;
};

// find_weights, read, format::read_model; messages begin with the path.
Result<LoadedModel> load_weights(const std::string& path_or_name);

// `status` with "path: " before its message.
Status at_path(const std::string& path, const Status& status);

}  // namespace lc::cli
