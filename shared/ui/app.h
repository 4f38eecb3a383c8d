// The whole interface: takes finished frames from a Session, draws the panels, asks for what they changed.
// Needs a current ImGui context; knows no window, no GL, no clock.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/session/session.h"
#include "shared/ui/insight.h"
#include "shared/ui/live.h"
#include "shared/ui/marks.h"
#include "shared/ui/scratch.h"
#include "shared/ui/state.h"
#include "shared/ui/theme.h"
#include "shared/ui/view.h"

namespace lc::ui {

// Of the wheel, over what is magnified by it.
constexpr float kNotchesToDouble = 4;

struct FrameInput {
  ImVec2 size;    // CSS pixels
  float dpr = 1;  // device pixels per CSS pixel
  bool dark = true;
  bool reduced_motion = false;
  bool touch = false;  // fingers press, whatever the width
};

// What a model can be used for, as far as pictures are concerned.
struct Abilities {
  bool draws = false;    // pictures from a latent vector
  bool encodes = false;  // a picture into a latent vector that it can draw again
  bool classifies = false, judges = false, translates = false;
  bool figure = false;  // its samples are numbers, drawn as a figure
};

// A model that the host could bring, for example a row of weights/manifest.json.
struct Offer {
  std::string name, title, family, dataset;
  std::uint64_t file_bytes = 0;
  Abilities can;
  bool measures = false;  // a feature network of its data set
  bool wanted = false;    // already asked for
  bool failed = false;    // did not come: a person may ask again, a panel does not by itself
  std::vector<format::Metric> metrics = {};  // a few of the file's
  std::uint32_t latent_size = 0;             // 0: not told
};
// The abilities that a manifest's row tells: draws "pictures", "figure" or "", sees "encode,discriminate".
Abilities abilities_of(const std::string& draws, const std::string& sees);

struct Listed;  // a model as cards and choices show it (catalogue.h)

// What the interface asks of its host; empty ones are passed over.
struct Actions {
  std::function<void(const std::string& name)> want_model;
  std::function<void(const std::string& text)> copy_text;
  std::function<void(const std::string& url)> open_url;
  // Gives the person a file: a download, or a file beside the program. "morph.gif", "image/gif".
  std::function<void(const std::string& name, const std::string& mime,
                     const std::vector<std::uint8_t>& bytes)>
      save = nullptr;
  // Copies an address that shows `state` (the text form of the State); without it there is no such button.
  std::function<void(const std::string& state)> copy_link = nullptr;
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
  Tab tab;  // that is shown: the State's, or another one where that is not offered here
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
  // Whether a finger that lands there drags in every direction, so that it must not scroll.
  bool wants_drag(float x, float y) const;
  // Whether what lies there is magnified by the wheel, and so by two fingers.
  bool wants_zoom(float x, float y) const;

  // Loads a file's bytes and shows the error, if there is one.
  Result<std::uint32_t> add_model(std::string name, std::vector<std::uint8_t> bytes, bool choose);
  // The session put another file in a model's place (the whole one after its player): what was derived from
  // the old one's header is made anew.
  void model_changed(std::uint32_t model);
  void offer(Offer offer);
  // A small picture for the card of a model that is not loaded; values: [channels][height][width] bytes, of
  // as many channels as an Atlas takes.
  void set_thumbnail(const std::string& name, Span<const std::uint8_t> values, std::uint32_t channels,
                     std::uint32_t height, std::uint32_t width);
  void show_error(Code code, std::string message);

  State& state() { return state_; }
  // What the text leaves out takes its first value, the model apart. A model that is not loaded is asked of
  // the host and chosen when it comes.
  void set_state(const std::string& text);
  // State, measured figures, errors and the places of visible marks as "key=value&..."; for tests.
  std::string report() const;
  // Every control and picture of the last frame (marks.h tells the JSON), for a mirror of them.
  std::string mirror() const { return to_json(marks_, focus_); }
  // Operates a control of the last frame as a person would: "press" it, "set" a slider's number or a field's
  // text, "stroke" a drawing area ("x0,y0,x1,y1" in its pixels), "focus" it (an empty name: nothing has the
  // focus). False when there is no such control or it is not
  // enabled. The host draws a frame afterwards; visible or not makes no difference. What comes faster than
  // frames waits for a frame of its own.
  bool act(const std::string& name, const std::string& action, const std::string& value = "");
  // True when the grid shows the answer to the present state.
  bool settled() const;

  // For panels.
  const session::ModelInfo* chosen() const;
  const std::vector<Offer>& offers() const { return offers_; }
  // Every model that is loaded or on offer, as it was when the frame began.
  const std::vector<Listed>& catalogue() const { return catalogue_; }
  void choose(const std::string& name);
  void select(std::int32_t picture);
  // Another seed, far from this one, the same on every machine.
  void reroll();
  // True when `edited` is the selected picture as the sliders have it (or had it a moment ago).
  bool shows_edit() const;
  // Latent vector of the selected picture, edited or as drawn; null before it is known.
  const float* selected_latent() const;
  // Controls tell where they are and what they mean, and ask what is done to them in this frame.
  void mark(Mark mark, ImVec2 low, ImVec2 high);
  void mark(std::string name, ImVec2 low, ImVec2 high);
  const Act* acted(const std::string& name) const;
  bool focused(const std::string& name) const { return !focus_.empty() && focus_ == name; }
  // True in the one frame in which the focus came to it: it should scroll into sight.
  bool focus_came(const std::string& name) const { return focus_moved_ && focused(name); }
  void begin_group(const std::string& heading) { group_ = heading; }
  ImTextureID texture(Texture& texture) { return texture.id(sink_); }
  // Asks the session unless it was asked the same already, on a channel of that name's own. The slot lives as
  // long as the App, so that names must be few. `keep`: the answer's numbers are wanted besides its texture.
  Slot& ask(const std::string& name, session::Request request, bool keep = false);
  // A slot that was asked before, counted as wanted in this frame; null when there is none.
  Slot* slot(const std::string& name);
  // What the pictures of a model depend on, measured once; null while it is not known yet.
  const Insight* insight(const session::ModelInfo& model);
  // Makes this the latent vector of the selected picture.
  void set_latent(std::vector<float> latent);
  // A kept sample's latent vector and picture; null while it is not known yet.
  Slot* pick_slot(const Pick& pick);
  const float* pick_latent(const Pick& pick);
  // Keeps picture `index` of the grid; false when it is kept already, or when there are too many.
  bool keep(std::uint32_t index);
  // The kept samples, and after them the first ones of the seed while there are fewer than `least`.
  std::vector<Pick> picks(std::size_t least) const;
  // Another frame is worth drawing although the State did not change.
  void redraw() { more_ = true; }
  // What is shown is not all of the answer yet.
  void unsettle() { unsettled_ = true; }
  // Asks the host for a model that is only offered.
  void want(const std::string& name);
  // The same for a panel that could use it: not again after it did not come.
  void want_once(const std::string& name);
  Atlas* thumbnail(const std::string& name);  // null without one
  // For people, as the catalogue tells it: "VAE, 2 numbers, MNIST".
  std::string title(const session::ModelInfo& model) const;
  const session::ModelInfo* model_named(const std::string& name) const;
  ModelView& model_view(const session::ModelInfo& model);

  Actions actions;
  bool show_title = true;       // false where the host shows the program's name itself
  bool tab_moves_focus = true;  // false where Tab is the host's
  GridView grid;
  Atlas edited;  // the selected picture from the sliders' latents; valid while edited_question is the present
                 // one
  std::optional<session::Request> edited_question;
  std::vector<Error> errors;
  std::int32_t hovered = -1;       // picture under the mouse
  std::vector<float> grid_layout;  // x, y, columns, rows, cell width, cell height, gap: CSS pixels
  bool scrollable_hovered = false;
  bool crosshair = false;  // the mouse is where it draws: Dear ImGui has no such cursor, a host may
  std::string class_name(std::uint32_t index) const;
  double milliseconds = 0;  // of the last answer, with its count
  std::uint32_t measured_count = 0, measured_workers = 0;
  std::optional<Live> live;  // a training run that is watched
  Scratch scratch;           // what panels remember that is no part of the State

 private:
  void accept(session::Frame frame);
  void ask();
  void submit(session::Request request);
  void ask_host();
  void shortcuts();
  void move_focus(int step);
  void let_go();
  void list_again();

  session::Session& session_;
  TextureSink& sink_;
  State state_;
  std::string pending_;  // model to choose as soon as it is loaded
  std::vector<Offer> offers_;
  std::vector<Listed> catalogue_;
  std::optional<std::size_t> listed_;  // models in the catalogue; none: it is to be made anew
  std::vector<std::string> wants_;     // to be asked of the host
  std::vector<Mark> marks_;
  std::deque<Act> acts_;    // in the order in which they came; a frame takes one
  std::optional<Act> act_;  // this frame's
  std::string focus_, group_;
  bool focus_moved_ = false;
  std::map<std::uint32_t, ModelView> model_views_;
  std::map<std::string, Atlas> thumbnails_;
  std::map<std::string, Slot> slots_;
  std::map<std::uint32_t, Insight> insights_;
  std::optional<session::Request> asked_[2];  // the last request of each channel
  std::vector<session::Request> unanswered_;
  std::uint64_t next_id_ = 1;
  std::uint64_t frames_ = 0;
  bool redraw_ = false, wants_wheel_ = false, more_ = false, unsettled_ = false, in_frame_ = false;
  float fonts_dpr_ = 0;
  int theme_ = -1;
};

}  // namespace lc::ui
