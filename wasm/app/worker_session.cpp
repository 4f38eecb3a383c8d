// Cuts Requests into jobs for workers and joins their answers.
#include "wasm/app/worker_session.h"

#include <algorithm>

#include "shared/format/format.h"

namespace lc::app {
namespace {

// Pictures of one job at most: so that a slider's picture, which waits for a free worker, waits briefly.
constexpr std::uint32_t kMaxPart = 64;

// A part that starts at `first` of the request, with its share of what is given per picture.
session::Request part_of(const session::Request& request, std::uint32_t first, std::uint32_t count,
                         std::size_t latent_size, std::size_t picture_size) {
  session::Request part = request;
  part.first = request.first + first;
  part.count = count;
  const auto cut = [&](auto& values, std::size_t each) {
    if (values.size() != each * request.count) return;
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(each * first);
    values = {begin, begin + static_cast<std::ptrdiff_t>(each * count)};
  };
  if (request.labels.size() > 1) cut(part.labels, 1);
  if (!request.latents.empty()) cut(part.latents, latent_size);
  if (!request.pictures.empty()) cut(part.pictures, picture_size);
  return part;
}

}  // namespace

WorkerSession::WorkerSession(Courier& courier, std::uint32_t workers)
    : courier_(courier), workers_(workers) {}

Result<std::uint32_t> WorkerSession::load(session::LoadRequest request) {
  Result<format::ModelFile> file = format::read_model(request.bytes);
  if (!file.ok()) return fail(file.status().code, request.name + ": " + file.status().message);
  const auto number = static_cast<std::uint32_t>(models_.size());
  models_.push_back(session::describe(file->header, request.name, request.bytes.size()));
  models_.back().model = number;
  return number;
}

void WorkerSession::submit(session::Request request) {
  const std::uint32_t channel = request.channel;
  waiting_[channel] = std::move(request);
  start();
}

void WorkerSession::start() {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (running_.count(it->first) > 0) {
      ++it;
      continue;
    }
    Running run;
    run.request = std::move(it->second);
    run.frame.id = run.request.id;
    run.frame.model = run.request.model;
    run.frame.task = run.request.task;
    const std::uint32_t channel = it->first;
    it = waiting_.erase(it);
    if (run.request.model >= models_.size() || run.request.count == 0 ||
        run.request.count > session::kMaxCount) {
      run.frame.status =
          fail(Code::bad_argument, "a request for " + std::to_string(run.request.count) +
                                       " pictures of model " + std::to_string(run.request.model) +
                                       ", of which there are " + std::to_string(models_.size()));
      ready_.push_back(std::move(run.frame));
      continue;
    }
    running_.emplace(channel, std::move(run));
  }
  for (std::uint32_t worker = 0; worker < workers_; ++worker) {
    if (job_of_.count(worker) > 0) continue;
    // Few pictures first: they are what a hand is waiting for.
    Running* best = nullptr;
    std::uint32_t channel = 0;
    for (auto& [number, run] : running_) {
      if (run.given >= run.request.count || !run.frame.status.ok()) continue;
      if (best == nullptr || run.request.count < best->request.count) {
        best = &run;
        channel = number;
      }
    }
    if (best == nullptr) return;
    const session::Request& request = best->request;
    const std::uint32_t fair = (request.count + workers_ - 1) / workers_;
    const std::uint32_t count = std::min({fair, kMaxPart, request.count - best->given});
    const session::ModelInfo& model = models_[request.model];
    const format::ImageSpec& image = model.header.image;
    const std::size_t picture_size = std::size_t{image.channels} * image.height * image.width;
    Job job;
    job.id = next_job_++;
    job.worker = worker;
    job.request = part_of(request, best->given, count, model.latent_size, picture_size);
    jobs_[job.id] = {channel, best->given, count};
    job_of_[worker] = job.id;
    best->given += count;
    courier_.submit(job);
  }
}

bool WorkerSession::answer(std::uint32_t worker, std::uint32_t job, session::Frame part) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return false;
  const Place place = found->second;
  jobs_.erase(found);
  const auto of_worker = job_of_.find(worker);
  if (of_worker != job_of_.end() && of_worker->second == job) job_of_.erase(of_worker);
  Running& run = running_.at(place.channel);
  session::Frame& frame = run.frame;
  run.finished += place.count;
  if (!part.status.ok()) {
    if (frame.status.ok()) frame.status = part.status;
  } else if (frame.status.ok()) {
    if (frame.count == 0) {
      frame.channels = part.channels;
      frame.height = part.height;
      frame.width = part.width;
    }
    const bool fits = part.count == place.count && part.channels == frame.channels &&
                      part.height == frame.height && part.width == frame.width;
    if (!fits) {
      frame.status = fail(Code::bad_argument, "worker " + std::to_string(worker) + " answered with " +
                                                  std::to_string(part.count) + " pictures, expected " +
                                                  std::to_string(place.count));
    } else {
      // Parts come back in any order; each has its place.
      const auto put = [&](std::vector<float>& all, const std::vector<float>& values) {
        const std::size_t each = values.size() / place.count;
        if (all.size() < each * run.request.count) all.resize(each * run.request.count);
        std::copy(values.begin(), values.end(),
                  all.begin() + static_cast<std::ptrdiff_t>(each * place.first));
      };
      frame.count += part.count;
      put(frame.pictures, part.pictures);
      put(frame.latents, part.latents);
      put(frame.scores, part.scores);
      run.milliseconds[worker] += part.milliseconds;
    }
  }
  const bool done = finish(place.channel);
  start();
  return done;
}

bool WorkerSession::finish(std::uint32_t channel) {
  Running& run = running_.at(channel);
  // After a failure nothing more is given out: it ends when what was given has come back.
  const std::uint32_t expected = run.frame.status.ok() ? run.request.count : run.given;
  if (run.finished < expected) return false;
  session::Frame& frame = run.frame;
  if (!frame.status.ok()) {
    frame.count = 0;
    frame.pictures.clear();
    frame.latents.clear();
    frame.scores.clear();
  }
  frame.workers = static_cast<std::uint32_t>(run.milliseconds.size());
  for (const auto& [worker, milliseconds] : run.milliseconds)
    frame.milliseconds = std::max(frame.milliseconds, milliseconds);
  ready_.push_back(std::move(frame));
  running_.erase(channel);
  return true;
}

std::optional<session::Frame> WorkerSession::poll() {
  if (ready_.empty()) return std::nullopt;
  session::Frame frame = std::move(ready_.front());
  ready_.pop_front();
  return frame;
}

bool WorkerSession::busy() const {
  return !running_.empty() || !waiting_.empty() || !ready_.empty();
}

void WorkerSession::set_workers(std::uint32_t workers) {
  workers_ = workers;
  start();
}

}  // namespace lc::app
