// The ring of TCP connections between ranks; see comm.h.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "native/train/comm.h"

namespace c10d {
class TCPStore;
}

namespace lc::train {

// Each rank talks to the next and hears from the one before: a sum over n ranks sends 2 (n - 1) / n of the
// numbers over each connection, whatever n is (Patarasuk & Yuan 2009, "Bandwidth optimal all-reduce
// algorithms for clusters of workstations"). Tensors on a GPU go by way of the host.
class TcpComm : public Comm {
 public:
  static Result<std::unique_ptr<TcpComm>> make(const Launch& launch, std::int64_t timeout_seconds);
  ~TcpComm() override;
  TcpComm(const TcpComm&) = delete;
  TcpComm& operator=(const TcpComm&) = delete;

  std::int64_t rank() const override { return launch_.rank; }
  std::int64_t size() const override { return launch_.size; }
  std::int64_t local_rank() const override { return launch_.local_rank; }
  void all_reduce(torch::Tensor& values) override;
  void broadcast(std::vector<std::uint8_t>& bytes) override;
  void part() override { wait_for_all(); }
  std::int64_t missing() const override;
  const Status& failure() const override { return failure_; }

 private:
  TcpComm(const Launch& launch, std::int64_t timeout_seconds);
  Status meet();
  void listen();
  void greet_next();
  void welcome_previous();

  // Sends to the next rank and receives from the one before at the same time, so that no rank waits for a
  // full buffer of another.
  void exchange(const void* out, std::size_t out_bytes, void* in, std::size_t in_bytes);
  void wait_for_all();
  template <class T>
  void sum_around(T* values, std::int64_t count);
  [[noreturn]] void lose(std::int64_t neighbour, const std::string& how);
  std::int64_t first_lost(std::int64_t neighbour);
  std::int64_t next() const { return (rank() + 1) % size(); }
  std::int64_t previous() const { return (rank() + size() - 1) % size(); }

  Launch launch_;
  std::chrono::seconds timeout_;
  bool patient_ = false;  // no timeout: inside wait_for_all()
  std::shared_ptr<c10d::TCPStore> store_;
  std::vector<std::uint8_t> token_;  // random, known to the ranks of this run alone
  int listener_ = -1, to_next_ = -1, from_previous_ = -1;
  std::vector<std::uint8_t> scratch_;
  Status failure_;
};

}  // namespace lc::train
