// Tells Dear ImGui which press is the second of a double click, by the events' own times: its clock counts
// frames, which come late on a slow machine and stand still at rest.
#pragma once

#include "imgui.h"

namespace lc::host {

class Clicks {
 public:
  // Before Dear ImGui is told of a press of the left button, or of a finger in its place. Any clock.
  void press(double milliseconds) {
    constexpr double kApart = 300;
    constexpr float kAnySeconds = 3600;  // of Dear ImGui's clock
    ImGui::GetIO().MouseDoubleClickTime = milliseconds - last_ < kApart ? kAnySeconds : 0;
    last_ = milliseconds;
  }

 private:
  double last_ = -1e9;
};

}  // namespace lc::host
