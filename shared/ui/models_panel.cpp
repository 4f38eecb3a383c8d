// Which model: a card for each one that is loaded or on offer.
#include <algorithm>
#include <cmath>

#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::size_t kUnfolded = 8, kFolded = 4;  // a longer list shows a few until it is unfolded

struct Card {
  std::string name, title, detail;
  const session::ModelInfo* model = nullptr;  // null: on offer
  bool wanted = false;
};

std::vector<Card> cards_of(const Panel& panel) {
  std::vector<Card> cards;
  const std::vector<session::ModelInfo>& models = panel.session.models();
  const auto loaded = [&](const std::string& name) {
    return std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.name == name; });
  };
  // Titles are "VAE, MNIST": what stands before the comma is the card's first line.
  const auto add = [&](const std::string& name, const std::string& title, const std::string& dataset,
                       const session::ModelInfo* model, bool wanted) {
    const std::size_t comma = title.find(", ");
    const std::string first = title.empty() ? name : title.substr(0, comma);
    cards.push_back(
        {name, first, comma == std::string::npos ? dataset : title.substr(comma + 2), model, wanted});
  };
  for (const Offer& offer : panel.app.offers()) {
    const auto found = loaded(offer.name);
    add(offer.name, offer.title, offer.dataset, found == models.end() ? nullptr : &*found, offer.wanted);
  }
  for (const session::ModelInfo& model : models) {
    const bool offered = std::any_of(panel.app.offers().begin(), panel.app.offers().end(),
                                     [&](const Offer& offer) { return offer.name == model.name; });
    if (!offered) add(model.name, model.header.title, model.header.provenance.dataset, &model, false);
  }
  // Two of one family and data set are told apart by their names.
  const std::vector<Card> plain = cards;
  for (Card& card : cards) {
    const auto same = [&](const Card& other) {
      return other.title == card.title && other.detail == card.detail;
    };
    if (std::count_if(plain.begin(), plain.end(), same) > 1) card.detail = card.name;
  }
  return cards;
}

void draw_card(const Panel& panel, const Card& card, ImVec2 size) {
  const Theme& theme = panel.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool chosen = panel.model != nullptr && panel.model == card.model;
  const std::string name = "model." + card.name;
  Mark mark;
  mark.name = name;
  mark.role = Role::radio;
  mark.label = card.title + ", " + card.detail;
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
  StripView* strip = nullptr;
  if (card.model != nullptr) {
    for (StripView& candidate : panel.app.model_view(*card.model).strips) {
      if (strip == nullptr || candidate.name == "samples") strip = &candidate;
    }
  }
  if (strip != nullptr && strip->atlas.count > 0) {
    list->AddImageRounded(panel.app.texture(strip->atlas.texture), thumb, thumb_end, strip->atlas.uv0(0),
                          strip->atlas.uv1(0), IM_COL32_WHITE, 3);
  } else {
    list->AddRectFilled(thumb, thumb_end, theme.track, 3);
  }
  const float left = thumb_end.x + kSpace2, room = end.x - left - kSpace2;
  text_at({left, at.y + 7}, card.title, Font::label, theme.text, room);
  const std::string detail = card.model == nullptr && card.wanted ? "loading\xe2\x80\xa6" : card.detail;
  text_at({left, at.y + 24}, detail, Font::small, theme.muted, room);
}

}  // namespace

void models_panel(const Panel& panel) {
  heading(panel, "Models");
  std::vector<Card> cards = cards_of(panel);
  if (cards.empty()) {
    text_wrapped("None yet. Drop a .lcw file onto this window.", Font::small, panel.theme.muted);
    return;
  }
  bool& all = panel.app.scratch.all_models;
  const std::size_t count = cards.size();
  if (count > kUnfolded && !all && !panel.narrow) {
    // The chosen one, then its neighbours in the list.
    const auto chosen = std::find_if(cards.begin(), cards.end(), [&](const Card& card) {
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
  const ImVec2 size{std::floor((width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns)),
                    48};
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
