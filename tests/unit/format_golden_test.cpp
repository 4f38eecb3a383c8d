// A file of this format that was written once keeps its meaning, and its model keeps its bytes.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "shared/format/format.h"
#include "tests/unit/sample_model.h"

namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer read_golden() {
  std::ifstream stream(LC_SOURCE_DIR "/tests/golden/sample.lcw", std::ios::binary);
  return Buffer(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

float value_of(const lc::format::ModelFile& file, const std::string& name, std::size_t index) {
  for (std::uint32_t i = 0; i < file.header.tensors.size(); ++i) {
    if (file.header.tensors[i].name != name) continue;
    std::vector<float> values(lc::format::element_count(file.header.tensors[i]));
    lc::format::read_tensor(file, i, values);
    return values.at(index);
  }
  ADD_FAILURE() << "no tensor " << name;
  return 0;
}

TEST(Golden, TheCommittedFileReadsToTheSameValues) {
  const Buffer bytes = read_golden();
  ASSERT_EQ(bytes.size(), 12648u);
  EXPECT_EQ(lc::format::crc32(bytes), 0xadeecdabu);
  const auto model = lc::format::read_model(bytes);
  ASSERT_TRUE(model.ok()) << model.status().message;
  const lc::format::ModelFile& file = model.value();
  EXPECT_EQ(file.header.title, u8"Sample, Übung 數字");
  EXPECT_EQ(file.header.tensors.size(), 31u);
  EXPECT_EQ(file.header.networks[2].layers[3].kind, "conv_transpose2d");
  EXPECT_EQ(file.header.provenance.seconds, 12.5);
  // f16, i8 with scales of axis 0, f32, i8 with scales of axis 1; decoded once by another program.
  EXPECT_EQ(value_of(file, "decoder.0.weight", 5), -0.26953125f);
  EXPECT_EQ(value_of(file, "encoder.1.weight", 1001), 0x1.f2b8b2p-5f);
  EXPECT_EQ(value_of(file, "generator.0.weight", 77), 0x1.b5579ep-8f);
  EXPECT_EQ(value_of(file, "generator.3.weight", 300), -0x1.039fb6p-4f);
}

// On a mismatch the bytes are left beside the program's working folder: look at the difference before
// replacing the golden file, because every file that people have was written by the old code.
TEST(Golden, TheSameModelIsWrittenToTheSameBytes) {
  const Buffer golden = read_golden(), written = lc::sample::sample_bytes();
  if (golden == written) return;
  std::ofstream("sample-actual.lcw", std::ios::binary)
      .write(reinterpret_cast<const char*>(written.data()), static_cast<std::streamsize>(written.size()));
  ADD_FAILURE() << "the sample model has " << written.size()
                << " bytes that differ from tests/golden/sample.lcw (" << golden.size()
                << " bytes); see sample-actual.lcw";
}

}  // namespace
