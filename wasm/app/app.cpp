// The `app` module: the interface on a canvas, as a C ABI for the page. It runs no network: jobs go to the
// page's workers.
//
//   import createApp from "./app.mjs";
//   const app = await createApp({ courier });      // also wasmBinary or instantiateWasm
//
// Text in: address and length of UTF-8 bytes in memory of `_malloc`, which the caller frees afterwards. Text
// out: ends with 0 and lives until the next call. 64-bit numbers travel as two halves. HEAPU8 and HEAPF32
// must be read anew after each call.
//
//   lcapp_start(selector, workers, flags)   once; flags: 1 dark, 2 reduced motion, 4 Apple's keys, 8 touch
//   lcapp_add_model(name, bytes)            its number, or < 0; the page gives the same bytes to every worker
//   under that
//                                           number before it returns to the event loop
//   lcapp_replace_model(model, bytes)       the whole file in the place of its player
//   lcapp_model_work(model, multiply_adds)  of one picture, as the engine counts them: for the status line
//   lcapp_offer_model(text)                 a card for
//   "name=..&title=..&family=..&dataset=..&bytes=..&draws=..
//                                           &sees=..&latent=..&measures=..", percent-encoded: of
//                                           weights/manifest.json
//   lcapp_thumbnail(name, bytes, channels, height, width)  the picture on that card
//   lcapp_frame(worker, job, ...)           a worker's answer, exactly one a job, also on failure
//   lcapp_state, lcapp_set_state            what the person chose, for the address bar
//   lcapp_report                            the state, measured figures, places of the controls: for tests
//   lcapp_mirror                            every control as JSON (shared/ui/marks.h), after a frame
//   lcapp_act(name, action, value)          operates one, by its mark's name
//   lcapp_resize, lcapp_set_look, lcapp_set_workers, lcapp_paste, lcapp_show_error, lcapp_stop
//
// The courier: submit(worker, job), wantModel(name), stateChanged(text), copyText(text), openUrl(url),
// frameDrawn().
//   save(name, mime, bytes), copyLink(state).
//   job: id, model, task (session::Task), moment (0xffffffff: the end), seed_low, seed_high, first_low,
//   first_high, count, temperature, direction, view { width, height, centreX, centreY, scale }, labels:
//   Int32Array, label_weights, latents and pictures: Float32Array (copies, to be transferred). At most one
//   job a worker is under way.
//
// Frames are drawn only after events, answers and these calls. Listeners are on the canvas alone, except that
// a drag which began there is followed through the window.
#include <emscripten.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "shared/ui/app.h"
#include "wasm/app/canvas.h"
#include "wasm/app/courier.h"
#include "wasm/app/worker_session.h"

namespace lc::app {
namespace {

class Sink : public ui::TextureSink {
 public:
  explicit Sink(host::Textures& textures) : textures_(textures) {}
  ImTextureID upload(ImTextureID old, const ui::Picture& picture) override {
    return textures_.upload(old, picture.width, picture.height, picture.rgba.data());
  }
  void release(ImTextureID texture) override { textures_.release(texture); }
  std::uint32_t generation() const override { return textures_.generation(); }

 private:
  host::Textures& textures_;
};

// Everything that lives between start and stop, in the order in which it is made.
struct Page {
  explicit Page(std::uint32_t workers) : session(courier, workers) {}
  Canvas canvas;
  PageCourier courier;
  WorkerSession session;
  std::unique_ptr<Sink> sink;
  std::unique_ptr<ui::App> ui;
  std::string told;  // the state as the page knows it
};

std::unique_ptr<Page> page;
std::string error_text, answer_text;

std::string text_of(const char* text, int length) {
  return {text, static_cast<std::size_t>(length)};
}

int refuse(std::string message) {
  error_text = std::move(message);
  return -1;
}

constexpr char kNotStarted[] = "lcapp_start was not called, or failed";

std::vector<float> floats_of(const float* values, int count) {
  return {values, values + count};
}

}  // namespace
}  // namespace lc::app

using namespace lc;       // NOLINT: the C ABI below is the file's purpose
using namespace lc::app;  // NOLINT

extern "C" {

EMSCRIPTEN_KEEPALIVE void lcapp_set_look(std::uint32_t flags) {
  if (page) page->canvas.set_look((flags & 1) != 0, (flags & 2) != 0, (flags & 8) != 0);
}

EMSCRIPTEN_KEEPALIVE int lcapp_start(const char* selector, int length, std::uint32_t workers,
                                     std::uint32_t flags) {
  page = std::make_unique<Page>(workers);
  const Status status = page->canvas.start(text_of(selector, length));
  if (!status.ok()) {
    page.reset();
    return refuse(status.message);
  }
  ImGui::GetIO().ConfigMacOSXBehaviors = (flags & 4) != 0;
  page->sink = std::make_unique<Sink>(page->canvas.textures);
  page->ui = std::make_unique<ui::App>(page->session, *page->sink,
                                       ui::Actions{want_model, copy_text, open_url, save, copy_link});
  page->ui->show_title = false;  // the page's own header has it
  lcapp_set_look(flags);
  page->ui->tab_moves_focus = false;  // Tab is the page's: it walks through the mirror
  page->canvas.attach(page->ui.get(), [] {
    frame_drawn();
    std::string state = ui::to_text(page->ui->state());
    if (state == page->told) return;
    page->told = std::move(state);
    state_changed(page->told);
  });
  return 0;
}

EMSCRIPTEN_KEEPALIVE const char* lcapp_error() {
  return error_text.c_str();
}

EMSCRIPTEN_KEEPALIVE int lcapp_add_model(const char* name, int name_length, const std::uint8_t* bytes,
                                         int length) {
  if (!page) return refuse(kNotStarted);
  const Result<std::uint32_t> loaded =
      page->ui->add_model(text_of(name, name_length), {bytes, bytes + length}, false);
  page->canvas.wake();
  if (!loaded.ok()) return refuse(loaded.status().message);
  return static_cast<int>(loaded.value());
}

EMSCRIPTEN_KEEPALIVE int lcapp_replace_model(std::uint32_t model, const std::uint8_t* bytes, int length) {
  if (!page) return refuse(kNotStarted);
  const Status status = page->session.replace(model, {bytes, static_cast<std::size_t>(length)});
  if (!status.ok()) return refuse(status.message);
  page->ui->model_changed(model);
  page->canvas.wake();
  return 0;
}

EMSCRIPTEN_KEEPALIVE void lcapp_model_work(std::uint32_t model, double multiply_adds) {
  if (page && multiply_adds >= 0) page->session.set_work(model, static_cast<std::uint64_t>(multiply_adds));
}

EMSCRIPTEN_KEEPALIVE void lcapp_offer_model(const char* text, int length) {
  if (!page) return;
  ui::Offer offer;
  std::string draws, sees;
  for (const auto& [key, value] : ui::pairs_of(text_of(text, length))) {
    if (key == "name") offer.name = value;
    if (key == "title") offer.title = value;
    if (key == "family") offer.family = value;
    if (key == "dataset") offer.dataset = value;
    if (key == "measures") offer.measures = true;
    if (key.rfind("metric.", 0) == 0) offer.metrics.push_back({key.substr(7), std::atof(value.c_str()), ""});
    if (key == "latent") offer.latent_size = static_cast<std::uint32_t>(std::atoi(value.c_str()));
    if (key == "bytes") offer.file_bytes = std::strtoull(value.c_str(), nullptr, 10);
    if (key == "draws") draws = value;
    if (key == "sees") sees = value;
  }
  offer.can = ui::abilities_of(draws, sees);
  page->ui->offer(std::move(offer));
  page->canvas.wake();
}

EMSCRIPTEN_KEEPALIVE void lcapp_thumbnail(const char* name, int name_length, const std::uint8_t* bytes,
                                          int length, std::uint32_t channels, std::uint32_t height,
                                          std::uint32_t width) {
  if (!page) return;
  page->ui->set_thumbnail(text_of(name, name_length), {bytes, static_cast<std::size_t>(length)}, channels,
                          height, width);
  page->canvas.wake();
}

EMSCRIPTEN_KEEPALIVE int lcapp_select_model(std::uint32_t model) {
  if (!page) return refuse(kNotStarted);
  const auto& models = page->session.models();
  if (model >= models.size()) {
    return refuse("model " + std::to_string(model) + " does not exist: there are " +
                  std::to_string(models.size()));
  }
  page->ui->choose(models[model].name);
  page->canvas.wake();
  return 0;
}

EMSCRIPTEN_KEEPALIVE void lcapp_frame(std::uint32_t worker, std::uint32_t job, std::uint32_t code,
                                      const char* message, int message_length, std::uint32_t count,
                                      std::uint32_t channels, std::uint32_t height, std::uint32_t width,
                                      const float* pictures, int picture_floats, const float* latents,
                                      int latent_floats, const float* scores, int score_floats,
                                      double milliseconds) {
  if (!page) return;
  session::Frame part;
  if (code != 0) part.status = fail(static_cast<Code>(code), text_of(message, message_length));
  part.count = count;
  part.channels = channels;
  part.height = height;
  part.width = width;
  part.pictures = floats_of(pictures, picture_floats);
  part.latents = floats_of(latents, latent_floats);
  part.scores = floats_of(scores, score_floats);
  part.milliseconds = milliseconds;
  page->session.answer(worker, job, std::move(part));
  if (page->ui->pump()) page->canvas.wake();
}

EMSCRIPTEN_KEEPALIVE const char* lcapp_state() {
  answer_text = page ? ui::to_text(page->ui->state()) : "";
  return answer_text.c_str();
}

EMSCRIPTEN_KEEPALIVE int lcapp_set_state(const char* text, int length) {
  if (!page) return refuse(kNotStarted);
  page->ui->set_state(text_of(text, length));
  page->canvas.wake();
  return 0;
}

EMSCRIPTEN_KEEPALIVE const char* lcapp_report() {
  answer_text = page ? page->ui->report() + (page->canvas.awake() ? "&awake=1" : "&awake=0") : "";
  return answer_text.c_str();
}

EMSCRIPTEN_KEEPALIVE const char* lcapp_mirror() {
  answer_text = page ? page->ui->mirror() : "[]";
  return answer_text.c_str();
}

EMSCRIPTEN_KEEPALIVE int lcapp_act(const char* name, int name_length, const char* action, int action_length,
                                   const char* value, int value_length) {
  if (!page) return refuse(kNotStarted);
  const std::string control = text_of(name, name_length);
  if (!page->ui->act(control, text_of(action, action_length), text_of(value, value_length))) {
    return refuse("there is no control '" + control + "' that can be operated now");
  }
  page->canvas.wake();
  return 0;
}

EMSCRIPTEN_KEEPALIVE void lcapp_show_error(const char* text, int length) {
  if (!page) return;
  page->ui->show_error(Code::bad_argument, text_of(text, length));
  page->canvas.wake();
}

EMSCRIPTEN_KEEPALIVE void lcapp_resize(double css_width, double css_height, double dpr) {
  if (page)
    page->canvas.resize(static_cast<float>(css_width), static_cast<float>(css_height),
                        static_cast<float>(dpr));
}

EMSCRIPTEN_KEEPALIVE void lcapp_set_workers(std::uint32_t workers) {
  if (!page) return;
  page->session.set_workers(workers);
  page->canvas.wake();
}

EMSCRIPTEN_KEEPALIVE void lcapp_paste(const char* text, int length) {
  if (page) page->canvas.paste(text_of(text, length));
}

EMSCRIPTEN_KEEPALIVE void lcapp_stop() {
  if (!page) return;
  page->ui.reset();
  page->canvas.stop();
  page.reset();
}

}  // extern "C"
