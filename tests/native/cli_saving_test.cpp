// A file that the program replaces is the old one or the new one, whole, whatever the system does meanwhile.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "tests/native/cli_program.h"
#include "tests/unit/sample_model.h"

namespace lc::test {
namespace {

// Every call that a save makes after the program has read what it needs.
const std::vector<std::string> kSavingCalls = {"flock", "ftruncate", "write", "fchmod", "fsync", "rename"};

// Exports a model over an older file, under strace, which lets calls fail or kills the program at one.
class Saving : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("weights/tiny.lcw", sample::sample_bytes());
    ASSERT_EQ(cli({"export", "tiny", "--out", "new"}).code, 0);
    if (traced({"-e", "trace=fsync"}).code != 0) GTEST_SKIP() << "strace is missing or may not trace here";
  }

  Outcome traced(std::vector<std::string> options) const {
    write("out", "old");
    Invocation what;
    what.program = "/usr/bin/strace";
    if (access(what.program.c_str(), X_OK) != 0) return {};
    what.arguments = {"-qq", "-o", "trace"};
    what.arguments.insert(what.arguments.end(), options.begin(), options.end());
    for (const char* word : {LC_CLI_PROGRAM, "export", "tiny", "--out", "out"})
      what.arguments.push_back(word);
    // The leak sanitizer cannot work while another program traces it.
    what.environment["ASAN_OPTIONS"] = "detect_leaks=0";
    return cli(what);
  }
  // Calls on the temporary file alone: a sanitizer writes too.
  std::vector<std::string> on_temporary(const std::string& injection) const {
    return {"-P", at("out.tmp"), "-e", "inject=" + injection};
  }
  bool is_old() const { return bytes_at("out") == std::vector<std::uint8_t>{'o', 'l', 'd'}; }
  bool is_new() const { return bytes_at("out") == bytes_at("new"); }
  bool has_temporary() const { return std::filesystem::exists(at("out.tmp")); }
};

TEST_F(Saving, WritesSynchronisesRenamesAndSynchronisesTheFolderInThisOrder) {
  ASSERT_EQ(traced({"-y", "-e", "trace=write,fsync,rename"}).code, 0);
  EXPECT_TRUE(is_new());
  const std::vector<std::uint8_t> bytes = bytes_at("trace");
  const std::string trace(bytes.begin(), bytes.end());
  const std::size_t written = trace.find("/out.tmp>, \""), synchronised = trace.find("fsync("),
                    renamed = trace.find("rename("), folder = trace.rfind("fsync(");
  ASSERT_NE(renamed, std::string::npos) << trace;
  EXPECT_LT(written, synchronised) << trace;
  EXPECT_LT(synchronised, renamed) << trace;
  EXPECT_LT(renamed, folder) << trace;
  EXPECT_NE(trace.find("/out.tmp>)", synchronised), std::string::npos) << trace;
}

TEST_F(Saving, ACallThatFailsKeepsTheOldFileAndLeavesNothing) {
  for (const char* error : {"ENOSPC", "EDQUOT", "EIO"}) {
    for (const std::string call : {"ftruncate", "write", "fchmod", "fsync", "rename"}) {
      const Outcome outcome = traced(on_temporary(call + ":error=" + error + ":when=1"));
      EXPECT_EQ(outcome.code, 5) << call << " " << error << ": " << outcome.err;
      EXPECT_TRUE(is_old()) << call << " " << error;
      EXPECT_FALSE(has_temporary()) << call << " " << error;
    }
  }
}

TEST_F(Saving, AnInterruptedCallIsMadeAgain) {
  for (const std::string call : {"flock", "write", "fsync"}) {
    EXPECT_EQ(traced(on_temporary(call + ":error=EINTR:when=1")).code, 0) << call;
    EXPECT_TRUE(is_new()) << call;
  }
}

TEST_F(Saving, AKillAtAnyCallLeavesAWholeFile) {
  int kills = 0, old_files = 0;
  for (const std::string& call : kSavingCalls) {
    for (int when = 1; when <= 3; ++when) {
      const Outcome outcome = traced({"-e", "inject=" + call + ":signal=KILL:when=" + std::to_string(when)});
      if (outcome.code == 0) break;  // fewer calls than that
      ++kills;
      old_files += is_old() ? 1 : 0;
      EXPECT_TRUE(is_old() || is_new()) << call << " number " << when;
      // What is left does not disturb the next save.
      ASSERT_EQ(cli({"export", "tiny", "--out", "out"}).code, 0);
      EXPECT_TRUE(is_new());
      EXPECT_FALSE(has_temporary());
    }
  }
  std::printf("%d kills: %d old files, %d new ones, none in parts\n", kills, old_files, kills - old_files);
  EXPECT_GE(kills, 6);
}

}  // namespace
}  // namespace lc::test
