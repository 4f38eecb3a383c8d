// A Session whose arithmetic happens elsewhere: gives the scheduler's parts to the page's workers. Knows no
// browser: the courier carries the jobs.
#pragma once

#include <optional>
#include <vector>

#include "shared/core/span.h"
#include "shared/session/scheduler.h"
#include "shared/session/session.h"

namespace lc::app {

// A part of a Request, for one worker.
struct Job {
  std::uint32_t id = 0;
  std::uint32_t worker = 0;
  session::Request request;
};

class Courier {
 public:
  virtual ~Courier() = default;
  virtual void submit(const Job& job) = 0;
};

class WorkerSession : public session::Session {
 public:
  WorkerSession(Courier& courier, std::uint32_t workers);

  Result<std::uint32_t> load(session::LoadRequest request) override;
  const std::vector<session::ModelInfo>& models() const override { return models_; }
  void submit(session::Request request) override;
  std::optional<session::Frame> poll() override { return scheduler_.poll(); }
  bool busy() const override { return scheduler_.busy(); }
  std::uint32_t workers() const override { return active_; }

  // Another file in a model's place, the whole one after its player: the workers got the same.
  Status replace(std::uint32_t model, Bytes bytes);
  // A file's header does not tell its arithmetic; the workers, who compile the network, know it.
  void set_work(std::uint32_t model, std::uint64_t multiply_adds);
  // How many of the workers that it was made with get jobs from now on.
  void set_workers(std::uint32_t workers);
  // A worker's answer to its job; an answer to anything else is passed over.
  void answer(std::uint32_t worker, std::uint32_t job, session::Frame part);

 private:
  void give();

  Courier& courier_;
  session::Scheduler scheduler_;
  std::uint32_t active_;
  std::vector<std::optional<std::uint64_t>> tickets_;  // of each worker's job
  std::vector<session::ModelInfo> models_;
};

}  // namespace lc::app
