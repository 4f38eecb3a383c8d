// The trainer as a process: stopped by signals, out of disk, diverged; what it leaves can always be
// resumed.
#include "tests/native/train_process.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "shared/format/format.h"

namespace lc {
namespace {

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
    std::printf("signal %d: left after %.3f s with exit code %d\n", signal.number, seconds, ended.code);
    expect_ended(run(resume(name, {"--dry-run"})), 0, "iterations");
  }
}

TEST_F(TrainProcess, ASignalAndAResumeGiveTheWeightsOfAnUnbrokenRun) {
  expect_ended(run(start("whole", "12")), 0, "weights: ");
  {
    HeldRun held(at("broken"));
    Process process(start("broken", "12"), log("broken"));
    wait_for_lines(process, "broken", kHeldIteration);
    process.send(SIGTERM);
    held.let_go();
    const Ended first = process.wait();
    ASSERT_EQ(first.code, 143) << first.text;
  }
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

bool strace_works() {
  return std::system("strace -qq -o /dev/null true 2> /dev/null") == 0;
}

// LC_LONG=1 is set where ctest runs the label "long".
bool long_version() {
  return std::getenv("LC_LONG") != nullptr;
}

TEST_F(TrainProcess, AFullOrBrokenDiskIsReportedAndLosesNothing) {
  if (!strace_works()) GTEST_SKIP() << "strace is not installed or not permitted here";
  std::vector<std::pair<std::string, std::string>> errors = {{"ENOSPC", "No space left on device"}};
  if (long_version()) errors.emplace_back("EIO", "Input/output error");
  expect_ended(run(start("full", "2")), 0, "weights: ");
  const std::vector<std::uint8_t> weights = bytes(at("full/weights.lcw"));
  int epochs = 2, starts = 1;
  for (const auto& [error, message] : errors) {
    for (std::string place :
         {"state.tmp", "metrics.jsonl", "weights.lcw.tmp", "samples/prior.png.tmp", "events"}) {
      if (place == "events") {  // one file a start
        char name[48];
        std::snprintf(name, sizeof name, "events.out.tfevents.%06d", starts);
        place = name;
      }
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
                                        "inject=write,pwrite64:error=" + error + ":when=1+"};
      const std::vector<std::string> train =
          resume("full", {"--epochs", std::to_string(epochs), "--set", "sample_every=3"});
      words.insert(words.end(), train.begin(), train.end());
      const Ended ended = run(words);
      ++starts;
      expect_ended(ended, 5, message);
      expect_ended(ended, 5, place.rfind("events", 0) == 0 ? place : "--resume " + at("full"));
      std::stringstream traced;
      traced << std::ifstream(trace).rdbuf();
      EXPECT_NE(traced.str().find(error), std::string::npos) << "the fault was never met in " << place;
      EXPECT_TRUE(bytes(at("full/weights.lcw")) == weights) << place;
      expect_ended(run(resume("full", {"--dry-run"})), 0, "iterations");
    }
  }
  expect_ended(run(resume("full", {"--epochs", std::to_string(epochs)})), 0, "weights: ");
  EXPECT_FALSE(bytes(at("full/weights.lcw")) == weights);
  std::printf("disk full or broken at %d places: exit code 5 each time, the run resumed to its end\n",
              starts - 1);
}

// Every call that a save makes, one after the other, failing or being the last that the program makes.
TEST_F(TrainProcess, ASaveMayFailOrEndAtAnyOfItsCalls) {
  if (!strace_works()) GTEST_SKIP() << "strace is not installed or not permitted here";
  const char* const calls[] = {"openat", "write", "fsync", "rename"};
  const int each = long_version() ? 4 : 1;  // four: of two saves and more, the file's fsync and the folder's
  std::vector<std::string> faults = {"signal=KILL"};
  if (long_version()) faults.insert(faults.end(), {"error=ENOSPC", "error=EIO"});
  expect_ended(run(start("calls", "1")), 0, "weights: ");
  int epochs = 1, met = 0;
  for (const std::string& fault : faults) {
    for (const char* call : calls) {
      for (int k = 1; k <= each; ++k) {
        ++epochs;
        std::vector<std::string> words = {"strace", "-qq", "-f", "-o", at("trace")};
        for (const char* name : {"/state", "/state.tmp", ""})
          words.insert(words.end(), {"-P", at("calls") + name});
        words.insert(words.end(),
                     {"-e", std::string("trace=") + call, "-e",
                      std::string("inject=") + call + ":" + fault + ":when=" + std::to_string(k)});
        const std::vector<std::string> train = resume("calls", {"--epochs", std::to_string(epochs)});
        words.insert(words.end(), train.begin(), train.end());
        const Ended ended = run(words);
        std::stringstream traced;
        traced << std::ifstream(at("trace")).rdbuf();
        const bool killed = ended.code == 128 + SIGKILL;  // strace ends as its program did
        const bool failed = traced.str().find("(INJECTED)") != std::string::npos;
        EXPECT_TRUE(killed || failed)
            << call << " " << k << " " << fault << " was never met: " << traced.str();
        EXPECT_EQ(ended.code, killed ? 128 + SIGKILL : 5) << call << " " << k << " " << fault << ended.text;
        met += killed || failed ? 1 : 0;
        expect_ended(run(resume("calls", {"--dry-run"})), 0, "iterations");
      }
    }
  }
  expect_ended(run(resume("calls", {"--epochs", std::to_string(epochs + 1)})), 0, "weights: ");
  std::printf("%d faults at calls of a save: the state was whole each time, the run resumed to its end\n",
              met);
}

TEST_F(TrainProcess, ANanEndsWithItsOwnCodeAndKeepsTheLastGoodState) {
  // No step survives this learning rate.
  const Ended ended = run(start("nan", "50", {"--set", "lr=1000", "--set", "net=mlp"}));
  expect_ended(ended, 6, "The last good state (iteration ");
  EXPECT_FALSE(fs::exists(at("nan/weights.lcw")));
  expect_ended(run(resume("nan", {"--dry-run"})), 0, "iterations");
}

// By a reader of its own, in Python: what TensorBoard shows is what metrics.jsonl holds, also after a kill in
// the middle of a record.
TEST_F(TrainProcess, TensorBoardShowsWhatMetricsHold) {
  {
    Process process(start("board", "12", {"--set", "sample_every=10"}), log("board"));
    wait_for_lines(process, "board", 25);
    process.send(SIGKILL);
    process.wait();
    std::ofstream(at("board/events.out.tfevents.000000"), std::ios::app | std::ios::binary)
        << "half a record";
  }
  expect_ended(run(resume("board")), 0, "weights: ");
  const Ended read = run({LC_PYTHON, LC_SOURCE_DIR "/tests/native/read_events.py", at("board")});
  ASSERT_EQ(read.code, 0) << read.text;
  const nlohmann::json events = nlohmann::json::parse(read.text);
  std::map<std::pair<long, std::string>, double> shown;
  for (const nlohmann::json& row : events["scalars"]) {
    const bool added =
        shown.emplace(std::make_pair(row[0].get<long>(), row[1].get<std::string>()), row[2]).second;
    EXPECT_TRUE(added) << row << " is shown twice";
  }
  std::ifstream metrics(at("board/metrics.jsonl"));
  std::size_t held = 0;
  for (std::string line; std::getline(metrics, line);) {
    const nlohmann::json json = nlohmann::json::parse(line);
    for (const auto& [name, value] : json.items()) {
      if (name == "iteration") continue;
      const auto found = shown.find({json["iteration"].get<long>(), name});
      ASSERT_NE(found, shown.end()) << name << " of iteration " << json["iteration"];
      EXPECT_FLOAT_EQ(static_cast<float>(found->second), value.get<float>()) << name;
      ++held;
    }
  }
  EXPECT_EQ(held, shown.size());
  ASSERT_EQ(events["starts"].size(), 1u) << "the second start is announced";
  std::size_t pictures = 0;
  for (const nlohmann::json& row : events["pictures"]) {
    char number[24];
    std::snprintf(number, sizeof number, "-%07ld.png", row[0].get<long>());
    EXPECT_EQ(row[2], events["samples"][row[1].get<std::string>() + number]) << row;
    ++pictures;
  }
  EXPECT_GE(pictures, 2u * 9u);
  std::printf("%zu numbers and %zu pictures read back from the event files of two starts\n", held, pictures);
}

TEST_F(TrainProcess, BenchCountsTheArithmeticOfAStep) {
  std::vector<std::string> words =
      start("unused", "1", {"--set", "net=mlp", "--set", "hidden=16", "--set", "layers=1"});
  const auto out = std::find(words.begin(), words.end(), "--out");
  words.erase(out, out + 2);
  words.insert(words.begin() + 1, "bench");
  words.insert(words.end(), {"--seconds", "0.2", "--json"});
  const Ended ended = run(words);
  ASSERT_EQ(ended.code, 0) << ended.text;
  const nlohmann::json result = nlohmann::json::parse(ended.text);
  // 784-16-(4, 4) and 4-16-784. Backward: as many for the weights, and for the inputs of all but the first.
  const double first = 784 * 16, forward = first + 2 * 16 * 4 + 4 * 16 + 16 * 784;
  EXPECT_NEAR(result["gflop_per_step"].get<double>(), 1e-9 * 2 * 32 * (3 * forward - first), 1e-12);
  EXPECT_GT(result["images_per_second"].get<double>(), 0);
  EXPECT_GT(result["matrix_product_gflop_per_second"].get<double>(), 0);
  double parts = 0;
  for (const char* part :
       {"data", "forward and backward", "ranks", "optimiser", "average", "losses", "logging"}) {
    ASSERT_TRUE(result["parts_ms"].contains(part)) << part;
    parts += result["parts_ms"][part].get<double>();
  }
  EXPECT_GT(parts, 0);
  EXPECT_FALSE(fs::exists(at("unused")));
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
  EXPECT_GT(list.size(), 1u);
}

TEST_F(TrainProcess, ListsOneModelAndKnowsWhichWasMeant) {
  const Ended one = run({LC_TRAINER, "models", "dcgan", "--json"});
  ASSERT_EQ(one.code, 0) << one.text;
  const nlohmann::json list = nlohmann::json::parse(one.text, nullptr, false);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["name"], "dcgan");
  const Ended none = run({LC_TRAINER, "models", "dcgam"});
  EXPECT_EQ(none.code, 2);
  EXPECT_NE(none.text.find("dcgan"), std::string::npos) << none.text;
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
