// Colours, spacing and fonts of the interface, in two palettes.
#include "shared/ui/theme.h"

#include "shared/ui/fonts/fonts.h"

namespace lc::ui {
namespace {

constexpr ImU32 rgb(unsigned hex) {
  return IM_COL32((hex >> 16) & 255, (hex >> 8) & 255, hex & 255, 255);
}

constexpr Theme kDark{true,
                      rgb(0x0e1014),
                      rgb(0x15181e),
                      rgb(0x1e222a),
                      rgb(0x272c36),
                      rgb(0x272c36),
                      rgb(0x343a46),
                      rgb(0xe9ebf0),
                      rgb(0x9aa3b2),
                      rgb(0x596170),
                      rgb(0x8aa4ff),
                      rgb(0xa3b8ff),
                      rgb(0x0e1014),
                      rgb(0x232b45),
                      rgb(0xff9d94),
                      rgb(0x3a1f20),
                      {rgb(0x8aa4ff), rgb(0xf2b661), rgb(0x6fd3a8), rgb(0xe58fc1)}};

constexpr Theme kLight{false,
                       rgb(0xf3f4f7),
                       rgb(0xffffff),
                       rgb(0xf0f1f5),
                       rgb(0xe4e7ee),
                       rgb(0xe2e5eb),
                       rgb(0xd3d8e2),
                       rgb(0x171a21),
                       rgb(0x5a6373),
                       rgb(0xa3aab8),
                       rgb(0x3556d4),
                       rgb(0x2845b8),
                       rgb(0xffffff),
                       rgb(0xe6ebfc),
                       rgb(0xa3231b),
                       rgb(0xfde8e6),
                       {rgb(0x3556d4), rgb(0xb26a00), rgb(0x12805c), rgb(0xa8337a)}};

struct FontRow {
  const Bytes* data;
  float em;
};
const FontRow kFontRows[kFonts] = {{&kFontRegular, 14},
                                   {&kFontRegular, 12},
                                   {&kFontSemiBold, 14},
                                   {&kFontSemiBold, 12},
                                   {&kFontSemiBold, 19}};

// ImGui's size is ascender to descender; Inter's is 1.21 em.
constexpr float kEmToSize = 1.21f;

// The characters of the embedded fonts (fonts/README.md).
constexpr ImWchar kRanges[] = {0x20,   0x7e,   0xb0,   0xb7,   0xd7,   0xd7,   0xe9,
                               0xe9,   0xf7,   0xf7,   0x3b2,  0x3c3,  0x2013, 0x2026,
                               0x2190, 0x2193, 0x2212, 0x2212, 0x2264, 0x2265, 0};

ImVec4 vec(ImU32 colour) {
  return ImGui::ColorConvertU32ToFloat4(colour);
}

}  // namespace

const Theme& theme(bool dark) {
  return dark ? kDark : kLight;
}

void build_fonts(float dpr) {
  ImGuiIO& io = ImGui::GetIO();
  io.Fonts->Clear();
  for (const FontRow& row : kFontRows) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.OversampleH = dpr < 1.5f ? 3 : 2;
    config.GlyphRanges = kRanges;
    io.Fonts->AddFontFromMemoryTTF(const_cast<unsigned char*>(row.data->data),
                                   static_cast<int>(row.data->size), row.em * kEmToSize * dpr, &config);
  }
  io.FontGlobalScale = 1 / dpr;
  io.Fonts->Build();
}

ImFont* font(Font which) {
  return ImGui::GetIO().Fonts->Fonts[static_cast<int>(which)];
}

void apply_theme(const Theme& theme) {
  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle();
  style.WindowPadding = {0, 0};
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 0;
  style.FrameRounding = kRadius;
  style.PopupRounding = kRadius;
  style.FramePadding = {kSpace3, 7};
  style.ItemSpacing = {kSpace2, kSpace2};
  style.ItemInnerSpacing = {kSpace2, kSpace1};
  style.ScrollbarSize = 10;
  style.ScrollbarRounding = 5;
  style.DisabledAlpha = 1;
  ImVec4* colors = style.Colors;
  colors[ImGuiCol_Text] = vec(theme.text);
  colors[ImGuiCol_TextDisabled] = vec(theme.muted);
  colors[ImGuiCol_WindowBg] = vec(theme.page);
  colors[ImGuiCol_ChildBg] = {0, 0, 0, 0};
  colors[ImGuiCol_PopupBg] = vec(theme.raised);
  colors[ImGuiCol_Border] = vec(theme.line);
  colors[ImGuiCol_FrameBg] = vec(theme.raised);
  colors[ImGuiCol_FrameBgHovered] = vec(theme.raised_hover);
  colors[ImGuiCol_FrameBgActive] = vec(theme.raised_hover);
  colors[ImGuiCol_ScrollbarBg] = {0, 0, 0, 0};
  colors[ImGuiCol_ScrollbarGrab] = vec(theme.track);
  colors[ImGuiCol_ScrollbarGrabHovered] = vec(theme.disabled);
  colors[ImGuiCol_ScrollbarGrabActive] = vec(theme.disabled);
  colors[ImGuiCol_TextSelectedBg] = vec(theme.accent_soft);
}

}  // namespace lc::ui
