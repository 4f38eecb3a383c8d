// Runs latent-canvas as a user would, and keeps a folder for its files.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lc::test {

struct Outcome {
  int code = -1;  // 128 + signal when killed
  std::string out, err;
};

struct Invocation {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;  // in place of the tester's own
  std::string program;                             // empty: the one that was built
  std::string out_path;                            // empty: kept in Outcome::out
  bool on_terminal = false;  // stdout and stderr are one pseudo-terminal; all of it in Outcome::out
};

// In `folder` as the current one.
Outcome run(const Invocation& what, const std::string& folder);

// A test with a folder of its own; weights, data and caches of the machine are out of sight.
class CliTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  Outcome cli(const std::vector<std::string>& arguments) const;
  Outcome cli(Invocation what) const;
  std::string at(const std::string& name) const { return folder_ + "/" + name; }
  std::vector<std::uint8_t> bytes_at(const std::string& name) const;
  void write(const std::string& name, const std::vector<std::uint8_t>& bytes) const;
  void write(const std::string& name, const std::string& text) const;

  std::string folder_;
};

}  // namespace lc::test

// Both the code and the message are promises.
#define EXPECT_FAILS(outcome, exit_code_, part)                                                    \
  do {                                                                                             \
    const ::lc::test::Outcome& o_ = (outcome);                                                     \
    EXPECT_EQ(o_.code, exit_code_) << o_.out << o_.err;                                            \
    EXPECT_NE(o_.err.find(part), std::string::npos) << "expected '" << part << "' in: " << o_.err; \
  } while (false)
