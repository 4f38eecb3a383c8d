// Weights that the viewer can bring: files named by the person, or a folder with its manifest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/status.h"
#include "shared/ui/app.h"

namespace lc::viewer {

struct Listed {
  ui::Offer offer;
  std::string path;
  std::vector<std::uint8_t> thumbnail;  // [channels][height][width]; empty without one
  std::uint32_t channels = 0, height = 0, width = 0;
};

// The rows of FOLDER/manifest.json whose files are there, with their pictures of FOLDER/thumbnails.json, then
// the folder's other .lcw files by name.
std::vector<Listed> list_folder(const std::string& folder);

// A file's bytes.
Result<std::vector<std::uint8_t>> read_weights(const std::string& path);

}  // namespace lc::viewer
