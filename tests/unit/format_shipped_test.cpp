// Every weights file in the tree is whole, and no cut and no flip of it goes unnoticed.
#include <dirent.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "shared/format/format.h"
#include "shared/format/layout.h"

namespace {

using Buffer = std::vector<std::uint8_t>;

std::vector<std::string> weights_files() {
  std::vector<std::string> files;
  for (const std::string folder : {LC_SOURCE_DIR "/tests/golden/", LC_SOURCE_DIR "/weights/"}) {
    DIR* directory = opendir(folder.c_str());
    if (directory == nullptr) continue;
    while (const dirent* entry = readdir(directory)) {
      const std::string name = entry->d_name;
      if (name.size() > 4 && name.substr(name.size() - 4) == ".lcw") files.push_back(folder + name);
    }
    closedir(directory);
  }
  std::sort(files.begin(), files.end());
  return files;
}

Buffer read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return Buffer(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

TEST(Shipped, EveryFileIsWholeAndWrittenInItsOneEncoding) {
  const auto files = weights_files();
  ASSERT_GE(files.size(), 1u);
  for (const std::string& path : files) {
    const Buffer bytes = read_file(path);
    const auto model = lc::format::read_model(bytes);
    ASSERT_TRUE(model.ok()) << path << ": " << model.status().message;
    EXPECT_TRUE(lc::format::assemble(model.value().header, model.value().payload) == bytes) << path;
    std::printf("%s: %zu bytes, %zu of them payload\n", path.c_str() + sizeof LC_SOURCE_DIR, bytes.size(),
                model.value().payload.size);
  }
}

TEST(Shipped, EveryPrefixIsRefused) {
  for (const std::string& path : weights_files()) {
    const Buffer bytes = read_file(path);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(lc::format::read_model({bytes.data(), size}).ok()) << path << ": " << size;
    }
  }
}

// Each flip costs a pass over the file, so that all of a megabyte's would take half an hour: all of the
// preamble's, and a few hundred of the rest. The sample model is flipped everywhere in format_bad_test.cpp.
TEST(Shipped, FlippedBytesAreRefused) {
  for (const std::string& path : weights_files()) {
    Buffer bytes = read_file(path);
    const std::size_t stride = std::max<std::size_t>(1, bytes.size() / 257);
    std::size_t flips = 0;
    for (std::size_t at = 0; at < bytes.size(); at += at < lc::format::kHeaderAt + 1 ? 1 : stride) {
      for (const std::uint32_t mask : {1u << (at % 8), 0xffu}) {
        bytes[at] ^= static_cast<std::uint8_t>(mask);
        ASSERT_FALSE(lc::format::read_model(bytes).ok()) << path << ": byte " << at << " mask " << mask;
        bytes[at] ^= static_cast<std::uint8_t>(mask);
        ++flips;
      }
    }
    std::printf("%s: %zu flips refused\n", path.c_str() + sizeof LC_SOURCE_DIR, flips);
  }
}

}  // namespace
