// The whole interface: takes finished frames from a Session, draws the panels, asks for what they changed.
// Needs a current ImGui context; knows no window, no GL, no clock.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/session/session.h"
#include "shared/ui/state.h"
#include "shared/ui/theme.h"
#include "shared/ui/view.h"

namespace lc::ui {

struct FrameInput {
  ImVec2 size;    // CSS pixels
  float dpr = 1;  // device pixels per CSS pixel
  bool dark = true;
  bool reduced_motion = false;
};

// A model that the host could bring, for example a row of weights/manifest.json.
struct Offer {
  std::string name, title, family, dataset;
  std::uint64_t file_bytes = 0;
  bool wanted = false;  // already asked for
};

// What the interface asks of its host; empty ones are passed over.
struct Actions {
  std::function<void(const std::string& name)> want_model;
  std::function<void(const std::string& text)> copy_text;
  std::function<void(const std::string& url)> open_url;
};

// A thing on the screen by name ("seed.reroll", "latent.3"), in CSS pixels: for tests and mirrors.
struct Mark {
  std::string name;
  float x = 0, y = 0, width = 0, height = 0;
};

// What a panel works with.
struct Panel {
  State& state;
  session::Session& session;
  const session::ModelInfo* model;  // the chosen one, or null
  class App& app;
  const Theme& theme;
  const FrameInput& input;
  bool narrow;
};

class App {
 public:
  App(session::Session& session, TextureSink& sink, Actions actions = {});
  ~App();

  // Before ImGui::NewFrame: style and fonts. True when the font atlas is new and must be uploaded.
  bool prepare(const FrameInput& input);
  // Between ImGui::NewFrame and ImGui::Render.
  void frame(const FrameInput& input);
  // Takes what the session has finished; true when something came, so that a frame is worth drawing.
  bool pump();
  // True while a further frame would differ although no event comes.
  bool wants_redraw() const { return redraw_; }
  // Whether the wheel at the mouse's place would scroll a panel; whether a key press would do something.
  bool wants_wheel() const { return wants_wheel_; }
  bool wants_key(ImGuiKey key) const;

  // Loads a file's bytes and shows the error, if there is one.
  Result<std::uint32_t> add_model(std::string name, std::vector<std::uint8_t> bytes, bool choose);
  void offer(Offer offer);
  void show_error(Code code, std::string message);

  State& state() { return state_; }
  // What the text leaves out takes its first value, the model apart. A model that is not loaded is asked of
  // the host and chosen when it comes.
  void set_state(const std::string& text);
  // State, measured figures, errors and marks as "key=value&..."; for tests and mirrors.
  std::string report() const;
  // True when the grid shows the answer to the present state.
  bool settled() const;

  // For panels.
  const session::ModelInfo* chosen() const;
  const std::vector<Offer>& offers() const { return offers_; }
  void choose(const std::string& name);
  void select(std::int32_t picture);
  // Another seed, far from this one, the same on every machine.
  void reroll();
  // True when `edited` is the selected picture as the sliders have it (or had it a moment ago).
  bool shows_edit() const;
  // Latent vector of the selected picture, edited or as drawn; null before it is known.
  const float* selected_latent() const;
  void mark(std::string name, ImVec2 low, ImVec2 high);
  ImTextureID texture(Texture& texture) { return texture.id(sink_); }
  ModelView& model_view(const session::ModelInfo& model);

  Actions actions;
  bool show_title = true;  // false where the host shows the program's name itself
  GridView grid;
  Atlas edited;  // the selected picture from the sliders' latents; valid while edited_question is the present
                 // one
  std::optional<session::Request> edited_question;
  std::vector<Error> errors;
  std::int32_t hovered = -1;       // picture under the mouse
  std::vector<float> grid_layout;  // x, y, columns, rows, cell width, cell height, gap: CSS pixels
  bool scrollable_hovered = false;
  std::string class_name(std::uint32_t index) const;
  double milliseconds = 0;  // of the last answer, with its count
  std::uint32_t measured_count = 0, measured_workers = 0;

 private:
  void accept(session::Frame frame);
  void want(const std::string& name);
  void ask();
  void submit(session::Request request);
  void shortcuts();

  session::Session& session_;
  TextureSink& sink_;
  State state_;
  std::string pending_;  // model to choose as soon as it is loaded
  std::vector<Offer> offers_;
  std::vector<Mark> marks_;
  std::map<std::uint32_t, ModelView> model_views_;
  std::optional<session::Request> asked_[2];  // the last request of each channel
  std::vector<session::Request> unanswered_;
  std::uint64_t next_id_ = 1;
  std::uint64_t frames_ = 0;
  bool redraw_ = false, wants_wheel_ = false;
  float fonts_dpr_ = 0;
  int theme_ = -1;
};

}  // namespace lc::ui
