// What a command of latent-canvas is: a row of the table in main.cpp.
#pragma once

#include <functional>
#include <string_view>

#include "shared/core/status.h"

namespace CLI {
class App;
}

namespace lc::cli {

// Does the work after the arguments were read; main prints a failure's message and exits with its code.
using Action = std::function<Status()>;

struct Command {
  std::string_view name;
  std::string_view summary;   // one line, for the list of commands
  std::string_view examples;  // for --help: lines of "  latent-canvas ..."
  // Adds the options to `app`. Null: the trainer has this command, the arguments go to it as they are.
  Action (*describe)(CLI::App& app);
};

Action describe_sample(CLI::App& app);
Action describe_info(CLI::App& app);
Action describe_verify(CLI::App& app);
Action describe_export(CLI::App& app);
Action describe_datasets(CLI::App& app);
Action describe_fetch(CLI::App& app);
Action describe_doctor(CLI::App& app);
Action describe_bench(CLI::App& app);
Action describe_eval(CLI::App& app);
Action describe_compare(CLI::App& app);

}  // namespace lc::cli
