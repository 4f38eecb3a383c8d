// What the person has chosen: plain values, and their text form.
#include "shared/ui/state.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <tuple>

namespace lc::ui {
namespace {

constexpr std::size_t kMaxLatent = 4096;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// A whole number in [low, high], or false.
bool whole(const std::string& text, std::uint64_t low, std::uint64_t high, std::uint64_t& out) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return false;
  out = std::clamp<std::uint64_t>(std::strtoull(text.c_str(), nullptr, 10), low, high);
  return true;
}

bool real(const std::string& text, float& out) {
  char* end = nullptr;
  const float value = std::strtof(text.c_str(), &end);
  if (text.empty() || *end != 0 || !std::isfinite(value)) return false;
  out = value;
  return true;
}

std::string shortest(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", static_cast<double>(value));
  return text;
}

void set_model(const std::string& v, State& s) {
  s.model = v;
}
void set_seed(const std::string& v, State& s) {
  whole(v, 0, UINT64_MAX, s.seed);
}
void set_count(const std::string& v, State& s) {
  std::uint64_t n = 0;
  if (whole(v, 1, kMaxShown, n)) s.count = static_cast<std::uint32_t>(n);
}
void set_temperature(const std::string& v, State& s) {
  float t = 0;
  if (real(v, t)) s.temperature = std::clamp(t, 0.0f, kMaxTemperature);
}
void set_class(const std::string& v, State& s) {
  std::uint64_t n = 0;
  if (whole(v, 0, 1 << 20, n)) s.label = static_cast<std::int32_t>(n);
}
void set_moment(const std::string& v, State& s) {
  std::uint64_t n = 0;
  if (whole(v, 0, kLastMoment, n)) s.moment = static_cast<std::uint32_t>(n);
}
void set_selected(const std::string& v, State& s) {
  std::uint64_t n = 0;
  if (whole(v, 0, kMaxShown - 1, n)) s.selected = static_cast<std::int32_t>(n);
}
void set_latent(const std::string& v, State& s) {
  std::vector<float> values;
  for (std::size_t at = 0; at <= v.size() && values.size() < kMaxLatent;) {
    const std::size_t comma = std::min(v.find(',', at), v.size());
    float value = 0;
    if (!real(v.substr(at, comma - at), value)) return;
    values.push_back(value);
    at = comma + 1;
  }
  s.latent = std::move(values);
}
constexpr const char* kTabNames[] = {"models", "play", "latent", "about"};
void set_tab(const std::string& v, State& s) {
  for (int i = 0; i < 4; ++i) {
    if (v == kTabNames[i]) s.tab = static_cast<Tab>(i);
  }
}

struct Field {
  const char* key;
  void (*set)(const std::string&, State&);
};
constexpr Field kFields[] = {{"model", set_model},
                             {"seed", set_seed},
                             {"count", set_count},
                             {"temperature", set_temperature},
                             {"class", set_class},
                             {"moment", set_moment},
                             {"selected", set_selected},
                             {"z", set_latent},
                             {"tab", set_tab}};

}  // namespace

std::string encode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const bool plain = (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') ||
                       u == '-' || u == '_' || u == '.' || u == ',' || u == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[u >> 4];
      out += kHex[u & 15];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos)
      out.emplace_back(decode(pair.substr(0, equals)), decode(pair.substr(equals + 1)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool operator==(const State& a, const State& b) {
  const auto key = [](const State& s) {
    return std::tie(s.model, s.seed, s.count, s.temperature, s.label, s.moment, s.selected, s.latent, s.tab);
  };
  return key(a) == key(b);
}

std::string to_text(const State& state) {
  const State fresh;
  std::string out;
  const auto add = [&](const char* key, const std::string& value) {
    out += (out.empty() ? "" : "&") + std::string(key) + "=" + encode(value);
  };
  if (!state.model.empty()) add("model", state.model);
  if (state.seed != fresh.seed) add("seed", std::to_string(state.seed));
  if (state.count != fresh.count) add("count", std::to_string(state.count));
  if (state.temperature != fresh.temperature) add("temperature", shortest(state.temperature));
  if (state.label >= 0) add("class", std::to_string(state.label));
  if (state.moment != kLastMoment) add("moment", std::to_string(state.moment));
  if (state.selected >= 0) add("selected", std::to_string(state.selected));
  if (!state.latent.empty()) {
    std::string list;
    for (const float value : state.latent) list += (list.empty() ? "" : ",") + shortest(value);
    add("z", list);
  }
  if (state.tab != fresh.tab) add("tab", kTabNames[static_cast<int>(state.tab)]);
  return out;
}

void from_text(std::string_view text, State& state) {
  for (const auto& [key, value] : pairs_of(text)) {
    for (const Field& field : kFields) {
      if (key == field.key) field.set(value, state);
    }
  }
}

}  // namespace lc::ui
