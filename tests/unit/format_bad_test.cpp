// Every bad file of the museum is refused with its own code and words, and what is left of a good one after
// any cut or flip is refused too or changes nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "shared/format/format.h"
#include "shared/format/layout.h"
#include "tests/unit/format_bad_files.h"
#include "tests/unit/sample_model.h"

namespace {

using lc::Code;
using lc::format::read_model;
using Buffer = std::vector<std::uint8_t>;

// The codes of a weights file that need knowledge of layer kinds: nn::Graph gives them.
bool is_graph_code(Code code) {
  return code == Code::unknown_layer || code == Code::bad_attribute || code == Code::bad_layer_inputs ||
         code == Code::bad_layer_tensors || code == Code::too_much_work;
}

// Reads every tensor of an accepted file: whatever was accepted must be usable.
double sum_of_tensors(const lc::format::ModelFile& file) {
  double sum = 0;
  for (std::uint32_t i = 0; i < file.header.tensors.size(); ++i) {
    std::vector<float> values(lc::format::element_count(file.header.tensors[i]));
    lc::format::read_tensor(file, i, values);
    for (const float value : values) sum += value;
  }
  return sum;
}

TEST(BadFiles, EachIsRefusedWithItsOwnCodeAndWords) {
  const auto files = lc::sample::bad_files();
  ASSERT_GE(files.size(), 45u);
  for (const auto& file : files) {
    const auto result = read_model(file.bytes);
    ASSERT_FALSE(result.ok()) << file.name;
    EXPECT_EQ(result.status().code, file.code)
        << file.name << ": " << lc::name_of(result.status().code) << ", expected " << lc::name_of(file.code)
        << "; " << result.status().message;
    EXPECT_NE(result.status().message.find(file.fragment), std::string::npos)
        << file.name << ": no '" << file.fragment << "' in: " << result.status().message;
    EXPECT_EQ(lc::exit_code(result.status().code), 4) << file.name;
    for (const char c : result.status().message) {
      ASSERT_TRUE(c >= 0x20 && c < 0x7f)
          << file.name << ": a message for a terminal holds byte " << static_cast<int>(c);
    }
  }
  std::printf("%zu kinds of bad file refused\n", files.size());
}

TEST(BadFiles, EveryCodeOfTheFormatIsMet) {
  std::set<Code> met;
  for (const auto& file : lc::sample::bad_files()) met.insert(file.code);
  int codes = 0;
  for (std::uint16_t number = 300; number < 400; ++number) {
    const auto code = static_cast<Code>(number);
    if (std::strcmp(lc::name_of(code), "unknown_code") == 0 || is_graph_code(code)) continue;
    EXPECT_EQ(met.count(code), 1u) << lc::name_of(code);
    ++codes;
  }
  std::printf("%d codes met\n", codes);
}

TEST(BadFiles, TheManualListsEveryCode) {
  std::ifstream stream(LC_SOURCE_DIR "/docs/format.md");
  const std::string manual(std::istreambuf_iterator<char>(stream), {});
  ASSERT_FALSE(manual.empty());
  for (std::uint16_t number = 300; number < 400; ++number) {
    const std::string start = "\n| " + std::to_string(number) + " | ";
    const char* name = lc::name_of(static_cast<Code>(number));
    if (std::strcmp(name, "unknown_code") == 0) {
      EXPECT_EQ(manual.find(start), std::string::npos) << number;
    } else {
      EXPECT_NE(manual.find(start + "`" + name + "` | "), std::string::npos) << number << ' ' << name;
    }
  }
}

TEST(BadFiles, NamesOfTheMuseumAreUnique) {
  std::set<std::string> names;
  for (const auto& file : lc::sample::bad_files()) EXPECT_TRUE(names.insert(file.name).second) << file.name;
}

// Each prefix lies in a buffer of its own size, so that a sanitizer sees a read beyond its end.
TEST(Prefixes, EveryOneIsRefusedAlsoWhenItsLengthAndChecksumAreMadeRight) {
  const Buffer good = lc::sample::sample_bytes();
  ASSERT_TRUE(read_model(good).ok());
  for (std::size_t size = 0; size < good.size(); ++size) {
    Buffer prefix(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    prefix.shrink_to_fit();
    ASSERT_FALSE(read_model(prefix).ok()) << size;
    lc::sample::refresh(prefix);
    ASSERT_FALSE(read_model(prefix).ok()) << size << " refreshed";
  }
  std::printf("%zu prefixes refused twice\n", good.size());
}

TEST(Prefixes, ExtraBytesAreRefused) {
  Buffer bytes = lc::sample::sample_bytes();
  for (int extra = 1; extra <= 200; ++extra) {
    bytes.push_back(static_cast<std::uint8_t>(extra));
    EXPECT_EQ(read_model(bytes).status().code, Code::bad_length);
    lc::sample::refresh(bytes);
    EXPECT_EQ(read_model(bytes).status().code, Code::payload_trailing);
  }
}

// Flips one byte by every mask: all 255 at every 61st byte, one bit and the inversion everywhere.
template <class Check>
std::size_t for_each_flip(Buffer& bytes, Check check) {
  std::size_t flips = 0;
  const auto flip = [&](std::size_t at, std::uint32_t mask) {
    bytes[at] ^= static_cast<std::uint8_t>(mask);
    check(at, mask);
    bytes[at] ^= static_cast<std::uint8_t>(mask);
    ++flips;
  };
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at % 61 == 0) {
      for (std::uint32_t mask = 1; mask < 256; ++mask) flip(at, mask);
    } else {
      flip(at, 1u << (at % 8));
      flip(at, 0xff);
    }
  }
  return flips;
}

TEST(Flips, EveryOneIsRefused) {
  Buffer bytes = lc::sample::sample_bytes();
  const std::size_t flips = for_each_flip(bytes, [&](std::size_t at, std::uint32_t mask) {
    ASSERT_FALSE(read_model(bytes).ok()) << "byte " << at << " mask " << mask;
  });
  std::printf("%zu flips of %zu bytes refused\n", flips, bytes.size());
  EXPECT_TRUE(read_model(bytes).ok());
}

TEST(Flips, BehindTheChecksumNoneCrashesAndAcceptedOnesAreWholeFiles) {
  const Buffer good = lc::sample::sample_bytes();
  Buffer bytes = good;
  std::size_t accepted = 0;
  const std::size_t flips = for_each_flip(bytes, [&](std::size_t at, std::uint32_t) {
    if (at >= lc::format::kLengthAt && at < lc::format::kHeaderLengthAt)
      return;  // refresh would undo the flip
    lc::sample::refresh(bytes);
    const auto model = read_model(bytes);
    if (model.ok()) {
      ++accepted;
      ASSERT_TRUE(std::isfinite(sum_of_tensors(model.value()))) << at;
      // There is one encoding of each model: written again, an accepted file has the same bytes.
      ASSERT_TRUE(lc::format::assemble(model.value().header, model.value().payload) == bytes)
          << "byte " << at;
    }
    std::copy(good.begin() + lc::format::kLengthAt, good.begin() + lc::format::kHeaderLengthAt,
              bytes.begin() + lc::format::kLengthAt);
  });
  std::printf("%zu flips with the checksum made right: %zu accepted, each written again alike\n", flips,
              accepted);
  EXPECT_GT(accepted, 1000u);  // flips of weights are other, valid weights
  EXPECT_TRUE(bytes == good);
}

}  // namespace
