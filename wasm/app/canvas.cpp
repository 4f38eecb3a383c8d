// The browser's side of the interface: a canvas with WebGL2, input on it alone, and frames only when there is
// a reason.
#include "wasm/app/canvas.h"

#include <emscripten.h>
#include <emscripten/html5.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "wasm/app/courier.h"

namespace lc::app {
namespace {

constexpr float kTouchSlop = 6;       // CSS pixels that a finger may tremble
constexpr double kWheelPixels = 100;  // of a notch
constexpr float kScrollOfNotch = 5;   // lines that Dear ImGui scrolls a notch

struct KeyRow {
  const char* code;
  ImGuiKey key;
};
constexpr KeyRow kKeys[] = {{"ArrowLeft", ImGuiKey_LeftArrow},
                            {"ArrowRight", ImGuiKey_RightArrow},
                            {"ArrowUp", ImGuiKey_UpArrow},
                            {"ArrowDown", ImGuiKey_DownArrow},
                            {"Home", ImGuiKey_Home},
                            {"End", ImGuiKey_End},
                            {"Delete", ImGuiKey_Delete},
                            {"Backspace", ImGuiKey_Backspace},
                            {"Enter", ImGuiKey_Enter},
                            {"NumpadEnter", ImGuiKey_KeypadEnter},
                            {"Escape", ImGuiKey_Escape},
                            {"Space", ImGuiKey_Space},
                            {"PageUp", ImGuiKey_PageUp},
                            {"PageDown", ImGuiKey_PageDown},
                            {"Digit1", ImGuiKey_1},
                            {"Digit2", ImGuiKey_2},
                            {"Digit3", ImGuiKey_3},
                            {"Digit4", ImGuiKey_4},
                            {"Digit5", ImGuiKey_5},
                            {"Digit6", ImGuiKey_6},
                            {"Digit7", ImGuiKey_7},
                            {"Digit8", ImGuiKey_8},
                            {"Digit9", ImGuiKey_9},
                            {"KeyA", ImGuiKey_A},
                            {"KeyC", ImGuiKey_C},
                            {"KeyK", ImGuiKey_K},
                            {"KeyP", ImGuiKey_P},
                            {"KeyR", ImGuiKey_R},
                            {"KeyX", ImGuiKey_X},
                            {"KeyY", ImGuiKey_Y},
                            {"KeyZ", ImGuiKey_Z}};

constexpr const char* kCursors[ImGuiMouseCursor_COUNT + 1] = {
    "default",     "text",        "move",    "ns-resize",   "ew-resize",
    "nesw-resize", "nwse-resize", "pointer", "not-allowed", "crosshair"};

ImGuiKey key_of(const char* code) {
  for (const KeyRow& row : kKeys) {
    if (std::strcmp(code, row.code) == 0) return row.key;
  }
  return ImGuiKey_None;
}

// One character as the browser names a key that writes one: "a", "é", but not "Enter".
bool writes(const char* key) {
  const std::size_t bytes = std::strlen(key);
  const auto first = static_cast<unsigned char>(key[0]);
  const std::size_t expected = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return bytes == expected && first >= 0x20;
}

}  // namespace

struct Canvas::Events {
  static Canvas& self(void* user) { return *static_cast<Canvas*>(user); }

  static EM_BOOL frame(double now, void* user) {
    self(user).draw(now);
    return EM_FALSE;
  }

  static int button(const EmscriptenMouseEvent* e) { return e->button == 0 ? 0 : e->button == 2 ? 1 : 2; }

  static EM_BOOL mouse_on_canvas(int type, const EmscriptenMouseEvent* e, void* user) {
    Canvas& c = self(user);
    c.left_ = static_cast<float>(e->clientX - e->targetX);
    c.top_ = static_cast<float>(e->clientY - e->targetY);
    ImGuiIO& io = ImGui::GetIO();
    io.AddMouseSourceEvent(ImGuiMouseSource_Mouse);
    if (type == EMSCRIPTEN_EVENT_MOUSELEAVE) {
      if (!c.pressed_) io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
    } else {
      io.AddMousePosEvent(static_cast<float>(e->targetX), static_cast<float>(e->targetY));
    }
    if (type == EMSCRIPTEN_EVENT_MOUSEDOWN) {
      button(e) == 0 ? c.press(e->timestamp) : io.AddMouseButtonEvent(button(e), true);
      c.pressed_ = true;
    }
    c.wake();
    return EM_FALSE;  // the browser gives the canvas the focus
  }

  // A drag goes on, and ends, outside the canvas too.
  static EM_BOOL mouse_on_window(int type, const EmscriptenMouseEvent* e, void* user) {
    Canvas& c = self(user);
    if (!c.pressed_) return EM_FALSE;
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(static_cast<float>(e->clientX) - c.left_, static_cast<float>(e->clientY) - c.top_);
    if (type == EMSCRIPTEN_EVENT_MOUSEUP) {
      io.AddMouseButtonEvent(button(e), false);
      c.pressed_ = e->buttons != 0;
    }
    c.wake();
    return EM_FALSE;
  }

  static EM_BOOL wheel(int, const EmscriptenWheelEvent* e, void* user) {
    Canvas& c = self(user);
    // Ctrl and wheel is the browser's zoom; over what does not scroll the wheel is the page's.
    if (e->mouse.ctrlKey || c.ui_ == nullptr || !c.ui_->wants_wheel()) return EM_FALSE;
    const double notches = e->deltaMode == DOM_DELTA_PIXEL  ? e->deltaY / kWheelPixels
                           : e->deltaMode == DOM_DELTA_LINE ? e->deltaY / 3
                                                            : e->deltaY * 4;
    ImGui::GetIO().AddMouseWheelEvent(0, static_cast<float>(-notches));
    c.wake();
    return EM_TRUE;
  }

  static EM_BOOL key(int type, const EmscriptenKeyboardEvent* e, void* user) {
    Canvas& c = self(user);
    ImGuiIO& io = ImGui::GetIO();
    const bool down = type == EMSCRIPTEN_EVENT_KEYDOWN;
    io.AddKeyEvent(ImGuiMod_Ctrl, e->ctrlKey);
    io.AddKeyEvent(ImGuiMod_Shift, e->shiftKey);
    io.AddKeyEvent(ImGuiMod_Alt, e->altKey);
    io.AddKeyEvent(ImGuiMod_Super, e->metaKey);
    c.wake();
    const ImGuiKey known = key_of(e->code);
    if (!down) {
      if (known != ImGuiKey_None) io.AddKeyEvent(known, false);
      return EM_FALSE;
    }
    const bool command = e->ctrlKey || e->metaKey;
    const bool text = io.WantTextInput;
    // With Ctrl only what edits a text is ours; Tab and Ctrl-V (its text comes by the page's paste event)
    // never are.
    if (command && !(text && (known == ImGuiKey_A || known == ImGuiKey_C || known == ImGuiKey_X ||
                              known == ImGuiKey_Y || known == ImGuiKey_Z))) {
      return EM_FALSE;
    }
    // The question mark asks for help: the character counts, wherever a keyboard has it (with Alt, for some).
    const bool asks = std::strcmp(e->key, "?") == 0;
    const bool character = !command && (asks || (text && !e->altKey && writes(e->key)));
    if (character) io.AddInputCharactersUTF8(e->key);
    const bool wanted = known != ImGuiKey_None && c.ui_ != nullptr && c.ui_->wants_key(known);
    if (wanted) io.AddKeyEvent(known, true);
    return wanted || character ? EM_TRUE : EM_FALSE;
  }

  static EM_BOOL focus(int type, const EmscriptenFocusEvent*, void* user) {
    ImGui::GetIO().AddFocusEvent(type == EMSCRIPTEN_EVENT_FOCUS);
    self(user).wake();
    return EM_FALSE;
  }

  static EM_BOOL touch(int type, const EmscriptenTouchEvent* e, void* user) {
    Canvas& c = self(user);
    c.touch_ms_ = e->timestamp;
    const auto at = [&](int i) {
      return ImVec2{static_cast<float>(e->touches[i].targetX), static_cast<float>(e->touches[i].targetY)};
    };
    if (e->numTouches == 2 && type != EMSCRIPTEN_EVENT_TOUCHEND && c.pinch(at(0), at(1))) {
      c.wake();
      return EM_TRUE;
    }
    if (e->numTouches > 1) {  // the browser's own zoom
      c.touch_end(true);
      return EM_FALSE;
    }
    const auto x = static_cast<float>(e->touches[0].targetX), y = static_cast<float>(e->touches[0].targetY);
    if (type == EMSCRIPTEN_EVENT_TOUCHSTART) c.touch_start(x, y);
    if (type == EMSCRIPTEN_EVENT_TOUCHMOVE) c.touch_move(x, y);
    if (type == EMSCRIPTEN_EVENT_TOUCHEND) c.touch_end(false);
    if (type == EMSCRIPTEN_EVENT_TOUCHCANCEL) c.touch_end(true);
    c.wake();
    return EM_TRUE;  // no mouse events after it
  }

  static EM_BOOL context(int type, const void*, void* user) {
    Canvas& c = self(user);
    c.lost_ = type == EMSCRIPTEN_EVENT_WEBGLCONTEXTLOST;
    emscripten_webgl_make_context_current(c.context_);
    if (c.lost_) {
      host::stop_gl();  // the objects are gone; deleting them in the next context would be an error there
    } else {
      host::start_gl();
      c.textures.lost();  // and all are made anew from what memory holds
      c.wake();
    }
    return EM_TRUE;  // asks the browser to give a new context
  }
};

Status Canvas::start(const std::string& selector) {
  selector_ = selector;
  EmscriptenWebGLContextAttributes attributes;
  emscripten_webgl_init_context_attributes(&attributes);
  attributes.majorVersion = 2;
  attributes.alpha = attributes.depth = attributes.stencil = attributes.antialias = EM_FALSE;
  context_ = static_cast<int>(emscripten_webgl_create_context(selector_.c_str(), &attributes));
  if (context_ <= 0) return fail(Code::no_device, "no WebGL2 on '" + selector_ + "': the browser refuses it");
  emscripten_webgl_make_context_current(context_);
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.BackendFlags |= ImGuiBackendFlags_HasMouseCursors;
  io.BackendPlatformName = "html5";
  io.SetClipboardTextFn = [](void*, const char* text) { copy_text(text); };
  io.GetClipboardTextFn = [](void*) { return ""; };
  if (!host::start_gl()) return fail(Code::no_device, "WebGL2 does not start");
  make_focusable(selector_);
  listen(true);
  return {};
}

void Canvas::listen(bool on) {
  const char* target = selector_.c_str();
  const auto mouse = on ? &Events::mouse_on_canvas : nullptr;
  emscripten_set_mousemove_callback(target, this, EM_FALSE, mouse);
  emscripten_set_mousedown_callback(target, this, EM_FALSE, mouse);
  emscripten_set_mouseleave_callback(target, this, EM_FALSE, mouse);
  const auto drag = on ? &Events::mouse_on_window : nullptr;
  emscripten_set_mousemove_callback(EMSCRIPTEN_EVENT_TARGET_WINDOW, this, EM_FALSE, drag);
  emscripten_set_mouseup_callback(EMSCRIPTEN_EVENT_TARGET_WINDOW, this, EM_FALSE, drag);
  emscripten_set_wheel_callback(target, this, EM_FALSE, on ? &Events::wheel : nullptr);
  const auto key = on ? &Events::key : nullptr;
  emscripten_set_keydown_callback(target, this, EM_FALSE, key);
  emscripten_set_keyup_callback(target, this, EM_FALSE, key);
  const auto focus = on ? &Events::focus : nullptr;
  emscripten_set_focus_callback(target, this, EM_FALSE, focus);
  emscripten_set_blur_callback(target, this, EM_FALSE, focus);
  const auto touch = on ? &Events::touch : nullptr;
  emscripten_set_touchstart_callback(target, this, EM_FALSE, touch);
  emscripten_set_touchmove_callback(target, this, EM_FALSE, touch);
  emscripten_set_touchend_callback(target, this, EM_FALSE, touch);
  emscripten_set_touchcancel_callback(target, this, EM_FALSE, touch);
  const auto context = on ? &Events::context : nullptr;
  emscripten_set_webglcontextlost_callback(target, this, EM_FALSE, context);
  emscripten_set_webglcontextrestored_callback(target, this, EM_FALSE, context);
}

void Canvas::attach(ui::App* ui, std::function<void()> after_frame) {
  ui_ = ui;
  after_frame_ = std::move(after_frame);
  started_ = true;
  wake();
}

void Canvas::stop() {
  listen(false);
  started_ = false;
  ui_ = nullptr;
  if (!lost_) host::stop_gl();
  ImGui::DestroyContext();
  emscripten_webgl_destroy_context(context_);
}

void Canvas::resize(float css_width, float css_height, float dpr) {
  input_.size = {std::max(1.0f, css_width), std::max(1.0f, css_height)};
  input_.dpr = std::clamp(dpr, 0.5f, 4.0f);
  emscripten_set_canvas_element_size(selector_.c_str(), host::device_pixels(input_.size.x, input_.dpr),
                                     host::device_pixels(input_.size.y, input_.dpr));
  wake();
  // A canvas is empty after a change of size; drawing at once spares a blank frame.
  if (input_.size.x > 1) draw(emscripten_performance_now());
}

void Canvas::set_look(bool dark, bool reduced_motion, bool touch) {
  input_.dark = dark;
  input_.reduced_motion = reduced_motion;
  input_.touch = touch;
  wake();
}

void Canvas::paste(const std::string& text) {
  ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput) {
    // The command key is still down, and with it Dear ImGui takes no characters.
    io.AddKeyEvent(ImGuiMod_Ctrl, false);
    io.AddKeyEvent(ImGuiMod_Super, false);
    io.AddInputCharactersUTF8(text.c_str());
  }
  wake();
}

void Canvas::wake() {
  pacer_.event();
  if (!started_ || frame_asked_) return;
  frame_asked_ = true;
  emscripten_request_animation_frame(&Events::frame, this);
}

void Canvas::draw(double now_ms) {
  frame_asked_ = false;
  if (!started_ || lost_ || input_.size.x <= 1) return;
  const host::Screen screen{input_.size.x, input_.size.y, input_.dpr};
  if (ui_->prepare(input_)) host::upload_fonts();
  host::begin_frame(screen, (now_ms - last_frame_ms_) / 1000);
  last_frame_ms_ = now_ms;
  ui_->frame(input_);
  host::end_frame(screen);
  const int cursor = ui_->crosshair ? ImGuiMouseCursor_COUNT : ImGui::GetMouseCursor();
  if (cursor != cursor_ && cursor >= 0) set_cursor(selector_, kCursors[cursor]);
  cursor_ = cursor;
  pacer_.drawn(ui_->wants_redraw());
  if (after_frame_) after_frame_();
  if (pacer_.due() && !frame_asked_) {
    frame_asked_ = true;
    emscripten_request_animation_frame(&Events::frame, this);
  }
}

void Canvas::press(double now_ms) {
  clicks_.press(now_ms);
  ImGui::GetIO().AddMouseButtonEvent(0, true);
}

void Canvas::touch_start(float x, float y) {
  touch_first_ = touch_last_ = {x, y};
  ImGuiIO& io = ImGui::GetIO();
  io.AddMouseSourceEvent(ImGuiMouseSource_TouchScreen);
  io.AddMousePosEvent(x, y);
  const bool drags = ui_ != nullptr && ui_->wants_drag(x, y);  // a drawing or a plane: no scrolling there
  touch_ = drags ? Touch::drag : Touch::undecided;
  if (drags) press(touch_ms_);
}

void Canvas::touch_move(float x, float y) {
  ImGuiIO& io = ImGui::GetIO();
  if (touch_ == Touch::undecided) {
    const float sideways = std::fabs(x - touch_first_.x), along = std::fabs(y - touch_first_.y);
    if (std::max(sideways, along) < kTouchSlop) return;
    touch_ = along > sideways ? Touch::scroll : Touch::drag;
    if (touch_ == Touch::drag) press(touch_ms_);
  }
  if (touch_ == Touch::drag) io.AddMousePosEvent(x, y);
  if (touch_ == Touch::scroll) {
    io.AddMouseWheelEvent(
        0, (y - touch_last_.y) / (kScrollOfNotch * ui::font(ui::Font::body)->FontSize * io.FontGlobalScale));
  }
  touch_last_ = {x, y};
}

bool Canvas::pinch(ImVec2 a, ImVec2 b) {
  const ImVec2 middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
  const float apart = std::max(1.0f, std::hypot(a.x - b.x, a.y - b.y));
  ImGuiIO& io = ImGui::GetIO();
  if (touch_ != Touch::pinch) {
    if (ui_ == nullptr || !ui_->wants_zoom(middle.x, middle.y)) return false;
    io.AddMousePosEvent(-FLT_MAX,
                        -FLT_MAX);  // the first finger's drag ends elsewhere, so that it is no press
    touch_end(true);
    touch_ = Touch::pinch;
  } else {
    io.AddMousePosEvent(middle.x, middle.y);
    io.AddMouseWheelEvent(0, ui::kNotchesToDouble * std::log2(apart / apart_));
  }
  apart_ = apart;
  return true;
}

void Canvas::touch_end(bool cancelled) {
  ImGuiIO& io = ImGui::GetIO();
  if (touch_ == Touch::undecided && !cancelled) {
    press(touch_ms_);
    io.AddMouseButtonEvent(0, false);
  }
  if (touch_ == Touch::drag) io.AddMouseButtonEvent(0, false);
  if (touch_ != Touch::none)
    io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);  // nothing stays hovered under a finger that left
  touch_ = Touch::none;
}

}  // namespace lc::app
