// Text in pictures: the page's typeface, drawn with stb_truetype.
#include "native/cli/typeface.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "shared/ui/fonts/fonts.h"

#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_STATIC
#include <stb_truetype.h>

namespace lc::cli {
namespace {

struct Font {
  stbtt_fontinfo info = {};
  bool sound = false;
  explicit Font(Bytes bytes) : sound(stbtt_InitFont(&info, bytes.data, 0) != 0) {}
};

const Font& font(bool bold) {
  static const Font regular(ui::kFontRegular), semibold(ui::kFontSemiBold);
  return bold ? semibold : regular;
}

// Code points of well-formed UTF-8; the texts come from checked files and from this program.
std::vector<int> code_points(const std::string& text) {
  std::vector<int> points;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    int point = length == 1 ? byte : byte & (0xff >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) point = point << 6 | (text[i + k] & 0x3f);
    points.push_back(point);
    i += length;
  }
  return points;
}

// The fonts are subsets: é is drawn as e.
int without_accent(int point) {
  return point == 0xe9 ? 'e' : point;
}

// Calls place(glyph, left) for each letter of the line; returns where the next one would stand.
template <class Place>
float lay_out(const std::string& text, float size, const Font& face, const Place& place) {
  if (!face.sound) return 0;
  const float scale = stbtt_ScaleForPixelHeight(&face.info, size);
  float x = 0;
  int before = 0;
  for (const int point : code_points(text)) {
    int glyph = stbtt_FindGlyphIndex(&face.info, point);
    if (glyph == 0) glyph = stbtt_FindGlyphIndex(&face.info, without_accent(point));
    if (glyph == 0) continue;
    if (before != 0) x += scale * static_cast<float>(stbtt_GetGlyphKernAdvance(&face.info, before, glyph));
    place(glyph, x);
    int advance = 0, bearing = 0;
    stbtt_GetGlyphHMetrics(&face.info, glyph, &advance, &bearing);
    x += scale * static_cast<float>(advance);
    before = glyph;
  }
  return x;
}

void blend(io::Picture& picture, std::int64_t x, std::int64_t y, unsigned coverage, Ink ink) {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return;
  std::uint8_t* pixel = picture.pixels.data() + 3 * (y * picture.width + x);
  for (std::size_t c = 0; c < 3; ++c) {
    pixel[c] = static_cast<std::uint8_t>((pixel[c] * (255 - coverage) + ink[c] * coverage + 127) / 255);
  }
}

}  // namespace

std::uint32_t text_width(const std::string& text, float size, bool bold) {
  return static_cast<std::uint32_t>(std::ceil(lay_out(text, size, font(bold), [](int, float) {})));
}

void draw_text(io::Picture& picture, std::uint32_t x, std::uint32_t y, const std::string& text, float size,
               Ink ink, bool bold) {
  const Font& face = font(bold);
  if (!face.sound) return;
  const float scale = stbtt_ScaleForPixelHeight(&face.info, size);
  int ascent = 0, descent = 0, gap = 0;
  stbtt_GetFontVMetrics(&face.info, &ascent, &descent, &gap);
  const float baseline = static_cast<float>(y) + scale * static_cast<float>(ascent);
  lay_out(text, size, face, [&](int glyph, float left) {
    const float at = static_cast<float>(x) + left;
    const float shift = at - std::floor(at);
    int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    stbtt_GetGlyphBitmapBoxSubpixel(&face.info, glyph, scale, scale, shift, 0, &x0, &y0, &x1, &y1);
    const int width = x1 - x0, height = y1 - y0;
    if (width <= 0 || height <= 0) return;
    std::vector<unsigned char> mask(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    stbtt_MakeGlyphBitmapSubpixel(&face.info, mask.data(), width, height, width, scale, scale, shift, 0,
                                  glyph);
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        blend(picture, static_cast<std::int64_t>(std::floor(at)) + x0 + column,
              std::lround(baseline) + y0 + row, mask[static_cast<std::size_t>(row * width + column)], ink);
      }
    }
  });
}

}  // namespace lc::cli
