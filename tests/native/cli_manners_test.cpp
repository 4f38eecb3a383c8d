// Help, versions, unknown words, exit codes, colours: the manners that hold for every command.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/native/cli_program.h"

namespace lc::test {
namespace {

const std::vector<std::string> kOwnCommands = {"datasets", "fetch",  "sample", "info",
                                               "verify",   "export", "bench",  "doctor"};

class Manners : public CliTest {};

TEST_F(Manners, HelpListsEveryCommandAndStartsQuickly) {
  double best_ms = 1e9;
  Outcome help;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    help = cli({"--help"});
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    best_ms = std::min(best_ms, elapsed.count());
  }
  std::printf("latent-canvas --help: %.1f ms, best of 5\n", best_ms);
  EXPECT_EQ(help.code, 0);
  EXPECT_EQ(help.err, "");
  for (const std::string& name : kOwnCommands)
    EXPECT_NE(help.out.find("\n  " + name + " "), std::string::npos) << name;
  for (const char* name : {"train", "models"}) {
    EXPECT_NE(help.out.find(std::string("\n  ") + name + " "), std::string::npos) << name;
  }
  EXPECT_EQ(cli({"-h"}).out, help.out);
  EXPECT_EQ(cli({"help"}).out, help.out);
}

TEST_F(Manners, EveryCommandHasHelpWithExamples) {
  for (const std::string& name : kOwnCommands) {
    const Outcome help = cli({name, "--help"});
    EXPECT_EQ(help.code, 0) << name;
    EXPECT_EQ(help.err, "") << name;
    EXPECT_NE(help.out.find("Usage: latent-canvas " + name), std::string::npos) << help.out;
    EXPECT_NE(help.out.find("Examples:\n  latent-canvas " + name), std::string::npos) << help.out;
    EXPECT_EQ(cli({"help", name}).out, help.out) << name;
  }
}

TEST_F(Manners, NoWordsAtAllIsAUsageErrorOnStderr) {
  const Outcome outcome = cli(std::vector<std::string>{});
  EXPECT_FAILS(outcome, 2, "Commands:");
  EXPECT_EQ(outcome.out, "");
}

TEST_F(Manners, TheVersionIsTold) {
  const Outcome outcome = cli({"--version"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out.find("latent-canvas " LC_VERSION), 0u) << outcome.out;
}

TEST_F(Manners, AMistypedWordGetsTheNearestOne) {
  EXPECT_FAILS(cli({"smaple"}), 2, "Did you mean 'sample'?");
  EXPECT_FAILS(cli({"xyzzy"}), 2, "Known: models datasets fetch train sample");
  EXPECT_FAILS(cli({"--jsno"}), 2, "no option '--jsno' before a command");
  EXPECT_FAILS(cli({"sample", "--weigths", "x"}), 2, "Did you mean '--weights'?");
  EXPECT_FAILS(cli({"sample", "--weights", "x", "--sede=7"}), 2, "Did you mean '--seed'?");
  EXPECT_FAILS(cli({"datasets", "--jsn"}), 2, "Did you mean '--json'?");
  EXPECT_FAILS(cli({"datasets", "mnist"}), 2, "'mnist' is one argument too many");
  EXPECT_FAILS(cli({"fetch", "minst"}), 2, "did you mean 'mnist'?");
  EXPECT_FAILS(cli({"export", "x.lcw", "--format", "onnx"}), 2, "Known: safetensors");
  for (const std::string name : {"sample", "info", "verify", "export", "fetch"}) {
    EXPECT_FAILS(cli({name}), 2, "See 'latent-canvas " + name + " --help'");
  }
}

TEST_F(Manners, AFullDiskBehindStdoutIsExitCode5) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--help"}, {"datasets", "--json"}, {"--version"}}) {
    Invocation what;
    what.arguments = words;
    what.out_path = "/dev/full";
    EXPECT_FAILS(cli(what), 5, "standard output: cannot be written: No space left on device");
  }
}

TEST_F(Manners, NothingIsColouredInAPipeOrWithNoColor) {
  write("bad.lcw", "no weights");
  Invocation what;
  what.arguments = {"verify", "bad.lcw"};
  const Outcome piped = cli(what);
  EXPECT_EQ(piped.code, 4);
  EXPECT_EQ((piped.out + piped.err).find('\x1b'), std::string::npos);
  what.on_terminal = true;
  what.environment = {{"TERM", "xterm"}};
  EXPECT_NE(cli(what).out.find("\x1b[1;31m"), std::string::npos) << "no colour on a terminal";
  what.environment["NO_COLOR"] = "1";
  EXPECT_EQ(cli(what).out.find('\x1b'), std::string::npos);
  what.environment = {{"TERM", "dumb"}};
  EXPECT_EQ(cli(what).out.find('\x1b'), std::string::npos);
}

class Trainer : public CliTest {
 protected:
  // A copy of the program with nothing beside it.
  Invocation alone(const std::vector<std::string>& arguments) const {
    std::filesystem::create_directories(at("alone"));
    std::filesystem::copy_file(LC_CLI_PROGRAM, at("alone/latent-canvas"),
                               std::filesystem::copy_options::skip_existing);
    Invocation what;
    what.program = at("alone/latent-canvas");
    what.arguments = arguments;
    what.environment["PATH"] = at("bin") + "::/nowhere";
    return what;
  }
  void make_trainer(const std::string& name, const std::string& script) const {
    write(name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(at(name), std::filesystem::perms::owner_all);
  }
};

TEST_F(Trainer, MissingIsSaidWithWhatToDo) {
  EXPECT_FAILS(cli(alone({"train", "--model", "vae"})), 5,
               "latent-canvas-train is neither beside this program nor in PATH");
  EXPECT_FAILS(cli(alone({"models"})), 5, "-DLC_TRAIN=ON");
  // The current folder is no place to take programs from.
  make_trainer("latent-canvas-train", "echo taken\n");
  EXPECT_EQ(cli(alone({"train"})).code, 5);
}

TEST_F(Trainer, GetsTheArgumentsAsTheyAreAndGivesItsExitCode) {
  make_trainer("bin/latent-canvas-train", "for word; do echo \"<$word>\"; done; exit 6\n");
  Outcome outcome = cli(alone({"train", "--set", "a=b c", "--help", ""}));
  EXPECT_EQ(outcome.code, 6);
  EXPECT_EQ(outcome.out, "<--set>\n<a=b c>\n<--help>\n<>\n");
  outcome = cli(alone({"models", "--json"}));
  EXPECT_EQ(outcome.code, 6);
  EXPECT_EQ(outcome.out, "<models>\n<--json>\n");
}

TEST_F(Trainer, BesideTheProgramComesBeforeThePath) {
  make_trainer("bin/latent-canvas-train", "echo path\n");
  make_trainer("alone/latent-canvas-train", "echo beside\n");
  EXPECT_EQ(cli(alone({"train"})).out, "beside\n");
}

TEST_F(Trainer, ASignalThatEndsItIsSeen) {
  make_trainer("bin/latent-canvas-train", "kill -TERM $$\n");
  EXPECT_EQ(cli(alone({"train"})).code, 143);
}

TEST_F(Trainer, HowItEndedIsHowACommandThatAskedItEnds) {
  const auto compare = [&](const std::string& script) {
    make_trainer("bin/latent-canvas-train", script);
    return cli(alone({"compare", "--train", "vae", "--out", "runs", "--png", "c.png"}));
  };
  for (const int code : {1, 2, 3, 4, 5, 6, 7}) {
    const std::string number = std::to_string(code);
    EXPECT_FAILS(compare("exit " + number + "\n"), code, "left with exit code " + number);
  }
  EXPECT_FAILS(compare("kill -KILL $$\n"), 1,
               "was ended by signal 9 (Killed). The system does that when memory");
  EXPECT_FAILS(compare("kill -TERM $$\n"), 1, "was ended by signal 15 (Terminated).");
}

class Doctor : public CliTest {};

TEST_F(Doctor, SaysWhatIsMissingAndWhatToDo) {
  const Outcome outcome = cli({"doctor", "--json"});
  EXPECT_TRUE(outcome.code == 0 || outcome.code == 3 || outcome.code == 4) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out, nullptr, false);
  ASSERT_FALSE(json.is_discarded()) << outcome.out;
  EXPECT_EQ(json["version"], LC_VERSION);
  std::map<std::string, nlohmann::json> findings;
  for (const auto& finding : json["findings"]) findings[finding["what"]] = finding;
  EXPECT_EQ(findings["engine"]["state"], "ok");
  ASSERT_TRUE(findings.count("data set cifar10"));
  EXPECT_EQ(findings["data set cifar10"]["state"], "missing");
  EXPECT_EQ(findings["data set cifar10"]["remedy"], "latent-canvas fetch cifar10");
  EXPECT_EQ(findings["data set gauss1d"]["state"], "ok") << "nobody can fetch what is drawn";
}

TEST_F(Doctor, ADamagedDataSetIsExitCode3) {
  write("data/mnist/train-images-idx3-ubyte", "short");
  const Outcome outcome = cli({"doctor", "--data-dir", at("data")});
  EXPECT_FAILS(outcome, 3, "checks are bad");
  EXPECT_NE(outcome.out.find("bad      data set mnist: "), std::string::npos) << outcome.out;
}

TEST_F(Doctor, BadWeightsAreExitCode4) {
  write("weights/broken.lcw", "no weights");
  const Outcome outcome = cli({"doctor"});
  EXPECT_EQ(outcome.code, 4) << outcome.err;
  EXPECT_NE(outcome.out.find("bad      weights broken: "), std::string::npos) << outcome.out;
}

TEST_F(Manners, DatasetsAreListedAsTextAndAsJson) {
  write("data/mnist/train-images-idx3-ubyte", "x");
  const Outcome text = cli({"datasets", "--data-dir", at("data")});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.out.find("3 files missing"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("nowhere: latent-canvas fetch cifar10"), std::string::npos) << text.out;
  const auto json =
      nlohmann::json::parse(cli({"datasets", "--data-dir", at("data"), "--json"}).out, nullptr, false);
  ASSERT_TRUE(json.is_array());
  for (const auto& row : json) {
    if (row["name"] != "mnist") continue;
    EXPECT_EQ(row["complete"], false);
    EXPECT_EQ(row["shape"], nlohmann::json({1, 28, 28}));
    EXPECT_EQ(row["files"][0]["path"], at("data/mnist/train-images-idx3-ubyte"));
    return;
  }
  ADD_FAILURE() << "mnist is not listed";
}

}  // namespace
}  // namespace lc::test
