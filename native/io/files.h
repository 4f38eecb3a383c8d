// Reads and writes whole files so that neither a kill, a power cut nor a full disk leaves half of one. POSIX.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"

namespace lc::io {

// No weights file, picture or array that this project handles is larger.
constexpr std::uint64_t kMaxFileBytes = 1ull << 32;

// The whole file; "-" is standard input. io_open when it cannot be opened (absent, a folder, no permission),
// too_much_asked over `max_bytes`, io_read when reading fails.
Result<std::vector<std::uint8_t>> read_file(const std::string& path, std::uint64_t max_bytes = kMaxFileBytes);

// Replaces `path` by `bytes`, all or nothing: writes `path`.tmp beside it, fsync, rename, fsync of the
// folder. When that returns ok the file survives a power cut; when it fails, or the program is killed, the
// old file is as it was. A kill leaves at most one .tmp, which the next save reuses. A link is followed; two
// programs that save to the same path wait for each other. A device, pipe or socket is written straight, and
// "-" is standard output. io_disk_full when there is no room (or quota), else io_open or io_write.
Status save_file(const std::string& path, Bytes bytes);
Status save_file(const std::string& path, const std::string& text);

// The folder and those above it, where they are missing. io_open when one cannot be made or is not a folder.
Status make_folders(const std::string& path);

bool file_exists(const std::string& path);  // something that is not a folder
bool folder_exists(const std::string& path);

// "a/b" -> "a", "b" -> ".", "/b" -> "/".
std::string folder_of(const std::string& path);

// Of weights: "a/vae-mnist.lcw" -> "vae-mnist"; of a run folder's weights.lcw the folder's name.
constexpr const char* kRunWeights = "weights.lcw";  // in every run folder
std::string name_of_weights(const std::string& path);

// "folder/name", or `name` alone when it is absolute or `folder` is empty.
std::string join(const std::string& folder, const std::string& name);

}  // namespace lc::io
