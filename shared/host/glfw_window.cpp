// The native window: GLFW, an OpenGL context, and input for Dear ImGui in CSS pixels.
#include "shared/host/glfw_window.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>
#include <utility>

#include "imgui_impl_glfw.h"
#include "shared/host/clicks.h"
#include LC_GL_HEADER

namespace lc::host {

struct Window::State {
  Window* owner = nullptr;
  GLFWwindow* window = nullptr;
  float dpr = 0;  // asked for; 0: the display's
  double last_frame = 0;
  bool events = true;
  Clicks clicks;
};

namespace {

std::string last_error = "unknown";

float dpr_of(const Window::State& state) {
  float scale = 1, unused = 1;
  glfwGetWindowContentScale(state.window, &scale, &unused);
  return state.dpr > 0 ? state.dpr : std::max(0.5f, scale);
}

// Window coordinates per CSS pixel: on X11 they are device pixels, on macOS and Wayland they are CSS pixels
// already.
float coordinates_per_css(const Window::State& state) {
  int width = 1, framebuffer = 1, height = 0;
  glfwGetWindowSize(state.window, &width, &height);
  glfwGetFramebufferSize(state.window, &framebuffer, &height);
  return dpr_of(state) * static_cast<float>(std::max(1, width)) /
         static_cast<float>(std::max(1, framebuffer));
}

void read_back(GLFWwindow* window, std::vector<std::uint8_t>& out) {
  int width = 1, height = 1;
  glfwGetFramebufferSize(window, &width, &height);
  const std::size_t row = std::size_t{4} * static_cast<std::size_t>(width);
  std::vector<std::uint8_t> raw(row * static_cast<std::size_t>(height));
  glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, raw.data());
  out.clear();
  out.reserve(raw.size() / 4 * 3);
  for (int y = height - 1; y >= 0; --y) {  // GL's rows go up
    const std::uint8_t* from = raw.data() + row * static_cast<std::size_t>(y);
    for (int x = 0; x < width; ++x) out.insert(out.end(), from + 4 * x, from + 4 * x + 3);
  }
}

}  // namespace

Result<std::unique_ptr<Window>> Window::open(const WindowDesc& desc) {
  glfwSetErrorCallback([](int, const char* text) { last_error = text; });
  if (glfwInit() == GLFW_FALSE) {
    return fail(Code::no_device,
                "no window: GLFW says '" + last_error + "'. Is there a display (DISPLAY, WAYLAND_DISPLAY)?");
  }
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_VISIBLE, desc.visible ? GLFW_TRUE : GLFW_FALSE);
  GLFWwindow* handle = glfwCreateWindow(desc.width, desc.height, desc.title.c_str(), nullptr, nullptr);
  if (handle == nullptr) {
    glfwTerminate();
    return fail(Code::no_device, "no window with OpenGL 3.3: GLFW says '" + last_error + "'");
  }
  glfwMakeContextCurrent(handle);
  glfwSwapInterval(1);

  std::unique_ptr<Window> window(new Window);
  window->state_ = std::make_unique<State>();
  window->state_->owner = window.get();
  window->state_->window = handle;
  window->state_->dpr = desc.dpr;
  ImGui::CreateContext();
  ImGui_ImplGlfw_InitForOpenGL(handle, false);
  if (!start_gl()) return fail(Code::no_device, "OpenGL 3.3 does not start");

  // Each callback wakes the loop; Dear ImGui's own do the rest, the mouse in CSS pixels.
  static const auto wake = [](GLFWwindow* w) {
    static_cast<State*>(glfwGetWindowUserPointer(w))->events = true;
  };
  glfwSetWindowUserPointer(handle, window->state_.get());
  glfwSetWindowFocusCallback(handle, [](GLFWwindow* w, int focused) {
    wake(w);
    ImGui_ImplGlfw_WindowFocusCallback(w, focused);
  });
  glfwSetCursorEnterCallback(handle, [](GLFWwindow* w, int entered) {
    wake(w);
    ImGui_ImplGlfw_CursorEnterCallback(w, entered);
  });
  glfwSetCursorPosCallback(handle, [](GLFWwindow* w, double x, double y) {
    wake(w);
    const double scale =
        static_cast<double>(coordinates_per_css(*static_cast<State*>(glfwGetWindowUserPointer(w))));
    ImGui_ImplGlfw_CursorPosCallback(w, x / scale, y / scale);
  });
  glfwSetMouseButtonCallback(handle, [](GLFWwindow* w, int pressed, int action, int mods) {
    wake(w);
    State& state = *static_cast<State*>(glfwGetWindowUserPointer(w));
    if (pressed == GLFW_MOUSE_BUTTON_LEFT && action == GLFW_PRESS) state.clicks.press(1000 * glfwGetTime());
    ImGui_ImplGlfw_MouseButtonCallback(w, pressed, action, mods);
  });
  glfwSetScrollCallback(handle, [](GLFWwindow* w, double x, double y) {
    wake(w);
    ImGui_ImplGlfw_ScrollCallback(w, x, y);
  });
  glfwSetKeyCallback(handle, [](GLFWwindow* w, int key, int scancode, int action, int mods) {
    wake(w);
    ImGui_ImplGlfw_KeyCallback(w, key, scancode, action, mods);
  });
  glfwSetCharCallback(handle, [](GLFWwindow* w, unsigned int character) {
    wake(w);
    ImGui_ImplGlfw_CharCallback(w, character);
  });
  glfwSetFramebufferSizeCallback(handle, [](GLFWwindow* w, int, int) { wake(w); });
  glfwSetWindowContentScaleCallback(handle, [](GLFWwindow* w, float, float) { wake(w); });
  glfwSetWindowRefreshCallback(handle, [](GLFWwindow* w) { wake(w); });
  glfwSetDropCallback(handle, [](GLFWwindow* w, int count, const char** paths) {
    wake(w);
    const State* state = static_cast<State*>(glfwGetWindowUserPointer(w));
    if (state->owner->on_drop) state->owner->on_drop(std::vector<std::string>(paths, paths + count));
  });
  return window;
}

Window::~Window() {
  stop_gl();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(state_->window);
  glfwTerminate();
}

Screen Window::screen() const {
  int width = 1, height = 1;
  glfwGetFramebufferSize(state_->window, &width, &height);
  const float dpr = dpr_of(*state_);
  return {static_cast<float>(width) / dpr, static_cast<float>(height) / dpr, dpr};
}

bool Window::closing() const {
  return glfwWindowShouldClose(state_->window) == GLFW_TRUE;
}

void Window::post() {
  glfwPostEmptyEvent();
}

void Window::close() {
  glfwSetWindowShouldClose(state_->window, GLFW_TRUE);
}

void Window::wait(double seconds) {
  if (seconds > 0) {
    glfwWaitEventsTimeout(seconds);
  } else {
    glfwPollEvents();
  }
}

bool Window::take_events() {
  return std::exchange(state_->events, false);
}

void Window::begin() {
  const double now = glfwGetTime();
  ImGui_ImplGlfw_NewFrame();  // mouse cursor, gamepads; its idea of the size is replaced by begin_frame's
  begin_frame(screen(), now - state_->last_frame);
  state_->last_frame = now;
}

void Window::end(std::vector<std::uint8_t>* pixels) {
  end_frame(screen());
  if (pixels != nullptr) read_back(state_->window, *pixels);
  glfwSwapBuffers(state_->window);
}

}  // namespace lc::host
