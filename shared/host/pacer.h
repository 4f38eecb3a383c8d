// Decides when a frame is worth drawing: after events, for a few frames, and then no more.
#pragma once

namespace lc::host {

class Pacer {
 public:
  // Something happened. Dear ImGui needs frames to settle: one to see the event, one for what it changes
  // (hover, layout), one for what that changes.
  void event() { due_ = kFrames; }
  bool due() const { return due_ > 0; }
  // A frame was drawn; `more`: it says that the next would differ.
  void drawn(bool more) {
    if (due_ > 0) --due_;
    if (more) event();
  }

 private:
  static constexpr int kFrames = 3;
  int due_ = kFrames;
};

}  // namespace lc::host
