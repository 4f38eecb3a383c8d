// Several ranks train what one rank trains: the sums between them, the noise they share, every family of the
// registry. The ranks are this program again, one process each.
#include <filesystem>
#include <map>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "native/io/files.h"
#include "native/train/ranks.h"
#include "tests/native/process.h"
#include "tests/native/train_helpers.h"
#include "tests/native/train_ports.h"

namespace lc::train {
namespace {

namespace fs = std::filesystem;

// --- What the launchers say.

Environment from(const std::map<std::string, std::string>& variables) {
  return [variables](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
}

TEST(Launch, IsReadFromEachLauncher) {
  const struct {
    std::map<std::string, std::string> variables;
    const char* launcher;
    std::int64_t rank, size, local_rank;
    const char* host;
    int port;
  } rows[] = {
      {{}, "", 0, 1, 0, "", 0},
      // A Slurm batch script is one process, however many tasks the job has.
      {{{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "7"}}, "", 0, 1, 0, "", 0},
      {{{"RANK", "5"},
        {"WORLD_SIZE", "8"},
        {"LOCAL_RANK", "1"},
        {"MASTER_ADDR", "n1"},
        {"MASTER_PORT", "4711"}},
       "torchrun",
       5,
       8,
       1,
       "n1",
       4711},
      {{{"OMPI_COMM_WORLD_RANK", "1"},
        {"OMPI_COMM_WORLD_SIZE", "2"},
        {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
        {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}},
       "Open MPI",
       1,
       2,
       1,
       "127.0.0.1",
       29500},
      {{{"PMI_RANK", "2"}, {"PMI_SIZE", "3"}, {"MASTER_ADDR", "10.0.0.1"}},
       "MPICH",
       2,
       3,
       0,
       "10.0.0.1",
       29500},
      {{{"SLURM_PROCID", "9"},
        {"SLURM_STEP_NUM_TASKS", "16"},
        {"SLURM_LOCALID", "1"},
        {"SLURM_JOB_ID", "100"},
        {"SLURM_STEP_ID", "2"},
        {"SLURM_STEP_NODELIST", "gpu[07-09,12]"}},
       "Slurm",
       9,
       16,
       1,
       "gpu07",
       16402},
      // mpirun inside a Slurm job: Slurm's variables are those of mpirun's own helpers.
      {{{"SLURM_PROCID", "0"},
        {"SLURM_STEP_NUM_TASKS", "2"},
        {"OMPI_COMM_WORLD_RANK", "3"},
        {"OMPI_COMM_WORLD_SIZE", "4"},
        {"MASTER_ADDR", "n1"}},
       "Open MPI",
       3,
       4,
       0,
       "n1",
       29500},
      {{{"RANK", "0"}, {"WORLD_SIZE", "1"}}, "torchrun", 0, 1, 0, "", 0},
  };
  for (const auto& row : rows) {
    const Result<Launch> launch = launch_of(from(row.variables));
    ASSERT_TRUE(launch.ok()) << launch.status().message;
    EXPECT_EQ(launch->launcher, row.launcher);
    EXPECT_EQ(launch->rank, row.rank);
    EXPECT_EQ(launch->size, row.size);
    EXPECT_EQ(launch->local_rank, row.local_rank);
    EXPECT_EQ(launch->host, row.host);
    EXPECT_EQ(launch->port, row.port);
    EXPECT_FALSE(launch->served);
  }
  EXPECT_TRUE(launch_of(from({{"RANK", "0"},
                              {"WORLD_SIZE", "2"},
                              {"MASTER_ADDR", "n"},
                              {"TORCHELASTIC_USE_AGENT_STORE", "True"}}))
                  ->served);
}

TEST(Launch, SaysWhatIsWrongWithTheEnvironment) {
  const std::pair<std::map<std::string, std::string>, const char*> rows[] = {
      {{{"RANK", "4"}, {"WORLD_SIZE", "4"}, {"MASTER_ADDR", "n"}}, "RANK: expected a rank from 0 to 3"},
      {{{"RANK", "a"}, {"WORLD_SIZE", "4"}, {"MASTER_ADDR", "n"}}, "found 'a'"},
      {{{"RANK", "0"}, {"WORLD_SIZE", "0"}}, "WORLD_SIZE: expected the number of ranks"},
      {{{"RANK", "0"}, {"WORLD_SIZE", "2"}}, "set MASTER_ADDR"},
      {{{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "n"}, {"MASTER_PORT", "70000"}}, "MASTER_PORT"},
  };
  for (const auto& [variables, part] : rows) {
    const Status status = launch_of(from(variables)).status();
    EXPECT_EQ(status.code, Code::bad_argument);
    EXPECT_NE(status.message.find(part), std::string::npos) << status.message;
  }
}

TEST(Launch, FindsTheFirstHostOfASlurmList) {
  EXPECT_EQ(first_host("node1"), "node1");
  EXPECT_EQ(first_host("node1,node2"), "node1");
  EXPECT_EQ(first_host("gpu[03-08,11],login"), "gpu03");
  EXPECT_EQ(first_host("gpu[7,9]"), "gpu7");
  EXPECT_EQ(first_host("rack2-n[1-4]-ib,x"), "rack2-n1-ib");
  EXPECT_EQ(first_host(""), "");
}

// --- The ranks' side: tests that the others start, one process a rank.

std::string job(const char* name) {
  return process_environment(name);
}

void join_the_others() {
  one_thread();
  Result<std::unique_ptr<Comm>> group = connect(launch_of(process_environment).value(), 60);
  ASSERT_TRUE(group.ok()) << group.status().message;
  join(group.take());
}

TEST(Rank, DISABLED_SumsAndPassesOn) {
  join_the_others();
  const std::int64_t n = ranks().size(), me = ranks().rank();
  for (const torch::ScalarType type : {torch::kFloat32, torch::kFloat64}) {
    for (const std::int64_t count : {1, 2, 7, 1000, 300001}) {
      // Whole numbers: the sum is exact in any order.
      torch::Tensor values = torch::arange(count, type).remainder(1000) + static_cast<double>(me * 3);
      ranks().all_reduce(values);
      const torch::Tensor expected =
          torch::arange(count, type).remainder(1000) * n + static_cast<double>(3 * n * (n - 1) / 2);
      ASSERT_TRUE(torch::equal(values, expected)) << count << " numbers over " << n << " ranks";
    }
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{3000001}}) {
    std::vector<std::uint8_t> bytes, expected(size);
    for (std::size_t i = 0; i < size; ++i) expected[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    if (me == 0) bytes = expected;
    ranks().broadcast(bytes);
    ASSERT_TRUE(bytes == expected) << size << " bytes";
  }
  const torch::Tensor own = torch::arange(6).reshape({2, 3}) + 100 * me;
  const torch::Tensor all = gather_rows(own);
  EXPECT_EQ(all.scalar_type(), torch::kInt64);
  for (std::int64_t r = 0; r < n; ++r) {
    EXPECT_TRUE(torch::equal(all.narrow(0, 2 * r, 2), torch::arange(6).reshape({2, 3}) + 100 * r));
  }
  EXPECT_TRUE(any_rank(me == n - 1));
  EXPECT_FALSE(any_rank(false));
  // d/dx of sum over ranks of (sum over ranks of x)^2 is 2 n sum(x); the sum over ranks of that has the
  // derivative 2 n^2.
  const torch::Tensor x = torch::full({1}, static_cast<double>(me + 1), torch::kFloat64).requires_grad_(true);
  const torch::Tensor loss = sum_over_ranks(x).square();
  const torch::Tensor first = torch::autograd::grad({loss}, {x}, {}, true, /*create_graph=*/true)[0];
  const double sum = static_cast<double>(n * (n + 1) / 2), size = static_cast<double>(n);
  EXPECT_DOUBLE_EQ(first.item<double>(), 2 * size * sum);
  EXPECT_DOUBLE_EQ(torch::autograd::grad({first}, {x})[0].item<double>(), 2 * size * size);
  ranks().part();
  join(std::make_unique<Comm>());
}

struct Case {
  std::string family;
  std::vector<std::string> pairs;
};

// Each family once; where one has options that look across the batch another way, the sum of the ranks' views
// is not the view of the whole batch, and they are off.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::string& name : family_names()) {
    all.push_back({name, {}});
    // Distances within a rank's own rows.
    if (name == "improved-gan") all.back().pairs.push_back("minibatch_discrimination=false");
    if (name == "wgan" || name == "wgan-gp") all.back().pairs.push_back("n_critic=1");
  }
  return all;
}

// Steps of a family, and everything that it would save.
State trained(const Case& which, std::int64_t steps) {
  const data::Dataset data = small_data_of(which.family);
  // A large epsilon: where a gradient is nothing but rounding, Adam would make whole steps of it.
  std::vector<std::string> pairs = {"epochs=4", "lr=0.001", "adam_eps=0.01", "lr_schedule=constant",
                                    "warmup_images=0"};
  pairs.insert(pairs.end(), which.pairs.begin(), which.pairs.end());
  const std::unique_ptr<Recipe> recipe = small_recipe(which.family, pairs);
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  while (trainer->iteration() < steps) {
    const Status status = trainer->step();
    EXPECT_TRUE(status.ok()) << which.family << ": " << status.message;
    if (!status.ok()) break;
  }
  State state = trainer->state().take();
  state.tensors.erase("seconds");
  return state;
}

constexpr std::int64_t kSteps = 3;  // latent-prior-gan plays at the third

TEST(Rank, DISABLED_TrainsEveryFamily) {
  join_the_others();
  for (const Case& which : cases()) {
    const std::vector<std::uint8_t> bytes = write_state(trained(which, kSteps));
    const std::string path = job("LC_OUT") + "/" + which.family + "-" + job("RANK");
    ASSERT_TRUE(io::save_file(path, Bytes(bytes)).ok());
  }
  ranks().part();
  join(std::make_unique<Comm>());
}

// --- The tests.

class Ranks : public ::testing::Test {
 protected:
  void SetUp() override {
    one_thread();
    char name[] = "/tmp/lc-ranks-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Runs a disabled test of this program on `size` ranks.
  void run(const std::string& test, std::int64_t size, Variables more = {}) const {
    const std::string port = std::to_string(free_port());
    std::vector<Process> processes;
    for (std::int64_t rank = 0; rank < size; ++rank) {
      Variables variables = {{"RANK", std::to_string(rank)},
                             {"WORLD_SIZE", std::to_string(size)},
                             {"MASTER_ADDR", "127.0.0.1"},
                             {"MASTER_PORT", port},
                             {"LC_OUT", folder_}};
      variables.insert(variables.end(), more.begin(), more.end());
      processes.emplace_back(std::vector<std::string>{"/proc/self/exe", "--gtest_filter=" + test,
                                                      "--gtest_also_run_disabled_tests"},
                             folder_ + "/log" + std::to_string(rank), variables);
    }
    for (Process& process : processes) {
      const Ended ended = process.wait();
      EXPECT_EQ(ended.code, 0) << ended.text;
    }
  }
  State state_of(const std::string& family, std::int64_t rank) const {
    const std::string path = folder_ + "/" + family + "-" + std::to_string(rank);
    const Result<std::vector<std::uint8_t>> bytes = io::read_file(path);
    EXPECT_TRUE(bytes.ok()) << path;
    return bytes.ok() ? read_state(Bytes(bytes.value()), path).take() : State();
  }

  std::string folder_;
};

TEST_F(Ranks, SumAndPassOnWhateverTheirNumber) {
  for (const std::int64_t size : {2, 3, 5}) run("Rank.DISABLED_SumsAndPassesOn", size);
}

// torchrun's agent serves the store: every rank is a client, and keys of an earlier start are still there.
TEST_F(Ranks, MeetInTheStoreOfALauncher) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(free_port());
  options.isServer = true;
  options.waitWorkers = false;
  c10d::TCPStore agent("127.0.0.1", options);
  for (const char* attempt : {"0", "1"}) {
    run("Rank.DISABLED_SumsAndPassesOn", 2,
        {{"MASTER_PORT", std::to_string(options.port)},
         {"TORCHELASTIC_USE_AGENT_STORE", "True"},
         {"TORCHELASTIC_RESTART_COUNT", attempt}});
  }
}

bool equal(const State& a, const State& b, const std::string& prefix) {
  for (const auto& [name, tensor] : a.tensors) {
    if (name.rfind(prefix, 0) != 0) continue;
    const auto other = b.tensors.find(name);
    if (other == b.tensors.end() || !torch::equal(tensor, other->second)) return false;
  }
  return true;
}

// Of all parameters of all groups.
struct Distance {
  double squares = 0, largest = 0;
  double norm() const { return std::sqrt(squares); }
};
Distance between(const State& a, const State& b) {
  Distance distance;
  for (const auto& [name, tensor] : a.tensors) {
    if (name.rfind("group/", 0) != 0 || name.substr(name.size() - 2) != "/0") continue;
    const torch::Tensor apart = (tensor - b.tensors.at(name)).abs();
    distance.squares += apart.square().sum().item<double>();
    distance.largest = std::max(distance.largest, apart.max().item<double>());
  }
  return distance;
}

// Sums in another order, as a share of the way that the parameters moved.
constexpr double kRounding = 2e-5;
// Where that takes an activation across the kink of a (leaky) ReLU, in one family or two of a run, gradients
// differ by that activation's part. What does not belong together is farther apart: cyclegan, see below, by
// 0.15.
constexpr double kKink = 2e-2;

TEST_F(Ranks, TrainEveryFamilyToTheParametersOfOneRankOnTheJoinedBatch) {
  std::map<std::string, State> alone, untrained;
  for (const Case& which : cases()) {
    alone[which.family] = trained(which, kSteps);
    untrained[which.family] = trained(which, 0);
  }
  for (const std::int64_t size : {2, 4}) {
    run("Rank.DISABLED_TrainsEveryFamily", size);
    std::size_t rounded = 0;
    for (const Case& which : cases()) {
      const State first = state_of(which.family, 0), last = state_of(which.family, size - 1);
      for (const char* prefix : {"group/", "statistics/", "average/", "rng/", "curve"}) {
        EXPECT_TRUE(equal(first, last, prefix)) << which.family << ": ranks differ in " << prefix;
      }
      const State& one = alone.at(which.family);
      const Distance moved = between(one, untrained.at(which.family)), apart = between(first, one);
      std::printf("%lld ranks, %-17s apart by %.1e of the way (largest %.1e of %.1e)\n",
                  static_cast<long long>(size), which.family.c_str(), apart.norm() / moved.norm(),
                  apart.largest, moved.largest);
      EXPECT_GT(moved.largest, 1e-3) << which.family << ": too little to tell";
      // Its domains share a rank's rows unevenly, and each rank has a pool of its own.
      if (which.family == "cyclegan") continue;
      EXPECT_TRUE(equal(first, one, "rng/"))
          << which.family << ": another number of random numbers was drawn";
      EXPECT_LT(apart.norm(), kKink * moved.norm()) << which.family;
      rounded += apart.norm() < kRounding * moved.norm() ? 1 : 0;
    }
    EXPECT_GE(4 * rounded, 3 * cases().size()) << "too many families apart by more than rounding";
  }
}

}  // namespace
}  // namespace lc::train
