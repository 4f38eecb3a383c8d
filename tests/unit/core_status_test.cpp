// Codes have names and exit codes, and a mistyped name finds its neighbour.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "shared/core/checked.h"
#include "shared/core/status.h"

namespace {

using lc::Code;

TEST(Status, EveryCodeTellsItsName) {
  EXPECT_STREQ(lc::name_of(Code::ok), "ok");
  EXPECT_STREQ(lc::name_of(Code::bad_magic), "bad_magic");
  EXPECT_STREQ(lc::name_of(Code::too_much_work), "too_much_work");
  EXPECT_STREQ(lc::name_of(Code::interrupted), "interrupted");
  EXPECT_STREQ(lc::name_of(static_cast<Code>(9999)), "unknown_code");
}

TEST(Status, ExitCodesFollowTheHundreds) {
  EXPECT_EQ(lc::exit_code(Code::ok), 0);
  EXPECT_EQ(lc::exit_code(Code::unknown_name), 2);
  EXPECT_EQ(lc::exit_code(Code::data_missing), 3);
  EXPECT_EQ(lc::exit_code(Code::bad_checksum), 4);
  EXPECT_EQ(lc::exit_code(Code::io_disk_full), 5);
  EXPECT_EQ(lc::exit_code(Code::diverged), 6);
  EXPECT_EQ(lc::exit_code(Code::no_device), 7);
  EXPECT_EQ(lc::exit_code(Code::out_of_memory), 1);
}

TEST(Status, EditDistanceCountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(lc::edit_distance("", ""), 0u);
  EXPECT_EQ(lc::edit_distance("vae", ""), 3u);
  EXPECT_EQ(lc::edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(lc::edit_distance("sunday", "saturday"), 3u);
  EXPECT_EQ(lc::edit_distance("abc", "abc"), 0u);
  EXPECT_EQ(lc::edit_distance("vea", "vae"), 1u);
  EXPECT_EQ(lc::edit_distance("ca", "abc"), 3u);  // a swapped pair is not written into again
}

TEST(Status, NearestNameIsOfferedOnlyWhenItIsNear) {
  const std::array<std::string_view, 3> known = {"mnist", "fashion-mnist", "cifar10"};
  EXPECT_EQ(lc::nearest_name("mnsit", known), "mnist");
  EXPECT_EQ(lc::nearest_name("cifar-10", known), "cifar10");
  EXPECT_EQ(lc::nearest_name("imagenet", known), "");
}

lc::Result<int> half_of(int n) {
  if (n % 2 != 0) return lc::fail(Code::bad_argument, "odd");
  return n / 2;
}

lc::Status check(bool good) {
  LC_TRY(good ? lc::Status{} : lc::fail(Code::bad_argument, "no"));
  return {};
}

TEST(Status, ResultHoldsAValueOrAReason) {
  EXPECT_TRUE(half_of(4).ok());
  EXPECT_EQ(half_of(4).value(), 2);
  EXPECT_EQ(half_of(3).status().code, Code::bad_argument);
  EXPECT_EQ(half_of(3).status().message, "odd");
  EXPECT_TRUE(check(true).ok());
  EXPECT_EQ(check(false).code, Code::bad_argument);
}

TEST(Checked, OverflowIsReported) {
  std::uint64_t out = 0;
  EXPECT_TRUE(lc::checked_mul(1ull << 32, (1ull << 32) - 1, out));
  EXPECT_FALSE(lc::checked_mul(1ull << 32, 1ull << 32, out));
  EXPECT_TRUE(lc::checked_add(~0ull, 0, out));
  EXPECT_FALSE(lc::checked_add(~0ull, 1, out));
}

}  // namespace
