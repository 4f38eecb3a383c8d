// The trainer's command line.
#pragma once

namespace lc::train {

// Parses the arguments, trains or lists, and returns the program's exit code.
int train_command(int argc, char** argv);

}  // namespace lc::train
