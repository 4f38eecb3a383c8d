// latent-canvas: picks the command and turns its Status into an exit code.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "native/cli/command.h"
#include "native/cli/output.h"
#include "native/cli/trainer.h"
#include "shared/format/schema.h"

namespace lc::cli {
namespace {

constexpr int kUsage = 2, kUnexpected = 1;

const Command kCommands[] = {
    {"models", "List the model families that can be trained",
     "  latent-canvas models\n  latent-canvas models dcgan\n", nullptr},
    {"datasets", "List the data sets, and where they were found",
     "  latent-canvas datasets\n  latent-canvas datasets --json\n", describe_datasets},
    {"fetch", "Download a data set and check it",
     "  latent-canvas fetch mnist\n  latent-canvas fetch cifar10 --data-dir ~/data\n", describe_fetch},
    {"train", "Train a model (needs LibTorch; see latent-canvas train --help)",
     "  latent-canvas train --model vae --dataset mnist\n", nullptr},
    {"sample", "Draw pictures from a trained model",
     "  latent-canvas sample --weights vae-mnist --out grid.png\n"
     "  latent-canvas sample --weights dcgan-mnist --count 16 --seed 3 --scale 4 --out - > grid.png\n"
     "  latent-canvas sample --weights vae-mnist --latents z.npy --raw images.npy\n"
     "  latent-canvas sample --weights vae-mnist --encode images.npy --raw codes.npy\n",
     describe_sample},
    {"info", "Tell what a weights file holds",
     "  latent-canvas info vae-mnist\n  latent-canvas info runs/00003-vae-mnist/weights.lcw --json\n",
     describe_info},
    {"verify", "Check weights files", "  latent-canvas verify weights/*.lcw\n", describe_verify},
    {"export", "Write a model for other programs (safetensors), or smaller",
     "  latent-canvas export vae-mnist --format safetensors --out vae-mnist.safetensors\n"
     "  latent-canvas export runs/00003-vae-mnist --format player --out vae.lcw\n",
     describe_export},
    {"eval", "Measure a model against its data set",
     "  latent-canvas eval vae-mnist\n"
     "  latent-canvas eval --weights runs/00003-vae-mnist --nll-images 10000 --write\n"
     "  latent-canvas eval cgan-mnist --quick --json\n",
     describe_eval},
    {"compare", "Put models side by side, trained now or before: a page, a picture, a moving one",
     "  latent-canvas compare vae-mnist dcgan-mnist\n"
     "  latent-canvas compare vae-mnist runs/00004-dcgan-mnist --html report.html --png figure.png\n"
     "  latent-canvas compare --train vae,gan,dcgan --dataset mnist --epochs 2 --png figure.png\n"
     "  latent-canvas compare runs/00004-dcgan-mnist --gif growth.gif\n",
     describe_compare},
    {"bench", "Measure how fast models draw on this machine, or train",
     "  latent-canvas bench\n  latent-canvas bench dcgan-mnist --batch 64 --threads 1,2 --json\n"
     "  latent-canvas bench train --model vae (see bench train --help)\n",
     describe_bench},
    {"doctor", "Check this machine and say what is missing", "  latent-canvas doctor\n", describe_doctor},
};

std::string general_help() {
  std::string text =
      "latent-canvas trains VAEs and GANs and draws with them.\n\n"
      "Usage: latent-canvas COMMAND [OPTIONS]\n\nCommands:\n";
  std::size_t width = 0;
  for (const Command& command : kCommands) width = std::max(width, command.name.size());
  for (const Command& command : kCommands) {
    const std::string blanks(width - command.name.size() + 2, ' ');
    text += "  " + std::string(command.name) + blanks + std::string(command.summary) + "\n";
  }
  return text +
         "\nOptions:\n"
         "  -h, --help  This text; after a command, its options and examples\n"
         "  --version   The version\n"
         "\nExamples:\n"
         "  latent-canvas sample --weights vae-mnist --out grid.png\n"
         "  latent-canvas train --model vae --dataset mnist\n"
         "  latent-canvas doctor\n"
         "\nExit codes: 0 ok, 2 usage, 3 bad data, 4 bad weights, 5 I/O or disk full, 6 diverged, 7 no such "
         "device.\n";
}

const Command* find_command(const std::string& name) {
  const auto* found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [&](const Command& command) { return command.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

Status unknown_command(const std::string& name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const Command& command : kCommands) {
    names.push_back(command.name);
    list += " " + std::string(command.name);
  }
  std::string message =
      name[0] == '-' ? "no option '" + name + "' before a command." : "no command '" + name + "'.";
  const std::string_view near = nearest_name(name, names);
  if (!near.empty()) message += " Did you mean '" + std::string(near) + "'?";
  return fail(Code::unknown_name, message + " Known:" + list + ".");
}

// A mistyped option is the likeliest cause of whatever else CLI11 found missing, so it is named first.
Status usage_error(const CLI::App& app, const Command& command, const CLI::ParseError& error) {
  const std::string see = " See 'latent-canvas " + std::string(command.name) + " --help'.";
  const std::vector<std::string> rest = app.remaining();
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const std::string& word : rest) {
    if (word.size() < 2 || word[0] != '-') continue;
    const std::string name = word.substr(0, word.find('='));
    const std::string_view near = nearest_name(name, known);
    const std::string hint = near.empty() ? "" : " Did you mean '" + std::string(near) + "'?";
    return fail(Code::bad_argument, std::string(command.name) + ": no option '" + name + "'." + hint + see);
  }
  if (!rest.empty()) {
    return fail(Code::bad_argument,
                std::string(command.name) + ": '" + rest[0] + "' is one argument too many." + see);
  }
  return fail(Code::bad_argument, std::string(command.name) + ": " + error.what() + "." + see);
}

int finish(const Status& status) {
  const Status written = finish_output();
  if (!status.ok()) report(status);
  if (!written.ok()) report(written);
  return exit_code(status.ok() ? written.code : status.code);
}

int run_command(const Command& command, std::vector<std::string> words) {
  if (command.describe == nullptr) {
    // `train` is what the trainer does when nothing else is asked of it.
    if (command.name != "train") words.insert(words.begin(), std::string(command.name));
    return finish(become_trainer(words));
  }
  if (command.name == "bench" && !words.empty() && words[0] == "train") {
    words[0] = "bench";  // the trainer's own
    return finish(become_trainer(words));
  }
  CLI::App app(std::string(command.summary) + ".", "latent-canvas " + std::string(command.name));
  std::string examples(command.examples);
  examples.pop_back();  // CLI11 ends the line
  app.footer("Examples:\n" + examples);
  app.get_formatter()->column_width(34);
  const Action action = command.describe(app);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    return finish({});
  } catch (const CLI::ParseError& error) {
    report(usage_error(app, command, error));
    return kUsage;
  }
  return finish(action());
}

int run(const std::vector<std::string>& words) {
  if (words.empty()) {
    note(general_help());
    return kUsage;
  }
  const bool help = words[0] == "help" || words[0] == "--help" || words[0] == "-h";
  if (help && words.size() == 1) {
    print(general_help());
    return finish({});
  }
  if (words[0] == "--version") {
    print("latent-canvas " LC_VERSION " (weights format " + std::to_string(format::kVersion) + ")\n");
    return finish({});
  }
  const std::string& name = words[help ? 1 : 0];
  const Command* command = find_command(name);
  if (command == nullptr) return finish(unknown_command(name));
  if (help) return run_command(*command, {"--help"});
  return run_command(*command, {words.begin() + 1, words.end()});
}

}  // namespace
}  // namespace lc::cli

int main(int argc, char** argv) {
  try {
    return lc::cli::run({argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {
    lc::cli::report(
        lc::fail(lc::Code::out_of_memory, "not enough memory. Ask for less, for example a smaller --count."));
  } catch (const std::exception& error) {
    lc::cli::report(lc::fail(lc::Code::bad_argument, std::string("unexpected: ") + error.what()));
  }
  return lc::cli::kUnexpected;
}
