// The ring of TCP connections between ranks. POSIX.
#include "native/train/comm_tcp.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <stdexcept>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "native/train/torch_message.h"

namespace lc::train {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTokenBytes = 16;
constexpr std::size_t kChunkBytes = 1 << 20;  // of a broadcast: ranks pass on one while the next arrives
// How long rank 0 stays, when a rank is lost, for the others to learn which.
constexpr std::chrono::seconds kFarewell(10);
// A machine that is gone answers no probe: it counts as lost after 30 + 3 * 10 s.
constexpr int kProbeAfterSeconds = 30, kProbeEverySeconds = 10, kProbes = 3;

std::runtime_error problem(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

void set_option(int socket, int level, int name, int value) {
  static_cast<void>(::setsockopt(socket, level, name, &value, sizeof value));  // speed and probes, not duty
}

void tune(int socket) {
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, kProbeAfterSeconds);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, kProbeEverySeconds);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
             1000 * (kProbeAfterSeconds + kProbes * kProbeEverySeconds));
}

int connected(const std::string& host, std::uint16_t port, int type) {
  addrinfo hints = {};
  hints.ai_family = AF_INET;
  hints.ai_socktype = type;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    throw std::runtime_error("no machine is called '" + host + "'");
  }
  const int socket = ::socket(found->ai_family, type | SOCK_CLOEXEC, 0);
  const bool ok = socket >= 0 && ::connect(socket, found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  if (!ok) throw problem(host + ":" + std::to_string(port));
  return socket;
}

// This machine's address on the way to `host`; empty when that is this machine, so that the others take the
// name by which they know it.
std::string address_towards(const std::string& host) {
  const int socket = connected(host, 9, SOCK_DGRAM);  // sends nothing: the port does not matter
  sockaddr_in own = {};
  socklen_t size = sizeof own;
  const bool ok = ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  ::close(socket);
  char text[INET_ADDRSTRLEN] = {};
  if (!ok || ::inet_ntop(AF_INET, &own.sin_addr, text, sizeof text) == nullptr) throw problem("own address");
  return std::string(text).rfind("127.", 0) == 0 ? "" : text;
}

bool read_all(int socket, void* to, std::size_t size, Clock::time_point until) {
  auto* at = static_cast<std::uint8_t*>(to);
  while (size > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd ready = {socket, POLLIN, 0};
    if (left <= 0) return false;
    const int count = ::poll(&ready, 1, static_cast<int>(std::min<long long>(left, 1000)));
    if (count == 0 || (count < 0 && errno == EINTR)) continue;
    if (count < 0) return false;
    const ssize_t got = ::recv(socket, at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}
std::string text_of(const std::vector<std::uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TcpComm::TcpComm(const Launch& launch, std::int64_t timeout_seconds)
    : launch_(launch), timeout_(timeout_seconds) {}

TcpComm::~TcpComm() {
  for (const int socket : {listener_, to_next_, from_previous_}) {
    if (socket >= 0) ::close(socket);
  }
}

Result<std::unique_ptr<TcpComm>> TcpComm::make(const Launch& launch, std::int64_t timeout_seconds) {
  std::unique_ptr<TcpComm> comm(new TcpComm(launch, timeout_seconds));
  LC_TRY(comm->meet());
  return comm;
}

Status TcpComm::meet() {
  try {
    c10d::TCPStoreOptions options;
    options.port = launch_.port;
    options.isServer = rank() == 0 && !launch_.served;
    options.waitWorkers = false;
    options.timeout = timeout_;
    store_ = std::make_shared<c10d::TCPStore>(launch_.host, options);
    if (rank() == 0) {
      std::random_device random;
      for (std::size_t i = 0; i < kTokenBytes; ++i) token_.push_back(static_cast<std::uint8_t>(random()));
      store_->set(launch_.key_prefix + "token", token_);
    }
    listen();
    token_ = store_->get(launch_.key_prefix + "token");
    greet_next();
    welcome_previous();
    wait_for_all();
  } catch (const std::exception& error) {
    if (!failure_.ok()) return failure_;
    return fail(Code::io_open, "rank " + std::to_string(rank()) + " of " + std::to_string(size()) +
                                   " did not reach the others by way of " + launch_.host + ":" +
                                   std::to_string(launch_.port) + " within " +
                                   std::to_string(timeout_.count()) + " s: " + torch_message(error) +
                                   ". Were all ranks started, and is MASTER_PORT free?");
  }
  return {};
}

void TcpComm::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in any = {};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t size = sizeof any;
  auto* address = reinterpret_cast<sockaddr*>(&any);
  if (listener_ < 0 || ::bind(listener_, address, size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, address, &size) != 0) {
    throw problem("listening");
  }
  store_->set(launch_.key_prefix + "rank/" + std::to_string(rank()),
              bytes_of(std::to_string(ntohs(any.sin_port)) + " " + address_towards(launch_.host)));
}

void TcpComm::greet_next() {
  const std::string place = text_of(store_->get(launch_.key_prefix + "rank/" + std::to_string(next())));
  const std::size_t blank = place.find(' ');
  const std::string host = place.substr(blank + 1);
  to_next_ = connected(host.empty() ? launch_.host : host,
                       static_cast<std::uint16_t>(std::stoi(place.substr(0, blank))), SOCK_STREAM);
  tune(to_next_);
  if (::send(to_next_, token_.data(), token_.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(token_.size())) {
    throw problem("greeting rank " + std::to_string(next()));
  }
}

void TcpComm::welcome_previous() {
  const Clock::time_point until = Clock::now() + timeout_;
  while (from_previous_ < 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) throw std::runtime_error("rank " + std::to_string(previous()) + " did not call");
    pollfd ready = {listener_, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(std::min<long long>(left, 1000))) <= 0) continue;
    const int caller = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (caller < 0) continue;
    // Whoever does not know the token is no rank of this run.
    std::vector<std::uint8_t> token(token_.size());
    const Clock::time_point soon = std::min(until, Clock::now() + std::chrono::seconds(5));
    if (read_all(caller, token.data(), token.size(), soon) && token == token_) {
      from_previous_ = caller;
      tune(caller);
    } else {
      ::close(caller);
    }
  }
  ::close(listener_);
  listener_ = -1;
}

void TcpComm::exchange(const void* out, std::size_t out_bytes, void* in, std::size_t in_bytes) {
  if (!failure_.ok()) throw std::runtime_error(failure_.message);
  const auto* sending = static_cast<const std::uint8_t*>(out);
  auto* receiving = static_cast<std::uint8_t*>(in);
  Clock::time_point moved = Clock::now();
  while (out_bytes > 0 || in_bytes > 0) {
    pollfd ends[2] = {{out_bytes > 0 ? to_next_ : -1, POLLOUT, 0},
                      {in_bytes > 0 ? from_previous_ : -1, POLLIN, 0}};
    const int ready = ::poll(ends, 2, 1000);
    if (ready < 0 && errno != EINTR)
      lose(previous(), std::string("cannot be waited for: ") + std::strerror(errno));
    if (ready <= 0) {
      if (patient_ || Clock::now() - moved < timeout_) continue;
      lose(in_bytes > 0 ? previous() : next(), "was silent for " + std::to_string(timeout_.count()) + " s");
    }
    if (ends[0].revents != 0) {
      const ssize_t sent = ::send(to_next_, sending, out_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) lose(next(), "has left");
      if (sent > 0) {
        sending += sent;
        out_bytes -= static_cast<std::size_t>(sent);
        moved = Clock::now();
      }
    }
    if (ends[1].revents != 0) {
      const ssize_t got = ::recv(from_previous_, receiving, in_bytes, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) lose(previous(), "has left");
      if (got > 0) {
        receiving += got;
        in_bytes -= static_cast<std::size_t>(got);
        moved = Clock::now();
      }
    }
  }
}

void TcpComm::lose(std::int64_t neighbour, const std::string& how) {
  const std::int64_t lost = first_lost(neighbour);
  failure_ = fail(Code::io_read, "rank " + std::to_string(lost) + " of " + std::to_string(size()) + " " +
                                     how + "; its own message says why, if it could leave one.");
  throw std::runtime_error(failure_.message);
}

// When a rank is gone its neighbours leave too, and then theirs: each first writes down whom it missed, so
// that all can tell whose loss began it.
std::int64_t TcpComm::first_lost(std::int64_t neighbour) {
  const auto key = [&](const char* what, std::int64_t of) {
    return launch_.key_prefix + what + std::to_string(of);
  };
  try {
    store_->setTimeout(std::chrono::seconds(2));
    store_->set(key("missed/", rank()), bytes_of(std::to_string(neighbour)));
    // The other neighbour may be waiting for this rank: now it notices.
    for (const int socket : {to_next_, from_previous_}) static_cast<void>(::shutdown(socket, SHUT_RDWR));
    for (std::int64_t steps = 0; steps < size() && store_->check({key("missed/", neighbour)}); ++steps) {
      const std::int64_t missed = std::stoll(text_of(store_->get(key("missed/", neighbour))));
      if (missed == rank()) break;  // two that miss each other: a timeout
      neighbour = missed;
    }
    store_->set(key("told/", rank()), {1});
    if (rank() > 0 || launch_.served) return neighbour;
    // Who serves the store stays until the others have read it.
    const Clock::time_point until = Clock::now() + kFarewell;
    for (std::int64_t other = 1; other < size() && Clock::now() < until;) {
      const bool done = other == neighbour || store_->check({key("told/", other)});
      if (done) ++other;
      if (!done) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  } catch (const std::exception&) {
    return launch_.served ? neighbour : 0;  // the store is gone, and with it the rank that served it
  }
  return neighbour;
}

// In the first half of the way each rank adds up one part; in the second the sums go round.
template <class T>
void TcpComm::sum_around(T* values, std::int64_t count) {
  const std::int64_t n = size();
  const auto begin = [&](std::int64_t part) { return count * ((part % n + n) % n) / n; };
  const auto length = [&](std::int64_t part) {
    const std::int64_t index = (part % n + n) % n;
    return count * (index + 1) / n - count * index / n;
  };
  const auto size_of = [&](std::int64_t part) { return static_cast<std::size_t>(length(part)) * sizeof(T); };
  scratch_.resize(static_cast<std::size_t>(count / n + 1) * sizeof(T));
  for (std::int64_t step = 0; step < n - 1; ++step) {
    const std::int64_t out = rank() - step, in = rank() - step - 1;
    exchange(values + begin(out), size_of(out), scratch_.data(), size_of(in));
    const T* heard = reinterpret_cast<const T*>(scratch_.data());
    T* mine = values + begin(in);
    for (std::int64_t i = 0; i < length(in); ++i) mine[i] += heard[i];
  }
  for (std::int64_t step = 0; step < n - 1; ++step) {
    const std::int64_t out = rank() + 1 - step, in = rank() - step;
    exchange(values + begin(out), size_of(out), values + begin(in), size_of(in));
  }
}

void TcpComm::all_reduce(torch::Tensor& values) {
  const bool wide = values.scalar_type() == torch::kFloat64;
  TORCH_CHECK(values.is_contiguous() && (wide || values.scalar_type() == torch::kFloat32),
              "all_reduce takes contiguous tensors of float or double");
  if (!values.is_cpu()) {
    torch::Tensor host = values.cpu();
    all_reduce(host);
    values.copy_(host);
    return;
  }
  if (wide) {
    sum_around(values.data_ptr<double>(), values.numel());
  } else {
    sum_around(values.data_ptr<float>(), values.numel());
  }
}

void TcpComm::broadcast(std::vector<std::uint8_t>& bytes) {
  const bool first = rank() == 0, last = next() == 0;
  const auto pass = [&](void* data, std::size_t size) {
    if (!first) exchange(nullptr, 0, data, size);
    if (!last) exchange(data, size, nullptr, 0);
  };
  std::uint64_t size = bytes.size();
  pass(&size, sizeof size);
  bytes.resize(static_cast<std::size_t>(size));
  for (std::size_t at = 0; at < bytes.size(); at += kChunkBytes) {
    pass(bytes.data() + at, std::min(kChunkBytes, bytes.size() - at));
  }
}

std::int64_t TcpComm::missing() const {
  pollfd ends[2] = {{to_next_, POLLRDHUP, 0}, {from_previous_, POLLRDHUP, 0}};
  if (::poll(ends, 2, 0) <= 0) return -1;
  return ends[0].revents != 0 ? next() : previous();
}

void TcpComm::wait_for_all() {
  patient_ = true;
  double nothing = 0;
  sum_around(&nothing, 1);
  patient_ = false;
}

}  // namespace lc::train
