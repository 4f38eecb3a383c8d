// What the panels draw: finished frames and example strips as textures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imgui.h"
#include "shared/core/span.h"
#include "shared/session/session.h"

namespace lc::ui {

// Rows of 4 bytes a pixel: red, green, blue, alpha.
struct Picture {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

// Where pictures become textures; the host implements it. Textures are sampled without smoothing.
class TextureSink {
 public:
  virtual ~TextureSink() = default;
  // Fills the texture `old`, or a new one when it is null.
  virtual ImTextureID upload(ImTextureID old, const Picture& picture) = 0;
  virtual void release(ImTextureID texture) = 0;
  // Changes when every texture was lost (and with it every id).
  virtual std::uint32_t generation() const = 0;
};

// A picture and the texture that shows it, uploaded when it is first drawn and again after a loss.
class Texture {
 public:
  void set(Picture picture);
  void clear(TextureSink& sink);
  ImTextureID id(TextureSink& sink);  // the picture is not empty
  bool empty() const { return picture_.rgba.empty(); }
  const Picture& picture() const { return picture_; }

 private:
  Picture picture_;
  ImTextureID id_{};
  std::uint32_t generation_ = 0;
  bool fresh_ = false;
};

// Pictures of one size, laid out in one texture.
struct Atlas {
  Texture texture;
  std::uint32_t count = 0, columns = 1, rows = 1, width = 0, height = 0;  // of one picture

  // values: [count][channels][height][width] in [0, 1]; channels 1 (grey) or 3.
  void set(Span<const float> values, std::uint32_t count, std::uint32_t channels, std::uint32_t height,
           std::uint32_t width);
  void set(Span<const std::uint8_t> values, std::uint32_t count, std::uint32_t channels, std::uint32_t height,
           std::uint32_t width);
  // Texture coordinates of picture i.
  ImVec2 uv0(std::uint32_t i) const;
  ImVec2 uv1(std::uint32_t i) const;
};

// A standing question of a panel and the newest answer to it, which may still be one to an earlier question.
struct Slot {
  std::uint32_t channel = 0;
  session::Request asked;
  session::Request question;  // what `frame` and `atlas` answer
  session::Frame frame;       // its pictures are kept only where the panel said so
  Atlas atlas;
  std::uint64_t used = 0;  // frame in which it was last asked
  bool answered = false, waiting = false, failed = false, keep = false;
  // True when the answer is to the present question.
  bool current() const { return answered && !waiting && !failed; }
};

// A finished request for the grid.
struct GridView {
  Atlas atlas;
  session::Request question;
  std::vector<float> latents;  // [count][latent_size]
  double milliseconds = 0;
  std::uint32_t workers = 0;
};

struct Error {
  Code code = Code::ok;
  std::string message;
};

// The strips of a model's file.
struct StripView {
  std::string name;
  Atlas atlas;
};
struct ModelView {
  std::vector<StripView> strips;
};

}  // namespace lc::ui
