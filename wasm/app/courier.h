// The way to the page: calls of the object that was given to the module as `courier`. Functions that it lacks
// are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wasm/app/worker_session.h"

namespace lc::app {

class PageCourier : public Courier {
 public:
  void submit(const Job& job) override;
};

void want_model(const std::string& name);
void state_changed(const std::string& text);
void copy_text(const std::string& text);
void open_url(const std::string& url);
void copy_link(const std::string& state);
void save(const std::string& name, const std::string& mime, const std::vector<std::uint8_t>& bytes);
void frame_drawn();

// The style of the mouse over the canvas: a CSS cursor.
void set_cursor(const std::string& canvas, const char* css);
// Makes the canvas reachable by the Tab key.
void make_focusable(const std::string& canvas);

}  // namespace lc::app
