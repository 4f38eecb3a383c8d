// The trainer as several processes, as torchrun, srun and mpirun start it: it trains what one process trains,
// stops as one, and a rank that is lost ends the run with the state whole.
#include <cmath>
#include <cstring>
#include <map>

#include "shared/format/format.h"
#include "tests/native/train_ports.h"
#include "tests/native/train_process.h"

namespace lc {
namespace {

class TrainLaunch : public TrainProcess {
 protected:
  // The same command on each of `size` ranks.
  std::vector<Process> launch(const std::vector<std::string>& words, std::int64_t size) {
    const std::string port = std::to_string(free_port());
    std::vector<Process> ranks;
    for (std::int64_t rank = 0; rank < size; ++rank) {
      ranks.emplace_back(words, log("rank" + std::to_string(rank)),
                         Variables{{"RANK", std::to_string(rank)},
                                   {"WORLD_SIZE", std::to_string(size)},
                                   {"LOCAL_RANK", std::to_string(rank)},
                                   {"MASTER_ADDR", "127.0.0.1"},
                                   {"MASTER_PORT", port}});
    }
    return ranks;
  }
  std::vector<Ended> wait(std::vector<Process>& ranks) {
    std::vector<Ended> all;
    for (Process& rank : ranks) all.push_back(rank.wait());
    return all;
  }
  format::ModelFile weights(const std::string& name) {
    files_[name] = bytes(at(name) + "/weights.lcw");
    return format::read_model(Bytes(files_[name])).take();
  }
  std::map<std::string, std::vector<std::uint8_t>> files_;
};

TEST_F(TrainLaunch, TwoRanksWriteOneRunThatOneRankCanGoOnWith) {
  const std::vector<std::string> dense = {"--set", "net=mlp", "--set", "hidden=16", "--set", "dtype=f32"};
  expect_ended(run(start("alone", "6", dense)), 0, "weights: ");
  std::vector<Process> ranks = launch(start("two", "6", dense), 2);
  const std::vector<Ended> ended = wait(ranks);
  expect_ended(ended[0], 0, "weights: ");
  EXPECT_NE(ended[0].text.find("2 ranks, each cpu"), std::string::npos) << ended[0].text;
  EXPECT_EQ(ended[1].code, 0) << ended[1].text;
  EXPECT_EQ(ended[1].text, "") << "only rank 0 speaks";
  EXPECT_EQ(lines("two"), lines("alone"));
  const format::ModelFile alone = weights("alone"), two = weights("two");
  ASSERT_EQ(alone.header.tensors.size(), two.header.tensors.size());
  double apart = 0;
  for (std::uint32_t t = 0; t < alone.header.networks[0].layers[0].tensors.size(); ++t) {
    const std::uint32_t index = alone.header.networks[0].layers[0].tensors[t];
    std::vector<float> a(format::element_count(alone.header.tensors[index])), b(a.size());
    format::read_tensor(alone, index, {a.data(), a.size()});
    format::read_tensor(two, index, {b.data(), b.size()});
    for (std::size_t i = 0; i < a.size(); ++i)
      apart = std::max(apart, std::fabs(double{a[i]} - double{b[i]}));
  }
  std::printf("48 steps of two ranks and of one: weights apart by %.1e at most (limit 1e-3)\n", apart);
  EXPECT_LT(apart, 1e-3);
  // And on: with one rank, then with four.
  expect_ended(run(resume("two", {"--epochs", "8"})), 0, "weights: ");
  ranks = launch(resume("two", {"--epochs", "10"}), 4);
  for (const Ended& end : wait(ranks)) EXPECT_EQ(end.code, 0) << end.text;
  EXPECT_EQ(weights("two").header.provenance.iterations, 80u);
}

TEST_F(TrainLaunch, ASignalToOneRankStopsAllAfterTheSameStep) {
  std::vector<Process> whole = launch(start("whole", "12"), 2);
  for (const Ended& end : wait(whole)) EXPECT_EQ(end.code, 0) << end.text;
  for (const std::size_t stopped : {std::size_t{0}, std::size_t{1}}) {
    const std::string name = "broken" + std::to_string(stopped);
    std::vector<Process> ranks;
    {
      HeldRun held(at(name));
      ranks = launch(start(name, "12"), 2);
      wait_for_lines(ranks[0], name, kHeldIteration);
      ranks[stopped].send(SIGTERM);
      held.let_go();
      const std::vector<Ended> ended = wait(ranks);
      expect_ended(ended[0], stopped == 0 ? 143 : 130, "--resume " + at(name));
      EXPECT_EQ(ended[1].code, stopped == 1 ? 143 : 130) << ended[1].text;
    }
    ranks = launch(resume(name), 2);
    for (const Ended& end : wait(ranks)) EXPECT_EQ(end.code, 0) << end.text;
    const format::ModelFile a = weights("whole"), b = weights(name);
    ASSERT_EQ(a.payload.size, b.payload.size);
    EXPECT_EQ(std::memcmp(a.payload.data, b.payload.data, a.payload.size), 0) << "rank " << stopped;
    EXPECT_EQ(lines("whole"), lines(name));
  }
}

TEST_F(TrainLaunch, ALostRankEndsTheRunAndKeepsTheState) {
  for (const std::size_t victim : {std::size_t{1}, std::size_t{2}, std::size_t{0}}) {
    const std::string name = "lost" + std::to_string(victim);
    std::vector<Process> ranks = launch(start(name, "100000", {"--set", "batch_size=33"}), 3);
    wait_for_lines(ranks[0], name, 20);
    const Clock::time_point killed = Clock::now();
    ranks[victim].send(SIGKILL);
    const std::vector<Ended> ended = wait(ranks);
    const double seconds = std::chrono::duration<double>(Clock::now() - killed).count();
    std::printf("rank %zu of 3 killed: the others left after %.1f s\n", victim, seconds);
    EXPECT_LT(seconds, 120) << "as long as for a rank that is silent";
    for (std::size_t rank = 0; rank < ended.size(); ++rank) {
      if (rank == victim) continue;
      expect_ended(ended[rank], 5, "rank " + std::to_string(victim) + " of 3 has left");
      if (rank == 0) expect_ended(ended[rank], 5, "--resume " + at(name));
    }
    const long before = lines(name);
    expect_ended(run(resume(name, {"--epochs", std::to_string(before / 7 + 2)})), 0, "weights: ");
  }
}

TEST_F(TrainLaunch, ASilentRankIsNotWaitedForForever) {
  // The ranks have as long to meet, with LibTorch to be read on a busy machine.
  std::vector<Process> ranks = launch(start("silent", "100000", {"--rank-timeout", "8"}), 2);
  wait_for_lines(ranks[0], "silent", 10);
  ranks[1].send(SIGSTOP);
  expect_ended(ranks[0].wait(), 5, "rank 1 of 2 was silent for 8 s");
  ranks[1].send(SIGKILL);
  ranks[1].wait();
  expect_ended(run(resume("silent", {"--dry-run"})), 0, "iterations");
}

TEST_F(TrainLaunch, MistakesEndAllRanksWithAMessage) {
  // A batch that cannot be shared.
  std::vector<Process> ranks = launch(start("odd", "2"), 3);
  expect_ended(wait(ranks)[0], 2, "no multiple of the 3 ranks");
  // A full disk, or any other end of rank 0, is not waited for.
  ranks = launch(resume("nowhere"), 2);
  std::vector<Ended> ended = wait(ranks);
  expect_ended(ended[0], 5, at("nowhere") + "/state");
  expect_ended(ended[1], 5, "rank 0 of 2 has left");
  // Another option on one rank.
  const std::string port = std::to_string(free_port());
  const auto variables = [&](const char* rank) {
    return Variables{
        {"RANK", rank}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", port}};
  };
  Process first(start("mixed", "2"), log("first"), variables("0"));
  Process second(start("mixed", "2", {"--set", "lr=0.5"}), log("second"), variables("1"));
  expect_ended(second.wait(), 2, "option lr is 0.5 here and 0.001 on rank 0");
  expect_ended(first.wait(), 5, "rank 1 of 2 has left");
  // Nobody else comes.
  const Ended alone =
      Process(start("lonely", "2", {"--rank-timeout", "2"}), log("lonely"), variables("0")).wait();
  expect_ended(alone, 5, "Were all ranks started");
}

TEST_F(TrainLaunch, ANanOnAllRanksIsSaidOnce) {
  std::vector<Process> ranks = launch(start("nan", "50", {"--set", "lr=1000", "--set", "net=mlp"}), 2);
  const std::vector<Ended> ended = wait(ranks);
  expect_ended(ended[0], 6, "The last good state (iteration ");
  EXPECT_EQ(ended[1].code, 6);
  EXPECT_EQ(ended[1].text, "");
}

TEST_F(TrainLaunch, ADryRunNeedsNoOtherRank) {
  std::vector<Process> ranks = launch(start("dry", "2", {"--dry-run"}), 2);
  const std::vector<Ended> ended = wait(ranks);
  expect_ended(ended[0], 0, "iterations");
  EXPECT_EQ(ended[1].text, "");
}

}  // namespace
}  // namespace lc
