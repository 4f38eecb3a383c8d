// Splitting, gathering and overtaking; no threads.
#include "shared/session/scheduler.h"

#include <algorithm>
#include <utility>

namespace lc::session {

namespace {

// The share of `values` that belongs to pictures [offset, offset + count) of `total`.
template <class T>
std::vector<T> share(const std::vector<T>& values, std::uint32_t total, std::uint32_t offset,
                     std::uint32_t count) {
  const std::size_t each = values.size() / total;
  const auto first = values.begin() + static_cast<std::ptrdiff_t>(offset * each);
  return {first, first + static_cast<std::ptrdiff_t>(count * each)};
}

// Puts a part's values into the whole's place for them.
void place(std::vector<float>& whole, const std::vector<float>& part, std::uint32_t total,
           std::uint32_t offset, std::uint32_t count) {
  const std::size_t each = part.size() / count;
  whole.resize(each * total);
  std::copy(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(offset * each));
}

// Requests whose arrays cannot be cut evenly go to one worker whole, and the engine says what is wrong.
// So do those whose network may look across the batch: a part would give other scores than the whole.
bool divisible(const Request& request) {
  const std::size_t count = request.count;
  const bool judges = request.task == Task::discriminate || request.task == Task::classify;
  return !judges && count > 1 && count <= kMaxCount && request.latents.size() % count == 0 &&
         request.pictures.size() % count == 0 && request.label_weights.size() % count == 0 &&
         (request.labels.size() <= 1 || request.labels.size() == count);
}

}  // namespace

Request part_of(const Request& whole, std::uint32_t offset, std::uint32_t count) {
  Request part;
  part.id = whole.id;
  part.channel = whole.channel;
  part.model = whole.model;
  part.task = whole.task;
  part.moment = whole.moment;
  part.seed = whole.seed;
  part.first = whole.first + offset;
  part.count = count;
  part.temperature = whole.temperature;
  part.labels = whole.labels.size() <= 1 ? whole.labels : share(whole.labels, whole.count, offset, count);
  part.label_weights = share(whole.label_weights, whole.count, offset, count);
  part.latents = share(whole.latents, whole.count, offset, count);
  part.pictures = share(whole.pictures, whole.count, offset, count);
  part.direction = whole.direction;
  part.view = whole.view;
  return part;
}

Scheduler::Scheduler(std::uint32_t workers) : workers_(std::max(1u, workers)) {}

void Scheduler::submit(Request request) {
  const auto overtaken = [&](const std::unique_ptr<Pending>& p) {
    return p->request.channel == request.channel && p->handed < p->request.count;
  };
  pending_.erase(std::remove_if(pending_.begin(), pending_.end(), overtaken), pending_.end());
  auto pending = std::make_unique<Pending>();
  pending->number = ++submitted_;
  pending->milliseconds.assign(workers_, 0.0);
  if (divisible(request)) {
    const std::uint32_t even = (request.count + workers_ - 1) / workers_;
    pending->part_size = std::clamp(even, kMinPart, kMaxPart);
  } else {
    pending->part_size = std::max(1u, request.count);
  }
  pending->request = std::move(request);
  pending_.push_back(std::move(pending));
}

std::optional<Scheduler::Part> Scheduler::next() {
  Pending* best = nullptr;
  for (const auto& p : pending_) {
    const bool waiting = p->handed < p->request.count || p->parts_handed == 0;
    if (waiting && (!best || p->parts_handed < best->parts_handed)) best = p.get();
  }
  if (!best) return std::nullopt;
  const std::uint32_t count = std::min(best->part_size, best->request.count - best->handed);
  Part part;
  part.ticket = ++tickets_;
  if (count == best->request.count) {
    part.request = best->request;
  } else {
    part.request = part_of(best->request, best->handed, count);
  }
  open_.push_back({part.ticket, best->number, best->handed, count});
  best->handed += count;
  ++best->parts_handed;
  ++best->parts_open;
  return part;
}

void Scheduler::gather(Pending& pending, const Open& open, std::uint32_t worker, Frame& part) {
  pending.milliseconds[std::min(worker, workers_ - 1)] += part.milliseconds;
  const std::uint32_t total = pending.request.count;
  if (open.count == total) {
    pending.frame = std::move(part);
    return;
  }
  Frame& frame = pending.frame;
  if (!part.status.ok()) frame.status = std::move(part.status);
  // The parts may fit where the whole does not.
  if (frame.status.ok()) frame.status = check_frame(total, part.pictures.size() / open.count);
  if (!frame.status.ok()) return;
  frame.model = part.model;
  frame.task = part.task;
  frame.count = total;
  frame.channels = part.channels;
  frame.height = part.height;
  frame.width = part.width;
  place(frame.pictures, part.pictures, total, open.offset, open.count);
  place(frame.latents, part.latents, total, open.offset, open.count);
  place(frame.scores, part.scores, total, open.offset, open.count);
}

void Scheduler::finish(std::uint64_t ticket, std::uint32_t worker, Frame part) {
  const auto open =
      std::find_if(open_.begin(), open_.end(), [&](const Open& o) { return o.ticket == ticket; });
  if (open == open_.end()) return;
  const Open found = *open;
  const auto pending = std::find_if(pending_.begin(), pending_.end(),
                                    [&](const auto& p) { return p->number == found.number; });
  // Where there are exceptions, one of this leaves the part open, so that it can be abandoned.
  if (pending != pending_.end()) gather(**pending, found, worker, part);
  open_.erase(open);
  if (pending == pending_.end()) return;
  --(*pending)->parts_open;
  const bool failed = !(*pending)->frame.status.ok();
  if (failed || ((*pending)->handed >= (*pending)->request.count && (*pending)->parts_open == 0))
    complete(found.number);
}

void Scheduler::abandon(std::uint64_t ticket, Status status) {
  Frame part;
  part.status = std::move(status);
  finish(ticket, 0, std::move(part));
}

void Scheduler::complete(std::uint64_t number) {
  const auto at =
      std::find_if(pending_.begin(), pending_.end(), [&](const auto& p) { return p->number == number; });
  Pending& finished = **at;
  Frame& frame = finished.frame;
  if (!frame.status.ok()) {
    frame.count = 0;
    frame.pictures.clear();
    frame.latents.clear();
    frame.scores.clear();
  }
  frame.id = finished.request.id;
  frame.model = finished.request.model;
  frame.task = finished.request.task;
  // Workers draw side by side: the one that drew longest gives the time.
  frame.milliseconds = *std::max_element(finished.milliseconds.begin(), finished.milliseconds.end());
  frame.workers = static_cast<std::uint32_t>(std::count_if(
      finished.milliseconds.begin(), finished.milliseconds.end(), [](double ms) { return ms > 0; }));
  frame.workers = std::max(1u, frame.workers);
  done_.push_back(std::move(frame));
  // Frames of a channel never go back in time.
  const std::uint32_t channel = finished.request.channel;
  pending_.erase(
      std::remove_if(pending_.begin(), pending_.end(),
                     [&](const auto& p) { return p->request.channel == channel && p->number <= number; }),
      pending_.end());
}

std::optional<Frame> Scheduler::poll() {
  if (done_.empty()) return std::nullopt;
  Frame frame = std::move(done_.front());
  done_.pop_front();
  return frame;
}

bool Scheduler::busy() const {
  return !pending_.empty() || !done_.empty();
}

}  // namespace lc::session
