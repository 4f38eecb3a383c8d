// What the window remembers.
#include "native/viewer/memory.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "native/io/files.h"

namespace lc::viewer {
namespace {

constexpr std::uint64_t kMaxBytes = 1u << 20;

// Empty where there is no such place.
std::string folder() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return io::join(config, "latent-canvas");
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? io::join(io::join(home, ".config"), "latent-canvas") : "";
}

}  // namespace

Memory remember() {
  Memory memory;
  if (folder().empty()) return memory;
  const std::string path = io::join(folder(), "viewer");
  if (!io::file_exists(path)) return memory;
  const Result<std::vector<std::uint8_t>> bytes = io::read_file(path, kMaxBytes);
  if (!bytes.ok()) return memory;
  std::istringstream lines(std::string(bytes.value().begin(), bytes.value().end()));
  for (std::string line; std::getline(lines, line);) {
    const std::string value = line.substr(line.find('=') + 1);
    if (line.rfind("size=", 0) == 0 &&
        (std::sscanf(value.c_str(), "%dx%d", &memory.width, &memory.height) != 2 || memory.width < 100 ||
         memory.height < 100 || memory.width > 8192 || memory.height > 8192))
      memory.width = memory.height = 0;
    if (line.rfind("state=", 0) == 0) memory.state = value;
    if (line.rfind("theme=", 0) == 0 && (value == "dark" || value == "light")) memory.theme = value;
  }
  return memory;
}

void keep(const Memory& memory) {
  if (folder().empty() || !io::make_folders(folder()).ok()) return;
  (void)io::save_file(io::join(folder(), "viewer"),
                      "size=" + std::to_string(memory.width) + "x" + std::to_string(memory.height) +
                          "\ntheme=" + memory.theme + "\nstate=" + memory.state + "\n");
}

}  // namespace lc::viewer
