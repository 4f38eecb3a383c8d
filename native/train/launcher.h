// What a launcher says of this process: which of how many ranks it is, and where the ranks meet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "shared/core/status.h"

namespace lc::train {

struct Launch {
  std::string launcher;  // "torchrun", "Slurm"; empty for a process that was started by itself
  std::int64_t rank = 0, size = 1;
  std::int64_t local_rank = 0;  // among the ranks of this machine: which of its GPUs to take
  // The key-value store (torch's TCPStore) in which the ranks find each other's addresses.
  std::string host;
  std::uint16_t port = 0;
  bool served = false;     // the launcher serves it already; otherwise rank 0 does
  std::string key_prefix;  // of what this run puts into it
};

// The value of an environment variable, empty when it is not set.
using Environment = std::function<std::string(const char* name)>;
std::string process_environment(const char* name);

// The first row of the table in launcher.cpp whose variables are set; alone when none are. bad_argument for a
// number that is none, or when nothing tells where rank 0 is.
Result<Launch> launch_of(const Environment& get);

// "gpu[03-08,11],login" -> "gpu03": the first host of a list as Slurm writes it.
std::string first_host(const std::string& list);

}  // namespace lc::train
