// A screen in CSS pixels and the device pixels behind it, and one frame of Dear ImGui on it by OpenGL. Needs
// a current GL context: OpenGL 3 or WebGL2.
#pragma once

#include <cstdint>

#include "imgui.h"

namespace lc::host {

struct Screen {
  float width = 0, height = 0;  // CSS pixels
  float dpr = 1;                // device pixels per CSS pixel
};

int device_pixels(float css, float dpr);

// The GL side of Dear ImGui. After a lost context: stop_gl and start_gl in the new one.
bool start_gl();
void stop_gl();
// The font atlas of the context was rebuilt.
void upload_fonts();

// `seconds`: since the last frame. Between the two come the interface's calls.
void begin_frame(const Screen& screen, double seconds);
void end_frame(const Screen& screen);

// Pictures as textures, sampled without smoothing.
class Textures {
 public:
  // rgba: rows of 4 bytes a pixel. Fills `old`, or a new texture when it is null.
  ImTextureID upload(ImTextureID old, std::uint32_t width, std::uint32_t height, const std::uint8_t* rgba);
  void release(ImTextureID texture);
  void lost() { ++generation_; }
  std::uint32_t generation() const { return generation_; }

 private:
  std::uint32_t generation_ = 0;
};

}  // namespace lc::host
