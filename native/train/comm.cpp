// Which way the ranks talk to each other.
#include "native/train/comm.h"

#include "native/train/comm_tcp.h"

namespace lc::train {

#ifdef LC_WITH_NCCL
// comm_nccl.cpp: tensors on a GPU by NCCL, the rest by `host`.
Result<std::unique_ptr<Comm>> with_nccl(std::unique_ptr<TcpComm> host);
#endif

Result<std::unique_ptr<Comm>> connect(const Launch& launch, std::int64_t timeout_seconds) {
  if (launch.size == 1) return std::make_unique<Comm>();
  Result<std::unique_ptr<TcpComm>> ring = TcpComm::make(launch, timeout_seconds);
  if (!ring.ok()) return ring.status();
#ifdef LC_WITH_NCCL
  if (torch::cuda::is_available()) return with_nccl(ring.take());
#endif
  return std::unique_ptr<Comm>(ring.take());
}

}  // namespace lc::train
