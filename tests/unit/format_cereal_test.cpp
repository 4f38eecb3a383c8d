// The header is cereal's portable binary encoding: its own input archive reads it to the same header, and the
// costs that bound our archive are cereal's sizes.
#include <gtest/gtest.h>

#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <cstring>
#include <sstream>

#include "shared/format/format.h"
#include "shared/format/layout.h"
#include "tests/unit/sample_model.h"

namespace {

using namespace lc::format;  // the serialize functions, too

TEST(Cereal, ItsOwnArchiveReadsTheHeader) {
  const std::vector<std::uint8_t> bytes = lc::sample::sample_bytes();
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data() + kHeaderLengthAt, sizeof size);
  std::istringstream stream(
      std::string(reinterpret_cast<const char*>(bytes.data()) + kHeaderAt, static_cast<std::size_t>(size)));
  Header header;
  cereal::PortableBinaryInputArchive archive(stream);
  archive(header);
  EXPECT_EQ(stream.peek(), std::char_traits<char>::eof());
  const auto model = read_model(bytes);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(header.networks[0].name, "decoder");
  EXPECT_TRUE(assemble(header, model.value().payload) == bytes);
}

// Bytes that cereal writes for a list of one empty element, less the endianness byte and the list's count.
template <class T>
std::uint64_t encoded_bytes() {
  std::ostringstream stream;
  cereal::PortableBinaryOutputArchive archive(stream);
  archive(std::vector<T>(1));
  return stream.str().size() - 9;
}

template <class T>
void expect_costs(const char* name) {
  EXPECT_EQ(encoded_bytes<T>(), Cost<T>::encoded) << name;
  EXPECT_LE(sizeof(T), Cost<T>::memory) << name;
}

TEST(Cereal, TheCostsOfElementsAreTheirLeastEncodedSizes) {
  expect_costs<std::string>("string");
  expect_costs<TensorRecord>("TensorRecord");
  expect_costs<Attribute>("Attribute");
  expect_costs<LayerRecord>("LayerRecord");
  expect_costs<NetworkInput>("NetworkInput");
  expect_costs<NetworkOutput>("NetworkOutput");
  expect_costs<Network>("Network");
  expect_costs<PriorPart>("PriorPart");
  expect_costs<Option>("Option");
  expect_costs<Metric>("Metric");
  expect_costs<Series>("Series");
  expect_costs<Strip>("Strip");
  expect_costs<Moment>("Moment");
  expect_costs<std::uint8_t>("uint8_t");
  expect_costs<float>("float");
  expect_costs<std::uint64_t>("uint64_t");
}

}  // namespace
