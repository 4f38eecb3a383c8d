// The whole interface: a frame, the models that it knows, and what the person chose.
#include "shared/ui/app.h"

#include <algorithm>
#include <utility>

#include "imgui_internal.h"
#include "shared/core/random.h"
#include "shared/ui/catalogue.h"
#include "shared/ui/panels.h"
#include "shared/ui/questions.h"

namespace lc::ui {
namespace {

constexpr std::size_t kMaxErrors = 8;

}  // namespace

Abilities abilities_of(const std::string& draws, const std::string& sees) {
  const auto has = [&](const char* task) {
    return ("," + sees + ",").find("," + std::string(task) + ",") != std::string::npos;
  };
  Abilities out;
  out.figure = draws == "figure";
  if (out.figure) return out;  // rows of numbers are no pictures
  out.draws = draws == "pictures";
  out.encodes = out.draws && has("encode");
  out.classifies = has("classify");
  out.judges = has("discriminate");
  out.translates = has("translate");
  return out;
}

App::App(session::Session& session, TextureSink& sink, Actions wishes)
    : actions(std::move(wishes)), session_(session), sink_(sink) {
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.LogFilename = nullptr;
  io.ConfigInputTextCursorBlink = false;  // a blinking line would draw for ever
}

App::~App() {
  grid.atlas.texture.clear(sink_);
  edited.texture.clear(sink_);
  scratch.drawn.texture.clear(sink_);
  if (live) live->grid.texture.clear(sink_);
  scratch.judged.texture.clear(sink_);
  for (Atlas& atlas : scratch.difference) atlas.texture.clear(sink_);
  for (auto& [name, slot] : slots_) slot.atlas.texture.clear(sink_);
  for (auto& [name, atlas] : thumbnails_) atlas.texture.clear(sink_);
  for (auto& [model, view] : model_views_) {
    for (StripView& strip : view.strips) strip.atlas.texture.clear(sink_);
  }
}

bool App::prepare(const FrameInput& input) {
  ImGuiConfigFlags& flags = ImGui::GetIO().ConfigFlags;
  flags &= ~ImGuiConfigFlags_IsTouchScreen;
  const bool fingers = input.touch || input.size.x < kNarrow;
  if (fingers) flags |= ImGuiConfigFlags_IsTouchScreen;
  ImGui::GetIO().MouseDoubleClickMaxDist = fingers ? 24 : 6;
  const int wanted = input.dark ? 1 : 0;
  if (theme_ != wanted) apply_theme(theme(input.dark));
  theme_ = wanted;
  if (fonts_dpr_ == input.dpr) return false;
  fonts_dpr_ = input.dpr;
  build_fonts(input.dpr);
  return true;
}

void App::frame(const FrameInput& input) {
  pump();
  list_again();
  const State before = state_;
  shortcuts();
  if (!acts_.empty()) {
    act_ = std::move(acts_.front());
    acts_.pop_front();
  }
  marks_.clear();
  group_.clear();
  scrollable_hovered = crosshair = false;
  more_ = unsettled_ = false;
  if (scratch.told_seconds > 0) {
    scratch.told_seconds -= ImGui::GetIO().DeltaTime;
    more_ = true;
  }
  const session::ModelInfo* model = chosen();
  if (model != nullptr) fit(state_, *model);
  in_frame_ = true;
  const Panel panel{state_,    session_, model, *this, theme(input.dark), input, input.size.x < kNarrow,
                    state_.tab};
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(input.size);
  ImGui::Begin("latent canvas", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollWithMouse |
                   ImGuiWindowFlags_NoNav);
  layout(panel);
  ImGui::End();
  // Latents belong to the pictures they were drawn for.
  if (state_.seed != before.seed || state_.model != before.model) state_.latent.clear();
  if (state_.model != before.model) state_.selected = -1;
  wants_wheel_ = scrollable_hovered;
  // Events that come faster than frames wait in a queue, a change of one key a frame.
  const bool queued = !ImGui::GetCurrentContext()->InputEventsQueue.empty();
  redraw_ = !(state_ == before) || focus_moved_ || more_ || !acts_.empty() || !listed_ || queued;
  act_.reset();
  focus_moved_ = in_frame_ = false;
  ask_host();
  ask();
  ++frames_;
}

// Not while a frame is drawn: its panels hold on to the list.
void App::list_again() {
  if (listed_ == session_.models().size()) return;
  catalogue_ = list_models(offers_, session_.models());
  listed_ = session_.models().size();
}

std::string App::title(const session::ModelInfo& model) const {
  for (const Listed& one : catalogue_) {
    if (one.model == &model)
      return one.dataset_title.empty() ? one.title : one.title + ", " + one.dataset_title;
  }
  return model.name;
}

const session::ModelInfo* App::model_named(const std::string& name) const {
  for (const session::ModelInfo& model : session_.models()) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

const session::ModelInfo* App::chosen() const {
  for (const session::ModelInfo& model : session_.models()) {
    if (model.name == state_.model || state_.model.empty()) return &model;
  }
  return nullptr;
}

void App::choose(const std::string& name) {
  for (const session::ModelInfo& model : session_.models()) {
    if (model.name != name) continue;
    pending_.clear();
    state_.model = name;
    return;
  }
  pending_ = name;
  want(name);
}

void App::want(const std::string& name) {
  for (Offer& offer : offers_) {
    if (offer.name != name || offer.wanted) continue;
    offer.wanted = true;
    offer.failed = false;
    listed_.reset();
    wants_.push_back(name);
  }
  // Within a frame the panels hold on to the models: what the host brings at once must wait.
  if (!in_frame_) ask_host();
}

void App::want_once(const std::string& name) {
  for (const Offer& offer : offers_) {
    if (offer.name == name && offer.failed) return;
  }
  want(name);
}

Atlas* App::thumbnail(const std::string& name) {
  const auto found = thumbnails_.find(name);
  return found == thumbnails_.end() ? nullptr : &found->second;
}

void App::set_thumbnail(const std::string& name, Span<const std::uint8_t> values, std::uint32_t channels,
                        std::uint32_t height, std::uint32_t width) {
  if (values.size != std::size_t{channels} * height * width || (channels != 1 && channels != 3)) return;
  thumbnails_[name].set(values, 1, channels, height, width);
  redraw_ = true;
}

void App::ask_host() {
  const std::vector<std::string> names = std::exchange(wants_, {});
  for (const std::string& name : names) {
    if (actions.want_model) actions.want_model(name);
  }
}

void App::set_state(const std::string& text) {
  State next;  // what the text leaves out has its first value
  from_text(text, next);
  const std::string name = next.model;
  next.model = state_.model;
  state_ = next;
  if (!name.empty() && name != state_.model) choose(name);
}

Result<std::uint32_t> App::add_model(std::string name, std::vector<std::uint8_t> bytes, bool choose_it) {
  Result<std::uint32_t> loaded = session_.load({name, std::move(bytes)});
  for (Offer& offer : offers_) {
    if (offer.name == name) offer.wanted = false;
  }
  listed_.reset();
  if (!loaded.ok()) {
    Status status = loaded.status();
    if (status.message.rfind(name, 0) != 0) status.message = name + ": " + status.message;
    show_error(status.code, status.message);
    return status;
  }
  // With no choice made, the first model is shown, and stays when others come.
  if (choose_it || pending_ == name || session_.models().size() == 1) choose(name);
  redraw_ = true;
  return loaded;
}

void App::model_changed(std::uint32_t model) {
  const auto found = model_views_.find(model);
  if (found != model_views_.end()) {
    for (StripView& strip : found->second.strips) strip.atlas.texture.clear(sink_);
    model_views_.erase(found);
  }
  listed_.reset();
  redraw_ = true;
}

void App::offer(Offer offer) {
  const std::string name = offer.name;
  listed_.reset();
  for (Offer& known : offers_) {
    if (known.name != name) continue;
    known = std::move(offer);  // offered again, because it did not come: a click may ask once more
    known.failed = true;
    if (pending_ == name) pending_.clear();
    redraw_ = true;
    return;
  }
  offers_.push_back(std::move(offer));
  if (pending_ == name) want(name);
}

void App::show_error(Code code, std::string message) {
  if (!errors.empty() && errors.back().message == message) return;
  if (errors.size() >= kMaxErrors) errors.erase(errors.begin());
  errors.push_back({code, std::move(message)});
  redraw_ = true;
}

void App::select(std::int32_t picture) {
  state_.selected = picture;
  state_.latent.clear();
}

void App::reroll() {
  constexpr std::uint32_t kSeeds = 1000000;  // short enough to read aloud
  const auto low = static_cast<std::uint32_t>(state_.seed),
             high = static_cast<std::uint32_t>(state_.seed >> 32);
  state_.seed = philox4x32({low, high, 0, 0}, {0, 0})[0] % kSeeds;
}

bool App::shows_edit() const {
  const session::ModelInfo* model = chosen();
  return model != nullptr && !state_.latent.empty() && edited.count > 0 && edited_question &&
         edited_question->model == model->model;
}

const float* App::selected_latent() const {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || state_.selected < 0) return nullptr;
  if (!state_.latent.empty())
    return state_.latent.size() == model->latent_size ? state_.latent.data() : nullptr;
  const std::size_t end = (static_cast<std::size_t>(state_.selected) + 1) * model->latent_size;
  if (grid.question.model != model->model || end > grid.latents.size()) return nullptr;
  return grid.latents.data() + end - model->latent_size;
}

ModelView& App::model_view(const session::ModelInfo& model) {
  const auto [found, fresh] = model_views_.try_emplace(model.model);
  if (fresh) {
    const format::ImageSpec& image = model.header->image;
    for (const format::Strip& strip : model.header->strips) {
      found->second.strips.push_back({strip.name, {}});
      found->second.strips.back().atlas.set(strip.pixels, strip.count, image.channels, image.height,
                                            image.width);
    }
  }
  return found->second;
}

std::string App::class_name(std::uint32_t index) const {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || index >= model->header->classes.size()) return std::to_string(index);
  return model->header->classes[index];
}

}  // namespace lc::ui
