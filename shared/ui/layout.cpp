// Where the panels stand: a control column beside the pictures, or under them on a narrow screen.
#include <algorithm>
#include <cmath>

#include "shared/ui/catalogue.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr float kWithInfo = 1440;  // from this width on the facts have a column of their own
constexpr float kColumn = 328, kInfoColumn = 344, kStatusHeight = 28;
constexpr float kTabRow = 48, kHelpButton = 68;

bool has_model(const Panel& panel) {
  return panel.model != nullptr;
}
bool can_sample(const Panel& panel) {
  return has_model(panel) && panel.model->can_sample;
}
bool has_moments(const Panel& panel) {
  return can_sample(panel) && panel.model->moments > 1;
}
bool draws_pictures(const Panel& panel) {
  return has_model(panel) && abilities_of(*panel.model).draws;
}
bool has_latents(const Panel& panel) {
  return draws_pictures(panel) && panel.model->latent_size > 0;
}
bool may_sample(const Panel& panel) {
  return !has_model(panel) || can_sample(panel);
}
bool has_run(const Panel& panel) {
  return panel.app.live.has_value();
}
bool always(const Panel&) {
  return true;
}
bool has_hand(const Panel& panel) {
  return has_latents(panel) && !(panel.tab == Tab::explore && panel.state.explore == Explore::sum);
}

using Tabs = unsigned;
constexpr Tabs on(Tab tab) {
  return 1u << static_cast<unsigned>(tab);
}
constexpr Tabs kNone = 0, kEverywhere = ~on(Tab::about);
constexpr Tabs kPlay = on(Tab::sample) | on(Tab::explore) | on(Tab::morph);

// The panels of the control column, in order, and the tabs that they stand on.
struct Section {
  void (*draw)(const Panel&);
  bool (*offered)(const Panel&);  // by capability, never by a model's name
  Tabs wide, narrow;
};
constexpr Section kSections[] = {
    {models_panel, always, kEverywhere, on(Tab::models)},
    {sample_panel, can_sample, on(Tab::sample), on(Tab::sample)},
    {explore_panel, has_latents, on(Tab::explore), on(Tab::explore)},
    {morph_panel, has_latents, on(Tab::morph), on(Tab::morph)},
    {compare_panel, draws_pictures, on(Tab::compare), on(Tab::compare)},
    {draw_panel, any_sees, on(Tab::draw), on(Tab::draw)},
    {critic_panel, has_critic, on(Tab::critic), on(Tab::critic)},
    {share_panel, has_model, kEverywhere, kEverywhere & ~on(Tab::models)},
    {latent_panel, has_hand, on(Tab::sample) | on(Tab::explore), on(Tab::explore)},
    {timeline_panel, has_moments, kPlay, kPlay},
    {measure_panel, can_measure, on(Tab::sample), on(Tab::sample)},
    {tray_panel, has_latents, kPlay, kPlay},
    {run_panel, has_run, on(Tab::run), on(Tab::run)},
    {info_panel, has_model, on(Tab::about), on(Tab::about)},
};

struct TabRow {
  Tab tab;
  const char* name;
  const char* label;
  void (*hero)(const Panel&);  // what stands beside the controls
  bool (*offered)(const Panel&);
  bool narrow_only;
};
constexpr TabRow kTabs[] = {{Tab::run, "tab.run", "Run", run_view, has_run, false},
                            {Tab::sample, "tab.sample", "Sample", sample_view, may_sample, false},
                            {Tab::models, "tab.models", "Models", sample_view, always, true},
                            {Tab::explore, "tab.explore", "Explore", explore_view, has_latents, false},
                            {Tab::morph, "tab.morph", "Morph", morph_view, has_latents, false},
                            {Tab::compare, "tab.compare", "Compare", compare_view, draws_pictures, false},
                            {Tab::draw, "tab.draw", "Draw", draw_view, any_sees, false},
                            {Tab::critic, "tab.critic", "Critic", critic_view, has_critic, false},
                            {Tab::about, "tab.about", "About", sample_view, has_model, false}};

bool begin_region(const std::string& name, ImVec2 at, ImVec2 size, ImVec2 padding, ImU32 fill, bool scrolls) {
  ImGui::SetCursorScreenPos(at);
  ImGui::GetWindowDrawList()->AddRectFilled(at, {at.x + size.x, at.y + size.y}, fill);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, padding);
  const ImGuiWindowFlags flags = scrolls
                                     ? 0
                                     : ImGuiWindowFlags_HorizontalScrollbar | ImGuiWindowFlags_NoScrollbar |
                                           ImGuiWindowFlags_NoScrollWithMouse;
  const bool open = ImGui::BeginChild(name.c_str(), size, ImGuiChildFlags_AlwaysUseWindowPadding, flags);
  ImGui::PopStyleVar();
  return open;
}

// Of panels: as wide with a scrollbar as without one, so that nothing moves from tab to tab.
bool begin_column(const Panel& panel, const std::string& name, ImVec2 at, ImVec2 size, float top) {
  ImGui::SetNextWindowContentSize({size.x - 2 * kSpace4 - ImGui::GetStyle().ScrollbarSize, 0});
  return begin_region(name, at, size, {kSpace4, top}, panel.theme.panel, true);
}

void sections(const Panel& panel, Tab tab) {
  bool first = true;
  for (const Section& section : kSections) {
    if (((panel.narrow ? section.narrow : section.wide) & on(tab)) == kNone || !section.offered(panel))
      continue;
    if (!first) space(kSpace5);
    first = false;
    section.draw(panel);
  }
  ImGui::Dummy({0, kSpace2});
}

bool stands(const Panel& panel, const TabRow& row, bool info_column) {
  return row.offered(panel) && (panel.narrow || !row.narrow_only) && !(row.tab == Tab::about && info_column);
}

// The row of the State's tab; where that is not offered here, the first one that tells of the model.
const TabRow& shown_tab(const Panel& panel, bool info_column) {
  const TabRow* first = nullptr;
  for (const TabRow& row : kTabs) {
    if (!stands(panel, row, info_column)) continue;
    if (row.tab == panel.state.tab) return row;
    if (first == nullptr && row.tab != Tab::run && row.tab != Tab::models) first = &row;
  }
  return first != nullptr ? *first : kTabs[1];
}

void tab_row(const Panel& panel, const TabRow& shown, bool info_column) {
  panel.app.begin_group("Views");
  bool first = true, moved = false;
  for (const TabRow& row : kTabs) {
    if (!stands(panel, row, info_column)) continue;
    if (!first) ImGui::SameLine(0, panel.narrow ? kSpace4 + 2 : kSpace5);
    first = false;
    // A row that is wider than the screen is dragged; the end of a drag is no press.
    const ImVec2 dragged = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
    const bool pressed = tab(panel, row.name, row.label, &row == &shown);
    if (&row == &shown && panel.app.scratch.tab_shown != row.tab) {
      ImGui::SetScrollHereX(0.5f);
      panel.app.scratch.tab_shown = row.tab;
    }
    if (pressed && std::fabs(dragged.x) < kSpace2) panel.state.tab = row.tab;
    moved |= ImGui::IsItemActive();
  }
  if (moved && ImGui::GetScrollMaxX() > 0)
    ImGui::SetScrollX(ImGui::GetScrollX() - ImGui::GetIO().MouseDelta.x);
}

// At its right end the help, which always stands there; before it a shade where more tabs follow.
void tab_strip(const Panel& panel, const TabRow& shown, bool info_column, ImVec2 at, float width) {
  const ImU32 fill = panel.narrow ? panel.theme.panel : panel.theme.page;
  const float padding = panel.narrow ? kSpace4 : kSpace5, end = at.x + width - kHelpButton;
  begin_region("tabs", at, {width - kHelpButton, kTabRow}, {padding, (kTabRow - control_height()) / 2}, fill,
               false);
  tab_row(panel, shown, info_column);
  if (ImGui::GetScrollX() < ImGui::GetScrollMaxX() - 1) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImU32 clear = fill & ~IM_COL32_A_MASK;
    const float top = at.y + 1;                               // under the line
    list->PushClipRect({at.x, at.y}, {end, at.y + kTabRow});  // the padding too
    list->AddRectFilledMultiColor({end - 48, top}, {end - 22, at.y + kTabRow}, clear, fill, fill, clear);
    list->AddRectFilled({end - 22, top}, {end, at.y + kTabRow}, fill);
    const float x = end - 9, y = at.y + kTabRow / 2;
    const ImVec2 arrow[] = {{x - 4, y - 5}, {x + 1, y}, {x - 4, y + 5}};
    list->AddPolyline(arrow, 3, panel.theme.text, 0, 2);
    list->PopClipRect();
  }
  end_child(panel);
  begin_region("help", {end, at.y}, {kHelpButton, kTabRow}, {kSpace1, (kTabRow - chip_size("").y) / 2}, fill,
               false);
  help_button(panel);
  end_child(panel);
}

// A region with a scroll position for each tab.
std::string of_tab(const char* region, const TabRow& row) {
  return std::string(region) + "." + row.name;
}

void hero(const Panel& panel, const TabRow& shown, ImVec2 at, ImVec2 size) {
  const float padding = panel.narrow ? kSpace3 : kSpace5;
  constexpr float status = kStatusHeight;
  // The help stands beside the pictures where there is room, else over them.
  const float beside = panel.state.help && size.x >= kHelpWidth + 520 ? kHelpWidth : 0;
  begin_region(of_tab("hero", shown), at, {size.x - beside, size.y - status}, {padding, kSpace3},
               panel.theme.page, true);
  error_banner(panel);
  if (panel.model == nullptr && shown.tab != Tab::run) {
    sample_view(panel);  // says what is missing
  } else {
    shown.hero(panel);
  }
  end_child(panel);
  begin_region("status", {at.x, at.y + size.y - status}, {size.x, status}, {padding, 0}, panel.theme.page,
               false);
  status_bar(panel);
  end_child(panel);
  if (panel.state.help) help_card(panel, shown.tab, at, {size.x, size.y - status});
}

void wide_layout(const Panel& panel, const TabRow& shown, bool info_column) {
  const ImVec2 size = panel.input.size;
  const float title = panel.app.show_title ? 48 : 0;
  const float right = info_column ? kInfoColumn : 0;
  if (panel.app.show_title) {
    begin_region("head", {0, 0}, {kColumn, title}, {kSpace4, kSpace3}, panel.theme.panel, false);
    text("latent canvas", Font::title, panel.theme.text);
    end_child(panel);
  }
  tab_strip(panel, shown, info_column, {kColumn, 0}, size.x - kColumn - right);
  begin_column(panel, of_tab("controls", shown), {0, title}, {kColumn, size.y - title},
               panel.app.show_title ? kSpace1 : kSpace4);
  sections(panel, shown.tab);
  end_child(panel);
  hero(panel, shown, {kColumn, kTabRow}, {size.x - kColumn - right, size.y - kTabRow});
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddLine({kColumn, kTabRow - 1}, {size.x - right, kTabRow - 1}, panel.theme.line);
  list->AddLine({kColumn - 1, 0}, {kColumn - 1, size.y}, panel.theme.line);
  if (info_column) {
    const float left = size.x - kInfoColumn;
    begin_column(panel, "info", {left, 0}, {kInfoColumn, size.y}, kSpace4);
    sections(panel, Tab::about);
    end_child(panel);
    list->AddLine({left, 0}, {left, size.y}, panel.theme.line);
  }
}

void narrow_layout(const Panel& panel, const TabRow& shown) {
  const ImVec2 size = panel.input.size;
  // Who draws wants room for the finger, and has few controls.
  const bool draws = shown.tab == Tab::draw;
  const float top = std::floor(std::min(size.x + (draws ? 160 : 64), size.y * (draws ? 0.64f : 0.52f)));
  hero(panel, shown, {0, 0}, {size.x, top});
  tab_strip(panel, shown, false, {0, top}, size.x);
  begin_column(panel, of_tab("controls", shown), {0, top + kTabRow}, {size.x, size.y - top - kTabRow},
               kSpace3);
  sections(panel, shown.tab);
  end_child(panel);
  ImGui::GetWindowDrawList()->AddLine({0, top}, {size.x, top}, panel.theme.line);
}

}  // namespace

void layout(const Panel& frame) {
  const bool info_column = frame.input.size.x >= kWithInfo && frame.model != nullptr;
  const TabRow& shown = shown_tab(frame, info_column);
  Panel panel = frame;
  panel.tab = shown.tab;
  if (panel.narrow) {
    narrow_layout(panel, shown);
  } else {
    wide_layout(panel, shown, info_column);
  }
}

}  // namespace lc::ui
