// kill -9 at random moments of training and saving: the run always goes on from its last save.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "native/data/synthetic.h"
#include "native/train/command.h"

namespace lc::train {
namespace {

namespace fs = std::filesystem;

// A process of its own that trains: a copy of this one, in which LibTorch is loaded and has done nothing yet.
// A fresh start of the program would spend nearly all of the test's time on loading.
pid_t started(std::vector<std::string> words) {
  const pid_t child = fork();
  if (child != 0) return child;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  _exit(train_command(static_cast<int>(words.size()), argv.data()));
}

int code_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// When the file was last replaced; 0: it is not there.
long long replaced_at(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return 0;
  return static_cast<long long>(info.st_mtim.tv_sec) * 1000000000 + info.st_mtim.tv_nsec;
}

long lines_of(const std::string& path) {
  std::ifstream in(path);
  long count = 0;
  for (std::string line; std::getline(in, line);) ++count;
  return count;
}

TEST(Kills, AtRandomMomentsLoseNothingThatWasSaved) {
  const char* wanted = std::getenv("LC_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 40;
  char name[] = "/tmp/lc-kills-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  const std::string folder = name, run = folder + "/run";
  fs::create_directories(folder + "/data/mnist");
  ASSERT_TRUE(data::write_synthetic("mnist", folder + "/data/mnist", 256, 64, 3).ok());
  // It saves after every iteration, and every third also its pictures: most moments are in the middle of a
  // file.
  std::vector<std::string> words = {"train",    "--model", "vae",       "--data-dir", folder + "/data",
                                    "--device", "cpu",     "--out",     run,          "--epochs",
                                    "1000000",  "--quiet", "--threads", "1",          "--unverified-data"};
  for (const char* pair : {"width=2", "latent_size=4", "batch_size=32", "save_seconds=0", "log_every=1",
                           "grid=4", "sample_every=3", "timeline=3"}) {
    words.insert(words.end(), {"--set", pair});
  }
  std::mt19937 random(5);
  long kept = 0;
  int half_written = 0;
  for (int i = 0; i < kills; ++i) {
    const long long before = replaced_at(run + "/state");
    const pid_t child =
        started(i == 0 ? words : std::vector<std::string>{"train", "--resume", run, "--quiet"});
    ASSERT_GT(child, 0);
    while (replaced_at(run + "/state") == before && waitpid(child, nullptr, WNOHANG) == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60000));
    kill(child, SIGKILL);
    ASSERT_EQ(code_of(child), 128 + SIGKILL) << "start " << i << " ended by itself";
    half_written += fs::exists(run + "/state.tmp") ? 1 : 0;
    // A line may have been ahead of its state, and come again.
    const long lines = lines_of(run + "/metrics.jsonl");
    EXPECT_GE(lines + 1, kept) << "iterations were lost at kill " << i;
    kept = lines;
  }
  const std::string epochs = std::to_string(kept / 8 + 2);
  EXPECT_EQ(code_of(started({"train", "--resume", run, "--quiet", "--epochs", epochs})), 0);
  EXPECT_TRUE(fs::exists(run + "/weights.lcw"));
  std::printf("%d kills -9, as many resumes, %d in the middle of a save, %ld iterations kept\n", kills,
              half_written, kept);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace lc::train
