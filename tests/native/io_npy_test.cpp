// .npy: what is written is what NumPy writes, and nothing damaged is taken for an array.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "native/io/npy.h"

namespace lc::io {
namespace {

std::vector<std::uint8_t> npy(const std::string& dictionary, std::size_t numbers, char version = 1) {
  std::string text("\x93NUMPY", 6);
  text += version;
  text += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    text += static_cast<char>(dictionary.size() >> (8 * i) & 255);
  text += dictionary;
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  for (std::size_t i = 0; i < numbers; ++i) {
    const float value = static_cast<float>(i) + 0.5f;
    std::uint8_t raw[4];
    std::memcpy(raw, &value, 4);
    bytes.insert(bytes.end(), raw, raw + 4);
  }
  return bytes;
}

TEST(Npy, ReadsTheBytesOfNumpy) {
  // numpy.save of numpy.array([[1, -2.5, 3]], 'float32'), NumPy 1.24.
  std::string text("\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }",
                   69);
  text.append(127 - text.size(), ' ');
  text += '\n';
  text += std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0\x00\x00\x40\x40", 12);
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const Result<Array> array = read_npy(bytes, "a.npy");
  ASSERT_TRUE(array.ok()) << array.status().message;
  EXPECT_EQ(array.value().shape, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(array.value().values, (std::vector<float>{1, -2.5f, 3}));
  const Result<std::vector<std::uint8_t>> written = write_npy({1, 3}, array.value().values);
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(std::string(written.value().begin(), written.value().end()), text)
      << "not the bytes that NumPy writes";
}

TEST(Npy, ComesBackInEveryRank) {
  std::vector<std::uint64_t> shape;
  for (std::size_t rank = 0; rank <= kMaxNpyRank; ++rank) {
    std::size_t size = 1;
    for (const std::uint64_t side : shape) size *= side;
    std::vector<float> values(size);
    for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<float>(i) / 7.0f;
    const Result<std::vector<std::uint8_t>> bytes = write_npy(shape, values);
    ASSERT_TRUE(bytes.ok()) << bytes.status().message;
    EXPECT_EQ((bytes.value().size() - 4 * size) % 64, 0u) << "the numbers are not aligned";
    const Result<Array> back = read_npy(bytes.value(), "x");
    ASSERT_TRUE(back.ok()) << back.status().message;
    EXPECT_EQ(back.value().shape, shape);
    EXPECT_EQ(back.value().values, values);
    shape.push_back(rank % 3 + 1);
  }
  EXPECT_EQ(write_npy(shape, std::vector<float>(1)).status().code, Code::bad_argument) << "rank 9";
  EXPECT_EQ(write_npy({2, 3}, std::vector<float>(5)).status().code, Code::bad_argument);
  EXPECT_TRUE(write_npy({0, 3}, {}).ok());
}

TEST(Npy, VersionTwoAndOtherSpellingsAreRead) {
  for (const std::vector<std::uint8_t>& bytes :
       {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 2, 2),
        npy("{\"shape\":(2,),\"descr\":\"<f4\",\"fortran_order\":False}", 2),
        npy("{'shape': (1, 2, 1), 'fortran_order': False, 'descr': '<f4'}   \n", 2)}) {
    const Result<Array> array = read_npy(bytes, "x");
    ASSERT_TRUE(array.ok()) << array.status().message;
    EXPECT_EQ(array.value().values, (std::vector<float>{0.5f, 1.5f}));
  }
}

TEST(Npy, EveryOtherFileIsRefusedWithItsReason) {
  const std::string order = "'fortran_order': False, ";
  const struct {
    std::vector<std::uint8_t> bytes;
    const char* reason;
  } cases[] = {
      {{}, "only 0 bytes"},
      {npy("{'descr': '<f8', " + order + "'shape': (1,), }", 2), "dtype '<f8', expected '<f4'"},
      {npy("{'descr': '>f4', " + order + "'shape': (2,), }", 2), "dtype '>f4'"},
      {npy("{'descr': '|O', " + order + "'shape': (2,), }", 2), "dtype '|O'"},
      {npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", 2), "Fortran order"},
      {npy("{'descr': '<f4', " + order + "'shape': (3,), }", 2), "shape 3 does not fit the 8 bytes"},
      {npy("{'descr': '<f4', " + order + "'shape': (1,), }", 2), "does not fit"},
      {npy("{'descr': '<f4', " + order + "'shape': (4611686018427387904, 4), }", 0), "does not fit"},
      {npy("{'descr': '<f4', " + order + "'shape': (99999999999999999999,), }", 0), "not a dictionary"},
      {npy("{'descr': '<f4', " + order + "'shape': (-1,), }", 0), "not a dictionary"},
      {npy("{'descr': '<f4', " + order + "'shape': (2), }", 2), "not a dictionary"},
      {npy("{'descr': '<f4', " + order + "'shape': (1,1,1,1,1,1,1,1,2), }", 2), "not a dictionary"},
      {npy("{'descr': '<f4', " + order + "}", 2), "not a dictionary"},
      {npy("{'descr': '<f4', 'descr': '<f4', " + order + "'shape': (2,), }", 2), "not a dictionary"},
      {npy("{'descr': '<f4', " + order + "'shape': (2,), 'more': 1}", 2), "not a dictionary"},
      {npy("{'descr': '<f4', " + order + "'shape': (2,), } x", 2), "not a dictionary"},
      {npy("{'descr': '<f4', " + order + "'shape': (2,)", 2), "not a dictionary"},
      {npy("{'descr': '<f4", 2), "not a dictionary"},
      {npy("", 2), "not a dictionary"},
      {npy("{'descr': '<f4', " + order + "'shape': (2,), }", 2, 3), "version 3.0"},
  };
  for (const auto& test : cases) {
    const Result<Array> array = read_npy(test.bytes, "z.npy");
    ASSERT_FALSE(array.ok()) << test.reason;
    EXPECT_EQ(array.status().code, Code::data_damaged);
    EXPECT_EQ(array.status().message.find("z.npy: "), 0u);
    EXPECT_NE(array.status().message.find(test.reason), std::string::npos) << array.status().message;
  }
}

TEST(Npy, EveryPrefixIsRefused) {
  for (const char version : {'\1', '\2'}) {
    const std::vector<std::uint8_t> whole =
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 6, version);
    ASSERT_TRUE(read_npy(whole, "x").ok());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // A copy of exactly that size, so that the address sanitizer sees a read past its end.
      const std::vector<std::uint8_t> prefix(whole.begin(), whole.begin() + static_cast<long>(size));
      EXPECT_FALSE(read_npy(prefix, "x").ok()) << size << " bytes";
    }
  }
}

TEST(Npy, NoFlippedByteOfTheHeaderMakesItReadPastTheEnd) {
  const std::vector<std::uint8_t> whole =
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 6);
  std::size_t refused = 0, read = 0;
  for (std::size_t i = 0; i + 24 < whole.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      std::vector<std::uint8_t> bytes = whole;
      bytes[i] = static_cast<std::uint8_t>(value);
      const Result<Array> array = read_npy(bytes, "x");
      if (!array.ok()) {
        ++refused;
        continue;
      }
      ++read;
      ASSERT_EQ(array.value().values.size(), 6u);
    }
  }
  std::printf("%zu flips refused, %zu read as the same six numbers\n", refused, read);
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace lc::io
