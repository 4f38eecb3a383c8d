// Splits requests into parts for workers, gathers their frames, and lets newer requests overtake older ones.
// Owns no threads and no clock: the thread pool and the page's workers both drive it, one call at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "shared/session/session.h"

namespace lc::session {

// A part has at least this many pictures (the last one of a request may have fewer), so that weights are read
// once for several pictures; and at most this many, so that an overtaken request soon makes room.
constexpr std::uint32_t kMinPart = 4;
constexpr std::uint32_t kMaxPart = 64;

class Scheduler {
 public:
  explicit Scheduler(std::uint32_t workers);

  // Takes a request. Older ones of its channel that nobody works on yet are dropped, and so are the remaining
  // parts of a larger one; one whose parts are all being drawn still gives its frame, so that a dragged
  // slider shows pictures.
  void submit(Request request);

  struct Part {
    std::uint64_t ticket = 0;
    Request request;  // of this part alone
  };
  // The next part for an idle worker. Requests with the fewest parts handed out come first, then the older
  // ones.
  std::optional<Part> next();
  // A worker's answer; answers to dropped requests are thrown away. `worker` < workers. When memory runs out
  // (std::bad_alloc) the part is still open.
  void finish(std::uint64_t ticket, std::uint32_t worker, Frame part);
  // The worker that had this part is gone: the request fails with `status`.
  void abandon(std::uint64_t ticket, Status status);

  // A whole frame, if one is complete.
  std::optional<Frame> poll();
  // Something is waiting, being drawn, or not polled yet.
  bool busy() const;
  std::uint32_t workers() const { return workers_; }

 private:
  struct Pending {
    std::uint64_t number = 0;  // of submission
    Request request;
    std::uint32_t part_size = 1;
    std::uint32_t handed = 0;  // pictures handed out
    std::uint32_t parts_handed = 0, parts_open = 0;
    Frame frame;
    std::vector<double> milliseconds;  // of each worker
  };
  struct Open {
    std::uint64_t ticket = 0, number = 0;
    std::uint32_t offset = 0;  // pictures before it in the request
    std::uint32_t count = 0;
  };

  void gather(Pending& pending, const Open& open, std::uint32_t worker, Frame& part);
  void complete(std::uint64_t number);

  std::uint32_t workers_;
  std::uint64_t submitted_ = 0, tickets_ = 0;
  std::vector<std::unique_ptr<Pending>> pending_;  // by number
  std::vector<Open> open_;
  std::deque<Frame> done_;
};

// Pictures [offset, offset + count) of a request, as a request.
Request part_of(const Request& whole, std::uint32_t offset, std::uint32_t count);

}  // namespace lc::session
