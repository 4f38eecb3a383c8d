// Ctrl-C and SIGTERM as a question that the loop asks. POSIX.
#pragma once

namespace lc::train {

// From now on the first SIGINT or SIGTERM is noted; a second one ends the program at once.
void watch_signals();

// The signal that came, or 0.
int signal_seen();

}  // namespace lc::train
