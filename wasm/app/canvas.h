// The browser's side of the interface: a canvas with WebGL2, input on it alone, and frames only when there is
// a reason.
#pragma once

#include <functional>
#include <string>

#include "shared/core/status.h"
#include "shared/host/clicks.h"
#include "shared/host/pacer.h"
#include "shared/host/screen.h"
#include "shared/ui/app.h"

namespace lc::app {

class Canvas {
 public:
  // Makes the WebGL2 context and the listeners. no_device when the browser gives no WebGL2. `ui` is asked
  // what it wants of keys and wheel and draws the frames.
  Status start(const std::string& selector);
  void attach(ui::App* ui, std::function<void()> after_frame);
  // A frame is still to come, for an event or for what the last one began.
  bool awake() const { return frame_asked_; }
  void stop();

  void resize(float css_width, float css_height, float dpr);
  void set_look(bool dark, bool reduced_motion, bool touch);
  void paste(const std::string& text);
  // Something happened: frames will be drawn.
  void wake();

  host::Textures textures;

 private:
  struct Events;
  void draw(double now_ms);
  void listen(bool on);
  void press(double now_ms);  // of the left button, or a finger's
  void touch_start(float x, float y);
  void touch_move(float x, float y);
  void touch_end(bool cancelled);
  // Two fingers; true when what lies under them is magnified.
  bool pinch(ImVec2 a, ImVec2 b);

  std::string selector_;
  int context_ = 0;
  bool lost_ = false, started_ = false, frame_asked_ = false;
  ui::App* ui_ = nullptr;
  std::function<void()> after_frame_;
  ui::FrameInput input_;
  host::Pacer pacer_;
  host::Clicks clicks_;
  double last_frame_ms_ = 0;
  int cursor_ = -1;
  float left_ = 0, top_ = 0;  // of the canvas in the window
  bool pressed_ = false;      // a mouse button went down on the canvas
  // A finger: undecided until it moves sideways (a drag), up or down (scrolling), or leaves (a tap). Two: a
  // pinch.
  enum class Touch { none, undecided, drag, scroll, pinch } touch_ = Touch::none;
  double touch_ms_ = 0;  // when the last event of it was
  float apart_ = 0;      // CSS pixels between two fingers
  ImVec2 touch_first_, touch_last_;
};

}  // namespace lc::app
