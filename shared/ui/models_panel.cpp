// Which model: a card for each one that is loaded or on offer.
#include <algorithm>
#include <cmath>

#include "shared/ui/catalogue.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::size_t kUnfolded = 8, kFolded = 4;  // a longer list shows a few until it is unfolded

// A sample of the model's own; before the file has come, the host's thumbnail. Null where it makes no
// pictures.
Atlas* picture_of(const Panel& panel, const Listed& card) {
  if (card.model == nullptr || card.model->figure != session::Figure::picture)
    return panel.app.thumbnail(card.name);
  StripView* strip = nullptr;
  for (StripView& candidate : panel.app.model_view(*card.model).strips) {
    if (strip == nullptr || candidate.name == "samples") strip = &candidate;
  }
  return strip != nullptr && strip->atlas.count > 0 ? &strip->atlas : panel.app.thumbnail(card.name);
}

void draw_card(const Panel& panel, const Listed& card, ImVec2 size) {
  const Theme& theme = panel.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool chosen = panel.model != nullptr && panel.model == card.model;
  const std::string name = "model." + card.name;
  Mark mark;
  mark.name = name;
  mark.role = Role::radio;
  mark.label = card.title + ", " + card.detail;
  for (const std::string& words : card.measured) mark.label += ", " + words;
  mark.checked = chosen;
  if (hit(panel, std::move(mark), size)) {
    panel.app.select(-1);
    panel.app.choose(card.name);
    panel.app.scratch.all_models = false;
  }
  const bool hover = ImGui::IsItemHovered();
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 end{at.x + size.x, at.y + size.y};
  list->AddRectFilled(at, end,
                      chosen  ? theme.accent_soft
                      : hover ? theme.raised_hover
                              : theme.raised,
                      kRadius);
  if (chosen)
    list->AddRect({at.x + 0.5f, at.y + 0.5f}, {end.x - 0.5f, end.y - 0.5f}, theme.accent, kRadius, 0, 1.5f);

  constexpr float kThumb = 32;
  const ImVec2 thumb{at.x + kSpace2, at.y + (size.y - kThumb) / 2},
      thumb_end{thumb.x + kThumb, thumb.y + kThumb};
  if (Atlas* atlas = picture_of(panel, card); atlas != nullptr) {
    list->AddImageRounded(panel.app.texture(atlas->texture), thumb, thumb_end, atlas->uv0(0), atlas->uv1(0),
                          IM_COL32_WHITE, 3);
  } else {
    // What makes no pictures is known by its first letter.
    list->AddRectFilled(thumb, thumb_end, theme.track, 3);
    const std::string letter = card.title.substr(0, 1);
    const ImVec2 room = text_size(letter, Font::strong);
    text_at({thumb.x + (kThumb - room.x) / 2, thumb.y + (kThumb - room.y) / 2}, letter, Font::strong,
            theme.text);
  }
  const float left = thumb_end.x + kSpace2, room = end.x - left - kSpace2;
  text_at({left, at.y + 7}, card.title, Font::label, theme.text, room);
  const std::string detail = card.model == nullptr && card.wanted ? "loading\xe2\x80\xa6" : card.detail;
  text_at({left, at.y + 24}, detail, Font::small, theme.muted, room);
  if (!card.measured.empty()) text_at({left, at.y + 39}, card.measured[0], Font::small, theme.muted, room);
}

}  // namespace

void models_panel(const Panel& panel) {
  heading(panel, "Models");
  std::vector<Listed> cards = catalogue(panel);
  if (cards.empty()) {
    text_wrapped("None yet. Drop a .lcw file onto this window.", Font::small, panel.theme.muted);
    return;
  }
  bool& all = panel.app.scratch.all_models;
  const std::size_t count = cards.size();
  if (count > kUnfolded && !all && !panel.narrow) {
    // The chosen one, then its neighbours in the list.
    const auto chosen = std::find_if(cards.begin(), cards.end(), [&](const Listed& card) {
      return panel.model != nullptr && card.model == panel.model;
    });
    const std::ptrdiff_t at = chosen == cards.end() ? 0 : chosen - cards.begin();
    const std::ptrdiff_t first =
        std::clamp<std::ptrdiff_t>(at - at % 2, 0, static_cast<std::ptrdiff_t>(count - kFolded));
    cards = {cards.begin() + first, cards.begin() + first + static_cast<std::ptrdiff_t>(kFolded)};
  }
  const float width = ImGui::GetContentRegionAvail().x;
  const int columns = std::max(1, static_cast<int>((width + kSpace2) / 140));
  const float gap = kSpace2 - 2;
  const bool any_measured =
      std::any_of(cards.begin(), cards.end(), [](const Listed& card) { return !card.measured.empty(); });
  const ImVec2 size{std::floor((width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns)),
                    any_measured ? 63.0f : 48.0f};
  for (std::size_t i = 0; i < cards.size(); ++i) {
    if (i % static_cast<std::size_t>(columns) != 0) {
      ImGui::SameLine(0, gap);
    } else if (i > 0) {
      space(gap);
    }
    draw_card(panel, cards[i], size);
  }
  if (count <= kUnfolded || panel.narrow) return;
  space(kSpace2);
  if (button(panel, "models.all", all ? "Show fewer" : "All " + std::to_string(count) + " models",
             ButtonKind::plain))
    all = !all;
}

}  // namespace lc::ui
