// The engine as a C ABI for web/engine.js: staged inputs in, numbers and addresses out. No UI, no files, no
// clock.
//
// Addresses are valid until the next call of any function here. A call that finds no memory either answers 0
// or traps (memory.cpp), after which the host drops the whole instance and starts a fresh one.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/status.h"
#include "shared/session/engine.h"
#include "wasm/engine/describe.h"

#define LC_EXPORT extern "C" __attribute__((used, visibility("default")))

namespace {

// What a render answers, as 32-bit words for one view in JavaScript.
struct FrameTable {
  std::uint32_t count, channels, height, width;
  const float* pictures;
  std::uint32_t pictures_floats;
  const float* latents;
  std::uint32_t latents_floats;
  const float* scores;
  std::uint32_t scores_floats;
};
static_assert(sizeof(FrameTable) == 40, "ten words: web/engine.js reads them by position");

struct State {
  lc::session::Engine engine;
  lc::session::LoadRequest file;  // staged by lc_text and lc_file
  lc::session::Request request;   // staged by lc_labels, lc_label_weights, lc_latents, lc_pictures
  lc::session::Frame frame;
  FrameTable table{};
  std::string message;
  std::string json;
};

State& state() {
  static State instance;
  return instance;
}

// Resizes when there is memory for it: a vector has no way to say that there is none.
template <class Container>
typename Container::value_type* stage(Container& container, std::uint32_t size) {
  if (size > container.capacity()) {
    container = Container();  // the old content is of no use: do not hold both
    void* probe = std::malloc(std::size_t{size} * sizeof(typename Container::value_type));
    if (probe == nullptr) return nullptr;
    std::free(probe);
  }
  container.resize(size);
  return container.data();
}

std::int32_t refuse(lc::Status status) {
  state().message = std::move(status.message);
  return static_cast<std::int32_t>(status.code);
}

}  // namespace

// ---- staging: room for that many elements, to be written by the host before the call that uses them; 0: no
// memory ----

LC_EXPORT char* lc_text(std::uint32_t bytes) {
  return stage(state().file.name, bytes);
}
LC_EXPORT std::uint8_t* lc_file(std::uint32_t bytes) {
  return stage(state().file.bytes, bytes);
}
LC_EXPORT std::int32_t* lc_labels(std::uint32_t count) {
  return stage(state().request.labels, count);
}
LC_EXPORT float* lc_label_weights(std::uint32_t floats) {
  return stage(state().request.label_weights, floats);
}
LC_EXPORT float* lc_latents(std::uint32_t floats) {
  return stage(state().request.latents, floats);
}
LC_EXPORT float* lc_pictures(std::uint32_t floats) {
  return stage(state().request.pictures, floats);
}

// ---- models ----

// Loads the staged file under the staged name. The model's number, or minus a code.
LC_EXPORT std::int32_t lc_load() {
  lc::Result<std::uint32_t> model = state().engine.load(std::exchange(state().file, {}));
  return model.ok() ? static_cast<std::int32_t>(model.value()) : -refuse(model.status());
}

// The model's description as JSON text, or 0.
LC_EXPORT const char* lc_describe(std::uint32_t model) {
  const std::vector<lc::session::ModelInfo>& models = state().engine.models();
  if (model >= models.size()) {
    refuse(lc::fail(lc::Code::unknown_name, "model {} does not exist: {} are loaded, numbered from 0", model,
                    models.size()));
    return nullptr;
  }
  state().json = lc::engine::describe_json(models[model]);
  return state().json.c_str();
}

// ---- pictures ----

// What the next renders translate to, and the part of the plane that they draw; 0 x 0: the model's own size.
LC_EXPORT void lc_aim(std::uint32_t direction, std::uint32_t width, std::uint32_t height, float centre_x,
                      float centre_y, float scale) {
  state().request.direction = direction;
  state().request.view = {width, height, centre_x, centre_y, scale};
}

// Renders with the staged labels, label weights, latents and pictures. 0, or a code.
LC_EXPORT std::int32_t lc_render(std::uint32_t model, std::uint32_t task, std::uint32_t moment,
                                 std::uint32_t seed_low, std::uint32_t seed_high, std::uint32_t first_low,
                                 std::uint32_t first_high, std::uint32_t count, float temperature) {
  State& s = state();
  s.request.model = model;
  s.request.task = static_cast<lc::session::Task>(task);
  s.request.moment = moment;
  s.request.seed = std::uint64_t{seed_high} << 32 | seed_low;
  s.request.first = std::uint64_t{first_high} << 32 | first_low;
  s.request.count = count;
  s.request.temperature = temperature;
  s.engine.render(s.request, s.frame);
  return refuse(s.frame.status);
}

// The frame of the last lc_render that answered 0.
LC_EXPORT const void* lc_frame() {
  State& s = state();
  const auto words = [](const std::vector<float>& values) {
    return static_cast<std::uint32_t>(values.size());
  };
  s.table = {s.frame.count,           s.frame.channels,        s.frame.height,         s.frame.width,
             s.frame.pictures.data(), words(s.frame.pictures), s.frame.latents.data(), words(s.frame.latents),
             s.frame.scores.data(),   words(s.frame.scores)};
  return &s.table;
}

// ---- words ----

// Why the last call refused, NUL-terminated.
LC_EXPORT const char* lc_message() {
  return state().message.c_str();
}
LC_EXPORT const char* lc_code_name(std::uint32_t code) {
  return lc::name_of(static_cast<lc::Code>(code));
}
