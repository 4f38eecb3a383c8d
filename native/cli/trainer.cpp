// Finds and starts latent-canvas-train, the program that has LibTorch inside.
#include "native/cli/trainer.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "native/io/files.h"

namespace lc::cli {
namespace {

constexpr const char* kTrainer = "latent-canvas-train";
constexpr int kNotStarted = 127;  // as a shell has it

bool can_start(const std::string& path) {
  return io::file_exists(path) && ::access(path.c_str(), X_OK) == 0;
}

Status no_trainer() {
  return fail(Code::io_open,
              std::string(kTrainer) +
                  " is neither beside this program nor in PATH: it was not built, for want of LibTorch. "
                  "Install LibTorch (Debian: libtorch-dev libopenblas0-openmp; scripts/setup does it) and "
                  "build again "
                  "with -DLC_TRAIN=ON.");
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> with_program(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

// A code of the trainer's exit code, so that this program leaves with the same one; what exactly happened
// stands in the trainer's own message.
Code code_of(int left_with) {
  for (const Code code : {Code::bad_argument, Code::data_damaged, Code::bad_magic, Code::io_write,
                          Code::diverged, Code::no_device}) {
    if (exit_code(code) == left_with) return code;
  }
  return Code::interrupted;
}

// How a trainer ended, by what waitpid says.
Status ended(const std::string& program, int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    std::string message =
        program + ": was ended by signal " + std::to_string(number) + " (" + ::strsignal(number) + ").";
    if (number == SIGKILL) message += " The system does that when memory runs out.";
    return fail(Code::interrupted, message);
  }
  const int left_with = WEXITSTATUS(status);
  if (left_with == 0) return {};
  if (left_with == kNotStarted) return fail(Code::io_open, program + ": cannot be started.");
  return fail(code_of(left_with),
              program + ": left with exit code " + std::to_string(left_with) + "; its own message says why.");
}

}  // namespace

std::string program_folder() {
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0 || length == static_cast<ssize_t>(sizeof path)) return "";
  return io::folder_of(std::string(path, static_cast<std::size_t>(length)));
}

std::string find_trainer() {
  const std::string beside = io::join(program_folder(), kTrainer);
  if (can_start(beside)) return beside;
  const char* path = std::getenv("PATH");
  std::string rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string folder = rest.substr(0, colon);
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
    // An empty entry means the current folder; a program is not taken from there by accident.
    if (!folder.empty() && can_start(io::join(folder, kTrainer))) return io::join(folder, kTrainer);
  }
  return "";
}

Status become_trainer(const std::vector<std::string>& arguments) {
  const std::string program = find_trainer();
  if (program.empty()) return no_trainer();
  std::vector<std::string> words = with_program(program, arguments);
  ::execv(program.c_str(), pointers(words).data());
  return fail(Code::io_open, program + ": cannot be started: " + std::strerror(errno) + ".");
}

Result<std::string> ask_trainer(const std::vector<std::string>& arguments) {
  const std::string program = find_trainer();
  if (program.empty()) return no_trainer();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(Code::io_open, std::string("no pipe: ") + std::strerror(errno) + ".");
  std::vector<std::string> words = with_program(program, arguments);
  const std::vector<char*> argv = pointers(words);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(program.c_str(), argv.data());
    ::_exit(kNotStarted);
  }
  ::close(ends[1]);
  std::string answer;
  char part[4096];
  for (;;) {
    const ssize_t got = child > 0 ? ::read(ends[0], part, sizeof part) : 0;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    answer.append(part, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) < 0) {
    return fail(Code::io_open, program + ": cannot be started: " + std::strerror(errno) + ".");
  }
  LC_TRY(ended(program, status));
  return answer;
}

}  // namespace lc::cli
