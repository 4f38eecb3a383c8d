// Ctrl-C and SIGTERM as a question that the loop asks. POSIX.
#include "native/train/signals.h"

#include <csignal>

namespace lc::train {

namespace {

volatile std::sig_atomic_t seen = 0;

void note(int number) {
  seen = number;
}

}  // namespace

void watch_signals() {
  struct sigaction action = {};
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  // The second signal finds the default action: someone is in a hurry.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A closed pipe is a failed write with a message, not a silent death.
  std::signal(SIGPIPE, SIG_IGN);
}

int signal_seen() {
  return seen;
}

}  // namespace lc::train
