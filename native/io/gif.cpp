// Moving pictures as GIF files: checks the pictures, shared/core writes them.
#include "native/io/gif.h"

#include <string>

#include "shared/core/gif.h"

namespace lc::io {
namespace {
constexpr std::uint32_t kMaxSide = 65535;
}

Result<std::vector<std::uint8_t>> encode_gif(const std::vector<Picture>& pictures,
                                             const GifOptions& options) {
  if (pictures.empty()) return fail(Code::bad_argument, "a GIF needs at least one picture.");
  const Picture& first = pictures[0];
  for (const Picture& picture : pictures) {
    const bool same =
        picture.width == first.width && picture.height == first.height && picture.channels == first.channels;
    if (!same || picture.width == 0 || picture.height == 0 || picture.width > kMaxSide ||
        picture.height > kMaxSide ||
        picture.pixels.size() != std::size_t{picture.width} * picture.height * picture.channels) {
      return fail(Code::bad_argument,
                  "the pictures of a GIF have one size, 1 to " + std::to_string(kMaxSide) +
                      " a side; found " + std::to_string(picture.width) + " x " +
                      std::to_string(picture.height) + " beside " + std::to_string(first.width) + " x " +
                      std::to_string(first.height) + ".");
    }
  }
  std::vector<GifPicture> frames;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const bool last = i + 1 == pictures.size();
    frames.push_back({pictures[i].pixels.data(), last ? options.last_hundredths : options.hundredths});
  }
  return lc::encode_gif({frames.data(), frames.size()}, first.width, first.height, first.channels);
}

}  // namespace lc::io
