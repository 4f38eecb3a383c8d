// A program as a test starts it: with its words and variables, to be waited for or sent signals.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace lc {

using Variables = std::vector<std::pair<std::string, std::string>>;  // of the environment

struct Ended {
  int code = -1;  // 128 + signal when killed
  std::string text;
};

class Process {
 public:
  Process(const std::vector<std::string>& words, const std::string& log, const Variables& variables = {})
      : log_(log) {
    child_ = fork();
    if (child_ != 0) return;
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    setenv("OMP_NUM_THREADS", "1", 1);
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  void send(int number) const { kill(child_, number); }
  bool running() {
    int status = 0;
    if (child_ == 0) return false;
    if (waitpid(child_, &status, WNOHANG) == 0) return true;
    note(status);
    return false;
  }
  Ended wait() {
    int status = 0;
    if (child_ != 0 && waitpid(child_, &status, 0) == child_) note(status);
    std::stringstream text;
    text << std::ifstream(log_).rdbuf();
    ended_.text = text.str();
    return ended_;
  }

 private:
  void note(int status) {
    ended_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    child_ = 0;
  }
  pid_t child_ = 0;
  std::string log_;
  Ended ended_;
};

inline void expect_ended(const Ended& ended, int code, const std::string& part) {
  EXPECT_EQ(ended.code, code) << ended.text;
  EXPECT_NE(ended.text.find(part), std::string::npos) << "expected '" << part << "' in: " << ended.text;
}

}  // namespace lc
