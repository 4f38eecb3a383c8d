// What the person has chosen: plain values, and their text form.
#include "shared/ui/state.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "shared/core/text.h"

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
  std::string text;
  append_real(text, static_cast<double>(value), 4);
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

template <class T, std::size_t N>
void set_named(const char* const (&names)[N], const std::string& v, T& out) {
  for (std::size_t i = 0; i < N; ++i) {
    if (v == names[i]) out = static_cast<T>(i);
  }
}
constexpr const char* kTabNames[] = {"models", "sample", "explore", "morph", "compare",
                                     "draw",   "critic", "about",   "run"};
constexpr const char* kExploreNames[] = {"", "sliders", "plane", "sum", "zoom"};
void set_tab(const std::string& v, State& s) {
  set_named(kTabNames, v, s.tab);
}
void set_explore(const std::string& v, State& s) {
  set_named(kExploreNames, v, s.explore);
}
void set_help(const std::string& v, State& s) {
  s.help = v == "1";
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(at, from), text.size());
    out.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return out;
}

bool reals(const std::string& text, std::vector<float>& out) {
  std::vector<float> values;
  for (const std::string& each : split(text, ',')) {
    float value = 0;
    if (values.size() >= kMaxLatent) break;
    if (!real(each, value)) return false;
    values.push_back(value);
  }
  out = std::move(values);
  return true;
}

// A pick is "seed.index", then "tTEMPERATURE", "cCLASS", "zNUMBER,..." where they are not as usual.
std::string text_of(const Pick& pick) {
  std::string out = std::to_string(pick.seed) + "." + std::to_string(pick.index);
  if (pick.temperature != 1) out += "~t" + shortest(pick.temperature);
  if (pick.label >= 0) out += "~c" + std::to_string(pick.label);
  for (std::size_t i = 0; i < pick.latent.size(); ++i)
    out += (i == 0 ? "~z" : ",") + shortest(pick.latent[i]);
  return out;
}

bool pick_of(const std::string& text, Pick& out) {
  const std::vector<std::string> parts = split(text, '~'), number = split(parts[0], '.');
  std::uint64_t index = 0, label = 0;
  if (number.size() != 2 || !whole(number[0], 0, UINT64_MAX, out.seed) ||
      !whole(number[1], 0, kMaxShown - 1, index))
    return false;
  out.index = static_cast<std::uint32_t>(index);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string value = parts[i].substr(std::min<std::size_t>(1, parts[i].size()));
    const char kind = parts[i].empty() ? ' ' : parts[i][0];
    float temperature = 1;
    if (kind == 't' && real(value, temperature))
      out.temperature = std::clamp(temperature, 0.0f, kMaxTemperature);
    if (kind == 'c' && whole(value, 0, 1 << 20, label)) out.label = static_cast<std::int32_t>(label);
    if (kind == 'z' && !reals(value, out.latent)) return false;
  }
  return true;
}

void set_picks(const std::string& v, State& s) {
  std::vector<Pick> picks;
  for (const std::string& each : split(v, '_')) {
    Pick pick;
    if (picks.size() < kMaxPicks && pick_of(each, pick)) picks.push_back(std::move(pick));
  }
  if (!picks.empty()) s.picks = std::move(picks);
}
void set_latent(const std::string& v, State& s) {
  reals(v, s.latent);
}
void set_axes(const std::string& v, State& s) {
  const std::vector<std::string> parts = split(v, ',');
  std::uint64_t a = 0, b = 0;
  if (parts.size() != 2 || !whole(parts[0], 0, kMaxLatent - 1, a) || !whole(parts[1], 0, kMaxLatent - 1, b) ||
      a == b)
    return;
  s.axes[0] = static_cast<std::int32_t>(a);
  s.axes[1] = static_cast<std::int32_t>(b);
}
void set_view(const std::string& v, View& view) {
  std::vector<float> values;
  if (!reals(v, values) || values.size() != 3 || !(values[2] > 0)) return;
  view = {std::clamp(values[0], -1e4f, 1e4f), std::clamp(values[1], -1e4f, 1e4f),
          std::clamp(values[2], 1e-6f, 1e3f)};
}
void set_plane(const std::string& v, State& s) {
  set_view(v, s.plane);
}
void set_zoom(const std::string& v, State& s) {
  set_view(v, s.zoom);
}
void set_resolution(const std::string& v, State& s) {
  std::uint64_t n = 0;
  if (whole(v, 16, kMaxResolution, n)) s.resolution = static_cast<std::uint32_t>(n);
}
void set_terms(const std::string& v, State& s) {
  const std::vector<std::string> parts = split(v, ',');
  for (std::size_t i = 0; i < 3 && parts.size() == 3; ++i) {
    std::uint64_t n = 0;
    if (whole(parts[i], 0, kMaxPicks - 1, n)) s.terms[i] = static_cast<std::uint32_t>(n);
  }
}
void set_path(const std::string& v, State& s) {
  s.straight = v == "line";
}
void set_fraction(const std::string& v, float& out) {
  float value = 0;
  if (real(v, value)) out = std::clamp(value, 0.0f, 1.0f);
}
void set_along(const std::string& v, State& s) {
  set_fraction(v, s.along);
}
void set_time(const std::string& v, State& s) {
  set_fraction(v, s.time);
}
void set_compared(const std::string& v, State& s) {
  std::vector<std::string> names = split(v, ',');
  names.erase(std::remove(names.begin(), names.end(), ""), names.end());
  if (names.size() > kMaxCompared) names.resize(kMaxCompared);
  s.compared = std::move(names);
}
void set_code(const std::string& v, State& s) {
  reals(v, s.code);
}
void set_example(const std::string& v, State& s) {
  std::uint64_t n = 0;
  if (whole(v, 0, 1000, n)) s.example = static_cast<std::uint32_t>(n);
}
void set_direction(const std::string& v, State& s) {
  std::uint64_t n = 0;
  if (whole(v, 0, 15, n)) s.direction = static_cast<std::uint32_t>(n);
}

// Levels are letters, 'a' none; a number after one repeats it so many times.
std::string text_of(const std::vector<std::uint8_t>& drawing) {
  std::string out;
  for (std::size_t i = 0; i < drawing.size();) {
    std::size_t run = 1;
    while (i + run < drawing.size() && drawing[i + run] == drawing[i]) ++run;
    out += static_cast<char>('a' + drawing[i]);
    if (run > 1) out += std::to_string(run);
    i += run;
  }
  return out;
}

void set_drawing(const std::string& v, State& s) {
  constexpr std::size_t kPixels = std::size_t{kDrawingSide} * kDrawingSide;
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < v.size();) {
    const int level = v[i++] - 'a';
    std::size_t run = 0;
    for (; i < v.size() && v[i] >= '0' && v[i] <= '9' && run <= kPixels; ++i)
      run = 10 * run + static_cast<std::size_t>(v[i] - '0');
    run = std::max<std::size_t>(run, 1);
    if (level < 0 || level > static_cast<int>(kDrawingLevels) || pixels.size() + run > kPixels) return;
    pixels.insert(pixels.end(), run, static_cast<std::uint8_t>(level));
  }
  if (pixels.size() == kPixels) s.drawing = std::move(pixels);
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
                             {"tab", set_tab},
                             {"help", set_help},
                             {"picks", set_picks},
                             {"explore", set_explore},
                             {"axes", set_axes},
                             {"plane", set_plane},
                             {"zoom", set_zoom},
                             {"resolution", set_resolution},
                             {"terms", set_terms},
                             {"path", set_path},
                             {"along", set_along},
                             {"compare", set_compared},
                             {"time", set_time},
                             {"drawing", set_drawing},
                             {"example", set_example},
                             {"code", set_code},
                             {"direction", set_direction}};

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

bool operator==(const Pick& a, const Pick& b) {
  return a.seed == b.seed && a.index == b.index && a.temperature == b.temperature && a.label == b.label &&
         a.latent == b.latent;
}

bool operator==(const State& a, const State& b) {
  const auto view = [](const View& v) { return std::tie(v.x, v.y, v.scale); };
  const auto key = [](const State& s) {
    return std::tie(s.model, s.seed, s.count, s.temperature, s.label, s.moment, s.selected, s.latent, s.tab,
                    s.help, s.picks, s.explore, s.axes[0], s.axes[1], s.resolution, s.terms[0], s.terms[1],
                    s.terms[2], s.straight, s.along, s.compared, s.time, s.drawing, s.example, s.code,
                    s.direction);
  };
  return key(a) == key(b) && view(a.plane) == view(b.plane) && view(a.zoom) == view(b.zoom);
}

std::string to_text(const State& state) {
  const State fresh;
  std::string out;
  const auto add = [&](const char* key, const std::string& value) {
    out += (out.empty() ? "" : "&") + std::string(key) + "=" + encode(value);
  };
  const auto list = [](const std::vector<float>& values) {
    std::string text;
    for (const float value : values) text += (text.empty() ? "" : ",") + shortest(value);
    return text;
  };
  const auto view = [&](const char* key, const View& v) {
    if (v.scale > 0) add(key, list({v.x, v.y, v.scale}));
  };
  if (!state.model.empty()) add("model", state.model);
  if (state.seed != fresh.seed) add("seed", std::to_string(state.seed));
  if (state.count != fresh.count) add("count", std::to_string(state.count));
  if (state.temperature != fresh.temperature) add("temperature", shortest(state.temperature));
  if (state.label >= 0) add("class", std::to_string(state.label));
  if (state.moment != kLastMoment) add("moment", std::to_string(state.moment));
  if (state.selected >= 0) add("selected", std::to_string(state.selected));
  if (!state.latent.empty()) add("z", list(state.latent));
  if (state.tab != fresh.tab) add("tab", kTabNames[static_cast<int>(state.tab)]);
  if (state.help) add("help", "1");
  if (!state.picks.empty()) {
    std::string text;
    for (const Pick& pick : state.picks) text += (text.empty() ? "" : "_") + text_of(pick);
    add("picks", text);
  }
  if (state.explore != fresh.explore) add("explore", kExploreNames[static_cast<int>(state.explore)]);
  if (state.axes[0] >= 0) add("axes", std::to_string(state.axes[0]) + "," + std::to_string(state.axes[1]));
  view("plane", state.plane);
  view("zoom", state.zoom);
  if (state.resolution != fresh.resolution) add("resolution", std::to_string(state.resolution));
  if (!std::equal(state.terms, state.terms + 3, fresh.terms)) {
    add("terms", std::to_string(state.terms[0]) + "," + std::to_string(state.terms[1]) + "," +
                     std::to_string(state.terms[2]));
  }
  if (state.straight) add("path", "line");
  if (state.along != fresh.along) add("along", shortest(state.along));
  if (!state.compared.empty()) {
    std::string text;
    for (const std::string& name : state.compared) text += (text.empty() ? "" : ",") + name;
    add("compare", text);
  }
  if (state.time != fresh.time) add("time", shortest(state.time));
  if (!state.drawing.empty()) add("drawing", text_of(state.drawing));
  if (state.example != fresh.example) add("example", std::to_string(state.example));
  if (!state.code.empty()) add("code", list(state.code));
  if (state.direction != fresh.direction) add("direction", std::to_string(state.direction));
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
