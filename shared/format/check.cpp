// Rules for the words and numbers of a header: lengths of lists, names, texts, image, and the order of all
// checks.
#include "shared/format/check.h"

#include <algorithm>
#include <cmath>

namespace lc::format {

namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' || c == '-';
}

// Bytes of the UTF-8 character at `at` when it is well formed (Unicode 15, table 3-7) and no control
// character (C0, DEL, C1: a terminal would obey them); else 0.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return at + i < text.size() ? static_cast<std::uint8_t>(text[at + i]) : 0u;
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  std::uint32_t code = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  const bool control = code < 0xa0;
  return code < kLeast[length] || code > 0x10ffff || surrogate || control ? 0 : length;
}

}  // namespace

std::string quoted(std::string_view name) {
  constexpr std::size_t kLongest = 48;
  std::string text = "'";
  for (const char c : name.substr(0, kLongest)) text += c >= 0x20 && c < 0x7f ? c : '?';
  return text + (name.size() > kLongest ? "...'" : "'");
}

Status check_count(std::size_t count, std::size_t most, std::string_view what) {
  if (count <= most) return {};
  return fail(Code::too_many_entries, "{} {}, at most {} are allowed", count, what, most);
}

Status check_name(std::string_view name, std::string_view what, std::size_t index) {
  if (!name.empty() && name.size() <= kMaxNameBytes &&
      std::all_of(name.begin(), name.end(), is_name_character))
    return {};
  return fail(Code::bad_name, "{} {}: the name {} should be 1 to 128 of the characters a-z 0-9 . _ / -", what,
              index, quoted(name));
}

Status check_text(std::string_view text, std::string_view what) {
  if (text.size() > kMaxTextBytes) {
    return fail(Code::bad_text, "{}: a text of {} bytes, at most {} are allowed", what, text.size(),
                kMaxTextBytes);
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = character_bytes(text, at);
    if (bytes == 0) {
      return fail(Code::bad_text, "{}: the text {} has at byte {} a control character or what is not UTF-8",
                  what, quoted(text), at);
    }
    at += bytes;
  }
  return {};
}

Status check_finite(double value, std::string_view what) {
  if (std::isfinite(value)) return {};
  return fail(Code::not_finite, "{} is infinite or not a number", what);
}

Status check_unique(std::vector<std::string_view> names, Code code, std::string_view what) {
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return {};
  return fail(code, "two {} are called {}", what, quoted(*twice));
}

Status check_texts(const Header& header) {
  LC_TRY(check_name(header.family, "family", 0));
  LC_TRY(check_text(header.title, "title"));
  LC_TRY(check_count(header.classes.size(), kMaxClasses, "classes"));
  for (const std::string& name : header.classes) {
    LC_TRY(check_text(name, "class name"));
    if (name.empty() || name.size() > kMaxNameBytes) {
      return fail(Code::bad_condition, "class name {} should have 1 to 128 bytes", quoted(name));
    }
  }
  if (header.classes.size() == 1)
    return fail(Code::bad_condition, "one class, expected none or at least two");
  return check_unique({header.classes.begin(), header.classes.end()}, Code::duplicate_entry, "classes");
}

Status check_image(const ImageSpec& image) {
  LC_TRY(check_finite(image.low, "the image's value of black"));
  LC_TRY(check_finite(image.high, "the image's value of white"));
  const auto within = [](std::uint32_t value, std::uint32_t most) { return value >= 1 && value <= most; };
  if (!within(image.channels, kMaxImageChannels) || !within(image.height, kMaxImageSide) ||
      !within(image.width, kMaxImageSide)) {
    return fail(Code::bad_image, "an image of {} x {} x {}, expected 1 to {} channels and sides of 1 to {}",
                image.channels, image.height, image.width, kMaxImageChannels, kMaxImageSide);
  }
  if (image.low >= image.high) {
    return fail(Code::bad_image, "black is {} and white {}, expected black below white", image.low,
                image.high);
  }
  return {};
}

Status check_header(const Header& header, Bytes payload) {
  LC_TRY(check_texts(header));
  LC_TRY(check_image(header.image));
  LC_TRY(check_tensors(header, payload));
  LC_TRY(check_prior(header, payload));
  LC_TRY(check_networks(header));
  return check_records(header);
}

}  // namespace lc::format
