// Which model: a card for each one that is loaded or on offer.
#include <algorithm>
#include <cmath>

#include "shared/ui/catalogue.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::size_t kUnfolded = 8, kFolded = 4;  // a longer list shows a few until it is unfolded
constexpr float kGap = kSpace2 - 2, kThumb = 32, kLine = 15;
constexpr float kCardWidth = 140;  // at the least
constexpr float kWordsLeft = kThumb + 2 * kSpace2;

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

// What makes no pictures is known by a curve, or by its first letter.
void draw_sign(const Panel& panel, const Listed& card, ImVec2 at) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(at, {at.x + kThumb, at.y + kThumb}, panel.theme.track, 3);
  if (card.can.figure) {
    for (float x = -1; x <= 1; x += 0.125f)
      list->PathLineTo(
          {at.x + kThumb * (0.5f + 0.42f * x), at.y + kThumb * (0.8f - 0.6f * std::exp(-6 * x * x))});
    list->PathStroke(panel.theme.accent, 0, 2);
    return;
  }
  const std::string letter = card.title.substr(0, 1);
  const ImVec2 room = text_size(letter, Font::strong);
  text_at({at.x + (kThumb - room.x) / 2, at.y + (kThumb - room.y) / 2}, letter, Font::strong,
          panel.theme.text);
}

struct Words {
  std::vector<std::string> lines;
  std::size_t titles = 1;  // lines of the title, the first ones
};

// The title takes two lines where it is long; the data set stands under it unless a caption names it already.
Words words_of(const Listed& card, float room, bool captioned) {
  const std::string title = broken(card.title, Font::label, room);
  const std::size_t end = title.find('\n');
  Words out;
  out.lines.push_back(title.substr(0, end));
  if (end != std::string::npos) out.lines.push_back(title.substr(end + 1));
  out.titles = out.lines.size();
  std::replace(out.lines.back().begin(), out.lines.back().end(), '\n', ' ');
  if (card.model == nullptr && card.wanted) {
    out.lines.push_back("loading\xe2\x80\xa6");
    return out;
  }
  if (!captioned && !card.dataset_title.empty()) out.lines.push_back(card.dataset_title);
  if (!card.measured.empty()) out.lines.push_back(card.measured[0]);
  return out;
}

void draw_words(const Panel& panel, const Words& words, ImVec2 at, ImVec2 room) {
  float y = at.y + (room.y - kLine * static_cast<float>(words.lines.size())) / 2;
  for (std::size_t i = 0; i < words.lines.size(); ++i, y += kLine)
    text_at({at.x, y}, words.lines[i], i < words.titles ? Font::label : Font::small,
            i < words.titles ? panel.theme.text : panel.theme.muted, room.x);
}

void draw_card(const Panel& panel, const Listed& card, const Words& words, ImVec2 size) {
  const Theme& theme = panel.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool chosen = panel.model != nullptr && panel.model == card.model;
  Mark mark;
  mark.name = "model." + card.name;
  mark.role = Role::radio;
  mark.label = card.title + ", " + card.dataset_title;
  for (const std::string& measured : card.measured) mark.label += ", " + measured;
  mark.checked = chosen;
  if (hit(panel, std::move(mark), size)) {
    panel.app.select(-1);
    panel.app.choose(card.name);
  }
  const bool hover = ImGui::IsItemHovered();
  std::string& shown = panel.app.scratch.card_shown;
  if (chosen && shown != card.name) {
    if (!ImGui::IsItemVisible()) ImGui::SetScrollHereY(0.5f);
    shown = card.name;
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 end{at.x + size.x, at.y + size.y};
  list->AddRectFilled(at, end,
                      chosen  ? theme.accent_soft
                      : hover ? theme.raised_hover
                              : theme.raised,
                      kRadius);
  if (chosen)
    list->AddRect({at.x + 0.5f, at.y + 0.5f}, {end.x - 0.5f, end.y - 0.5f}, theme.accent, kRadius, 0, 1.5f);
  const ImVec2 thumb{at.x + kSpace2, at.y + (size.y - kThumb) / 2};
  if (Atlas* atlas = picture_of(panel, card); atlas != nullptr) {
    list->AddImageRounded(panel.app.texture(atlas->texture), thumb, {thumb.x + kThumb, thumb.y + kThumb},
                          atlas->uv0(0), atlas->uv1(0), IM_COL32_WHITE, 3);
  } else {
    draw_sign(panel, card, thumb);
  }
  draw_words(panel, words, {at.x + kWordsLeft, at.y}, {size.x - kWordsLeft - kSpace2, size.y});
}

// Cards of one height, that of the longest words, in as many columns as fit.
void card_grid(const Panel& panel, const std::vector<const Listed*>& cards, bool captioned) {
  const float width = ImGui::GetContentRegionAvail().x;
  const std::size_t columns =
      std::clamp<std::size_t>(static_cast<std::size_t>((width + kSpace2) / kCardWidth), 1, cards.size());
  const float each =
      std::floor((width - kGap * static_cast<float>(columns - 1)) / static_cast<float>(columns));
  std::vector<Words> words;
  std::size_t lines = 3;
  for (const Listed* card : cards) {
    words.push_back(words_of(*card, each - kWordsLeft - kSpace2, captioned));
    lines = std::max(lines, words.back().lines.size());
  }
  for (std::size_t i = 0; i < cards.size(); ++i) {
    if (i % columns != 0) {
      ImGui::SameLine(0, kGap);
    } else if (i > 0) {
      space(kGap);
    }
    draw_card(panel, *cards[i], words[i], {each, kLine * static_cast<float>(lines) + 18});
  }
}

// The first few, which stay where they are, and below them the chosen one where it is none of these.
void folded_list(const Panel& panel, const std::vector<Listed>& all) {
  std::vector<const Listed*> first;
  for (std::size_t i = 0; i < kFolded; ++i) first.push_back(&all[i]);
  const bool captioned =
      !first[0]->dataset_title.empty() && std::all_of(first.begin(), first.end(), [&](const Listed* one) {
        return one->dataset_title == first[0]->dataset_title;
      });
  if (captioned) caption(panel, first[0]->dataset_title);
  card_grid(panel, first, captioned);
  for (std::size_t i = kFolded; i < all.size(); ++i) {
    if (panel.model == nullptr || all[i].model != panel.model) continue;
    space(kGap);
    card_grid(panel, {&all[i]}, false);
  }
}

// All of them, those of one data set together.
void whole_list(const Panel& panel, const std::vector<Listed>& all) {
  std::vector<std::string> datasets;
  for (const Listed& one : all) {
    if (std::find(datasets.begin(), datasets.end(), one.dataset_title) == datasets.end())
      datasets.push_back(one.dataset_title);
  }
  for (const std::string& dataset : datasets) {
    std::vector<const Listed*> cards;
    for (const Listed& one : all) {
      if (one.dataset_title == dataset) cards.push_back(&one);
    }
    if (dataset != datasets[0]) space(kSpace3);
    if (datasets.size() > 1 && !dataset.empty()) caption(panel, dataset);
    card_grid(panel, cards, datasets.size() > 1);
  }
}

}  // namespace

void models_panel(const Panel& panel) {
  heading(panel, "Models");
  const std::vector<Listed>& all = panel.app.catalogue();
  if (all.empty()) {
    text_wrapped("None yet. Drop a .lcw file onto this window.", Font::small, panel.theme.muted);
    return;
  }
  bool& unfolded = panel.app.scratch.all_models;
  const bool folds = all.size() > kUnfolded && !panel.narrow;
  if (folds && !unfolded) {
    folded_list(panel, all);
  } else {
    whole_list(panel, all);
  }
  if (folds) {
    space(kSpace2);
    if (button(panel, "models.all", unfolded ? "Show fewer" : "All " + std::to_string(all.size()) + " models",
               ButtonKind::plain))
      unfolded = !unfolded;
  }
  const bool explains = std::any_of(all.begin(), all.end(), [](const Listed& one) {
    return !one.measured.empty() && one.measured[0].rfind(kFrechet, 0) == 0;
  });
  if (!explains) return;
  space(kSpace2);
  text_wrapped(std::string(kFrechet) + " distance: lower is nearer to real pictures.", Font::small,
               panel.theme.muted);
}

}  // namespace lc::ui
