// The viewer's window, to the pixel: it shows the very pictures that the command line draws.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "native/io/files.h"
#include "native/io/npy.h"
#include "tests/native/cli_program.h"
#include "tests/native/process.h"
#include "tests/native/viewer_png.h"
#include "tests/unit/sample_model.h"

namespace lc::test {
namespace {

// The window stores 8 bits a channel, and the two programs may round a half differently.
constexpr int kRounding = 1;

// A screen of its own, by Xvfb on the first free number.
class Screen {
 public:
  Screen() {
    int ends[2];
    if (mkdtemp(folder_.data()) == nullptr || pipe(ends) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      const int nowhere = open("/dev/null", O_WRONLY);
      dup2(nowhere, 1);  // whoever reads the test's output shall not wait for the server
      dup2(nowhere, 2);
      prctl(PR_SET_PDEATHSIG, SIGTERM);  // nor shall it outlive a test that crashed
      const std::string number = std::to_string(ends[1]);
      execlp("Xvfb", "Xvfb", "-displayfd", number.c_str(), "-screen", "0", "2048x2048x24", "-nolisten", "tcp",
             "-fbdir", folder_.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    pollfd ready{ends[0], POLLIN, 0};
    char text[32] = {};
    if (poll(&ready, 1, 20000) == 1 && read(ends[0], text, sizeof text - 1) > 0)
      display_ = ":" + std::to_string(std::atoi(text));
    close(ends[0]);
  }
  ~Screen() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      waitpid(pid_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }
  const std::string& display() const { return display_; }

  // What it shows now: the file that Xvfb draws into, of xwd's format (X11/XWDFile.h).
  Image look() const {
    const Result<std::vector<std::uint8_t>> bytes = io::read_file(folder_ + "/Xvfb_screen0");
    if (!bytes.ok()) return {};
    const std::uint8_t* file = bytes->data();
    const auto field = [&](std::size_t i) {
      return std::size_t{file[4 * i]} << 24 | std::size_t{file[4 * i + 1]} << 16 |
             std::size_t{file[4 * i + 2]} << 8 | file[4 * i + 3];
    };
    const std::size_t first = field(0) + 12 * field(19), row = field(12);  // after the header and its colours
    Image image;
    image.width = static_cast<int>(field(4));
    image.height = static_cast<int>(field(5));
    if (field(11) != 32 || bytes->size() < first + field(5) * row) return {};
    for (std::size_t y = 0; y < field(5); ++y) {
      for (std::size_t x = 0; x < field(4); ++x) {
        const std::uint8_t* bgra = file + first + y * row + 4 * x;
        image.rgb.insert(image.rgb.end(), {bgra[2], bgra[1], bgra[0]});
      }
    }
    return image;
  }

 private:
  pid_t pid_ = -1;
  std::string display_, folder_ = "/tmp/lc-screen-XXXXXX";
};

bool has_xvfb() {
  std::istringstream path(std::getenv("PATH") == nullptr ? "" : std::getenv("PATH"));
  for (std::string folder; std::getline(path, folder, ':');) {
    if (access((folder + "/Xvfb").c_str(), X_OK) == 0) return true;
  }
  return false;
}

class Viewer : public CliTest {
 protected:
  static void SetUpTestSuite() {
    if (has_xvfb()) screen_ = new Screen;
  }
  static void TearDownTestSuite() {
    delete screen_;
    screen_ = nullptr;
  }
  void SetUp() override {
    CliTest::SetUp();
    if (screen_ == nullptr) GTEST_SKIP() << "Xvfb is not installed (Debian: xvfb)";
    ASSERT_FALSE(screen_->display().empty()) << "Xvfb did not start";
    write("model.lcw", sample::sample_bytes());
  }

  Outcome viewer(std::vector<std::string> arguments) const {
    Invocation what;
    what.program = LC_VIEWER_PROGRAM;
    what.arguments = std::move(arguments);
    for (const auto& [name, value] : variables()) what.environment[name] = value;
    return run(what, folder_);
  }
  static Variables variables() {
    return {{"DISPLAY", screen_->display()}, {"LIBGL_ALWAYS_SOFTWARE", "1"}, {"WAYLAND_DISPLAY", ""}};
  }
  // Whether the screen comes to show that window, but for its last line, which tells a time.
  static bool comes_to_show(const Image& window) {
    constexpr int kStatus = 40;
    int worst = 256;
    for (int tries = 0; tries < 100 && worst > kRounding; ++tries) {
      usleep(200'000);
      const Image screen = screen_->look();
      if (screen.width < window.width || screen.height < window.height) continue;
      worst = 0;
      for (int y = 0; y < window.height - kStatus; ++y) {
        for (int x = 0; x < window.width; ++x) {
          for (int c = 0; c < 3; ++c)
            worst = std::max(worst, std::abs(screen.at(x, y)[c] - window.at(x, y)[c]));
        }
      }
    }
    return worst <= kRounding;
  }

  struct Shot {
    Image image;
    std::map<std::string, std::string> report;
    std::vector<float> grid;  // x, y, columns, rows, cell width, cell height, gap
  };
  Shot shoot(const std::string& state, const std::string& size = "1280x800", const std::string& scale = "1",
             const std::string& theme = "dark") const {
    const Outcome done = viewer({"model.lcw", "--screenshot", "shot.png", "--state", state, "--size", size,
                                 "--scale", scale, "--theme", theme});
    EXPECT_EQ(done.code, 0) << done.err;
    Shot shot;
    shot.image = read_png(at("shot.png"));
    std::istringstream pairs(done.out.substr(0, done.out.find('\n')));
    for (std::string pair; std::getline(pairs, pair, '&');) {
      const std::size_t equals = pair.find('=');
      if (equals != std::string::npos) shot.report[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    std::istringstream numbers(shot.report["grid"]);
    for (std::string number; std::getline(numbers, number, ',');) shot.grid.push_back(std::stof(number));
    return shot;
  }

  // The largest difference between the grid's cells and the pictures of the command line, at the middle of
  // each pixel of each picture and at its four inner corners, so that a shift or a blur of one device pixel
  // shows.
  int difference(const Shot& shot, float scale, const io::Array& pictures) const {
    const auto height = static_cast<int>(pictures.shape[2]), width = static_cast<int>(pictures.shape[3]);
    const float cell =
        shot.grid[4] * scale / static_cast<float>(width);  // device pixels of a picture's pixel
    int worst = 0;
    for (std::size_t i = 0; i < pictures.shape[0]; ++i) {
      const auto columns = static_cast<std::size_t>(shot.grid[2]);
      const float left =
          (shot.grid[0] + static_cast<float>(i % columns) * (shot.grid[4] + shot.grid[6])) * scale;
      const float top =
          (shot.grid[1] + static_cast<float>(i / columns) * (shot.grid[5] + shot.grid[6])) * scale;
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          const float value =
              pictures.values[(i * static_cast<std::size_t>(height) + static_cast<std::size_t>(y)) *
                                  static_cast<std::size_t>(width) +
                              static_cast<std::size_t>(x)];
          const int expected = static_cast<int>(std::lround(std::min(1.0f, std::max(0.0f, value)) * 255));
          for (const float across : {0.0f, 0.5f, 1.0f}) {
            const int px =
                static_cast<int>(left + cell * (static_cast<float>(x)) + across * (cell - 1) + 0.5f);
            const int py =
                static_cast<int>(top + cell * (static_cast<float>(y)) + across * (cell - 1) + 0.5f);
            const std::uint8_t* found = shot.image.at(px, py);
            for (int c = 0; c < 3; ++c) worst = std::max(worst, std::abs(found[c] - expected));
          }
        }
      }
    }
    return worst;
  }

  io::Array drawn(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"sample", "--weights", "model.lcw", "--quiet", "--raw", "raw.npy",
                                         "--out", "grid.png"});
    const Outcome done = cli(arguments);
    EXPECT_EQ(done.code, 0) << done.err;
    Result<io::Array> array = io::load_npy(at("raw.npy"));
    EXPECT_TRUE(array.ok()) << array.status().message;
    return array.take();
  }

  static Screen* screen_;
};
Screen* Viewer::screen_ = nullptr;

TEST_F(Viewer, the_grid_shows_the_very_pictures_that_the_command_line_draws) {
  const struct {
    const char* size;
    const char* scale;
    const char* theme;
  } rows[] = {{"1280x800", "1", "dark"},
              {"1280x800", "1", "light"},
              {"720x1480", "2", "dark"},
              {"1080x1600", "3", "light"},
              {"1920x1200", "1.5", "dark"}};
  const io::Array expected = drawn({"--seed", "5", "--count", "16"});
  for (const auto& row : rows) {
    const Shot shot = shoot("seed=5&count=16", row.size, row.scale, row.theme);
    ASSERT_EQ(shot.grid.size(), 7u) << "no grid on the screen";
    const int worst = difference(shot, std::stof(row.scale), expected);
    std::printf("%s at %s, %s: %d columns, max difference %d of 255\n", row.size, row.scale, row.theme,
                static_cast<int>(shot.grid[2]), worst);
    EXPECT_LE(worst, kRounding);
  }
}

TEST_F(Viewer, another_state_shows_other_pictures) {
  const io::Array expected = drawn({"--seed", "5", "--count", "16"});
  for (const char* state :
       {"seed=6&count=16", "seed=5&count=16&moment=0", "seed=5&count=16&temperature=0.2"}) {
    const int worst = difference(shoot(state), 1, expected);
    std::printf("%s: max difference %d of 255\n", state, worst);
    EXPECT_GT(worst, 8) << state;
  }
}

TEST_F(Viewer, moment_and_temperature_are_those_of_the_command_line) {
  const struct {
    const char* state;
    std::vector<std::string> arguments;
  } rows[] = {{"&moment=0", {"--moment", "0"}}, {"&temperature=0.5", {"--temperature", "0.5"}}};
  for (const auto& row : rows) {
    std::vector<std::string> arguments = {"--seed", "9", "--count", "36"};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    const int worst = difference(shoot("seed=9&count=36" + std::string(row.state)), 1, drawn(arguments));
    std::printf("%s: max difference %d of 255\n", row.state, worst);
    EXPECT_LE(worst, kRounding);
  }
}

TEST_F(Viewer, a_moved_latent_changes_the_selected_picture_and_no_other) {
  const Shot before = shoot("count=16&selected=5");
  const Shot after = shoot("count=16&selected=5&z=3,-3,3,1,1,0,2,-2");
  ASSERT_EQ(before.grid, after.grid);
  int changed = 0;
  for (int i = 0; i < 16; ++i) {
    const float x = before.grid[0] + static_cast<float>(i % static_cast<int>(before.grid[2])) *
                                         (before.grid[4] + before.grid[6]);
    const float y = before.grid[1] + static_cast<float>(i / static_cast<int>(before.grid[2])) *
                                         (before.grid[5] + before.grid[6]);
    int worst = 0;
    for (int dy = 0; dy < static_cast<int>(before.grid[5]); ++dy) {
      for (int dx = 0; dx < static_cast<int>(before.grid[4]); ++dx) {
        const int px = static_cast<int>(x) + dx, py = static_cast<int>(y) + dy;
        worst = std::max(worst, std::abs(before.image.at(px, py)[0] - after.image.at(px, py)[0]));
      }
    }
    if (worst > kRounding) ++changed;
    if (i == 5) {
      EXPECT_GT(worst, 8) << "the selected picture";
    }
  }
  EXPECT_EQ(changed, 1);
}

TEST_F(Viewer, every_view_comes_to_rest_without_an_error) {
  for (const char* state : {"#tab=sample&selected=2", "#tab=explore&selected=2", "#tab=explore&explore=plane",
                            "#tab=explore&explore=sum", "#tab=morph&along=0.5", "#tab=compare",
                            "#tab=draw&drawing=a300p20a464", "#tab=about", "#tab=explore&help=1"}) {
    const Shot shot = shoot(state);
    std::printf("%s: %zu marks\n", state, shot.report.size());
    auto report = shot.report;
    EXPECT_EQ(report["settled"], "1") << state;
    EXPECT_EQ(report["error"], "") << state;
    EXPECT_EQ(shot.image.width, 1280) << state;
  }
}

TEST_F(Viewer, a_watched_run_shows_its_losses_its_grid_and_its_weights) {
  std::filesystem::create_directories(at("run/samples"));
  std::string lines;
  for (int i = 1; i <= 5; ++i) {
    lines +=
        "{\"iteration\":" + std::to_string(100 * i) +
        ".0,\"images\":6400.0,\"images_per_second\":1234.5,\"lr\":0.1,\"loss\":" + std::to_string(10 - i) +
        "}\n";
  }
  write("run/metrics.jsonl", lines + "{\"iteration\":500.0,\"test_loss\":3}\n{\"iteration\":60");
  write("run/weights.lcw", sample::sample_bytes());
  EXPECT_EQ(
      cli({"sample", "--weights", "model.lcw", "--quiet", "--out", "run/samples/prior-0000500.png"}).code, 0);
  const Outcome done = viewer({"--watch", "run", "--screenshot", "shot.png", "--state", "tab=run"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find("shown=run"), std::string::npos) << "the run's weights are loaded";
  EXPECT_NE(viewer({"run/weights.lcw", "--screenshot", "shot.png"}).out.find("shown=run"), std::string::npos)
      << "and bear its name";
  EXPECT_NE(done.out.find("item.run.grid="), std::string::npos) << "the newest grid is on the screen";
  EXPECT_FAILS(viewer({"--watch", "no-such-run", "--screenshot", "shot.png"}), 5, "no-such-run");
}

TEST_F(Viewer, a_watched_run_goes_on_as_it_was_when_weights_land_again) {
  std::filesystem::create_directories(at("run/samples"));
  const auto lines = [](int count) {
    std::string text;
    for (int i = 1; i <= count; ++i)
      text += "{\"iteration\":" + std::to_string(100 * i) + ",\"loss\":" + std::to_string(10 - i) + "}\n";
    return text;
  };
  EXPECT_EQ(
      cli({"sample", "--weights", "model.lcw", "--quiet", "--out", "run/samples/prior-0000500.png"}).code, 0);
  // With a slash, as a shell completes a folder's name.
  Process watching({LC_VIEWER_PROGRAM, "--watch", at("run/"), "--state", "tab=run", "--theme", "dark"},
                   at("log"), variables());
  for (const int count : {5, 6, 7}) {
    format::Writer writer = sample::sample_writer();
    writer.header.title = "After " + std::to_string(count);
    Result<std::vector<std::uint8_t>> weights = writer.finish();
    ASSERT_TRUE(weights.ok()) << weights.status().message;
    write("run/metrics.jsonl", lines(count));
    write("run/next.lcw", weights.value());
    std::filesystem::rename(at("run/next.lcw"), at("run/weights.lcw"));
    const Outcome fresh =
        viewer({"--watch", "run", "--screenshot", "shot.png", "--state", "tab=run", "--theme", "dark"});
    ASSERT_EQ(fresh.code, 0) << fresh.err;
    EXPECT_TRUE(comes_to_show(read_png(at("shot.png"))))
        << "weights after " << count << " lines: another window than one that is opened now";
  }
  watching.send(SIGTERM);
  watching.wait();
}

TEST_F(Viewer, a_bad_file_is_told_in_words_in_the_window_and_by_the_exit_code) {
  write("notes.lcw", "these are my notes, and long enough to be looked at");
  const Outcome done = viewer({"notes.lcw", "--screenshot", "shot.png"});
  EXPECT_FAILS(done, 4, "notes");
  EXPECT_NE(done.out.find("&item.error="), std::string::npos) << "the banner is on the screen";
  EXPECT_GT(read_png(at("shot.png")).width, 0);
}

TEST_F(Viewer, a_missing_file_and_a_wrong_size_are_refused) {
  EXPECT_FAILS(viewer({"nowhere.lcw", "--screenshot", "shot.png"}), 5, "nowhere.lcw");
  EXPECT_FAILS(viewer({"--size", "big", "--screenshot", "shot.png"}), 2, "WIDTHxHEIGHT");
}

TEST_F(Viewer, without_a_display_it_says_so) {
  Invocation what;
  what.program = LC_VIEWER_PROGRAM;
  what.arguments = {"model.lcw", "--screenshot", "shot.png"};
  what.environment = {{"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}};
  EXPECT_FAILS(run(what, folder_), 7, "display");
}

}  // namespace
}  // namespace lc::test
