// What the person has chosen: plain values, and their text form for an address or a command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lc::ui {

constexpr std::uint32_t kLastMoment = UINT32_MAX;
constexpr std::uint32_t kMaxShown = 1024;  // pictures of the grid
constexpr float kMaxTemperature = 2;

constexpr std::size_t kMaxPicks = 12;
constexpr std::size_t kMaxCompared = 4;
constexpr std::uint32_t kDrawingSide = 28;
constexpr std::uint32_t kDrawingLevels = 15;  // of a drawn pixel, 0 none
constexpr std::uint32_t kMaxResolution = 1024;

enum class Tab : std::uint8_t { models, sample, explore, morph, compare, draw, critic, about, run };
enum class Explore : std::uint8_t { suited, sliders, plane, sum, zoom };  // suited: what fits the model

// A sample that was kept: drawn by its seed, or a latent vector of its own.
struct Pick {
  std::uint64_t seed = 0;
  std::uint32_t index = 0;
  float temperature = 1;
  std::int32_t label = -1;
  std::vector<float> latent;  // empty: as drawn
};
bool operator==(const Pick& a, const Pick& b);

// A window on a plane: `scale` of its units a picture (the latent plane), or half a side (a zoomed picture).
struct View {
  float x = 0, y = 0, scale = 0;  // 0: what fits
};

struct State {
  std::string model;  // name; empty: the first one
  std::uint64_t seed = 7;
  std::uint32_t count = 64;
  float temperature = 1;
  std::int32_t label = -1;  // class of all pictures; -1: each class in turn
  std::uint32_t moment = kLastMoment;
  std::int32_t selected = -1;  // picture of the grid; -1: none
  std::vector<float> latent;   // of the selected picture once a slider has moved it, else empty
  Tab tab = Tab::sample;
  bool help = false;

  std::vector<Pick> picks;  // kept samples
  Explore explore = Explore::suited;
  std::int32_t axes[2] = {-1,
                          -1};  // of the plane: numbers of the latent vector; -1: where pictures change most
  View plane, zoom;
  std::uint32_t resolution = 256;      // of a zoomed picture
  std::uint32_t terms[3] = {0, 1, 2};  // picks of the sum a - b + c
  bool straight = false;               // a morph along the line instead of the sphere
  float along = 0;                     // of the morph, 0 to 1
  std::vector<std::string> compared;   // models beside each other; empty: those that are loaded
  float time = 1;                      // fraction of training that is compared
  std::vector<std::uint8_t> drawing;   // kDrawingSide squared levels, or empty
  std::uint32_t example = 0;  // in place of a drawing, which has no colours: the model's real picture, from 1
  std::vector<float> code;    // of the drawing, once a slider has moved it
  std::uint32_t direction = 0;  // of a translation
};
bool operator==(const State& a, const State& b);

// "model=vae-mnist&seed=7&count=64&z=0.5,-1": values that differ from a fresh State, percent-encoded.
std::string to_text(const State& state);

// Sets what the text names; keys that it does not know are passed over, numbers are brought into range, and a
// value that is no number leaves its field as it is.
void from_text(std::string_view text, State& state);

// The pairs of "a=1&b=2", percent-decoded, in order.
std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view text);
std::string encode(std::string_view text);

}  // namespace lc::ui
