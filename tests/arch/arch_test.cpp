// The folders' table of allowed includes, checked against the source: an arrow that is not in the table
// fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

// What a folder may include of ours, and which libraries. "a/b" names a single header of folder a.
struct Rule {
  std::vector<std::string> ours;
  std::vector<std::string> libraries;
};

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> table = {
      {"shared/core", {{}, {}}},
      {"shared/kernels", {{}, {"hwy/"}}},
      {"shared/format", {{"shared/core"}, {"cereal/"}}},
      {"shared/nn",
       {{"shared/core", "shared/kernels", "shared/format/schema.h", "shared/format/format.h"}, {}}},
      {"shared/session", {{"shared/core", "shared/format", "shared/nn", "shared/kernels/kernels.h"}, {}}},
      {"shared/ui", {{"shared/core", "shared/session"}, {"imgui"}}},
      {"shared/host", {{"shared/core"}, {"imgui", "GLFW/"}}},
      {"native/io", {{"shared/core"}, {"stb_"}}},
      {"native/data", {{"shared/core", "native/io"}, {"zlib.h", "openssl/"}}},
      {"native/eval",
       {{"shared/core", "shared/format", "shared/nn", "shared/kernels", "shared/session/session.h",
         "native/data"},
        {}}},
      {"native/cli",
       {{"shared/core", "shared/format", "shared/nn", "shared/kernels", "shared/session", "native/io",
         "native/data", "native/eval", "shared/ui/fonts/fonts.h"},
        {"CLI/", "nlohmann/", "stb_truetype.h"}}},
      {"native/train",
       {{"shared/core", "shared/format", "native/io", "native/data"},
        {"torch/", "ATen/", "c10/", "cuda_", "nccl.h", "arpa/", "netdb.h", "netinet/", "CLI/", "nlohmann/"}}},
      {"native/viewer",
       {{"shared/core", "shared/session", "shared/ui", "shared/host", "native/io"},
        {"CLI/", "nlohmann/", "stb_"}}},
      {"wasm/engine", {{"shared/core", "shared/session"}, {}}},
      {"wasm/app",
       {{"shared/core", "shared/format", "shared/session", "shared/ui", "shared/host"}, {"emscripten"}}},
  };
  return table;
}

struct Include {
  fs::path file;
  std::size_t line;
  std::string target;
  bool quoted;
};

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0;
}

bool is_source(const fs::path& path) {
  static const std::set<std::string> endings = {".h", ".cpp", ".cu", ".cuh"};
  return endings.count(path.extension().string()) == 1;
}

std::vector<fs::path> sources_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && is_source(entry.path())) files.push_back(entry.path());
  }
  return files;
}

std::vector<Include> includes_of(const fs::path& file) {
  std::vector<Include> found;
  std::ifstream stream(file);
  std::string line;
  for (std::size_t number = 1; std::getline(stream, line); ++number) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos || !starts_with(line.substr(begin), "#include")) continue;
    const std::size_t open = line.find_first_of("<\"", begin);
    if (open == std::string::npos) continue;  // a macro names the file
    const bool quoted = line[open] == '"';
    const std::size_t close = line.find(quoted ? '"' : '>', open + 1);
    found.push_back({file, number, line.substr(open + 1, close - open - 1), quoted});
  }
  return found;
}

bool any_prefix(const std::vector<std::string>& prefixes, const std::string& text) {
  for (const std::string& prefix : prefixes) {
    if (starts_with(text, prefix)) return true;
  }
  return false;
}

// The C++ and C headers have no slash; POSIX ones are named.
bool is_standard(const std::string& target) {
  static const std::set<std::string> posix = {"fcntl.h",  "unistd.h", "signal.h", "dirent.h",
                                              "malloc.h", "poll.h",   "spawn.h"};
  return (target.find('/') == std::string::npos && target.find('.') == std::string::npos) ||
         posix.count(target) == 1 || starts_with(target, "sys/");
}

bool allowed(const std::string& folder, const Rule& rule, const Include& include) {
  if (include.target.find("..") != std::string::npos) return false;
  if (is_standard(include.target)) return true;
  if (starts_with(include.target, folder + "/") || any_prefix(rule.libraries, include.target)) return true;
  return include.quoted && any_prefix(rule.ours, include.target);
}

TEST(Arch, everyIncludeIsInTheTable) {
  std::size_t checked = 0;
  for (const auto& [folder, rule] : rules()) {
    const fs::path path = fs::path(LC_SOURCE_DIR) / folder;
    if (!fs::exists(path)) continue;
    for (const fs::path& file : sources_below(path)) {
      for (const Include& include : includes_of(file)) {
        ++checked;
        EXPECT_TRUE(allowed(folder, rule, include)) << include.file.string() << ":" << include.line << ": "
                                                    << folder << " may not include " << include.target;
      }
    }
  }
  std::printf("%zu includes checked\n", checked);
  EXPECT_GT(checked, 100u);
}

TEST(Arch, everyRuleIsUsed) {
  for (const auto& [folder, rule] : rules()) {
    std::vector<std::string> targets;
    for (const fs::path& file : sources_below(fs::path(LC_SOURCE_DIR) / folder)) {
      for (const Include& include : includes_of(file)) targets.push_back(include.target);
    }
    for (const std::vector<std::string>* prefixes : {&rule.ours, &rule.libraries}) {
      for (const std::string& prefix : *prefixes) {
        const bool used = std::any_of(targets.begin(), targets.end(),
                                      [&](const std::string& target) { return starts_with(target, prefix); });
        EXPECT_TRUE(used) << folder << " may include " << prefix << " and does not: take it out of the table";
      }
    }
  }
}

TEST(Arch, everySourceFolderHasARule) {
  for (const char* top : {"shared", "native", "wasm"}) {
    for (const fs::path& file : sources_below(fs::path(LC_SOURCE_DIR) / top)) {
      const std::string relative = fs::relative(file, LC_SOURCE_DIR).generic_string();
      const std::size_t second = relative.find('/', relative.find('/') + 1);
      ASSERT_NE(second, std::string::npos) << relative << " lies in no area";
      EXPECT_EQ(rules().count(relative.substr(0, second)), 1u)
          << relative << ": its folder is not in the table";
    }
  }
}

TEST(Arch, sharedKnowsNoPlatformAndNoTorch) {
  for (const fs::path& file : sources_below(fs::path(LC_SOURCE_DIR) / "shared")) {
    std::ifstream stream(file);
    const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    for (const char* word : {"__EMSCRIPTEN__", "torch::", "<<<", "emscripten.h"}) {
      EXPECT_EQ(text.find(word), std::string::npos) << file.string() << " contains " << word;
    }
  }
}

TEST(Arch, onlyTheFormatKnowsCereal) {
  for (const char* top : {"shared", "native", "wasm"}) {
    for (const fs::path& file : sources_below(fs::path(LC_SOURCE_DIR) / top)) {
      for (const Include& include : includes_of(file)) {
        if (!starts_with(include.target, "cereal/")) continue;
        EXPECT_NE(file.generic_string().find("shared/format/"), std::string::npos) << file.string();
      }
    }
  }
}

}  // namespace
