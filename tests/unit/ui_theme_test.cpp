// Both palettes can be read: contrast as WCAG 2.2 defines it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "shared/ui/theme.h"

namespace lc::ui {
namespace {

double luminance(ImU32 colour) {
  const auto channel = [&](int shift) {
    const double v = ((colour >> shift) & 255) / 255.0;
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * channel(IM_COL32_R_SHIFT) + 0.7152 * channel(IM_COL32_G_SHIFT) +
         0.0722 * channel(IM_COL32_B_SHIFT);
}

double contrast(ImU32 a, ImU32 b) {
  const double high = std::max(luminance(a), luminance(b)), low = std::min(luminance(a), luminance(b));
  return (high + 0.05) / (low + 0.05);
}

TEST(UiTheme, text_can_be_read_on_everything_that_it_stands_on) {
  for (const bool dark : {true, false}) {
    const Theme& t = theme(dark);
    const struct {
      const char* what;
      ImU32 ink, paper;
      double least;
    } rows[] = {{"text on page", t.text, t.page, 7},
                {"text on panel", t.text, t.panel, 7},
                {"text on card", t.text, t.raised, 7},
                {"text on chosen card", t.text, t.accent_soft, 7},
                {"muted on page", t.muted, t.page, 4.5},
                {"muted on panel", t.muted, t.panel, 4.5},
                {"muted on card", t.muted, t.raised, 4.5},
                {"muted on hovered card", t.muted, t.raised_hover, 4.5},
                {"muted on chosen card", t.muted, t.accent_soft, 4.5},
                {"button", t.on_accent, t.accent, 4.5},
                {"hovered button", t.on_accent, t.accent_hover, 4.5},
                {"error", t.error, t.error_soft, 4.5},
                {"error text", t.text, t.error_soft, 7},
                {"slider", t.accent, t.panel, 3}};
    for (const auto& row : rows) {
      const double found = contrast(row.ink, row.paper);
      std::printf("%-5s %-22s %5.2f\n", dark ? "dark" : "light", row.what, found);
      EXPECT_GE(found, row.least) << row.what;
    }
    for (const ImU32 line : t.series) EXPECT_GE(contrast(line, t.panel), 3) << "a line of the plot";
  }
}

TEST(UiTheme, the_embedded_fonts_have_every_character_that_the_interface_writes) {
  ImGui::CreateContext();
  build_fonts(1);
  for (int i = 0; i < kFonts; ++i) {
    const ImFont* face = font(static_cast<Font>(i));
    for (ImWchar c = 0x20; c < 0x7f; ++c)
      EXPECT_NE(face->FindGlyphNoFallback(c), nullptr) << "character " << c;
    for (const ImWchar c : {0xb7, 0xd7, 0x2013, 0x2026, 0x2212})
      EXPECT_NE(face->FindGlyphNoFallback(c), nullptr) << c;
    // Figures of one width: numbers stand still while they change.
    for (ImWchar c = '1'; c <= '9'; ++c)
      EXPECT_NEAR(face->GetCharAdvance(c), face->GetCharAdvance('0'), 0.05f);
  }
  std::printf("atlas %d x %d\n", ImGui::GetIO().Fonts->TexWidth, ImGui::GetIO().Fonts->TexHeight);
  ImGui::DestroyContext();
}

}  // namespace
}  // namespace lc::ui
