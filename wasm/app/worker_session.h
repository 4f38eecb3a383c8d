// A Session whose arithmetic happens elsewhere: cuts Requests into jobs for workers and joins their answers.
// Knows no browser: the courier carries the jobs.
#pragma once

#include <deque>
#include <map>
#include <vector>

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
  // A request that runs is finished; of those that wait in a channel only the newest stays. So a slider that
  // is dragged faster than the workers answer shows every answer that there is time for, and ends with the
  // last one.
  void submit(session::Request request) override;
  std::optional<session::Frame> poll() override;
  bool busy() const override;
  std::uint32_t workers() const override { return workers_; }

  void set_workers(std::uint32_t workers);
  // A worker's answer to a job; answers to unknown jobs are passed over. True when a frame became ready by
  // it.
  bool answer(std::uint32_t worker, std::uint32_t job, session::Frame part);

 private:
  struct Running {
    session::Request request;
    session::Frame frame;
    std::uint32_t given = 0;                       // pictures that are with a worker or done
    std::uint32_t finished = 0;                    // pictures done
    std::map<std::uint32_t, double> milliseconds;  // by worker
  };
  struct Place {
    std::uint32_t channel = 0, first = 0, count = 0;
  };
  void start();
  bool finish(std::uint32_t channel);

  Courier& courier_;
  std::uint32_t workers_;
  std::vector<session::ModelInfo> models_;
  std::map<std::uint32_t, session::Request> waiting_;  // by channel
  std::map<std::uint32_t, Running> running_;           // by channel
  std::map<std::uint32_t, Place> jobs_;                // under way, by id
  std::map<std::uint32_t, std::uint32_t> job_of_;      // worker -> job
  std::deque<session::Frame> ready_;
  std::uint32_t next_job_ = 1;
};

}  // namespace lc::app
