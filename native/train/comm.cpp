// Which way the ranks talk to each other.
#include "native/train/comm.h"

#include "native/train/comm_tcp.h"

namespace lc::train {

#ifndef LC_WITH_NCCL  // else comm_nccl.cpp has it
Result<std::unique_ptr<Comm>> with_nccl(std::unique_ptr<Comm> host, torch::Device) {
  return host;
}
#endif

Result<std::unique_ptr<Comm>> connect(const Launch& launch, std::int64_t timeout_seconds) {
  if (launch.size == 1) return std::make_unique<Comm>();
  Result<std::unique_ptr<TcpComm>> ring = TcpComm::make(launch, timeout_seconds);
  if (!ring.ok()) return ring.status();
  return std::unique_ptr<Comm>(ring.take());
}

}  // namespace lc::train
