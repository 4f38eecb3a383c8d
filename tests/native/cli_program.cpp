// Runs latent-canvas as a user would, and keeps a folder for its files.
#include "tests/native/cli_program.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lc::test {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

[[noreturn]] void become(const Invocation& what, const std::string& folder) {
  const std::string program = what.program.empty() ? LC_CLI_PROGRAM : what.program;
  std::vector<std::string> words = {program}, settings;
  words.insert(words.end(), what.arguments.begin(), what.arguments.end());
  for (const auto& [key, value] : what.environment) settings.push_back(key + "=" + value);
  std::vector<char*> argv, envp;
  for (std::string& word : words) argv.push_back(word.data());
  for (std::string& setting : settings) envp.push_back(setting.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  if (chdir(folder.c_str()) == 0) execve(program.c_str(), argv.data(), envp.data());
  _exit(126);
}

int code_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Outcome run_on_terminal(const Invocation& what, const std::string& folder) {
  Outcome outcome;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) become(what, folder);
  char part[4096];
  for (ssize_t got = 0; (got = read(terminal, part, sizeof part)) > 0;) {
    outcome.out.append(part, static_cast<std::size_t>(got));
  }
  close(terminal);
  outcome.code = code_of(child);
  return outcome;
}

}  // namespace

Outcome run(const Invocation& what, const std::string& folder) {
  if (what.on_terminal) return run_on_terminal(what, folder);
  const std::string out = what.out_path.empty() ? folder + "/.out" : what.out_path, err = folder + "/.err";
  const pid_t child = fork();
  if (child == 0) {
    const int out_file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err_file = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out_file < 0 || err_file < 0) _exit(125);
    dup2(out_file, STDOUT_FILENO);
    dup2(err_file, STDERR_FILENO);
    become(what, folder);
  }
  Outcome outcome;
  outcome.code = code_of(child);
  if (what.out_path.empty()) outcome.out = text_of(out);
  outcome.err = text_of(err);
  return outcome;
}

void CliTest::SetUp() {
  char name[] = "/tmp/lc-cli-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  folder_ = name;
  ASSERT_TRUE(std::filesystem::create_directory(at("weights")));
}

void CliTest::TearDown() {
  std::filesystem::remove_all(folder_);
}

Outcome CliTest::cli(const std::vector<std::string>& arguments) const {
  Invocation what;
  what.arguments = arguments;
  return cli(what);
}

Outcome CliTest::cli(Invocation what) const {
  what.environment.insert({{"HOME", folder_}, {"PATH", "/usr/bin:/bin"}});
  return run(what, folder_);
}

std::vector<std::uint8_t> CliTest::bytes_at(const std::string& name) const {
  const std::string text = text_of(at(name));
  return {text.begin(), text.end()};
}

void CliTest::write(const std::string& name, const std::vector<std::uint8_t>& bytes) const {
  write(name, std::string(bytes.begin(), bytes.end()));
}

void CliTest::write(const std::string& name, const std::string& text) const {
  std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
  std::ofstream(at(name), std::ios::binary) << text;
}

}  // namespace lc::test
