// latent-canvas-viewer: the panels in a window, with the engine on a thread pool.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "native/io/files.h"
#include "native/io/images.h"
#include "shared/host/glfw_window.h"
#include "shared/host/pacer.h"
#include "shared/session/pool_session.h"
#include "shared/ui/app.h"

namespace lc::viewer {
namespace {

constexpr double kIdleSeconds = 0.5;       // between looks at the world when nothing happens
constexpr int kScreenshotSeconds = 60;     // for the pictures to arrive
constexpr std::uint64_t kMaxFile = 1u << 30;

struct Options {
  std::vector<std::string> files;
  std::string screenshot, state, theme = "dark";
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

// The files asked for, or all of ./weights, or of the source tree's.
std::vector<std::string> weights_of(const Options& options) {
  if (!options.files.empty()) return options.files;
  std::vector<std::string> found;
  for (const char* folder : {"weights", LC_SOURCE_WEIGHTS}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".lcw") found.push_back(entry.path().string());
    }
    if (!found.empty()) break;
  }
  std::sort(found.begin(), found.end());
  return found;
}

Status load(ui::App& app, const std::string& path, bool choose) {
  Result<std::vector<std::uint8_t>> bytes = io::read_file(path, kMaxFile);
  if (!bytes.ok()) {
    app.show_error(bytes.status().code, bytes.status().message);
    return bytes.status();
  }
  const Result<std::uint32_t> model =
      app.add_model(std::filesystem::path(path).stem().string(), bytes.take(), choose);
  return model.ok() ? Status{} : model.status();
}

void draw(host::Window& window, ui::App& app, const Options& options,
          std::vector<std::uint8_t>* pixels = nullptr) {
  const host::Screen screen = window.screen();
  const ui::FrameInput input{{screen.width, screen.height}, screen.dpr, options.theme == "dark", false};
  if (app.prepare(input)) host::upload_fonts();
  window.begin();
  app.frame(input);
  window.end(pixels);
}

void run(host::Window& window, ui::App& app, const Options& options) {
  host::Pacer pacer;
  while (!window.closing()) {
    window.wait(pacer.due() ? 0 : kIdleSeconds);
    if (window.take_events() || app.pump()) pacer.event();
    if (!pacer.due()) continue;
    draw(window, app, options);
    pacer.drawn(app.wants_redraw());
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
  session::PoolOptions pool;
  pool.milliseconds = now_ms;
  pool.woken = host::Window::post;
  host::WindowDesc desc;
  desc.width = options.width;
  desc.height = options.height;
  desc.visible = options.screenshot.empty();
  desc.dpr = options.scale;
  Result<std::unique_ptr<host::Window>> window = host::Window::open(desc);
  if (!window.ok()) return window.status();
  const std::unique_ptr<session::Session> session = session::make_pool_session(pool);
  Sink sink;
  ui::App app(*session, sink);
  app.actions.copy_text = [](const std::string& text) { ImGui::SetClipboardText(text.c_str()); };
  window.value()->on_drop = [&](const std::vector<std::string>& paths) {
    for (const std::string& path : paths) (void)load(app, path, true);
  };
  Status first_error;
  for (const std::string& path : weights_of(options)) {
    Status loaded = load(app, path, false);
    if (first_error.ok()) first_error = std::move(loaded);
  }
  app.set_state(options.state);
  if (!options.screenshot.empty()) {
    const Status written = screenshot(*window.value(), app, options);
    return written.ok() ? first_error : written;
  }
  run(*window.value(), app, options);
  return {};
}

}  // namespace
}  // namespace lc::viewer

int main(int argc, char** argv) {
  lc::viewer::Options options;
  CLI::App cli("Play with trained models in a window.", "latent-canvas-viewer");
  std::string size = "1280x800";
  cli.add_option("files", options.files, "Weights files; without any, those of the folder weights/");
  cli.add_option("--state", options.state, "What to show, for example 'model=vae-mnist&seed=3&count=16'");
  cli.add_option("--size", size, "Of the window in pixels, WIDTHxHEIGHT")->capture_default_str();
  cli.add_option("--scale", options.scale, "Pixels per unit of length; the display's without it")
      ->check(CLI::Range(0.5, 4.0));
  cli.add_option("--theme", options.theme, "dark or light")
      ->check(CLI::IsMember({"dark", "light"}))
      ->capture_default_str();
  cli.add_option("--screenshot", options.screenshot, "Write what the window shows to a PNG file and leave");
  CLI11_PARSE(cli, argc, argv);
  if (std::sscanf(size.c_str(), "%dx%d", &options.width, &options.height) != 2 || options.width < 100 ||
      options.height < 100 || options.width > 8192 || options.height > 8192) {
    std::fprintf(stderr, "latent-canvas-viewer: --size '%s': expected WIDTHxHEIGHT, each from 100 to 8192\n",
                 size.c_str());
    return 2;
  }
  const lc::Status status = lc::viewer::view(options);
  if (!status.ok()) std::fprintf(stderr, "latent-canvas-viewer: %s\n", status.message.c_str());
  return lc::exit_code(status.code);
}
