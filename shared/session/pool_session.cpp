// Worker threads around a Scheduler.
#include "shared/session/pool_session.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "shared/session/engine.h"
#include "shared/session/model_store.h"
#include "shared/session/scheduler.h"

namespace lc::session {

namespace {

Status no_memory() {
  return fail(Code::out_of_memory, "not enough memory for so many pictures. Ask for fewer.");
}

class PoolSession : public Session {
 public:
  PoolSession(const PoolOptions& options, std::uint32_t workers)
      : options_(options),
        store_(std::make_shared<ModelStore>(options.kernels ? *options.kernels : kernels::simd())),
        scheduler_(workers) {
    for (std::uint32_t i = 0; i < workers; ++i) threads_.emplace_back([this, i] { work(i); });
  }
  PoolSession(const PoolSession&) = delete;
  PoolSession& operator=(const PoolSession&) = delete;
  ~PoolSession() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    work_to_do_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Result<std::uint32_t> load(LoadRequest request) override { return store_->load(std::move(request)); }
  const std::vector<ModelInfo>& models() const override { return store_->models(); }
  void submit(Request request) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      scheduler_.submit(std::move(request));
    }
    work_to_do_.notify_all();
  }
  std::optional<Frame> poll() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return scheduler_.poll();
  }
  bool busy() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return scheduler_.busy();
  }
  std::uint32_t workers() const override { return scheduler_.workers(); }

 private:
  double now() const { return options_.milliseconds ? options_.milliseconds() : 0; }

  void work(std::uint32_t worker) {
    Engine engine(store_);
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
      std::optional<Scheduler::Part> part = scheduler_.next();
      if (!part) {
        work_to_do_.wait(lock);
        continue;
      }
      lock.unlock();
      Frame frame;
      const double start = now();
      try {
        engine.render(part->request, frame);
      } catch (const std::bad_alloc&) {
        frame = {};
        frame.status = no_memory();
      }
      frame.milliseconds = now() - start;
      lock.lock();
      try {
        scheduler_.finish(part->ticket, worker, std::move(frame));
      } catch (const std::bad_alloc&) {
        scheduler_.abandon(part->ticket, no_memory());
      }
      if (!options_.woken) continue;
      lock.unlock();
      options_.woken();
      lock.lock();
    }
  }

  const PoolOptions options_;
  const std::shared_ptr<ModelStore> store_;
  mutable std::mutex mutex_;  // guards the scheduler and stopping_
  std::condition_variable work_to_do_;
  Scheduler scheduler_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Session> make_pool_session(const PoolOptions& options) {
  const std::uint32_t workers = options.workers > 0 ? options.workers : std::thread::hardware_concurrency();
  return std::make_unique<PoolSession>(options, std::clamp(workers, 1u, 64u));
}

}  // namespace lc::session
