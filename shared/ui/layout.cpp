// Where the panels stand: a control column beside the pictures, or under them on a narrow screen.
#include <algorithm>
#include <cmath>

#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr float kWithInfo = 1440;  // from this width on the facts have a column of their own
constexpr float kColumn = 320, kInfoColumn = 344, kStatusHeight = 28;

bool has_model(const Panel& panel) {
  return panel.model != nullptr;
}
bool can_sample(const Panel& panel) {
  return has_model(panel) && panel.model->can_sample;
}
bool has_moments(const Panel& panel) {
  return can_sample(panel) && panel.model->moments > 1;
}
bool always(const Panel&) {
  return true;
}

// The panels of the control column, in order. A wide window has two tabs, a narrow one four.
struct Section {
  void (*draw)(const Panel&);
  bool (*offered)(const Panel&);  // by capability, never by a model's name
  Tab wide, narrow;
};
constexpr Section kSections[] = {
    {models_panel, always, Tab::play, Tab::models},      {sample_panel, can_sample, Tab::play, Tab::play},
    {timeline_panel, has_moments, Tab::play, Tab::play}, {latent_panel, can_sample, Tab::play, Tab::latent},
    {info_panel, has_model, Tab::about, Tab::about},
};

struct TabRow {
  Tab tab;
  const char* name;
  const char* label;
  bool narrow_only;
};
constexpr TabRow kTabs[] = {{Tab::models, "tab.models", "Models", true},
                            {Tab::play, "tab.play", "Sample", false},
                            {Tab::latent, "tab.latent", "Latent", true},
                            {Tab::about, "tab.about", "About", false}};

bool begin_region(const char* name, ImVec2 at, ImVec2 size, ImVec2 padding, ImU32 fill, bool scrolls) {
  ImGui::SetCursorScreenPos(at);
  ImGui::GetWindowDrawList()->AddRectFilled(at, {at.x + size.x, at.y + size.y}, fill);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, padding);
  const ImGuiWindowFlags flags =
      scrolls ? 0 : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
  const bool open = ImGui::BeginChild(name, size, ImGuiChildFlags_AlwaysUseWindowPadding, flags);
  ImGui::PopStyleVar();
  return open;
}

void end_region(const Panel& panel) {
  if (ImGui::GetScrollMaxY() > 0 && ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows))
    panel.app.scrollable_hovered = true;
  ImGui::EndChild();
}

void sections(const Panel& panel, Tab tab) {
  bool first = true;
  for (const Section& section : kSections) {
    if ((panel.narrow ? section.narrow : section.wide) != tab || !section.offered(panel)) continue;
    if (!first) space(kSpace5);
    first = false;
    section.draw(panel);
  }
  ImGui::Dummy({0, kSpace2});
}

Tab shown_tab(const Panel& panel, bool info_column) {
  Tab tab = panel.state.tab;
  if (!panel.narrow && tab != Tab::about) tab = Tab::play;
  if (info_column) tab = Tab::play;
  return tab;
}

void tab_row(const Panel& panel, Tab shown) {
  bool first = true;
  for (const TabRow& row : kTabs) {
    if (row.narrow_only && !panel.narrow) continue;
    if (!first) ImGui::SameLine(0, kSpace5);
    first = false;
    if (tab(panel, row.name, row.label, row.tab == shown)) panel.state.tab = row.tab;
  }
}

void hero(const Panel& panel, ImVec2 at, ImVec2 size) {
  const float padding = panel.narrow ? kSpace3 : kSpace5;
  constexpr float status = kStatusHeight;
  begin_region("grid", at, {size.x, size.y - status}, {padding, kSpace3}, panel.theme.page, true);
  error_banner(panel);
  grid_panel(panel);
  end_region(panel);
  begin_region("status", {at.x, at.y + size.y - status}, {size.x, status}, {padding, 0}, panel.theme.page,
               false);
  status_bar(panel);
  end_region(panel);
}

void wide_layout(const Panel& panel) {
  const ImVec2 size = panel.input.size;
  const bool info_column = size.x >= kWithInfo && panel.model != nullptr;
  const Tab shown = shown_tab(panel, info_column);
  const float title = panel.app.show_title ? 40 : 0, tabs = info_column ? 0 : 48;
  const float top = title + tabs + kSpace2;
  begin_region("head", {0, 0}, {kColumn, top}, {kSpace4, panel.app.show_title ? kSpace4 : kSpace2},
               panel.theme.panel, false);
  if (panel.app.show_title) {
    text("latent canvas", Font::title, panel.theme.text);
    if (!info_column) space(kSpace3);
  }
  if (!info_column) tab_row(panel, shown);
  end_region(panel);
  begin_region("controls", {0, top}, {kColumn, size.y - top}, {kSpace4, kSpace2}, panel.theme.panel, true);
  sections(panel, shown);
  end_region(panel);
  hero(panel, {kColumn, 0}, {size.x - kColumn - (info_column ? kInfoColumn : 0), size.y});
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddLine({kColumn - 0.5f, 0}, {kColumn - 0.5f, size.y}, panel.theme.line);
  if (info_column) {
    const float left = size.x - kInfoColumn;
    begin_region("info", {left, 0}, {kInfoColumn, size.y}, {kSpace4, kSpace4}, panel.theme.panel, true);
    sections(panel, Tab::about);
    end_region(panel);
    list->AddLine({left + 0.5f, 0}, {left + 0.5f, size.y}, panel.theme.line);
  }
}

void narrow_layout(const Panel& panel) {
  const ImVec2 size = panel.input.size;
  const float top = std::floor(std::min(size.x + 64, size.y * 0.52f));
  constexpr float kTabRow = 48;
  hero(panel, {0, 0}, {size.x, top});
  begin_region("tabs", {0, top}, {size.x, kTabRow}, {kSpace4, kSpace2}, panel.theme.panel, false);
  tab_row(panel, panel.state.tab);
  end_region(panel);
  begin_region("controls", {0, top + kTabRow}, {size.x, size.y - top - kTabRow}, {kSpace4, kSpace3},
               panel.theme.panel, true);
  sections(panel, panel.state.tab);
  end_region(panel);
  ImGui::GetWindowDrawList()->AddLine({0, top + 0.5f}, {size.x, top + 0.5f}, panel.theme.line);
}

}  // namespace

void layout(const Panel& panel) {
  if (panel.narrow) {
    narrow_layout(panel);
  } else {
    wide_layout(panel);
  }
}

}  // namespace lc::ui
