// Gives the scheduler's parts to the page's workers.
#include "wasm/app/worker_session.h"

#include <algorithm>

#include "shared/format/format.h"

namespace lc::app {
namespace {
std::uint32_t job_of(std::uint64_t ticket) {
  return static_cast<std::uint32_t>(ticket);
}
}  // namespace

WorkerSession::WorkerSession(Courier& courier, std::uint32_t workers)
    : courier_(courier), scheduler_(std::max(1u, workers)), active_(workers), tickets_(workers) {}

// The bytes go when this ends, here and in replace(): of the file, ModelInfo shows the header alone, which
// has none of them.
Result<std::uint32_t> WorkerSession::load(session::LoadRequest request) {
  Result<format::ModelFile> file = format::read_model(request.bytes);
  if (!file.ok()) return file.status();
  const auto number = static_cast<std::uint32_t>(models_.size());
  models_.push_back(session::describe(std::make_shared<const format::ModelFile>(file.take()), request.name,
                                      request.bytes.size()));
  models_.back().model = number;
  return number;
}

Status WorkerSession::replace(std::uint32_t model, Bytes bytes) {
  if (model >= models_.size()) {
    return fail(Code::unknown_name, "model " + std::to_string(model) + " does not exist: there are " +
                                        std::to_string(models_.size()));
  }
  Result<format::ModelFile> file = format::read_model(bytes);
  if (!file.ok()) return file.status();
  session::ModelInfo info = session::describe(std::make_shared<const format::ModelFile>(file.take()),
                                              models_[model].name, bytes.size);
  info.model = model;
  info.multiply_adds = models_[model].multiply_adds;
  models_[model] = std::move(info);
  return {};
}

void WorkerSession::submit(session::Request request) {
  scheduler_.submit(std::move(request));
  give();
}

void WorkerSession::give() {
  for (std::uint32_t worker = 0; worker < active_; ++worker) {
    if (tickets_[worker]) continue;
    std::optional<session::Scheduler::Part> part = scheduler_.next();
    if (!part) return;
    tickets_[worker] = part->ticket;
    courier_.submit({job_of(part->ticket), worker, std::move(part->request)});
  }
}

void WorkerSession::answer(std::uint32_t worker, std::uint32_t job, session::Frame part) {
  if (worker >= tickets_.size() || !tickets_[worker] || job_of(*tickets_[worker]) != job) return;
  const std::uint64_t ticket = *tickets_[worker];
  tickets_[worker].reset();
  if (part.status.ok()) {
    scheduler_.finish(ticket, worker, std::move(part));
  } else {
    scheduler_.abandon(ticket, std::move(part.status));
  }
  give();
}

void WorkerSession::set_work(std::uint32_t model, std::uint64_t multiply_adds) {
  if (model < models_.size()) models_[model].multiply_adds = multiply_adds;
}

void WorkerSession::set_workers(std::uint32_t workers) {
  active_ = std::min(workers, static_cast<std::uint32_t>(tickets_.size()));
  give();
}

}  // namespace lc::app
