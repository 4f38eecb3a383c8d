// The trainer as a process, for tests that kill it, stop it and start it again.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "native/data/synthetic.h"
#include "native/io/files.h"
#include "tests/native/process.h"

namespace lc {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr long kHeldIteration = 50;  // where TrainProcess::start's runs draw their first grid

// Holds a run there, however fast it is beside the test: a pipe stands in the place of the picture, and waits
// for a reader.
class HeldRun {
 public:
  explicit HeldRun(const std::string& run) : path_(run + "/samples/prior.png") {
    fs::create_directories(run + "/samples");
    EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0);
  }
  HeldRun(const HeldRun&) = delete;
  HeldRun& operator=(const HeldRun&) = delete;
  ~HeldRun() {
    if (reader_ >= 0) close(reader_);
    unlink(path_.c_str());
  }
  void let_go() { reader_ = open(path_.c_str(), O_RDONLY | O_NONBLOCK); }

 private:
  std::string path_;
  int reader_ = -1;
};

class TrainProcess : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/lc-train-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    fs::create_directories(folder_ + "/data/mnist");
    ASSERT_TRUE(data::write_synthetic("mnist", folder_ + "/data/mnist", 256, 64, 3).ok());
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A small run that saves after every iteration.
  std::vector<std::string> start(const std::string& run, const std::string& epochs = "100000",
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {
        LC_TRAINER,          "--model", "vae",      "--data-dir", folder_ + "/data",
        "--unverified-data", "--out",   at(run),    "--epochs",   epochs,
        "--threads",         "1",       "--device", "cpu"};
    for (const char* pair : {"width=2", "latent_size=4", "batch_size=32", "save_seconds=0", "log_every=1",
                             "grid=4", "sample_every=50", "lr_schedule=constant", "timeline=3"}) {
      words.insert(words.end(), {"--set", pair});
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::vector<std::string> resume(const std::string& run, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {LC_TRAINER, "--resume", at(run)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string at(const std::string& name) const { return folder_ + "/" + name; }
  std::string log(const std::string& name) const { return folder_ + "/" + name + ".log"; }
  Ended run(const std::vector<std::string>& words) const { return Process(words, log("run")).wait(); }

  // Lines of metrics.jsonl that are whole objects; -1: there is no file.
  long lines(const std::string& name) const {
    std::ifstream in(at(name) + "/metrics.jsonl");
    if (!in) return -1;
    long count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    return count;
  }
  void wait_for_lines(Process& process, const std::string& name, long count) const {
    while (process.running() && lines(name) < count)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::vector<std::uint8_t> bytes(const std::string& path) const {
    const Result<std::vector<std::uint8_t>> read = io::read_file(path);
    return read.ok() ? read.value() : std::vector<std::uint8_t>();
  }

  std::string folder_;
};

}  // namespace lc
