// The whole interface: the way of frames in and requests out.
#include "shared/ui/app.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "shared/core/random.h"
#include "shared/core/text.h"
#include "shared/ui/panels.h"
#include "shared/ui/questions.h"

namespace lc::ui {
namespace {
constexpr std::size_t kMaxErrors = 8;
constexpr std::uint32_t kFirstSlotChannel = 10;
constexpr std::uint32_t kSpreadSamples = 128;  // that a mixture's spread is measured from
}  // namespace

Abilities abilities_of(const std::string& draws, const std::string& sees) {
  const auto has = [&](const char* task) {
    return ("," + sees + ",").find("," + std::string(task) + ",") != std::string::npos;
  };
  Abilities out;
  if (draws == "figure") return out;  // rows of numbers are no pictures
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
  const State before = state_;
  shortcuts();
  marks_.clear();
  group_.clear();
  scrollable_hovered = false;
  more_ = unsettled_ = false;
  if (scratch.told_seconds > 0) {
    scratch.told_seconds -= ImGui::GetIO().DeltaTime;
    more_ = true;
  }
  const session::ModelInfo* model = chosen();
  if (model != nullptr) fit(state_, *model);
  in_frame_ = true;
  const Panel panel{state_, session_, model, *this, theme(input.dark), input, input.size.x < kNarrow};
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
  redraw_ = !(state_ == before) || focus_moved_ || more_;
  acts_.clear();
  focus_moved_ = in_frame_ = false;
  ask_host();
  ask();
  ++frames_;
}

bool App::pump() {
  bool news = false;
  while (std::optional<session::Frame> frame = session_.poll()) {
    accept(std::move(*frame));
    news = true;
  }
  return news;
}

void App::accept(session::Frame frame) {
  const auto found =
      std::find_if(unanswered_.begin(), unanswered_.end(), [&](const auto& r) { return r.id == frame.id; });
  if (found == unanswered_.end()) return;
  const session::Request question = std::move(*found);
  unanswered_.erase(
      std::remove_if(unanswered_.begin(), unanswered_.end(),
                     [&](const auto& r) { return r.channel == question.channel && r.id <= question.id; }),
      unanswered_.end());
  const std::size_t pixels = std::size_t{frame.count} * frame.channels * frame.height * frame.width;
  if (frame.status.ok() && frame.pictures.size() != pixels) {
    frame.status = fail(Code::bad_argument, "an answer of " + std::to_string(frame.pictures.size()) +
                                                " numbers, expected " + std::to_string(pixels) +
                                                ". Load the model again.");
  }
  const auto owner = std::find_if(slots_.begin(), slots_.end(),
                                  [&](const auto& each) { return each.second.channel == question.channel; });
  if (owner != slots_.end()) {
    Slot& slot = owner->second;
    if (same_question(slot.asked, question)) slot.waiting = false;
    slot.failed = !frame.status.ok();
    if (slot.failed && frame.status.code != Code::cancelled)
      show_error(frame.status.code, frame.status.message);
    if (slot.failed) return;
    slot.answered = true;
    slot.question = question;
    if (!frame.pictures.empty())
      slot.atlas.set(frame.pictures, frame.count, frame.channels, frame.height, frame.width);
    if (!slot.keep) frame.pictures = {};
    slot.frame = std::move(frame);
    return;
  }
  if (!frame.status.ok()) {
    if (frame.status.code != Code::cancelled) show_error(frame.status.code, frame.status.message);
    if (question.channel == kGridChannel) grid = GridView();
    return;
  }
  milliseconds = frame.milliseconds;
  measured_count = frame.count;
  measured_workers = frame.workers;
  Atlas& atlas = question.channel == kGridChannel ? grid.atlas : edited;
  atlas.set(frame.pictures, frame.count, frame.channels, frame.height, frame.width);
  if (question.channel == kGridChannel) {
    grid.question = question;
    grid.latents = std::move(frame.latents);
    grid.milliseconds = frame.milliseconds;
    grid.workers = frame.workers;
  } else {
    edited_question = question;
  }
}

void App::submit(session::Request request) {
  std::optional<session::Request>& asked = asked_[request.channel];
  if (asked && same_question(*asked, request)) return;
  request.id = next_id_++;
  asked = request;
  unanswered_.push_back(request);
  session_.submit(std::move(request));
}

void App::ask() {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || !model->can_sample) return;
  fit(state_, *model);
  submit(grid_question(state_, *model));
  if (std::optional<session::Request> edit = edit_question(state_, *model)) submit(std::move(*edit));
}

bool App::settled() const {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || unsettled_ || !acts_.empty()) return false;
  if (model->can_sample &&
      (grid.atlas.count == 0 || !same_question(grid.question, grid_question(state_, *model))))
    return false;
  const std::optional<session::Request> edit =
      model->can_sample ? edit_question(state_, *model) : std::nullopt;
  if (edit && !(edited_question && same_question(*edited_question, *edit))) return false;
  return std::none_of(slots_.begin(), slots_.end(), [&](const auto& each) {
    return each.second.used + 1 == frames_ && each.second.waiting;
  });
}

Slot& App::ask(const std::string& name, session::Request request, bool keep) {
  const auto [found, fresh] = slots_.try_emplace(name);
  Slot& slot = found->second;
  if (fresh) slot.channel = kFirstSlotChannel + static_cast<std::uint32_t>(slots_.size());
  slot.used = frames_;
  request.channel = slot.channel;
  const bool lacks = keep && !slot.keep;
  slot.keep = keep;
  if (!fresh && !lacks && same_question(slot.asked, request)) return slot;
  slot.asked = request;
  slot.waiting = true;
  slot.failed = false;
  request.id = next_id_++;
  unanswered_.push_back(request);
  session_.submit(std::move(request));
  return slot;
}

Slot* App::slot(const std::string& name) {
  const auto found = slots_.find(name);
  if (found == slots_.end()) return nullptr;
  found->second.used = frames_;
  return &found->second;
}

const Insight* App::insight(const session::ModelInfo& model) {
  Insight& insight = insights_[model.model];
  if (insight.measured) return &insight;
  if (insight.mean.empty()) spread_of_prior(model.header, insight);
  if (!insight.has_spread) {
    session::Request request;
    request.model = model.model;
    request.count = kSpreadSamples;
    const Slot& slot = ask("insight.spread", request);
    if (!slot.current()) return nullptr;
    spread_of_samples(model.header, slot.frame.latents, slot.frame.count, insight);
  }
  if (model.latent_size > kMaxMeasured) {
    insight.measured = true;
    for (std::uint32_t i = 0; i < model.latent_size; ++i) insight.order.push_back(i);
    return &insight;
  }
  const session::Request request = steps_question(model, insight);
  if (request.count == 0) return nullptr;
  const Slot& slot = ask("insight.steps", request, true);
  if (!slot.current() || slot.frame.count == 0) return nullptr;
  measure(slot.frame.pictures, slot.frame.pictures.size() / slot.frame.count, insight);
  redraw();
  return insight.measured ? &insight : nullptr;
}

void App::set_latent(std::vector<float> latent) {
  if (state_.selected < 0) state_.selected = 0;
  state_.latent = std::move(latent);
}

Slot* App::pick_slot(const Pick& pick) {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || !model->can_sample) return nullptr;
  session::Request request;
  request.model = model->model;
  request.moment = state_.moment;
  request.seed = pick.seed;
  request.first = pick.index;
  request.temperature = pick.temperature;
  if (pick.label >= 0 && pick.label < static_cast<std::int32_t>(model->classes))
    request.labels = {pick.label};
  std::string name = "pick." + std::to_string(pick.seed) + "." + std::to_string(pick.index);
  if (pick.latent.size() == model->latent_size) request.latents = pick.latent;
  // Names must be few: a kept sample has a number, those of the seed stand by theirs.
  for (std::size_t i = 0; i < state_.picks.size(); ++i) {
    if (state_.picks[i] == pick) name = "pick." + std::to_string(i);
  }
  if (name.find('.', 5) != std::string::npos) name = "first." + std::to_string(pick.index);
  return &ask(name, request);
}

const float* App::pick_latent(const Pick& pick) {
  const session::ModelInfo* model = chosen();
  const Slot* slot = pick_slot(pick);
  if (slot == nullptr || !slot->current() || slot->frame.latents.size() != model->latent_size) return nullptr;
  return slot->frame.latents.data();
}

std::vector<Pick> App::picks(std::size_t least) const {
  if (state_.picks.size() >= least) return state_.picks;
  std::vector<Pick> out;
  for (std::uint32_t i = 0; i < std::max<std::size_t>(least, 4); ++i) {
    Pick pick;
    pick.seed = state_.seed;
    pick.index = i;
    pick.temperature = state_.temperature;
    const session::ModelInfo* model = chosen();
    if (model != nullptr) pick.label = label_of(state_, *model, i);
    out.push_back(std::move(pick));
  }
  return out;
}

std::string App::title(const session::ModelInfo& model) const {
  const std::string& title = model.header.title;
  const auto& models = session_.models();
  const auto same = [&](const session::ModelInfo& other) { return other.header.title == title; };
  if (title.empty()) return model.name;
  return std::count_if(models.begin(), models.end(), same) > 1 ? title + " (" + model.name + ")" : title;
}

const session::ModelInfo* App::model_named(const std::string& name) const {
  for (const session::ModelInfo& model : session_.models()) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

namespace {

bool takes_focus(const Mark& mark) {
  if (!mark.enabled) return false;
  switch (mark.role) {
    case Role::button:
    case Role::tab:
    case Role::radio:
    case Role::checkbox:
    case Role::slider:
    case Role::textbox:
      return true;
    case Role::image:
      return mark.pressable;
    default:
      return false;
  }
}

bool covers(const Mark& mark, float x, float y) {
  return x >= mark.x && x < mark.x + mark.width && y >= mark.y && y < mark.y + mark.height;
}

std::string plain_number(double value) {
  std::string text;
  append_real(text, value, 6);
  return text;
}

}  // namespace

bool App::act(const std::string& name, const std::string& action, const std::string& value) {
  if (name.empty() && action == "focus") {
    focus_.clear();
    redraw_ = true;
    return true;
  }
  const bool stroke = action == "stroke";
  const auto found = std::find_if(marks_.begin(), marks_.end(), [&](const Mark& m) {
    return m.name == name && (stroke ? m.drags : takes_focus(m));
  });
  if (found == marks_.end()) return false;
  if (action == "focus") {
    focus_moved_ = focus_ != name;
    focus_ = name;
  } else if (stroke || action == "press" || action == "set") {
    acts_.push_back({name, action, value});
  } else {
    return false;
  }
  redraw_ = true;
  return true;
}

const Act* App::acted(const std::string& name) const {
  for (const Act& act : acts_) {
    if (act.name == name) return &act;
  }
  return nullptr;
}

void App::move_focus(int step) {
  std::vector<const Mark*> stops;
  std::ptrdiff_t at = step > 0 ? -1 : 0;
  for (const Mark& mark : marks_) {
    if (!takes_focus(mark)) continue;
    if (mark.name == focus_) at = static_cast<std::ptrdiff_t>(stops.size());
    stops.push_back(&mark);
  }
  if (stops.empty()) return;
  const auto count = static_cast<std::ptrdiff_t>(stops.size());
  act(stops[static_cast<std::size_t>((at + step + count) % count)]->name, "focus");
}

// Keys act on the control with the focus first, then on the picture that is selected.
void App::shortcuts() {
  if (tab_moves_focus && ImGui::IsKeyPressed(ImGuiKey_Tab)) move_focus(ImGui::GetIO().KeyShift ? -1 : 1);
  if (ImGui::GetIO().WantTextInput) return;
  const auto focus =
      std::find_if(marks_.begin(), marks_.end(), [&](const Mark& m) { return focused(m.name); });
  if (focus != marks_.end() && focus->role == Role::slider) {
    const struct {
      ImGuiKey key;
      float steps;
    } nudges[] = {{ImGuiKey_LeftArrow, -1},   {ImGuiKey_DownArrow, -1}, {ImGuiKey_RightArrow, 1},
                  {ImGuiKey_UpArrow, 1},      {ImGuiKey_PageDown, -10}, {ImGuiKey_PageUp, 10},
                  {ImGuiKey_Home, -INFINITY}, {ImGuiKey_End, INFINITY}};
    for (const auto& nudge : nudges) {
      if (!ImGui::IsKeyPressed(nudge.key)) continue;
      const float to = std::clamp(focus->now + focus->step * nudge.steps, focus->low, focus->high);
      act(focus->name, "set", join({to}));
      return;
    }
  }
  if (focus != marks_.end() && focus->role != Role::slider && focus->role != Role::textbox &&
      (ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_Space, false))) {
    act(focus->name, "press");
  }
  if (focus != marks_.end() && ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
    act("", "focus");
    return;
  }
  const auto count = static_cast<std::int32_t>(grid.atlas.count);
  const auto columns = grid_layout.empty() ? 1 : static_cast<std::int32_t>(grid_layout[2]);
  const struct {
    ImGuiKey key;
    std::int32_t step;
  } moves[] = {{ImGuiKey_LeftArrow, -1},
               {ImGuiKey_RightArrow, 1},
               {ImGuiKey_UpArrow, -columns},
               {ImGuiKey_DownArrow, columns}};
  for (const auto& move : moves) {
    if (!wants_key(move.key) || !ImGui::IsKeyPressed(move.key)) continue;
    const std::int32_t to = state_.selected + move.step;
    if (to >= 0 && to < count) select(to);
  }
  if (wants_key(ImGuiKey_Escape) && ImGui::IsKeyPressed(ImGuiKey_Escape)) select(-1);
  if (ImGui::IsKeyPressed(ImGuiKey_R, false)) reroll();
  const struct {
    ImGuiKey key;
    const char* control;  // that the key presses, where it is on the screen
  } presses[] = {{ImGuiKey_K, "pick.keep"}, {ImGuiKey_P, "morph.play"}, {ImGuiKey_P, "walk"}};
  for (const auto& press : presses) {
    if (ImGui::IsKeyPressed(press.key, false)) act(press.control, "press");
  }
  if (ImGui::IsKeyPressed(ImGuiKey_Slash, false) && ImGui::GetIO().KeyShift) state_.help = !state_.help;
  int tab = 0;
  for (const Mark& mark : std::vector<Mark>(marks_)) {
    if (mark.role != Role::tab || tab >= 9) continue;
    if (ImGui::IsKeyPressed(static_cast<ImGuiKey>(ImGuiKey_1 + tab++), false)) act(mark.name, "press");
  }
}

bool App::wants_key(ImGuiKey key) const {
  if (ImGui::GetIO().WantTextInput) return true;
  const bool moves = key == ImGuiKey_LeftArrow || key == ImGuiKey_RightArrow || key == ImGuiKey_UpArrow ||
                     key == ImGuiKey_DownArrow || key == ImGuiKey_Escape;
  const bool operates =
      !focus_.empty() && (moves || key == ImGuiKey_Enter || key == ImGuiKey_Space || key == ImGuiKey_Home ||
                          key == ImGuiKey_End || key == ImGuiKey_PageUp || key == ImGuiKey_PageDown);
  const bool letter = key == ImGuiKey_R || key == ImGuiKey_K || key == ImGuiKey_P || key == ImGuiKey_Slash ||
                      (key >= ImGuiKey_1 && key <= ImGuiKey_9);
  return operates || (moves && state_.selected >= 0) || letter;
}

bool App::wants_drag(float x, float y) const {
  return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& m) { return m.drags && covers(m, x, y); });
}

bool App::wants_zoom(float x, float y) const {
  return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& m) { return m.zooms && covers(m, x, y); });
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
  redraw_ = true;
}

void App::offer(Offer offer) {
  const std::string name = offer.name;
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
    const format::ImageSpec& image = model.header.image;
    for (const format::Strip& strip : model.header.strips) {
      found->second.strips.push_back({strip.name, {}});
      found->second.strips.back().atlas.set(strip.pixels, strip.count, image.channels, image.height,
                                            image.width);
    }
  }
  return found->second;
}

std::string App::class_name(std::uint32_t index) const {
  const session::ModelInfo* model = chosen();
  if (model == nullptr || index >= model->header.classes.size()) return std::to_string(index);
  return model->header.classes[index];
}

void App::mark(Mark mark, ImVec2 low, ImVec2 high) {
  mark.x = low.x;
  mark.y = low.y;
  mark.width = high.x - low.x;
  mark.height = high.y - low.y;
  mark.group = group_;
  marks_.push_back(std::move(mark));
}

void App::mark(std::string name, ImVec2 low, ImVec2 high) {
  Mark place;
  place.name = std::move(name);
  mark(std::move(place), low, high);
}

std::string App::report() const {
  std::string out = to_text(state_);
  const auto add = [&](const std::string& key, const std::string& value) {
    out += (out.empty() ? "" : "&") + key + "=" + value;
  };
  const auto number = plain_number;
  const session::ModelInfo* model = chosen();
  const double rate = milliseconds > 0 ? measured_count / milliseconds * 1000 : 0;
  add("shown", model == nullptr ? "" : encode(model->name));
  add("ms", number(milliseconds));
  add("images_per_second", number(rate));
  add("gflops", number(model == nullptr ? 0 : 2 * static_cast<double>(model->multiply_adds) * rate / 1e9));
  add("workers", std::to_string(session_.workers()));
  add("busy", session_.busy() ? "1" : "0");
  add("settled", settled() ? "1" : "0");
  add("hovered", std::to_string(hovered));
  add("selected", std::to_string(state_.selected));
  add("frames", std::to_string(frames_));
  std::string layout;
  for (const float value : grid_layout) layout += (layout.empty() ? "" : ",") + number(value);
  add("grid", layout);
  add("error", errors.empty() ? "" : encode(errors.back().message));
  add("focus", encode(focus_));
  for (const Mark& m : marks_) {
    if (!m.visible) continue;
    add("item." + encode(m.name),
        number(m.x) + "," + number(m.y) + "," + number(m.width) + "," + number(m.height));
  }
  return out;
}

}  // namespace lc::ui
