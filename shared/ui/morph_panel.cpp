// From a sample to another by way of the kept ones between: chosen, played, scrubbed, saved.
#include <algorithm>
#include <cmath>

#include "shared/ui/panels.h"
#include "shared/ui/paths.h"
#include "shared/ui/png.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kBetween = 24;   // pictures from one sample to the next
constexpr float kSecondsBetween = 1.6f;  // when it plays
constexpr std::uint32_t kGifSide = 336;  // pixels, about
constexpr std::size_t kMaxStops = 8;     // more would be a long wait

// The class goes over by degrees, as the latent vector does.
void add_label_weights(session::Request& request, std::uint32_t classes, std::int32_t from, std::int32_t to,
                       float t) {
  if (classes == 0) return;
  const std::size_t row = request.label_weights.size();
  request.label_weights.resize(row + classes);
  request.label_weights[row + static_cast<std::size_t>(std::max(0, from))] += 1 - t;
  request.label_weights[row + static_cast<std::size_t>(std::max(0, to))] += t;
}

// The samples that the way leads through: the kept ones, of which the first is From and the last is To.
std::vector<Pick> stops_of(const Panel& panel) {
  std::vector<Pick> picks = panel.app.picks(2);
  if (picks.size() > kMaxStops) picks.resize(kMaxStops);
  return picks;
}

// All pictures of the morph as one question; null while a sample is not known yet.
Slot* pictures(const Panel& panel, std::vector<Pick>& picks) {
  picks = stops_of(panel);
  std::vector<const float*> stops;
  for (const Pick& pick : picks) {
    stops.push_back(panel.app.pick_latent(pick));
    if (stops.back() == nullptr) return nullptr;
  }
  session::Request request;
  request.model = panel.model->model;
  request.moment = panel.state.moment;
  const auto pairs = static_cast<std::uint32_t>(stops.size() - 1);
  request.count = pairs * kBetween + 1;
  for (std::uint32_t i = 0; i < request.count; ++i) {
    const std::uint32_t pair = std::min(i / kBetween, pairs - 1);
    const float t = static_cast<float>(i - pair * kBetween) / kBetween;
    const std::vector<float> latent =
        between(*panel.model->header, stops[pair], stops[pair + 1], t, panel.state.straight);
    request.latents.insert(request.latents.end(), latent.begin(), latent.end());
    add_label_weights(request, panel.model->classes, picks[pair].label, picks[pair + 1].label, t);
  }
  return &panel.app.ask("morph", request);
}

std::uint32_t shown(const Panel& panel, const Atlas& atlas) {
  return static_cast<std::uint32_t>(
      std::lround(panel.state.along * static_cast<float>(std::max(1u, atlas.count) - 1)));
}

void play(const Panel& panel, std::size_t stops) {
  Scratch& scratch = panel.app.scratch;
  const float step =
      ImGui::GetIO().DeltaTime / (kSecondsBetween * static_cast<float>(std::max<std::size_t>(2, stops) - 1));
  panel.state.along += scratch.backwards ? -step : step;
  if (panel.state.along >= 1) scratch.backwards = true;
  if (panel.state.along <= 0) scratch.backwards = false;
  panel.state.along = std::clamp(panel.state.along, 0.0f, 1.0f);
  panel.app.redraw();
}

Picture one(const Atlas& atlas, std::uint32_t i) {
  const Picture& all = atlas.texture.picture();
  Picture out;
  out.width = atlas.width;
  out.height = atlas.height;
  const std::size_t left = std::size_t{i % atlas.columns} * atlas.width,
                    top = std::size_t{i / atlas.columns} * atlas.height;
  for (std::uint32_t y = 0; y < atlas.height; ++y) {
    const auto row = all.rgba.begin() + static_cast<std::ptrdiff_t>(4 * ((top + y) * all.width + left));
    out.rgba.insert(out.rgba.end(), row, row + 4 * static_cast<std::ptrdiff_t>(atlas.width));
  }
  return out;
}

// There and back again, so that it has no jump.
void save_gif(const Panel& panel, const Atlas& atlas) {
  std::vector<Picture> film;
  for (std::uint32_t i = 0; i < atlas.count; ++i) film.push_back(one(atlas, i));
  for (std::uint32_t i = atlas.count - 1; i-- > 1;) film.push_back(film[i]);
  const std::uint32_t scale = std::max(1u, kGifSide / std::max(atlas.width, atlas.height));
  panel.app.actions.save(panel.model->name + "-morph.gif", "image/gif", encode_gif(film, scale, 6));
  tell(panel, "Saved");
}

constexpr const char* kEnds[] = {"From", "To"};

// One end's picture under its name; pressed, it waits for a sample, or no longer.
void end_slot(const Panel& panel, int end, const Pick& pick) {
  constexpr float kEndSide = 64;
  std::int32_t& waits = panel.app.scratch.morph_end;
  ImGui::BeginGroup();
  caption(panel, kEnds[end]);
  if (Slot* slot = panel.app.pick_slot(pick); slot != nullptr) {
    const std::string label =
        std::string(kEnds[end]) + (waits == end ? ": press a sample" : ": choose a sample");
    if (picture_button(panel, end == 0 ? "morph.from" : "morph.to", label, slot->atlas, 0,
                       {kEndSide, kEndSide}, waits == end)) {
      waits = waits == end ? -1 : end;
      panel.app.redraw();
    }
  }
  ImGui::EndGroup();
}

void ends(const Panel& panel) {
  const std::vector<Pick> picks = stops_of(panel);
  end_slot(panel, 0, picks.front());
  ImGui::SameLine(0, kSpace3);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const std::string between =
      picks.size() > 2 ? "by way of " + std::to_string(picks.size() - 2) : "\xe2\x86\x92";
  const float width = text_size(between, Font::small).x;
  text_at({at.x, at.y + 44}, between, Font::small, panel.theme.muted);
  ImGui::Dummy({width, 1});
  ImGui::SameLine(0, kSpace3);
  end_slot(panel, 1, picks.back());
  space(kSpace3);
  if (panel.app.scratch.morph_end < 0) {
    if (panel.state.picks.size() < 2)
      text_wrapped("Press From or To, then a sample.", Font::small, panel.theme.muted);
  } else {
    text_wrapped(panel.state.picks.empty() ? "Now press a sample." : "Now press a sample, or a kept one.",
                 Font::small, panel.theme.text);
    space(kSpace2);
    const std::int32_t selected = panel.state.selected;
    const std::string label =
        selected < 0 ? "Take the selected one" : "Take sample " + std::to_string(selected + 1);
    if (button(panel, "morph.take", label, ButtonKind::primary, 0, selected >= 0))
      set_morph_end(panel, pick_of(panel.state, *panel.model, static_cast<std::uint32_t>(selected)));
  }
  space(kSpace3);
}

// The samples to choose an end from.
void end_view(const Panel& panel) {
  const std::int32_t pressed = sample_grid(panel);
  if (pressed >= 0)
    set_morph_end(panel, pick_of(panel.state, *panel.model, static_cast<std::uint32_t>(pressed)));
}

}  // namespace

bool set_morph_end(const Panel& panel, const Pick& pick) {
  std::int32_t& waits = panel.app.scratch.morph_end;
  if (waits < 0 || panel.state.tab != Tab::morph) return false;
  std::vector<Pick> picks = panel.app.picks(2);
  const std::size_t last = std::min(picks.size(), kMaxStops) - 1, place = waits == 0 ? 0 : last;
  // One of the kept samples changes its place, another takes the place of what stood there.
  if (const auto kept = std::find(picks.begin(), picks.end(), pick); kept != picks.end()) {
    picks.erase(kept);
    picks.insert(picks.begin() + static_cast<std::ptrdiff_t>(place), pick);
  } else {
    picks[place] = pick;
  }
  panel.state.picks = std::move(picks);
  panel.state.along = 0;
  waits = -1;
  panel.app.redraw();
  return true;
}

void morph_panel(const Panel& panel) {
  App& app = panel.app;
  State& state = panel.state;
  heading(panel, "Morph");
  ends(panel);
  caption(panel, "Path");
  if (chip(panel, "morph.sphere", "Sphere (slerp)", !state.straight)) state.straight = false;
  flow("Line (lerp)");
  if (chip(panel, "morph.line", "Line (lerp)", state.straight)) state.straight = true;
  space(kSpace3);
  std::vector<Pick> picks;
  const Slot* slot = pictures(panel, picks);
  const bool ready = slot != nullptr && slot->answered && slot->atlas.count > 1;
  if (app.scratch.morphing && ready) play(panel, picks.size());
  const std::string value =
      ready ? std::to_string(shown(panel, slot->atlas) + 1) + " of " + std::to_string(slot->atlas.count) : "";
  SliderLook look;
  look.label = "Picture";
  look.value = value;
  look.high = 1;
  look.step = ready ? 1.0f / static_cast<float>(slot->atlas.count - 1) : 0.01f;
  if (slider(panel, "morph.along", look, state.along)) app.scratch.morphing = false;
  space(kSpace3);
  if (button(panel, "morph.play", app.scratch.morphing ? "Pause" : "Play", ButtonKind::primary, 96, ready))
    app.scratch.morphing = !app.scratch.morphing;
  if (!app.actions.save) return;
  ImGui::SameLine(0, kSpace2);
  if (button(panel, "morph.gif", "Save GIF", ButtonKind::plain, 0, ready && slot->current()))
    save_gif(panel, slot->atlas);
}

void morph_view(const Panel& panel) {
  App& app = panel.app;
  if (app.scratch.morph_end >= 0) {
    end_view(panel);
    return;
  }
  std::vector<Pick> picks;
  Slot* slot = pictures(panel, picks);
  if (slot == nullptr || slot->atlas.count < 2) return;
  Atlas& atlas = slot->atlas;
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  // Below the picture the way as a strip: as many pictures as fit, the stops among them.
  const auto pairs = static_cast<std::uint32_t>(picks.size() - 1);
  const float least = 34;
  std::uint32_t per_pair = 1;
  for (const std::uint32_t each : {2u, 3u, 4u, 6u, 8u, 12u}) {
    if (static_cast<float>(pairs * each + 1) * least <= room.x) per_pair = each;
  }
  const std::uint32_t cells = pairs * per_pair + 1;
  const ImVec2 cell = crisp(panel, atlas, {std::min(60.0f, room.x / static_cast<float>(cells) - 2), 60});
  const ImVec2 big =
      crisp(panel, atlas, {std::min(room.x, 560.0f), std::min(room.y - cell.y - kSpace6, 560.0f)});
  const float height = big.y + kSpace5 + cell.y, top = at.y + std::max(0.0f, (room.y - height) / 2);
  const std::uint32_t now = shown(panel, atlas);
  const ImVec2 low{at.x + (room.x - big.x) / 2, top};
  draw_picture(panel, atlas, now, low, big);
  Mark picture;
  picture.name = "morph";
  picture.role = Role::image;
  picture.label = "Picture " + std::to_string(now + 1) + " of " + std::to_string(atlas.count) + " on the way";
  app.mark(std::move(picture), low, {low.x + big.x, low.y + big.y});

  const float step = cell.x + 2, width = static_cast<float>(cells) * step - 2;
  const ImVec2 left{at.x + std::max(0.0f, (room.x - width) / 2), top + big.y + kSpace5};
  ImGui::SetCursorScreenPos(left);
  Mark mark;
  mark.name = "morph.strip";
  mark.drags = true;
  hit(panel, std::move(mark), {width, cell.y});
  if (ImGui::IsItemActive()) {
    app.scratch.morphing = false;
    panel.state.along = std::clamp(
        (ImGui::GetIO().MousePos.x - left.x - cell.x / 2) / std::max(1.0f, width - cell.x), 0.0f, 1.0f);
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (std::uint32_t i = 0; i < cells; ++i) {
    const ImVec2 place{left.x + static_cast<float>(i) * step, left.y};
    draw_picture(panel, atlas, i * kBetween / per_pair, place, cell);
    if (i % per_pair == 0)
      list->AddRectFilled({place.x, place.y + cell.y + 4}, {place.x + cell.x, place.y + cell.y + 6},
                          panel.theme.accent, 1);
  }
  const float x = left.x + cell.x / 2 + panel.state.along * (width - cell.x);
  list->AddLine({x, left.y - 6}, {x, left.y + cell.y + 10}, panel.theme.text, 2);
  list->AddCircleFilled({x, left.y - 8}, 5, panel.theme.text, 20);
}

}  // namespace lc::ui
