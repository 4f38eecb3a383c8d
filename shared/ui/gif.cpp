// Pictures of the screen as a GIF: grey where every pixel is.
#include "shared/core/gif.h"

#include "shared/ui/png.h"

namespace lc::ui {

std::vector<std::uint8_t> encode_gif(const std::vector<Picture>& pictures, std::uint32_t scale,
                                     std::uint32_t hundredths) {
  if (pictures.empty()) return {};
  bool grey = true;
  for (const Picture& picture : pictures) {
    for (std::size_t i = 0; grey && i + 3 < picture.rgba.size(); i += 4)
      grey = picture.rgba[i] == picture.rgba[i + 1] && picture.rgba[i] == picture.rgba[i + 2];
  }
  const std::size_t channels = grey ? 1 : 3;
  std::vector<std::vector<std::uint8_t>> plain(pictures.size());
  std::vector<GifPicture> frames;
  for (std::size_t p = 0; p < pictures.size(); ++p) {
    const std::vector<std::uint8_t>& rgba = pictures[p].rgba;
    for (std::size_t i = 0; i + 3 < rgba.size(); i += 4) {
      for (std::size_t c = 0; c < channels; ++c) plain[p].push_back(rgba[i + c]);
    }
    frames.push_back({plain[p].data(), hundredths});
  }
  return lc::encode_gif({frames.data(), frames.size()}, pictures[0].width, pictures[0].height,
                        static_cast<std::uint32_t>(channels), scale);
}

}  // namespace lc::ui
