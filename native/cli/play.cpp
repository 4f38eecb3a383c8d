// Runs a model over many pictures on several threads. The result does not depend on the number of threads.
#include "native/cli/play.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#include "shared/session/engine.h"
#include "shared/session/model_store.h"
#include "shared/session/scheduler.h"
#include "shared/session/view.h"

namespace lc::cli {
namespace {

// Pictures of one engine request: enough to fill a kernel, small enough to share out.
constexpr std::uint32_t kChunk = 64;

// Numbers of one picture, as large as the request has it.
std::uint64_t floats_of_picture(const session::Request& request, const format::Header& header) {
  const session::View view = session::view_of(header, request);
  return std::uint64_t{header.image.channels} * view.height * view.width;
}

// The frame of all; parts are copied in by the threads, each to its own place.
class Whole {
 public:
  // Takes the memory at once, before the threads begin.
  Whole(const session::Request& request, const format::Header& header) {
    frame_.count = request.count;
    frame_.latents.resize(std::size_t{request.count} * format::latent_size(header));
    if (request.task != session::Task::sample) return;
    frame_.pictures.resize(request.count * floats_of_picture(request, header));
  }

  // False when everything should stop.
  bool add(std::uint32_t first, const session::Frame& part) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!part.status.ok()) {
      if (frame_.status.ok()) frame_.status = part.status;
      return false;
    }
    frame_.channels = part.channels;
    frame_.height = part.height;
    frame_.width = part.width;
    put(part.pictures, part.count, first, frame_.pictures);
    put(part.latents, part.count, first, frame_.latents);
    put(part.scores, part.count, first, frame_.scores);
    return frame_.status.ok();
  }

  session::Frame& frame() { return frame_; }

 private:
  void put(const std::vector<float>& values, std::uint32_t count, std::uint32_t first,
           std::vector<float>& all) const {
    const std::size_t each = values.size() / count;
    all.resize(each * frame_.count);
    std::copy(values.begin(), values.end(), all.begin() + static_cast<std::ptrdiff_t>(first * each));
  }

  std::mutex mutex_;
  session::Frame frame_;
};

}  // namespace

bool Threads::start(std::function<void()> work) {
  try {
    threads_.emplace_back(std::move(work));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void Threads::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::uint32_t thread_count(std::uint32_t asked) {
  return asked != 0 ? asked : std::max(1u, std::thread::hardware_concurrency());
}

Result<session::Frame> play(const LoadedModel& model, const PlayDesc& desc) {
  const std::uint32_t count = desc.request.count;
  if (count == 0 || count > kMaxPictures) {
    return fail(Code::too_much_asked, std::to_string(count) + " pictures asked, between 1 and " +
                                          std::to_string(kMaxPictures) + " can be made at once.");
  }
  const std::uint64_t picture = floats_of_picture(desc.request, model.file.header);
  const std::uint64_t each = sizeof(float) * (picture + format::latent_size(model.file.header));
  if (each > kMaxResultBytes / count) {
    return fail(Code::too_much_asked, std::to_string(count) + " pictures of " + std::to_string(each) +
                                          " bytes each asked, at most " +
                                          std::to_string(kMaxResultBytes / each) +
                                          " of them can be made at once.");
  }
  const kernels::Kernels& kernels = desc.kernels != nullptr ? *desc.kernels : kernels::simd();
  // A picture too large by itself is refused by the engine.
  const auto chunk_size =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(session::kMaxFrameFloats / picture, 1, kChunk));
  const std::uint32_t chunks = (count + chunk_size - 1) / chunk_size;
  const std::uint32_t threads = std::min(thread_count(desc.threads), chunks);

  // One copy of the packed weights for all threads.
  const auto store = std::make_shared<session::ModelStore>(kernels);
  const Result<std::uint32_t> loaded = store->load({name_of_weights(model.path), model.bytes});
  if (!loaded.ok()) return at_path(model.path, loaded.status());
  std::vector<session::Engine> engines;
  for (std::uint32_t t = 0; t < threads; ++t) engines.emplace_back(store);

  Whole whole(desc.request, model.file.header);
  std::atomic<std::uint32_t> next = 0;
  const auto work = [&](session::Engine& engine) {
    session::Frame frame;
    for (std::uint32_t chunk = next++; chunk < chunks; chunk = next++) {
      const std::uint32_t first = chunk * chunk_size;
      try {
        engine.render(session::part_of(desc.request, first, std::min(chunk_size, count - first)), frame);
      } catch (const std::bad_alloc&) {
        frame.status = fail(Code::out_of_memory, "not enough memory. Ask for fewer threads.");
      }
      if (!whole.add(first, frame)) next = chunks;
    }
  };
  const auto start = std::chrono::steady_clock::now();
  Threads others;
  std::uint32_t started = 1;
  while (started < threads && others.start([&work, &engine = engines[started]] { work(engine); })) ++started;
  work(engines[0]);
  others.join();
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;

  session::Frame& frame = whole.frame();
  if (!frame.status.ok()) return at_path(model.path, frame.status);
  frame.task = desc.request.task;
  frame.milliseconds = elapsed.count();
  frame.workers = started;
  return std::move(frame);
}

}  // namespace lc::cli
