// Ranks with a GPU each: sums of GPU tensors by NCCL, in the stream that computes them; everything else by
// the ring of TCP connections.
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAFunctions.h>
#include <nccl.h>

#include <atomic>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "native/train/comm.h"

namespace lc::train {

namespace {

void check(ncclResult_t result, const char* what) {
  if (result == ncclSuccess) return;
  throw std::runtime_error(std::string("NCCL, ") + what + ": " + ncclGetErrorString(result));
}

class NcclComm : public Comm {
 public:
  NcclComm(std::unique_ptr<Comm> host, torch::Device device) : host_(std::move(host)) {
    c10::cuda::set_device(device.index());
    ncclUniqueId id = {};
    if (rank() == 0) check(ncclGetUniqueId(&id), "making an id");
    std::vector<std::uint8_t> bytes(sizeof id);
    std::memcpy(bytes.data(), &id, sizeof id);
    host_->broadcast(bytes);
    std::memcpy(&id, bytes.data(), sizeof id);
    check(ncclCommInitRank(&comm_, static_cast<int>(size()), id, static_cast<int>(rank())), "joining");
    watch_ = std::thread([this] { watch(); });
  }
  ~NcclComm() override {
    over_ = true;
    watch_.join();
    // Not ncclCommDestroy: that waits for the others, who learn that this rank left when `host_` is gone.
    if (!lost_) ncclCommAbort(comm_);
  }
  NcclComm(const NcclComm&) = delete;
  NcclComm& operator=(const NcclComm&) = delete;

  std::int64_t rank() const override { return host_->rank(); }
  std::int64_t size() const override { return host_->size(); }
  std::int64_t local_rank() const override { return host_->local_rank(); }
  void broadcast(std::vector<std::uint8_t>& bytes) override { host_->broadcast(bytes); }
  void part() override {
    over_ = true;
    host_->part();
  }
  const Status& failure() const override { return lost_ ? failure_ : host_->failure(); }

  void all_reduce(torch::Tensor& values) override {
    if (!values.is_cuda()) return host_->all_reduce(values);
    if (lost_) throw std::runtime_error(failure_.message);
    TORCH_CHECK(values.is_contiguous(), "all_reduce takes contiguous tensors");
    const ncclDataType_t type = values.scalar_type() == torch::kFloat64 ? ncclDouble : ncclFloat;
    check(ncclAllReduce(values.data_ptr(), values.data_ptr(), static_cast<std::size_t>(values.numel()), type,
                        ncclSum, comm_, at::cuda::getCurrentCUDAStream()),
          "adding up");
  }

 private:
  // A kernel that waits for a rank that is gone never ends by itself, and the host waits for the kernel.
  void watch() {
    while (!over_) {
      const std::int64_t missing = host_->missing();
      if (missing < 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        continue;
      }
      if (over_) return;
      failure_ = fail(Code::io_read, "rank " + std::to_string(missing) + " of " + std::to_string(size()) +
                                         " has left; its own message says why, if it could leave one.");
      lost_ = true;
      ncclCommAbort(comm_);
      return;
    }
  }

  std::unique_ptr<Comm> host_;
  ncclComm_t comm_ = nullptr;
  Status failure_;  // written before lost_
  std::atomic<bool> lost_{false}, over_{false};
  std::thread watch_;
};

}  // namespace

Result<std::unique_ptr<Comm>> with_nccl(std::unique_ptr<Comm> host, torch::Device device) {
  try {
    return std::unique_ptr<Comm>(std::make_unique<NcclComm>(std::move(host), device));
  } catch (const std::exception& error) {
    return fail(Code::no_device, std::string(error.what()) + ".");
  }
}

}  // namespace lc::train
