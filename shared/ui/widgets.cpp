// The controls that panels are made of, drawn in the theme.
#include "shared/ui/widgets.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "shared/core/text.h"
#include "shared/ui/panels.h"

namespace lc::ui {
namespace {

constexpr char kEllipsis[] = "\xe2\x80\xa6";

float pixels(Font which) {
  return font(which)->FontSize * ImGui::GetIO().FontGlobalScale;
}

Mark meaning(const std::string& name, Role role, const std::string& label, bool checked, bool enabled) {
  Mark mark;
  mark.name = name;
  mark.role = role;
  mark.label = label;
  mark.checked = checked;
  mark.enabled = enabled;
  return mark;
}

std::string shortened(const std::string& text, Font which, float width) {
  if (width <= 0 || text_size(text, which).x <= width) return text;
  std::string out = text;
  while (!out.empty() && text_size(out + kEllipsis, which).x > width) {
    do out.pop_back();
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80);
  }
  return out + kEllipsis;
}

}  // namespace

float for_hand(float size) {
  constexpr float kFinger = 40;
  const bool fingers = (ImGui::GetIO().ConfigFlags & ImGuiConfigFlags_IsTouchScreen) != 0;
  return fingers ? std::max(size, kFinger) : size;
}

float control_height() {
  return for_hand(kControlHeight);
}

bool hit(const Panel& panel, Mark mark, ImVec2 size) {
  const ImVec2 at = ImGui::GetCursorScreenPos(), end{at.x + size.x, at.y + size.y};
  const bool enabled = mark.enabled;
  if (!enabled) ImGui::BeginDisabled();
  bool pressed = ImGui::InvisibleButton(mark.name.c_str(), size);
  if (!enabled) ImGui::EndDisabled();
  mark.visible = ImGui::IsItemVisible();
  focus_ring(panel, mark.name, at, end);
  if (enabled && ImGui::IsItemHovered()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  const Act* act = panel.app.acted(mark.name);
  pressed |= act != nullptr && act->action == "press";
  panel.app.mark(std::move(mark), at, end);
  return pressed && enabled;
}

void focus_ring(const Panel& panel, const std::string& name, ImVec2 low, ImVec2 high) {
  if (!panel.app.focused(name)) return;
  if (panel.app.focus_came(name)) ImGui::SetScrollHereY(0.5f);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRect({low.x - 2, low.y - 2}, {high.x + 2, high.y + 2}, panel.theme.text, kRadius + 2, 0, 2);
}

ImVec2 text_size(const std::string& text, Font which) {
  return font(which)->CalcTextSizeA(pixels(which), 1e6f, 0, text.data(), text.data() + text.size());
}

void text_at(ImVec2 at, const std::string& text, Font which, ImU32 colour, float width) {
  const std::string shown = shortened(text, which, width);
  ImGui::GetWindowDrawList()->AddText(font(which), pixels(which), {std::round(at.x), std::round(at.y)},
                                      colour, shown.data(), shown.data() + shown.size());
}

void text(const std::string& text, Font which, ImU32 colour, float width) {
  const float room = width > 0 ? width : ImGui::GetContentRegionAvail().x;
  text_at(ImGui::GetCursorScreenPos(), text, which, colour, room);
  ImGui::Dummy({std::min(room, text_size(text, which).x), pixels(which)});
}

std::string broken(const std::string& text, Font which, float width) {
  std::string out, line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string word = text.substr(at, end - at), longer = line.empty() ? word : line + ' ' + word;
    const bool fits = line.empty() || text_size(longer, which).x <= width;
    if (!fits) out += line + '\n';
    line = fits ? longer : word;
    if (end < text.size() && text[end] == '\n') {
      out += line + '\n';
      line.clear();
    }
    at = end + 1;
  }
  return out + line;
}

void text_wrapped(const std::string& words, Font which, ImU32 colour) {
  const std::string text = broken(words, which, ImGui::GetContentRegionAvail().x);
  ImGui::PushFont(font(which));
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void text_block(const Panel& panel, const std::string& words) {
  ImGui::PushFont(font(Font::body));
  ImGui::PushStyleColor(ImGuiCol_Text, panel.theme.muted);
  ImGui::TextUnformatted(words.data(), words.data() + words.size());
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void space(float height) {
  // Items bring the style's spacing with them; what is given here is the whole gap.
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + height - ImGui::GetStyle().ItemSpacing.y);
}

void end_child(const Panel& panel) {
  if (ImGui::GetScrollMaxY() > 0 && ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows))
    panel.app.scrollable_hovered = true;
  if (ImGui::IsWindowAppearing()) panel.app.redraw();  // only now is it known whether it scrolls
  ImGui::EndChild();
}

void heading(const Panel& panel, const std::string& title) {
  panel.app.begin_group(title);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  text(title, Font::strong, panel.theme.text);
  Mark mark = meaning("heading." + title, Role::heading, title, false, true);
  mark.visible = ImGui::IsItemVisible();
  panel.app.mark(std::move(mark), at, {at.x + ImGui::GetItemRectSize().x, at.y + pixels(Font::strong)});
  space(kSpace2);
}

void key_value(const Panel& panel, const std::string& key, const std::string& value) {
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float key_width = text_size(key, Font::small).x, value_width = text_size(value, Font::small).x;
  text_at(at, key, Font::small, panel.theme.muted);
  if (key_width + value_width + kSpace4 <= width) {
    text_at({at.x + width - value_width, at.y}, value, Font::small, panel.theme.text);
    ImGui::Dummy({width, pixels(Font::small)});
  } else {
    ImGui::Dummy({width, pixels(Font::small)});
    space(kSpace1);
    text_wrapped(value, Font::small, panel.theme.text);
  }
  space(kSpace2 - 2);
}

bool button(const Panel& panel, const std::string& name, const std::string& label, ButtonKind kind,
            float width, bool enabled, const char* spoken) {
  const Theme& theme = panel.theme;
  Scratch& scratch = panel.app.scratch;
  const ImVec2 size{width > 0 ? width : text_size(label, Font::strong).x + 2 * kSpace4, control_height()};
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool pressed = hit(panel, meaning(name, Role::button, spoken ? spoken : label, false, enabled), size);
  if (pressed) scratch.pressed = name;
  const bool hover = enabled && ImGui::IsItemHovered();
  const bool primary = kind == ButtonKind::primary && enabled;
  const ImU32 fill =
      primary ? (hover ? theme.accent_hover : theme.accent) : (hover ? theme.raised_hover : theme.raised);
  ImGui::GetWindowDrawList()->AddRectFilled(at, {at.x + size.x, at.y + size.y}, fill, kRadius);
  const bool tells = scratch.told_seconds > 0 && scratch.told_by == name;
  const std::string& words = tells ? scratch.told : label;
  const ImVec2 text = text_size(words, Font::strong);
  const ImU32 ink = !enabled ? theme.disabled : primary ? theme.on_accent : tells ? theme.accent : theme.text;
  text_at({at.x + (size.x - text.x) / 2, at.y + (size.y - text.y) / 2}, words, Font::strong, ink);
  return pressed;
}

ImVec2 chip_size(const std::string& label) {
  const ImVec2 least{for_hand(kControlHeight - 2), for_hand(kControlHeight - 4)};
  return {std::max(least.x, text_size(label, Font::small).x + 2 * (kSpace2 + 2)), least.y};
}

void flow(const std::string& label) {
  ImGui::SameLine(0, kSpace1 + 2);
  if (ImGui::GetContentRegionAvail().x < chip_size(label).x) {
    ImGui::NewLine();
    space(kSpace1 + 2);
  }
}

bool chip(const Panel& panel, const std::string& name, const std::string& label, bool chosen, bool enabled,
          Role role, const char* spoken) {
  const Theme& theme = panel.theme;
  const ImVec2 size = chip_size(label), text = text_size(label, Font::small);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool pressed = hit(panel, meaning(name, role, spoken ? spoken : label, chosen, enabled), size);
  const bool hover = enabled && ImGui::IsItemHovered();
  const ImU32 fill = chosen && enabled ? theme.accent : hover ? theme.raised_hover : theme.raised;
  ImGui::GetWindowDrawList()->AddRectFilled(at, {at.x + size.x, at.y + size.y}, fill, kRadius);
  const ImU32 ink = !enabled ? theme.disabled : chosen ? theme.on_accent : theme.text;
  text_at({at.x + (size.x - text.x) / 2, at.y + (size.y - text.y) / 2}, label, Font::small, ink);
  return pressed;
}

bool tab(const Panel& panel, const std::string& name, const std::string& label, bool chosen) {
  const ImVec2 size{text_size(label, Font::strong).x, control_height()};
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool pressed = hit(panel, meaning(name, Role::tab, label, chosen, true), size);
  const bool hover = ImGui::IsItemHovered();
  text_at({at.x, at.y + size.y / 2 - 10}, label, Font::strong,
          chosen || hover ? panel.theme.text : panel.theme.muted);
  if (chosen) {
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y + size.y - 2}, {at.x + size.x, at.y + size.y},
                                              panel.theme.accent, 1);
  }
  return pressed;
}

bool slider(const Panel& panel, const std::string& name, const SliderLook& look, float& value) {
  const Theme& theme = panel.theme;
  const float width = ImGui::GetContentRegionAvail().x;
  constexpr float kThumb = 7, kLabelWidth = 44, kValueWidth = 44;
  const ImU32 ink = look.enabled ? theme.text : theme.disabled;
  const float value_width = text_size(look.value, Font::small).x;
  ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = for_hand(look.compact ? 24 : 22);
  const float line = pixels(Font::small);
  float left = at.x, right = at.x + width;
  if (look.compact) {
    text_at({at.x, at.y + (height - line) / 2}, look.label, Font::small,
            look.enabled ? theme.muted : theme.disabled);
    text_at({right - value_width, at.y + (height - line) / 2}, look.value, Font::small, ink);
    left += kLabelWidth;
    right -= kValueWidth;
  } else {
    text_at(at, look.label, Font::small, look.enabled ? theme.muted : theme.disabled);
    text_at({right - value_width, at.y}, look.value, Font::small, ink);
    at.y += line + 2;
  }
  ImGui::SetCursorScreenPos({left, at.y});
  Mark mark =
      meaning(name, Role::slider, look.spoken.empty() ? look.label : look.spoken, false, look.enabled);
  mark.text = look.value;
  mark.low = look.low;
  mark.high = look.high;
  mark.now = value;
  mark.step = look.step > 0 ? look.step : (look.high - look.low) / 100;
  hit(panel, std::move(mark), {right - left, height});
  const bool active = look.enabled && ImGui::IsItemActive(), hover = look.enabled && ImGui::IsItemHovered();
  const float from = left + kThumb, span = std::max(1.0f, right - left - 2 * kThumb),
              range = look.high - look.low;
  const float before = value;
  if (hover && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    value = look.fresh;
  } else if (active && (ImGui::IsItemActivated() || ImGui::GetIO().MouseDelta.x != 0)) {
    value = look.low + range * std::clamp((ImGui::GetIO().MousePos.x - from) / span, 0.0f, 1.0f);
  }
  if (const Act* act = panel.app.acted(name); act != nullptr && act->action == "set" && look.enabled) {
    char* end = nullptr;
    const float wanted = std::strtof(act->value.c_str(), &end);
    if (end != act->value.c_str() && std::isfinite(wanted)) value = std::clamp(wanted, look.low, look.high);
  }
  const auto place = [&](float v) { return from + span * std::clamp((v - look.low) / range, 0.0f, 1.0f); };
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float y = std::floor(at.y + height / 2), x = place(value),
              origin = look.origin <= look.low ? left : place(look.origin);
  list->AddRectFilled({left, y - 2}, {right, y + 2}, theme.track, 2);
  if (look.enabled) {
    list->AddRectFilled({std::min(x, origin), y - 2}, {std::max(x, origin), y + 2}, theme.accent, 2);
    list->AddCircleFilled({x, y}, kThumb + (active || hover ? 1.0f : 0.0f),
                          active || hover ? theme.accent_hover : theme.accent, 24);
  } else {
    list->AddCircleFilled({x, y}, kThumb, theme.disabled, 24);
  }
  return value != before;
}

ImVec2 crisp(const Panel& panel, const Atlas& atlas, ImVec2 room) {
  const float dpr = panel.input.dpr, width = static_cast<float>(std::max(1u, atlas.width)),
              height = static_cast<float>(std::max(1u, atlas.height));
  const float scale = std::max(1.0f, std::floor(std::min(room.x / width, room.y / height) * dpr)) / dpr;
  return {width * scale, height * scale};
}

void draw_picture(const Panel& panel, Atlas& atlas, std::uint32_t i, ImVec2 low, ImVec2 size) {
  const float dpr = panel.input.dpr;
  low = {std::round(low.x * dpr) / dpr, std::round(low.y * dpr) / dpr};
  const ImVec2 high{low.x + size.x, low.y + size.y};
  if (i < atlas.count) {
    ImGui::GetWindowDrawList()->AddImage(panel.app.texture(atlas.texture), low, high, atlas.uv0(i),
                                         atlas.uv1(i));
  } else {
    ImGui::GetWindowDrawList()->AddRectFilled(low, high, panel.theme.raised, 2);
  }
}

bool picture_button(const Panel& panel, const std::string& name, const std::string& label, Atlas& atlas,
                    std::uint32_t i, ImVec2 size, bool chosen) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  Mark mark = meaning(name, Role::image, label, chosen, true);
  mark.pressable = true;
  const bool pressed = hit(panel, std::move(mark), size);
  draw_picture(panel, atlas, i, at, size);
  const bool hover = ImGui::IsItemHovered();
  if (chosen || hover) {
    ImGui::GetWindowDrawList()->AddRect({at.x - 1, at.y - 1}, {at.x + size.x + 1, at.y + size.y + 1},
                                        chosen ? panel.theme.accent : panel.theme.muted, 0, 0, 2);
  }
  return pressed;
}

void nothing_here(const Panel& panel, const std::string& title, const std::string& detail) {
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const ImVec2 big = text_size(title, Font::title);
  text_at({at.x + std::max(0.0f, (room.x - big.x) / 2), at.y + room.y / 2 - big.y - kSpace2}, title,
          Font::title, panel.theme.text, room.x);
  const float width = std::min(room.x, 420.0f);
  ImGui::PushFont(font(Font::body));
  const ImVec2 small = ImGui::CalcTextSize(detail.c_str(), nullptr, false, width);
  ImGui::PopFont();
  ImGui::SetCursorScreenPos({at.x + (room.x - small.x) / 2, at.y + room.y / 2});
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + small.x + 1);
  ImGui::PushFont(font(Font::body));
  ImGui::PushStyleColor(ImGuiCol_Text, panel.theme.muted);
  ImGui::TextUnformatted(detail.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
  ImGui::PopTextWrapPos();
  Mark mark = meaning("nothing", Role::status, title + ". " + detail, false, true);
  panel.app.mark(std::move(mark), at, {at.x + room.x, at.y + room.y});
}

void caption(const Panel& panel, const std::string& line) {
  text(line, Font::small, panel.theme.muted);
  space(kSpace1);
}

void tell(const Panel& panel, const std::string& words) {
  Scratch& scratch = panel.app.scratch;
  scratch.told = words;
  scratch.told_by = scratch.pressed;
  scratch.told_seconds = 2;
  panel.app.redraw();
}

std::string words_of(const std::string& name) {
  // What the trainers call their losses.
  const struct {
    const char *plain, *words;
  } kLosses[] = {
      {"d_loss", "discriminator"}, {"g_loss", "generator"}, {"d_real", "D of real"}, {"d_fake", "D of made"}};
  for (const auto& loss : kLosses) {
    if (name == loss.plain) return loss.words;
  }
  std::string words = name;
  std::replace(words.begin(), words.end(), '_', ' ');
  const struct {
    const char *plain, *proper;
  } kProper[] = {{"frechet",
                  "Fr\xc3\xa9"
                  "chet"},
                 {"kid", "KID"},
                 {"kl", "KL"},
                 {"nll", "NLL"},
                 {"parzen", "Parzen"}};
  for (const auto& word : kProper) {
    const std::size_t at = words.find(word.plain), end = at + std::strlen(word.plain);
    const bool whole = at != std::string::npos && (at == 0 || words[at - 1] == ' ') &&
                       (end == words.size() || words[end] == ' ');
    if (whole) words.replace(at, end - at, word.proper);
  }
  return words;
}

std::string fixed(float value, int digits) {
  char out[32];
  std::snprintf(out, sizeof out, "%.*f", digits, static_cast<double>(value));
  return out;
}

std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (int at = static_cast<int>(out.size()) - 3; at > 0; at -= 3)
    out.insert(static_cast<std::size_t>(at), ",");
  return out;
}

std::string short_number(double number, int digits) {
  if (std::fabs(number) >= 1000 && std::fabs(number) < 1e15)
    return grouped(static_cast<std::uint64_t>(std::llround(number)));
  std::string out;
  append_real(out, number, static_cast<std::size_t>(digits));
  return out;
}

std::string bytes_text(std::uint64_t bytes) {
  char out[48];
  if (bytes >= 1000 * 1000) {
    std::snprintf(out, sizeof out, "%.1f MB", static_cast<double>(bytes) / 1e6);
  } else {
    std::snprintf(out, sizeof out, "%llu KB", static_cast<unsigned long long>((bytes + 999) / 1000));
  }
  return out;
}

}  // namespace lc::ui
