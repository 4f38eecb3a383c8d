// The trainer as a process: killed, stopped by signals, out of disk, diverged; what it leaves can always be
// resumed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "native/data/synthetic.h"
#include "native/io/files.h"
#include "shared/format/format.h"

namespace lc {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Ended {
  int code = -1;  // 128 + signal when killed
  std::string text;
};

class Process {
 public:
  Process(const std::vector<std::string>& words, const std::string& log) : log_(log) {
    child_ = fork();
    if (child_ != 0) return;
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    setenv("OMP_NUM_THREADS", "1", 1);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  void send(int number) const { kill(child_, number); }
  bool running() {
    int status = 0;
    if (child_ == 0) return false;
    if (waitpid(child_, &status, WNOHANG) == 0) return true;
    note(status);
    return false;
  }
  Ended wait() {
    int status = 0;
    if (child_ != 0 && waitpid(child_, &status, 0) == child_) note(status);
    std::stringstream text;
    text << std::ifstream(log_).rdbuf();
    ended_.text = text.str();
    return ended_;
  }

 private:
  void note(int status) {
    ended_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    child_ = 0;
  }
  pid_t child_ = 0;
  std::string log_;
  Ended ended_;
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

void expect_ended(const Ended& ended, int code, const std::string& part) {
  EXPECT_EQ(ended.code, code) << ended.text;
  EXPECT_NE(ended.text.find(part), std::string::npos) << "expected '" << part << "' in: " << ended.text;
}

TEST_F(TrainProcess, SignalsSaveAndLeave) {
  const struct { int number, code; } signals[] = {{SIGTERM, 143}, {SIGINT, 130}};
  for (const auto& signal : signals) {
    const std::string name = "signal" + std::to_string(signal.number);
    Process process(start(name), log(name));
    wait_for_lines(process, name, 20);
    const Clock::time_point sent = Clock::now();
    process.send(signal.number);
    const Ended ended = process.wait();
    const double seconds = std::chrono::duration<double>(Clock::now() - sent).count();
    expect_ended(ended, signal.code, "--resume " + at(name));
    std::printf("signal %d: left after %.3f s (limit 2 s) with exit code %d\n", signal.number, seconds,
                ended.code);
    // A promise to people, with room for a busy machine: alone it takes a few milliseconds.
    EXPECT_LT(seconds, 2.0);
    expect_ended(run(resume(name, {"--dry-run"})), 0, "iterations");
  }
}

TEST_F(TrainProcess, ASignalAndAResumeGiveTheWeightsOfAnUnbrokenRun) {
  expect_ended(run(start("whole", "12")), 0, "weights: ");
  Process process(start("broken", "12"), log("broken"));
  wait_for_lines(process, "broken", 31);
  process.send(SIGTERM);
  const Ended first = process.wait();
  ASSERT_EQ(first.code, 143) << first.text;
  expect_ended(run(resume("broken")), 0, "weights: ");
  const std::vector<std::uint8_t> a = bytes(at("whole/weights.lcw")), b = bytes(at("broken/weights.lcw"));
  const Result<format::ModelFile> whole = format::read_model(Bytes(a)), broken = format::read_model(Bytes(b));
  ASSERT_TRUE(whole.ok() && broken.ok());
  ASSERT_EQ(whole->payload.size, broken->payload.size);
  EXPECT_EQ(std::memcmp(whole->payload.data, broken->payload.data, whole->payload.size), 0);
  EXPECT_EQ(whole->header.curve.series[0].values, broken->header.curve.series[0].values);
  EXPECT_EQ(whole->header.timeline.size(), 3u);
  EXPECT_EQ(broken->header.timeline.size(), 3u);
  EXPECT_EQ(lines("whole"), lines("broken")) << "metrics.jsonl has a line twice or lost one";
  std::printf("%zu bytes of weights equal after a signal and a resume\n", whole->payload.size);
}

TEST_F(TrainProcess, SurvivesKillsAtRandomMoments) {
  const char* wanted = std::getenv("LC_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 10;
  std::mt19937 random(5);
  {
    Process first(start("killed"), log("killed"));
    wait_for_lines(first, "killed", 3);
    first.send(SIGKILL);
    EXPECT_EQ(first.wait().code, 128 + SIGKILL);
  }
  long before = lines("killed");
  int resumed = 0, temporary = 0;
  for (int i = 0; i < kills; ++i) {
    Process process(resume("killed"), log("killed"));
    // Resuming trims what was logged ahead of the state: wait until training has gone on.
    const std::vector<std::uint8_t> old = bytes(at("killed/state"));
    while (process.running() && bytes(at("killed/state")) == old)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60000));
    process.send(SIGKILL);
    const Ended ended = process.wait();
    EXPECT_EQ(ended.code, 128 + SIGKILL) << "it ended by itself: " << ended.text;
    resumed += ended.code == 128 + SIGKILL ? 1 : 0;
    temporary += fs::exists(at("killed/state.tmp")) ? 1 : 0;
    EXPECT_GE(lines("killed") + 1, before) << "iterations were lost";
    before = lines("killed");
  }
  EXPECT_EQ(resumed, kills);
  const Ended last = run(resume("killed", {"--epochs", std::to_string(before / 8 + 2)}));
  expect_ended(last, 0, "weights: ");
  std::printf("%d kills -9, %d resumes, %d in the middle of a save, %ld iterations kept\n", kills + 1,
              resumed, temporary, before);
}

TEST_F(TrainProcess, AFullDiskIsReportedAndLosesNothing) {
  if (std::system("strace -qq -o /dev/null true 2> /dev/null") != 0) {
    GTEST_SKIP() << "strace is not installed or not permitted here";
  }
  expect_ended(run(start("full", "2")), 0, "weights: ");
  const std::vector<std::uint8_t> weights = bytes(at("full/weights.lcw"));
  int epochs = 2;
  const char* const places[] = {"state.tmp", "metrics.jsonl", "weights.lcw.tmp", "samples/prior.png.tmp"};
  for (const char* place : places) {
    epochs += 2;
    const std::string trace = at("trace");
    std::vector<std::string> words = {"strace",
                                      "-qq",
                                      "-f",
                                      "-o",
                                      trace,
                                      "-P",
                                      at("full") + "/" + place,
                                      "-e",
                                      "trace=write,pwrite64",
                                      "-e",
                                      "inject=write,pwrite64:error=ENOSPC:when=1+"};
    const std::vector<std::string> train =
        resume("full", {"--epochs", std::to_string(epochs), "--set", "sample_every=3"});
    words.insert(words.end(), train.begin(), train.end());
    const Ended ended = run(words);
    expect_ended(ended, 5, "No space left on device");
    expect_ended(ended, 5, "--resume " + at("full"));
    std::stringstream traced;
    traced << std::ifstream(trace).rdbuf();
    EXPECT_NE(traced.str().find("ENOSPC"), std::string::npos) << "the fault was never met in " << place;
    EXPECT_TRUE(bytes(at("full/weights.lcw")) == weights) << place;
    expect_ended(run(resume("full", {"--dry-run"})), 0, "iterations");
  }
  expect_ended(run(resume("full", {"--epochs", std::to_string(epochs)})), 0, "weights: ");
  EXPECT_FALSE(bytes(at("full/weights.lcw")) == weights);
  std::printf("disk full at %zu places: exit code 5 each time, the run resumed to its end\n",
              std::size(places));
}

TEST_F(TrainProcess, ANanEndsWithItsOwnCodeAndKeepsTheLastGoodState) {
  // No step survives this learning rate.
  const Ended ended = run(start("nan", "50", {"--set", "lr=1000", "--set", "net=mlp"}));
  expect_ended(ended, 6, "The last good state (iteration ");
  EXPECT_FALSE(fs::exists(at("nan/weights.lcw")));
  expect_ended(run(resume("nan", {"--dry-run"})), 0, "iterations");
}

TEST_F(TrainProcess, EveryMistakeHasItsCodeAndItsMessage) {
  const auto words = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {LC_TRAINER};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  };
  const std::string data = at("data");
  expect_ended(run(words({"--model", "dcgn"})), 2, "did you mean 'dcgan'");
  expect_ended(run(words({"--nonsense"})), 2, "nonsense");
  expect_ended(run(words({})), 2, "--model is needed");
  expect_ended(run(words({"--model", "vae", "--set", "klweight=2"})), 2, "did you mean 'kl_weight'");
  expect_ended(run(words({"--model", "vae", "--epochs", "0"})), 2, "epochs");
  expect_ended(run(words({"--model", "vae", "--dataset", "mnits"})), 2, "did you mean 'mnist'");
  expect_ended(run(words({"--model", "vae", "--data-dir", data})), 3, "latent-canvas fetch mnist");
  expect_ended(run(words({"--resume", at("nowhere")})), 5, at("nowhere") + "/state");
  expect_ended(run(words({"--model", "vae", "--config", at("nowhere.json")})), 5, "nowhere.json");
  expect_ended(run(start("ok", "1")), 0, "weights: ");
  expect_ended(run(start("ok", "1")), 2, "--resume " + at("ok"));
  expect_ended(run(resume("ok", {"--set", "lr=0.5"})), 2, "lr is 0.001");
  expect_ended(run(resume("ok", {"--model", "ae"})), 2, "model is vae");
  std::vector<std::uint8_t> state = bytes(at("ok/state"));
  state[state.size() / 2] ^= 1;
  ASSERT_TRUE(io::save_file(at("ok/state"), Bytes(state)).ok());
  expect_ended(run(resume("ok")), 3, "checksum");
  if (run({"sh", "-c", "command -v nvidia-smi"}).code != 0) {
    expect_ended(run(words({"--model", "vae", "--data-dir", data, "--unverified-data", "--device", "cuda"})),
                 7, "no CUDA device");
  }
}

TEST_F(TrainProcess, ConfigOfARunMakesTheSameRun) {
  expect_ended(run(start("first", "2")), 0, "weights: ");
  expect_ended(run({LC_TRAINER, "--config", at("first/config.json"), "--out", at("second")}), 0, "weights: ");
  const std::vector<std::uint8_t> a = bytes(at("first/weights.lcw")), b = bytes(at("second/weights.lcw"));
  const Result<format::ModelFile> first = format::read_model(Bytes(a)), second = format::read_model(Bytes(b));
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_EQ(first->payload.size, second->payload.size);
  EXPECT_EQ(std::memcmp(first->payload.data, second->payload.data, first->payload.size), 0);
}

TEST_F(TrainProcess, AFinishedRunIsExportedAgainInAnotherFormat) {
  expect_ended(run(start("again", "10", {"--set", "timeline=8"})), 0, "weights: ");
  const std::vector<std::uint8_t> large = bytes(at("again/weights.lcw"));
  expect_ended(run(resume("again", {"--set", "dtype=i8", "--set", "timeline=3"})), 0, "weights: ");
  const std::vector<std::uint8_t> small = bytes(at("again/weights.lcw"));
  const Result<format::ModelFile> before = format::read_model(Bytes(large)),
                                  after = format::read_model(Bytes(small));
  ASSERT_TRUE(before.ok() && after.ok());
  ASSERT_EQ(after->header.timeline.size(), 3u);
  EXPECT_EQ(after->header.timeline.front().iteration, 1u);
  EXPECT_EQ(after->header.timeline.back().iteration, before->header.timeline.back().iteration);
  EXPECT_LT(small.size(), large.size());
}

TEST_F(TrainProcess, IsQuietWhenPipedAndSaysEverythingBefore) {
  const Ended ended = run(start("quiet", "2"));
  EXPECT_EQ(ended.text.find('\r'), std::string::npos) << "a progress line in a pipe";
  for (const char* word : {"recon_weight", "decoder:", "conv_transpose2d", "run folder: ", "test_loss: "}) {
    EXPECT_NE(ended.text.find(word), std::string::npos) << word;
  }
  for (const char* name : {"config.json", "metrics.jsonl", "state", "weights.lcw", "samples/prior.png",
                           "samples/reconstruction.png", "samples/real.png"}) {
    EXPECT_TRUE(fs::exists(at("quiet") + "/" + name)) << name;
  }
}

TEST_F(TrainProcess, ListsItsModelsAsJson) {
  const Ended ended = run({LC_TRAINER, "models", "--json"});
  ASSERT_EQ(ended.code, 0) << ended.text;
  const nlohmann::json list = nlohmann::json::parse(ended.text, nullptr, false);
  ASSERT_TRUE(list.is_array());
  for (const nlohmann::json& model : list) {
    for (const char* key : {"name", "paper", "year", "needs", "sentence", "options"})
      EXPECT_TRUE(model.contains(key)) << key;
  }
}

// The real thing, where its data is: a quarter of an epoch already lowers the loss far below an untrained
// network's.
TEST(RealDigits, TeachTheVae) {
  const Result<data::Found> found = data::find_dataset({"mnist", "", false});
  if (!found.ok() || !found->complete)
    GTEST_SKIP() << "MNIST is not on this machine; set LATENT_CANVAS_DATA to its folder";
  char name[] = "/tmp/lc-real-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  const std::string folder = name;
  const Ended ended = Process({LC_TRAINER, "--model", "vae", "--epochs", "1", "--threads", "1", "--set",
                               "width=8", "--set", "train_images=16000", "--set", "eval_images=1000", "--set",
                               "lr=0.002", "--out", folder + "/run", "--quiet"},
                              folder + "/log")
                          .wait();
  EXPECT_EQ(ended.code, 0) << ended.text;
  const std::size_t at = ended.text.find("test_loss: ");
  ASSERT_NE(at, std::string::npos) << ended.text;
  const double loss = std::atof(ended.text.c_str() + at + 11);
  std::printf("test loss after 16,000 real digits: %.1f nats (untrained about 543)\n", loss);
  EXPECT_LT(loss, 250);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace lc
