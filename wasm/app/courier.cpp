// The way to the page: calls of the object that was given to the module as `courier`.
#include "wasm/app/courier.h"

#include <emscripten.h>

// clang-format off: JavaScript
EM_JS(void, lcapp_js_submit,
      (int worker, const std::uint32_t* numbers, float temperature, const std::int32_t* labels,
       int label_count, const float* latents, int latent_count, const float* pictures, int picture_count),
      {
        const courier = Module["courier"];
        if (!courier || !courier["submit"]) return;
        const n = HEAPU32.subarray(numbers >> 2, (numbers >> 2) + 9);
        const floats = function(address, count) {
          return HEAPF32.slice(address >> 2, (address >> 2) + count);
        };
        courier["submit"](worker, {
          "id" : n[0],
          "model" : n[1],
          "task" : n[2],
          "moment" : n[3],
          "seed_low" : n[4],
          "seed_high" : n[5],
          "first_low" : n[6],
          "first_high" : n[7],
          "count" : n[8],
          "temperature" : temperature,
          "labels" : HEAP32.slice(labels >> 2, (labels >> 2) + label_count),
          "latents" : floats(latents, latent_count),
          "pictures" : floats(pictures, picture_count),
        });
      });

EM_JS(void, lcapp_js_tell, (const char* name, const char* text), {
  const courier = Module["courier"];
  const method = UTF8ToString(name);
  if (courier && courier[method]) courier[method](UTF8ToString(text));
});

EM_JS(void, lcapp_js_cursor, (const char* selector, const char* css),
      { document.querySelector(UTF8ToString(selector)).style.cursor = UTF8ToString(css); });

EM_JS(void, lcapp_js_focusable, (const char* selector), {
  const canvas = document.querySelector(UTF8ToString(selector));
  if (!canvas.hasAttribute("tabindex")) canvas.tabIndex = 0;
});
// clang-format on

namespace lc::app {
namespace {
std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}
}  // namespace

void PageCourier::submit(const Job& job) {
  const session::Request& r = job.request;
  const std::uint32_t numbers[] = {job.id,       r.model,       static_cast<std::uint32_t>(r.task),
                                   r.moment,     low(r.seed),   high(r.seed),
                                   low(r.first), high(r.first), r.count};
  lcapp_js_submit(static_cast<int>(job.worker), numbers, r.temperature, r.labels.data(),
                  static_cast<int>(r.labels.size()), r.latents.data(), static_cast<int>(r.latents.size()),
                  r.pictures.data(), static_cast<int>(r.pictures.size()));
}

void want_model(const std::string& name) {
  lcapp_js_tell("wantModel", name.c_str());
}
void state_changed(const std::string& text) {
  lcapp_js_tell("stateChanged", text.c_str());
}
void copy_text(const std::string& text) {
  lcapp_js_tell("copyText", text.c_str());
}
void open_url(const std::string& url) {
  lcapp_js_tell("openUrl", url.c_str());
}
void set_cursor(const std::string& canvas, const char* css) {
  lcapp_js_cursor(canvas.c_str(), css);
}
void make_focusable(const std::string& canvas) {
  lcapp_js_focusable(canvas.c_str());
}

}  // namespace lc::app
