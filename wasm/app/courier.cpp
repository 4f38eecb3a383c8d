// The way to the page: calls of the object that was given to the module as `courier`.
#include "wasm/app/courier.h"

#include <emscripten.h>

// clang-format off: JavaScript
EM_JS(void, lcapp_js_submit,
      (int worker, const std::uint32_t* numbers, const float* reals, const std::int32_t* labels,
       int label_count, const float* label_weights, int label_weight_count, const float* latents,
       int latent_count, const float* pictures, int picture_count),
      {
        const courier = Module["courier"];
        if (!courier || !courier["submit"]) return;
        const n = HEAPU32.subarray(numbers >> 2, (numbers >> 2) + 12);
        const r = HEAPF32.subarray(reals >> 2, (reals >> 2) + 4);
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
          "temperature" : r[0],
          "direction" : n[9],
          "view" : {"width" : n[10], "height" : n[11], "centreX" : r[1], "centreY" : r[2], "scale" : r[3]},
          "labels" : HEAP32.slice(labels >> 2, (labels >> 2) + label_count),
          "label_weights" : floats(label_weights, label_weight_count),
          "latents" : floats(latents, latent_count),
          "pictures" : floats(pictures, picture_count),
        });
      });

EM_JS(void, lcapp_js_tell, (const char* name, const char* text), {
  const courier = Module["courier"];
  const method = UTF8ToString(name);
  if (courier && courier[method]) courier[method](UTF8ToString(text));
});

EM_JS(void, lcapp_js_save, (const char* name, const char* mime, const std::uint8_t* bytes, int length), {
  const courier = Module["courier"];
  if (courier && courier["save"])
    courier["save"](UTF8ToString(name), UTF8ToString(mime), HEAPU8.slice(bytes, bytes + length));
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
                                   low(r.first), high(r.first), r.count,
                                   r.direction,  r.view.width,  r.view.height};
  const float reals[] = {r.temperature, r.view.centre_x, r.view.centre_y, r.view.scale};
  lcapp_js_submit(static_cast<int>(job.worker), numbers, reals, r.labels.data(),
                  static_cast<int>(r.labels.size()), r.label_weights.data(),
                  static_cast<int>(r.label_weights.size()), r.latents.data(),
                  static_cast<int>(r.latents.size()), r.pictures.data(), static_cast<int>(r.pictures.size()));
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
void copy_link(const std::string& state) {
  lcapp_js_tell("copyLink", state.c_str());
}
void save(const std::string& name, const std::string& mime, const std::vector<std::uint8_t>& bytes) {
  lcapp_js_save(name.c_str(), mime.c_str(), bytes.data(), static_cast<int>(bytes.size()));
}
void frame_drawn() {
  lcapp_js_tell("frameDrawn", "");
}
void set_cursor(const std::string& canvas, const char* css) {
  lcapp_js_cursor(canvas.c_str(), css);
}
void make_focusable(const std::string& canvas) {
  lcapp_js_focusable(canvas.c_str());
}

}  // namespace lc::app
