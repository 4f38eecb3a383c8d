// Loading allocates less than 1 MiB besides the file itself, whatever the file claims. Counts every operator
// new.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "shared/format/format.h"
#include "tests/unit/format_bad_files.h"
#include "tests/unit/sample_model.h"

namespace {

std::size_t live = 0, peak = 0;
constexpr std::size_t kPrefix = 16;  // keeps malloc's alignment; holds the size

void* allocate(std::size_t size) {
  auto* block = static_cast<unsigned char*>(std::malloc(size + kPrefix));
  if (block == nullptr) std::abort();
  *reinterpret_cast<std::size_t*>(block) = size;
  live += size;
  peak = std::max(peak, live);
  return block + kPrefix;
}

void release(void* pointer) {
  if (pointer == nullptr) return;
  auto* block = static_cast<unsigned char*>(pointer) - kPrefix;
  live -= *reinterpret_cast<std::size_t*>(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void operator delete(void* pointer) noexcept {
  release(pointer);
}
void operator delete[](void* pointer) noexcept {
  release(pointer);
}
void operator delete(void* pointer, std::size_t) noexcept {
  release(pointer);
}
void operator delete[](void* pointer, std::size_t) noexcept {
  release(pointer);
}
void operator delete(void* pointer, const std::nothrow_t&) noexcept {
  release(pointer);
}
void operator delete[](void* pointer, const std::nothrow_t&) noexcept {
  release(pointer);
}

namespace {

constexpr std::size_t kMost = std::size_t{1} << 20;

// Bytes at the height of read_model, not counting the file.
std::size_t peak_of_reading(const std::vector<std::uint8_t>& bytes, bool& accepted) {
  const std::size_t before = live;
  peak = live;
  {
    const auto result = lc::format::read_model(bytes);
    accepted = result.ok();
  }
  EXPECT_EQ(live, before) << "reading leaks";
  return peak - before;
}

TEST(Memory, TheCounterCounts) {
  const std::size_t before = live;
  peak = live;
  { std::vector<char> block(123456); }
  EXPECT_EQ(peak - before, 123456u);
  EXPECT_EQ(live, before);
}

TEST(Memory, BadFilesNeedLessThanOneMebibyteBesidesThemselves) {
  std::size_t worst = 0;
  std::string worst_name;
  for (const auto& file : lc::sample::bad_files()) {
    bool accepted = true;
    const std::size_t bytes = peak_of_reading(file.bytes, accepted);
    EXPECT_FALSE(accepted) << file.name;
    EXPECT_LT(bytes, kMost) << file.name << ", a file of " << file.bytes.size() << " bytes";
    if (bytes > worst) worst = bytes, worst_name = file.name;
  }
  std::printf("bad files: at most %zu bytes (%s)\n", worst, worst_name.c_str());
}

// A header of many small things, which unpacks to a multiple of its size: one element less than is refused.
TEST(Memory, TheLargestHeadersThatAreReadStayBelowToo) {
  const std::vector<std::uint8_t> good = lc::sample::sample_bytes();
  std::size_t worst = 0, refused = 0, longest = 0;
  for (std::size_t values = 0; values < 260000; values += 20000) {
    for (const std::size_t series : {std::size_t{1}, std::size_t{8}, std::size_t{64}}) {
      lc::format::Writer writer = lc::sample::sample_writer();
      lc::format::Curve& curve = writer.header.curve;
      curve = {};
      for (std::size_t i = 0; i < values / (series + 2); ++i) curve.iterations.push_back(i);
      for (std::size_t i = 0; i < series; ++i) {
        curve.series.push_back({"s" + std::to_string(i), std::vector<float>(curve.iterations.size(), 1.0f)});
      }
      const auto bytes = writer.finish();
      if (!bytes.ok()) {
        EXPECT_TRUE(bytes.status().code == lc::Code::header_too_big ||
                    bytes.status().code == lc::Code::header_too_long);
        ++refused;
        continue;
      }
      bool accepted = false;
      worst = std::max(worst, peak_of_reading(bytes.value(), accepted));
      longest = std::max(longest, bytes.value().size());
      EXPECT_TRUE(accepted);
    }
  }
  std::printf("long headers: files of up to %zu bytes read, %zu refused, at most %zu bytes\n", longest,
              refused, worst);
  EXPECT_LT(worst, kMost);
  EXPECT_GT(worst, kMost * 3 / 4);
  EXPECT_GT(refused, 0u);
}

TEST(Memory, AModelOfFourMegabytesNeedsItsHeaderAlone) {
  lc::format::Writer writer = lc::sample::sample_writer();
  writer.add_tensor("large", {1024, 1024}, std::vector<float>(1 << 20, 0.5f), lc::format::DType::f32);
  const auto bytes = writer.finish();
  ASSERT_TRUE(bytes.ok()) << bytes.status().message;
  bool accepted = false;
  const std::size_t most = peak_of_reading(bytes.value(), accepted);
  std::printf("a file of %zu bytes: %zu bytes allocated\n", bytes.value().size(), most);
  EXPECT_TRUE(accepted);
  EXPECT_LT(most, 64u << 10);
}

}  // namespace
