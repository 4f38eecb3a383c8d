// latent-canvas-viewer: the panels in a window, with the engine on a thread pool.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "native/io/files.h"
#include "native/io/images.h"
#include "native/viewer/folder.h"
#include "native/viewer/memory.h"
#include "native/viewer/watch.h"
#include "shared/host/glfw_window.h"
#include "shared/host/pacer.h"
#include "shared/session/pool_session.h"
#include "shared/ui/app.h"

namespace lc::viewer {
namespace {

constexpr double kIdleSeconds = 0.5;    // between looks at the world when nothing happens
constexpr int kScreenshotSeconds = 60;  // for the pictures to arrive

struct Options {
  std::vector<std::string> files;
  std::string screenshot, state, theme, watch;
  int width = 1280, height = 800;
  float scale = 0;
};

class Sink : public ui::TextureSink {
 public:
  ImTextureID upload(ImTextureID old, const ui::Picture& picture) override {
    return textures_.upload(old, picture.width, picture.height, picture.rgba.data());
  }
  void release(ImTextureID texture) override { textures_.release(texture); }
  std::uint32_t generation() const override { return textures_.generation(); }

 private:
  host::Textures textures_;
};

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The folder of weights that is offered when no file is named.
std::string default_folder() {
  for (const char* folder : {"weights", LC_SOURCE_WEIGHTS}) {
    if (!list_folder(folder).empty()) return folder;
  }
  return "";
}

// A session and the interface on it; both are made anew when a watched run's weights land.
class Play {
 public:
  Play(const Options& options, Sink& sink) : options_(options), sink_(sink) { start(""); }

  ui::App& app() { return *app_; }
  const Status& first_error() const { return first_error_; }

  Status load(const std::string& path, const std::string& name, bool choose) {
    Result<std::vector<std::uint8_t>> bytes = read_weights(path);
    if (!bytes.ok()) {
      app_->show_error(bytes.status().code, bytes.status().message);
      return bytes.status();
    }
    const Result<std::uint32_t> model = app_->add_model(name, bytes.take(), choose);
    return model.ok() ? Status{} : model.status();
  }

  // Looks at the watched run; true when there is something new to draw.
  bool look() {
    if (!watch_) return false;
    if (!app_->live) app_->live.emplace();
    bool news = watch_->look(*app_->live);
    const std::optional<std::string> weights = watch_->new_weights();
    if (!weights) return news;
    if (!watched_.empty()) {
      ui::Live live = std::move(*app_->live);  // with its texture, which the sink keeps
      app_->live.reset();
      watched_ = *weights;
      start(ui::to_text(app_->state()));
      app_->live = std::move(live);
    } else {
      watched_ = *weights;
      (void)load(watched_, watch_->run(), true);
    }
    return true;
  }

 private:
  void start(const std::string& state) {
    session::PoolOptions pool;
    pool.milliseconds = now_ms;
    pool.woken = host::Window::post;
    app_.reset();
    session_ = session::make_pool_session(pool);
    app_ = std::make_unique<ui::App>(*session_, sink_);
    app_->actions.copy_text = [](const std::string& text) { ImGui::SetClipboardText(text.c_str()); };
    app_->actions.save = [this](const std::string& name, const std::string&,
                                const std::vector<std::uint8_t>& bytes) {
      const Status saved = io::save_file(name, Bytes(bytes));
      if (!saved.ok()) app_->show_error(saved.code, saved.message);
    };
    app_->actions.want_model = [this](const std::string& name) {
      for (const Listed& listed : listed_) {
        if (listed.offer.name == name) (void)load(listed.path, name, false);
      }
    };
    if (!options_.watch.empty() && !watch_) watch_.emplace(options_.watch);
    if (!watched_.empty()) (void)load(watched_, watch_->run(), true);
    for (const std::string& path : options_.files) {
      Status loaded = load(path, io::name_of_weights(path), false);
      if (first_error_.ok()) first_error_ = std::move(loaded);
    }
    // Files of a folder are read when they are chosen.
    if (options_.files.empty() && options_.watch.empty()) listed_ = list_folder(default_folder());
    for (const Listed& listed : listed_) {
      app_->offer(listed.offer);
      app_->set_thumbnail(listed.offer.name, listed.thumbnail, listed.channels, listed.height, listed.width);
    }
    app_->set_state(state.empty() ? options_.state : state);
    if (!listed_.empty() && session_->models().empty()) app_->choose(listed_[0].offer.name);
  }

  const Options& options_;
  Sink& sink_;
  std::vector<Listed> listed_;
  std::optional<Watch> watch_;
  std::string watched_;  // the weights that were loaded from the run
  std::unique_ptr<session::Session> session_;
  std::unique_ptr<ui::App> app_;
  Status first_error_;
};

void draw(host::Window& window, ui::App& app, const Options& options,
          std::vector<std::uint8_t>* pixels = nullptr) {
  const host::Screen screen = window.screen();
  const ui::FrameInput input{{screen.width, screen.height}, screen.dpr, options.theme == "dark", false};
  if (app.prepare(input)) host::upload_fonts();
  window.begin();
  app.frame(input);
  window.end(pixels);
}

void run(host::Window& window, Play& play, const Options& options) {
  host::Pacer pacer;
  double looked = 0;
  while (!window.closing()) {
    window.wait(pacer.due() ? 0 : kIdleSeconds);
    if (now_ms() - looked > 1000 * kIdleSeconds) {
      if (play.look()) pacer.event();
      looked = now_ms();
    }
    if (window.take_events() || play.app().pump()) pacer.event();
    if (!pacer.due()) continue;
    draw(window, play.app(), options);
    pacer.drawn(play.app().wants_redraw());
  }
}

// Draws until the pictures of the state are there, then writes what the window shows.
Status screenshot(host::Window& window, ui::App& app, const Options& options) {
  const double end = now_ms() + 1000 * kScreenshotSeconds;
  do {
    draw(window, app, options);
    window.wait(0.01);
    if (now_ms() > end)
      return fail(Code::cancelled, "no pictures after " + std::to_string(kScreenshotSeconds) + " s");
  } while (app.chosen() != nullptr && app.errors.empty() && !app.settled());
  io::Picture picture;
  draw(window, app, options);
  draw(window, app, options);  // the first one may still have asked for a change of layout
  draw(window, app, options, &picture.pixels);
  const host::Screen screen = window.screen();
  picture.width = static_cast<std::uint32_t>(host::device_pixels(screen.width, screen.dpr));
  picture.height = static_cast<std::uint32_t>(host::device_pixels(screen.height, screen.dpr));
  picture.channels = 3;
  std::printf("%s\n", app.report().c_str());
  return io::save_png(options.screenshot, picture);
}

Status view(const Options& options) {
  host::WindowDesc desc;
  desc.width = options.width;
  desc.height = options.height;
  desc.visible = options.screenshot.empty();
  desc.dpr = options.scale;
  Result<std::unique_ptr<host::Window>> window = host::Window::open(desc);
  if (!window.ok()) return window.status();
  Sink sink;
  Play play(options, sink);
  window.value()->on_drop = [&](const std::vector<std::string>& paths) {
    for (const std::string& path : paths) (void)play.load(path, io::name_of_weights(path), true);
  };
  (void)play.look();
  if (!options.screenshot.empty()) {
    const Status written = screenshot(*window.value(), play.app(), options);
    return written.ok() ? play.first_error() : written;
  }
  run(*window.value(), play, options);
  const host::Screen screen = window.value()->screen();
  Memory memory;
  memory.width = host::device_pixels(screen.width, screen.dpr);
  memory.height = host::device_pixels(screen.height, screen.dpr);
  memory.theme = options.theme;
  memory.state = ui::to_text(play.app().state());
  keep(memory);
  return {};
}

}  // namespace
}  // namespace lc::viewer

int main(int argc, char** argv) {
  lc::viewer::Options options;
  CLI::App cli("Play with trained models in a window.", "latent-canvas-viewer");
  std::string size = "1280x800";
  cli.add_option("files", options.files,
                 "Weights files; without any, those of the folder weights/ are offered");
  cli.add_option("--state", options.state, "What to show, for example 'model=vae-mnist&seed=3&count=16'");
  cli.add_option("--watch", options.watch, "Follow this folder of a training run")->type_name("RUN_DIR");
  cli.add_option("--size", size, "Of the window in pixels, WIDTHxHEIGHT")->capture_default_str();
  cli.add_option("--scale", options.scale, "Pixels per unit of length; the display's without it")
      ->check(CLI::Range(0.5, 4.0));
  cli.add_option("--theme", options.theme, "dark or light (default: as last time, at first dark)")
      ->check(CLI::IsMember({"dark", "light"}));
  cli.add_option("--screenshot", options.screenshot, "Write what the window shows to a PNG file and leave");
  CLI11_PARSE(cli, argc, argv);
  if (std::sscanf(size.c_str(), "%dx%d", &options.width, &options.height) != 2 || options.width < 100 ||
      options.height < 100 || options.width > 8192 || options.height > 8192) {
    std::fprintf(stderr, "latent-canvas-viewer: --size '%s': expected WIDTHxHEIGHT, each from 100 to 8192\n",
                 size.c_str());
    return 2;
  }
  if (!options.watch.empty() && !lc::io::folder_exists(options.watch)) {
    std::fprintf(
        stderr, "latent-canvas-viewer: --watch '%s': there is no such folder; expected one that train made\n",
        options.watch.c_str());
    return 5;
  }
  // A copied address has its state after a '#'.
  options.state.erase(0, options.state.find('#') == std::string::npos ? 0 : options.state.find('#') + 1);
  if (options.screenshot.empty()) {
    const lc::viewer::Memory memory = lc::viewer::remember();
    if (cli.count("--size") == 0 && memory.width > 0) {
      options.width = memory.width;
      options.height = memory.height;
    }
    if (options.theme.empty()) options.theme = memory.theme;
    if (options.state.empty() && options.files.empty() && options.watch.empty()) options.state = memory.state;
  }
  if (options.theme.empty()) options.theme = "dark";
  const lc::Status status = lc::viewer::view(options);
  if (!status.ok()) std::fprintf(stderr, "latent-canvas-viewer: %s\n", status.message.c_str());
  return lc::exit_code(status.code);
}
