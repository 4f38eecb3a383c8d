// What a launcher says of this process, in the environment.
#include "native/train/launcher.h"

#include <cerrno>
#include <cstdlib>

namespace lc::train {

namespace {

// Where a launcher starts processes through another one, both leave their variables: Open MPI and MPICH use
// srun inside a Slurm job, so they come before it. Slurm's own is SLURM_STEP_NUM_TASKS, which srun alone
// sets; SLURM_NTASKS is there in a batch script too, which is one process.
struct Row {
  const char *name, *rank, *size, *local_rank;
  const char* local_size;  // how many ranks are on this machine; null where nothing says
};
constexpr Row kLaunchers[] = {
    {"torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    {"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
     "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"MPICH", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"},
    {"Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", nullptr},
};

constexpr std::int64_t kPort = 29500;  // torch's
constexpr std::int64_t kFirstSlurmPort = 10000, kSlurmPorts = 20000;

bool is_whole(const std::string& text, std::int64_t low, std::int64_t high, std::int64_t& value) {
  char* end = nullptr;
  errno = 0;
  value = std::strtoll(text.c_str(), &end, 10);
  return !text.empty() && *end == '\0' && errno == 0 && value >= low && value <= high;
}

Status bad(const std::string& name, const std::string& found, const std::string& expected) {
  return fail(Code::bad_argument, "environment variable " + name + ": expected " + expected + ", found '" +
                                      found + "'. Start the ranks with torchrun, srun or mpirun.");
}

}  // namespace

std::string process_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string first_host(const std::string& list) {
  const std::size_t open = list.find_first_of("[,");
  if (open == std::string::npos || list[open] == ',') return list.substr(0, open);
  const std::size_t close = list.find(']', open);
  if (close == std::string::npos) return "";
  const std::string numbers = list.substr(open + 1, close - open - 1);
  const std::string rest = list.substr(close + 1, list.find(',', close) - close - 1);
  return list.substr(0, open) + numbers.substr(0, numbers.find_first_of("-,")) + rest;
}

Result<Launch> launch_of(const Environment& get) {
  constexpr std::int64_t kMaxRanks = 1 << 20;
  const Row* row = nullptr;
  for (const Row& candidate : kLaunchers) {
    if (get(candidate.rank).empty() || get(candidate.size).empty()) continue;
    row = &candidate;
    break;
  }
  Launch launch;
  if (row == nullptr) return launch;
  launch.launcher = row->name;
  if (!is_whole(get(row->size), 1, kMaxRanks, launch.size)) {
    return bad(row->size, get(row->size), "the number of ranks");
  }
  if (!is_whole(get(row->rank), 0, launch.size - 1, launch.rank)) {
    return bad(row->rank, get(row->rank), "a rank from 0 to " + std::to_string(launch.size - 1));
  }
  if (launch.size == 1) return launch;
  const std::string local = get(row->local_rank);
  if (!local.empty() && !is_whole(local, 0, kMaxRanks, launch.local_rank)) {
    return bad(row->local_rank, local, "the rank's number on its machine");
  }

  const bool slurm = row->local_size == nullptr;
  const bool one_machine = !slurm && get(row->local_size) == get(row->size);
  launch.host = get("MASTER_ADDR");
  if (launch.host.empty() && slurm) launch.host = first_host(get("SLURM_STEP_NODELIST"));
  if (launch.host.empty() && one_machine) launch.host = "127.0.0.1";
  if (launch.host.empty()) {
    return fail(Code::bad_argument, launch.launcher + " started " + std::to_string(launch.size) +
                                        " ranks and does not say where rank 0 is: set MASTER_ADDR to its "
                                        "machine, the same for all ranks.");
  }
  std::int64_t port = kPort;
  const std::string given = get("MASTER_PORT");
  if (!given.empty()) {
    if (!is_whole(given, 1, 65535, port)) return bad("MASTER_PORT", given, "a port from 1 to 65535");
  } else if (slurm) {
    // Another one for each job and step, so that two on a machine do not meet.
    const std::int64_t job = std::atoll(get("SLURM_JOB_ID").c_str());
    const std::int64_t step = std::atoll(get("SLURM_STEP_ID").c_str());
    port = kFirstSlurmPort + (job * 64 + step) % kSlurmPorts;
  }
  launch.port = static_cast<std::uint16_t>(port);
  launch.served = get("TORCHELASTIC_USE_AGENT_STORE") == "True";
  // A store that the launcher serves lives on when it starts the ranks again.
  launch.key_prefix = "latent-canvas/" + get("TORCHELASTIC_RESTART_COUNT") + "/";
  return launch;
}

}  // namespace lc::train
