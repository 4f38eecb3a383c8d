// The native window: GLFW, an OpenGL context, and input for Dear ImGui in CSS pixels.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/core/status.h"
#include "shared/host/screen.h"

namespace lc::host {

struct WindowDesc {
  std::string title = "latent canvas";
  int width = 1280, height = 800;  // device pixels
  bool visible = true;
  float dpr = 0;  // device pixels per CSS pixel; 0: the display's
};

class Window {
 public:
  // Makes the Dear ImGui context current, too. no_device when there is no display or no OpenGL 3.3.
  static Result<std::unique_ptr<Window>> open(const WindowDesc& desc);
  ~Window();

  Screen screen() const;
  bool closing() const;
  // Ends a wait(), from any thread.
  static void post();
  void close();
  // Returns after the next event, at the latest after `seconds`; 0 only looks.
  void wait(double seconds);
  // True once after events.
  bool take_events();
  void begin();
  // Shows the frame; `pixels`, where given, gets its rows from top to bottom, 3 bytes a pixel.
  void end(std::vector<std::uint8_t>* pixels = nullptr);

  std::function<void(const std::vector<std::string>& paths)> on_drop;

  struct State;

 private:
  Window() = default;
  std::unique_ptr<State> state_;
};

}  // namespace lc::host
