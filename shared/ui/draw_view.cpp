// The paper of Draw, and what the models make of it: encoded and decoded, translated, judged and classified.
#include <algorithm>
#include <cmath>

#include "shared/core/class_names.h"
#include "shared/ui/brush.h"
#include "shared/ui/drawing.h"
#include "shared/ui/judge.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr float kVerdict = 110;  // CSS pixels that the critic needs

void canvas(const Panel& panel, ImVec2 low, float side) {
  App& app = panel.app;
  State& state = panel.state;
  Scratch& scratch = app.scratch;
  ImGui::SetCursorScreenPos(low);
  Mark mark;
  mark.name = "draw.canvas";
  mark.role = Role::image;
  mark.label = nothing_drawn(panel) ? "Drawing area, empty" : "Drawing area";
  mark.drags = true;
  ImGui::SetNextItemAllowOverlap();
  hit(panel, std::move(mark), {side, side});
  const bool held = ImGui::IsItemActive();
  if (ImGui::IsItemHovered()) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Arrow);
    app.crosshair = true;
  }
  const float pixel = side / kDrawingSide;
  if (held) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const float x = (mouse.x - low.x) / pixel, y = (mouse.y - low.y) / pixel;
    if (!scratch.stroke) {
      scratch.stroke_x = x;
      scratch.stroke_y = y;
    }
    stroke(state.drawing, scratch.stroke_x, scratch.stroke_y, x, y, scratch.erasing);
    scratch.stroke_x = x;
    scratch.stroke_y = y;
    state.code.clear();
  }
  scratch.stroke = held;
  if (const Act* act = app.acted("draw.canvas"); act != nullptr && act->action == "stroke") {
    float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    if (std::sscanf(act->value.c_str(), "%f,%f,%f,%f", &x0, &y0, &x1, &y1) == 4) {
      stroke(state.drawing, x0, y0, x1, y1, scratch.erasing);
      state.code.clear();
    }
  }
  format::ImageSpec paper;
  paper.channels = 1;
  paper.width = paper.height = kDrawingSide;
  if (shows_example(panel)) paper = panel.model->header->image;
  std::vector<float> picture = drawing_as(panel, paper);
  if (scratch.drawn.count == 0 || scratch.drawn_is != picture) {
    scratch.drawn.set(picture, 1, paper.channels, paper.height, paper.width);
    scratch.drawn_is = std::move(picture);
  }
  draw_picture(panel, scratch.drawn, 0, low, {side, side});
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRect({low.x - 1, low.y - 1}, {low.x + side + 1, low.y + side + 1}, panel.theme.track, 0, 0, 1);
  if (!nothing_drawn(panel)) return;
  // The paper is black in both themes.
  const bool digits = panel.model->header->provenance.dataset == "mnist";
  const std::string words = digits ? "Draw a digit here" : "Draw here, or take a real example";
  const ImVec2 size = text_size(words, Font::strong);
  text_at({low.x + (side - size.x) / 2, low.y + (side - size.y) / 2}, words, Font::strong, theme(true).muted);
}

// A row of pictures with their names under them.
class Row {
 public:
  Row(const Panel& panel, const std::string& title, float cell, float width) : panel_(panel), cell_(cell) {
    text(title, Font::label, panel.theme.text, width);
    space(kSpace1);
    at_ = ImGui::GetCursorScreenPos();
  }
  void add(Atlas& atlas, std::uint32_t i, const std::string& name, const std::string& label) {
    const ImVec2 size = crisp(panel_, atlas, {cell_, cell_});
    const ImVec2 low{at_.x + x_, at_.y};
    draw_picture(panel_, atlas, i, low, size);
    text_at({low.x, low.y + size.y + 3}, label, Font::small, panel_.theme.muted, cell_ + kSpace3);
    Mark mark;
    mark.name = name;
    mark.role = Role::image;
    mark.label = label;
    panel_.app.mark(std::move(mark), low, {low.x + size.x, low.y + size.y});
    x_ += std::max(size.x, text_size(label, Font::small).x) + kSpace4;
    height_ = std::max(height_, size.y);
  }
  ~Row() {
    ImGui::Dummy({x_, height_ + 20});
    space(kSpace3);
  }

 private:
  const Panel& panel_;
  float cell_, x_ = 0, height_ = 0;
  ImVec2 at_;
};

void reconstruction(const Panel& panel, const session::ModelInfo& model, std::size_t row, float cell,
                    float width) {
  App& app = panel.app;
  const std::vector<float>* code = drawing_code(panel, model, row, row == 0);
  if (code == nullptr) return;
  session::Request request = request_about(panel, model, session::Task::sample);
  request.latents = *code;
  Slot& decoded = app.ask("draw.decode." + std::to_string(row), request, true);
  if (!decoded.answered || decoded.question.model != model.model || decoded.frame.pictures.empty()) return;
  const format::ImageSpec& image = model.header->image;
  const std::vector<float> original = drawing_as(panel, image);
  std::vector<float> difference(original.size());
  double sum = 0;
  if (decoded.frame.pictures.size() != original.size()) return;
  for (std::size_t i = 0; i < original.size(); ++i) {
    difference[i] = std::fabs(original[i] - decoded.frame.pictures[i]);
    sum += static_cast<double>(difference[i]);
  }
  Atlas& shown = app.scratch.difference[row];
  if (shown.count == 0 || app.scratch.difference_is[row] != difference) {
    shown.set(difference, 1, image.channels, image.height, image.width);
    app.scratch.difference_is[row] = difference;
  }
  const std::string title = panel.app.title(model);
  const std::string number = std::to_string(row);
  Row pictures(panel, title, cell, width);
  pictures.add(app.scratch.drawn, 0, "draw.original." + number,
               shows_example(panel) ? "real example" : "drawing");
  pictures.add(decoded.atlas, 0, "draw.reconstruction." + number, "reconstruction");
  pictures.add(shown, 0, "draw.difference." + number,
               "difference " + fixed(static_cast<float>(sum / static_cast<double>(original.size())), 3));
}

void translation(const Panel& panel, const session::ModelInfo& model, float cell, float width) {
  App& app = panel.app;
  const auto count = static_cast<std::uint32_t>(model.directions.size());
  session::Request there = request_about(panel, model, session::Task::translate);
  there.direction = std::min(panel.state.direction, count - 1);
  there.pictures = drawing_as(panel, model.header->image);
  Slot& translated = app.ask("draw.translate", there, true);
  if (!translated.answered || translated.frame.pictures.empty()) return;
  const std::string title = panel.app.title(model);
  Row pictures(panel, title, cell, width);
  pictures.add(app.scratch.drawn, 0, "draw.before", "drawing");
  pictures.add(translated.atlas, 0, "draw.translated", words_of(model.directions[there.direction]));
  if (count < 2) return;
  session::Request back = there;
  back.direction = (there.direction + 1) % count;
  back.pictures = translated.frame.pictures;
  Slot& returned = app.ask("draw.back", back);
  if (returned.answered) pictures.add(returned.atlas, 0, "draw.back", "and back");
}

void classes(const Panel& panel, const session::ModelInfo& model, float width) {
  session::Request request = request_about(panel, model, session::Task::classify);
  request.labels.clear();
  request.pictures = drawing_as(panel, model.header->image);
  const Slot& slot = panel.app.ask("draw.classify", request);
  if (!slot.answered || slot.failed || slot.frame.scores.empty()) return;
  std::vector<float> share = slot.frame.scores;
  const float top = *std::max_element(share.begin(), share.end());
  float sum = 0;
  for (float& value : share) sum += value = std::exp(value - top);
  text("Looks like", Font::label, panel.theme.text, width);
  space(kSpace2);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  std::size_t best = 0;
  std::vector<std::string> names = model.header->classes;
  if (names.empty()) names = class_names(model.header->provenance.dataset);
  bool short_names = true;
  for (std::size_t i = 0; i < share.size(); ++i) {
    share[i] /= sum;
    if (share[i] > share[best]) best = i;
    if (i == names.size()) names.push_back(std::to_string(i));
    short_names = short_names && names[i].size() <= 2;
  }
  if (short_names) {
    columns(panel, share, names, width, 0.5f);
  } else {
    bars(panel, share, names, width, 0.5f);
  }
  Mark mark;
  mark.name = "draw.class";
  mark.role = Role::status;
  mark.label = "Looks like " + names[best] + ", " + std::to_string(std::lround(100 * share[best])) + " %";
  panel.app.mark(std::move(mark), at, {at.x + width, ImGui::GetCursorScreenPos().y});
  space(kSpace3);
}

void verdict(const Panel& panel, const session::ModelInfo& judge, float width) {
  const std::vector<float> score =
      scores_of(panel, judge, "draw.judge", drawing_as(panel, judge.header->image));
  const Scale scale = scale_of(panel, judge);
  if (score.empty() || scale.real.empty()) return;
  text("The critic of " + panel.app.title(judge), Font::label, panel.theme.text, width);
  space(kSpace2);
  score_line(panel, scale, score.data(), "The drawing");
}

}  // namespace

void draw_view(const Panel& panel) {
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const bool beside = room.x > 560;
  const float dpr = panel.input.dpr;
  const float wanted =
      beside ? std::min({room.x * 0.48f, room.y - kSpace4, 560.0f}) : std::min(room.x, room.y * 0.66f);
  const float side = std::max(1.0f, std::floor(wanted * dpr / kDrawingSide)) * kDrawingSide / dpr;
  const ImVec2 low{beside ? at.x : std::round(at.x + (room.x - side) / 2), at.y};
  canvas(panel, low, side);
  const float left = beside ? side + kSpace6 : 0;
  const ImVec2 answers{at.x + left, beside ? low.y : at.y + side + kSpace3};
  const float width = room.x - left;
  if (nothing_drawn(panel) && !beside) return;
  ImGui::SetCursorScreenPos(answers);
  if (nothing_drawn(panel)) {
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + std::min(width, 340.0f));
    text_block(panel,
               reconstructing(panel).empty()
                   ? "What the models make of your drawing appears here."
                   : "What the models make of your drawing appears here: the encoder turns it into a few "
                     "numbers, the decoder turns those back into a picture.");
    ImGui::PopTextWrapPos();
    return;
  }
  ImGui::BeginChild("answers", {width, beside ? at.y + room.y - answers.y : 0},
                    beside ? 0 : ImGuiChildFlags_AutoResizeY, 0);
  const std::vector<const session::ModelInfo*> models = reconstructing(panel);
  // Small enough for every model's row to be seen at once, where that is possible.
  constexpr float kWords = 48;
  const float lines = static_cast<float>(std::max<std::size_t>(1, models.size()));
  const float cell =
      std::clamp((room.y - kVerdict) / lines - kWords, 84.0f, std::min(168.0f, (width - 2 * kSpace5) / 3));
  // What the chosen model itself does comes first.
  const session::ModelInfo *translator = translating(panel), *classifier = classifying(panel);
  if (translator != nullptr && translator == panel.model) translation(panel, *translator, cell, width);
  if (classifier != nullptr && classifier == panel.model)
    classes(panel, *classifier, std::min(width, 380.0f));
  for (std::size_t i = 0; i < models.size(); ++i) reconstruction(panel, *models[i], i, cell, width);
  if (translator != nullptr && translator != panel.model) translation(panel, *translator, cell, width);
  if (classifier != nullptr && classifier != panel.model)
    classes(panel, *classifier, std::min(width, 380.0f));
  if (const session::ModelInfo* judge = can_judge(panel); judge != nullptr) verdict(panel, *judge, width);
  end_child(panel);
}

}  // namespace lc::ui
