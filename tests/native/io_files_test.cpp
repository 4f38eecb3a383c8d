// Files are read whole or refused, and replaced whole or not at all.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "native/io/files.h"

namespace lc::io {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/lc-io-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string at(const std::string& name) const { return folder_ + "/" + name; }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  static std::string text_at(const std::string& path) {
    const Result<std::vector<std::uint8_t>> bytes = read_file(path);
    return bytes.ok() ? std::string(bytes.value().begin(), bytes.value().end()) : bytes.status().message;
  }
  std::string folder_;
};

TEST_F(Files, WhatWasSavedIsRead) {
  for (const std::size_t size : {0u, 1u, 4095u, 4096u, 3000001u}) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    ASSERT_TRUE(save_file(at("f"), bytes).ok());
    const Result<std::vector<std::uint8_t>> back = read_file(at("f"));
    ASSERT_TRUE(back.ok()) << back.status().message;
    EXPECT_TRUE(back.value() == bytes) << size << " bytes";
  }
  EXPECT_EQ(entries(), 1u) << "a temporary file was left behind";
}

TEST_F(Files, AMissingFileIsNamed) {
  const Result<std::vector<std::uint8_t>> result = read_file(at("absent"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code, Code::io_open);
  EXPECT_NE(result.status().message.find("absent: cannot be opened: No such file"), std::string::npos);
}

TEST_F(Files, AFolderIsNotAFile) {
  EXPECT_EQ(read_file(folder_).status().code, Code::io_open);
  EXPECT_EQ(save_file(folder_, "x").code, Code::io_open);
  EXPECT_TRUE(folder_exists(folder_));
  EXPECT_FALSE(file_exists(folder_));
}

TEST_F(Files, AFileOverTheCapIsRefusedAndOneAtTheCapIsNot) {
  ASSERT_TRUE(save_file(at("f"), std::string(100, 'x')).ok());
  EXPECT_TRUE(read_file(at("f"), 100).ok());
  EXPECT_EQ(read_file(at("f"), 99).status().code, Code::too_much_asked);
  // A pipe does not tell its length.
  const std::string pipe = at("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const pid_t writer = fork();
  if (writer == 0) {
    const Status saved = save_file(pipe, std::string(100, 'x'));
    _exit(saved.ok() ? 0 : 1);
  }
  EXPECT_EQ(read_file(pipe, 99).status().code, Code::too_much_asked);
  int status = 0;
  waitpid(writer, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the pipe was replaced or refused";
}

TEST_F(Files, AFullDeviceIsADiskFullError) {
  const Status status = save_file("/dev/full", "x");
  EXPECT_EQ(status.code, Code::io_disk_full) << status.message;
  EXPECT_EQ(exit_code(status.code), 5);
  struct stat info = {};
  ASSERT_EQ(stat("/dev/full", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode)) << "the device was replaced by a file";
}

TEST_F(Files, ASaveThatRunsOutOfRoomKeepsTheOldFileAndLeavesNothing) {
  ASSERT_TRUE(save_file(at("f"), "old").ok());
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    const Status status = save_file(at("f"), std::string(100000, 'n'));
    _exit(status.code == Code::io_disk_full ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(text_at(at("f")), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, AFolderThatIsMissingOrNoFolderIsReported) {
  EXPECT_EQ(save_file(at("no/such/f"), "x").code, Code::io_open);
  ASSERT_TRUE(save_file(at("f"), "x").ok());
  EXPECT_EQ(save_file(at("f/g"), "x").code, Code::io_open);
  EXPECT_EQ(make_folders(at("f")).code, Code::io_open);
  EXPECT_EQ(make_folders(at("f/g")).code, Code::io_open);
}

TEST_F(Files, FoldersAreMadeWithThoseAboveThem) {
  EXPECT_TRUE(make_folders(at("a/b//c/")).ok());
  EXPECT_TRUE(folder_exists(at("a/b/c")));
  EXPECT_TRUE(make_folders(at("a/b/c")).ok()) << "a second time";
  EXPECT_TRUE(make_folders(".").ok());
}

TEST_F(Files, ALinkIsFollowedAndPermissionsAreKept) {
  ASSERT_TRUE(save_file(at("f"), "old").ok());
  ASSERT_EQ(chmod(at("f").c_str(), 0640), 0);
  fs::create_symlink(at("f"), at("link"));
  ASSERT_TRUE(save_file(at("link"), "new").ok());
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_EQ(text_at(at("f")), "new");
  struct stat info = {};
  ASSERT_EQ(stat(at("f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0640u);
}

TEST_F(Files, ANewFileHasThePermissionsOfTheUmask) {
  const mode_t before = umask(027);
  ASSERT_TRUE(save_file(at("f"), "x").ok());
  umask(before);
  struct stat info = {};
  ASSERT_EQ(stat(at("f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0640u);
}

TEST_F(Files, WhatAKilledProgramLeftIsReused) {
  ASSERT_TRUE(save_file(at("f.tmp"), std::string(5000, 'k')).ok());
  ASSERT_TRUE(save_file(at("f"), "new").ok());
  EXPECT_EQ(text_at(at("f")), "new");
  EXPECT_EQ(entries(), 1u);
}

// Two programs save to one path as fast as they can, one is killed at random moments: the file is always one
// of theirs, whole.
TEST_F(Files, KilledAndCompetingSavesNeverLeaveAPartOfAFile) {
  constexpr int kKills = 60;
  constexpr std::size_t kBytes = 200000;
  const std::string path = at("f");
  ASSERT_TRUE(save_file(path, std::string(kBytes, 'a')).ok());
  const auto save_for_ever = [&](char first) {
    for (int i = 0;; ++i) {
      const Status status = save_file(path, std::string(kBytes, static_cast<char>(first + i % 8)));
      if (!status.ok()) _exit(1);
    }
  };
  const pid_t steady = fork();
  if (steady == 0) save_for_ever('A');
  int partial = 0, reads = 0;
  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    const pid_t victim = fork();
    if (victim == 0) save_for_ever('a');
    usleep(static_cast<useconds_t>(2000 + 977 * kill_number % 9000));
    ASSERT_EQ(kill(victim, SIGKILL), 0);
    int status = 0;
    waitpid(victim, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "a competing save failed";
    const std::string text = text_at(path);
    ++reads;
    if (text.size() != kBytes || text.find_first_not_of(text[0]) != std::string::npos) ++partial;
  }
  kill(steady, SIGKILL);
  int status = 0;
  waitpid(steady, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the steady save failed";
  std::printf("%d kills, %d reads, %d partial files\n", kKills, reads, partial);
  EXPECT_EQ(partial, 0);
  EXPECT_LE(entries(), 2u) << "temporary files pile up";
}

TEST(Paths, AreTakenApartAndJoined) {
  EXPECT_EQ(folder_of("a/b"), "a");
  EXPECT_EQ(folder_of("b"), ".");
  EXPECT_EQ(folder_of("/b"), "/");
  EXPECT_EQ(join("a", "b"), "a/b");
  EXPECT_EQ(join("a/", "b"), "a/b");
  EXPECT_EQ(join("a", "/b"), "/b");
  EXPECT_EQ(join("", "b"), "b");
}

}  // namespace
}  // namespace lc::io
