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

enum class Tab : std::uint8_t { models, play, latent, about };

struct State {
  std::string model;  // name; empty: the first one
  std::uint64_t seed = 7;
  std::uint32_t count = 64;
  float temperature = 1;
  std::int32_t label = -1;  // class of all pictures; -1: each class in turn
  std::uint32_t moment = kLastMoment;
  std::int32_t selected = -1;  // picture of the grid; -1: none
  std::vector<float> latent;   // of the selected picture once a slider has moved it, else empty
  Tab tab = Tab::play;
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
