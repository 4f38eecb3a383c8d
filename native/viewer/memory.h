// What the window remembers from one day to the next: its size, and what it showed.
#pragma once

#include <string>

namespace lc::viewer {

struct Memory {
  int width = 0, height = 0;  // device pixels; 0: nothing remembered
  std::string state, theme;
};

// From $XDG_CONFIG_HOME/latent-canvas/viewer, or ~/.config; what cannot be read is passed over, since nothing
// depends on it.
Memory remember();
void keep(const Memory& memory);

}  // namespace lc::viewer
