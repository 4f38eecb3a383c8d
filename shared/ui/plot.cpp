// Lines of a loss curve over its iterations, with a legend; shares as columns and as bars.
#include <algorithm>
#include <cmath>

#include "shared/ui/widgets.h"

namespace lc::ui {

void columns(const Panel& panel, const std::vector<float>& heights, const std::vector<std::string>& names,
             float width, float bright) {
  constexpr float kHeight = 56;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float step = std::min(36.0f, width / static_cast<float>(heights.size()));
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const float x = at.x + static_cast<float>(i) * step;
    list->AddRectFilled({x + 3, at.y + kHeight - std::max(2.0f, kHeight * heights[i])},
                        {x + step - 3, at.y + kHeight},
                        heights[i] > bright ? panel.theme.accent : panel.theme.track, 2);
    const float room = text_size(names[i], Font::small).x;
    text_at({x + std::max(0.0f, (step - room) / 2), at.y + kHeight + 3}, names[i], Font::small,
            panel.theme.muted, step);
  }
  ImGui::Dummy({width, kHeight + 18});
}

void bars(const Panel& panel, const std::vector<float>& shares, const std::vector<std::string>& names,
          float width, float bright) {
  constexpr float kStep = 19, kNumber = 40;
  float words = 0;
  for (const std::string& name : names) words = std::max(words, text_size(name, Font::small).x);
  const float left = words + kSpace3, room = std::max(0.0f, width - left - kNumber);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const float y = at.y + static_cast<float>(i) * kStep;
    text_at({at.x, y}, names[i], Font::small, panel.theme.muted);
    const float end = at.x + left + std::max(2.0f, room * shares[i]);
    list->AddRectFilled({at.x + left, y + 2}, {end, y + 13},
                        shares[i] > bright ? panel.theme.accent : panel.theme.track, 2);
    const long percent = std::lround(100 * shares[i]);
    if (percent > 0)
      text_at({end + kSpace2, y}, std::to_string(percent) + " %", Font::small, panel.theme.muted);
  }
  ImGui::Dummy({width, kStep * static_cast<float>(shares.size())});
}

bool plot(const Panel& panel, const format::Curve& curve, float height, std::uint64_t at_iteration,
          const std::string& name, double* to) {
  const std::size_t points = curve.iterations.size();
  if (points < 2 || curve.series.empty()) return false;
  const Theme& theme = panel.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float width = ImGui::GetContentRegionAvail().x;
  constexpr std::size_t kLines = sizeof theme.series / sizeof theme.series[0];
  const std::size_t lines = std::min(curve.series.size(), kLines);

  for (std::size_t i = 0; i < lines; ++i) {
    const std::string words = words_of(curve.series[i].name);
    if (i > 0) flow(words);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    list->AddRectFilled({at.x, at.y + 6}, {at.x + 10, at.y + 9}, theme.series[i], 1);
    text_at({at.x + 16, at.y}, words, Font::small, theme.muted);
    ImGui::Dummy({text_size(words, Font::small).x + 16 + kSpace2, 15});
  }

  // In a place of fixed size the legend's lines are at the cost of the chart's.
  if (to != nullptr) height = std::clamp(ImGui::GetContentRegionAvail().y, 60.0f, height);
  float low = INFINITY, high = -INFINITY;
  for (std::size_t i = 0; i < lines; ++i) {
    for (const float v : curve.series[i].values) {
      low = std::min(low, v);
      high = std::max(high, v);
    }
  }
  if (!(high > low)) high = low + 1;
  if (low > 0 && low < high / 4) low = 0;  // a baseline that is nearly at zero belongs there
  const std::string high_text = short_number(high), low_text = short_number(low);
  const float margin =
      std::max(text_size(high_text, Font::small).x, text_size(low_text, Font::small).x) + kSpace2;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float x0 = at.x + margin, x1 = at.x + width, y0 = at.y + 6, y1 = at.y + height - 20;
  for (int i = 0; i <= 2; ++i) {
    const float y = std::round(y0 + (y1 - y0) * static_cast<float>(i) / 2);
    list->AddLine({x0, y + 0.5f}, {x1, y + 0.5f}, theme.line);
  }
  text_at({x0 - kSpace2 - text_size(high_text, Font::small).x, y0 - 7}, high_text, Font::small, theme.muted);
  text_at({x0 - kSpace2 - text_size(low_text, Font::small).x, y1 - 7}, low_text, Font::small, theme.muted);

  const double first = static_cast<double>(curve.iterations.front());
  const double span = std::max(1.0, static_cast<double>(curve.iterations.back()) - first);
  for (std::size_t i = 0; i < lines; ++i) {
    const std::vector<float>& values = curve.series[i].values;
    // More points than pixels draw the same line.
    const std::size_t step =
        std::max<std::size_t>(1, points / static_cast<std::size_t>(std::max(1.0f, width)));
    for (std::size_t p = 0; p < std::min(points, values.size()); p += step) {
      const double along = (static_cast<double>(curve.iterations[p]) - first) / span;
      list->PathLineTo(
          {x0 + (x1 - x0) * static_cast<float>(along), y1 - (y1 - y0) * (values[p] - low) / (high - low)});
    }
    list->PathStroke(theme.series[i], 0, 1.5f);
  }
  if (at_iteration > 0) {
    const double along = std::clamp((static_cast<double>(at_iteration) - first) / span, 0.0, 1.0);
    const float x = std::round(x0 + (x1 - x0) * static_cast<float>(along));
    list->AddLine({x, y0 - 4}, {x, y1}, theme.text, 1.5f);
  }
  const std::string end = "iteration " + grouped(curve.iterations.back());
  text_at({x0, y1 + 4}, grouped(curve.iterations.front()), Font::small, theme.muted);
  text_at({x1 - text_size(end, Font::small).x, y1 + 4}, end, Font::small, theme.muted);
  if (to == nullptr) {
    ImGui::Dummy({width, height});
    return false;
  }
  Mark mark;
  mark.name = name;
  mark.drags = true;
  hit(panel, std::move(mark), {width, height});
  const double along =
      std::clamp(static_cast<double>((ImGui::GetIO().MousePos.x - x0) / (x1 - x0)), 0.0, 1.0);
  *to = first + span * along;
  return ImGui::IsItemActive();
}

}  // namespace lc::ui
