// One frame of Dear ImGui by OpenGL, and pictures as textures.
#include "shared/host/screen.h"

#include <algorithm>
#include <cmath>

#include "imgui_impl_opengl3.h"
#include LC_GL_HEADER

namespace lc::host {
namespace {

// Dear ImGui's own loader names only what its backend needs.
constexpr GLint kNearest = 0x2600, kClampToEdge = 0x812F;
constexpr GLenum kWrapS = 0x2802, kWrapT = 0x2803;

}  // namespace

int device_pixels(float css, float dpr) {
  return std::max(1, static_cast<int>(std::lround(css * dpr)));
}

bool start_gl() {
  return ImGui_ImplOpenGL3_Init("#version " LC_GLSL_VERSION);
}

void stop_gl() {
  ImGui_ImplOpenGL3_Shutdown();
}

void upload_fonts() {
  // Before its first frame the backend has no objects yet, and uploads by itself.
  if (ImGui::GetFrameCount() == 0) return;
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
}

void begin_frame(const Screen& screen, double seconds) {
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {screen.width, screen.height};
  io.DisplayFramebufferScale = {screen.dpr, screen.dpr};
  io.DeltaTime = static_cast<float>(std::clamp(seconds, 1e-4, 0.1));
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
}

void end_frame(const Screen& screen) {
  ImGui::Render();
  glViewport(0, 0, device_pixels(screen.width, screen.dpr), device_pixels(screen.height, screen.dpr));
  glClearColor(0, 0, 0, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

ImTextureID Textures::upload(ImTextureID old, std::uint32_t width, std::uint32_t height,
                             const std::uint8_t* rgba) {
  auto name = static_cast<GLuint>(reinterpret_cast<std::uintptr_t>(old));
  if (name == 0) glGenTextures(1, &name);
  glBindTexture(GL_TEXTURE_2D, name);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, kNearest);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, kNearest);
  glTexParameteri(GL_TEXTURE_2D, kWrapS, kClampToEdge);
  glTexParameteri(GL_TEXTURE_2D, kWrapT, kClampToEdge);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, static_cast<GLsizei>(width), static_cast<GLsizei>(height), 0,
               GL_RGBA, GL_UNSIGNED_BYTE, rgba);
  return reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(name));
}

void Textures::release(ImTextureID texture) {
  const auto name = static_cast<GLuint>(reinterpret_cast<std::uintptr_t>(texture));
  glDeleteTextures(1, &name);
}

}  // namespace lc::host
