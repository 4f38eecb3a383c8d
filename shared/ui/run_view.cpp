// A training run that is watched: its losses, and the newest grid of samples.
#include <algorithm>

#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::size_t kLines = 4;  // of one plot
constexpr float kPlot = 170;

// Series [first, first + kLines) of a curve.
format::Curve part_of(const format::Curve& curve, std::size_t first) {
  format::Curve out;
  out.iterations = curve.iterations;
  for (std::size_t i = first; i < std::min(first + kLines, curve.series.size()); ++i)
    out.series.push_back(curve.series[i]);
  return out;
}

}  // namespace

void run_panel(const Panel& panel) {
  const Live& live = *panel.app.live;
  heading(panel, "Training run");
  key_value(panel, "Run", live.run);
  text_wrapped(live.line.empty() ? "It has written nothing yet." : live.line, Font::small, panel.theme.text);
  space(kSpace2);
  text_wrapped(
      "The newest weights are loaded as they land: sample them, explore them, compare them with others.",
      Font::small, panel.theme.muted);
}

void run_view(const Panel& panel) {
  Live& live = *panel.app.live;
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const bool beside = room.x > 720;
  const bool grid = live.grid.count > 0;
  float left = at.x, top = at.y;
  if (grid) {
    const ImVec2 size =
        crisp(panel, live.grid, beside ? ImVec2{room.x * 0.55f, room.y - 24} : ImVec2{room.x, room.y * 0.6f});
    draw_picture(panel, live.grid, 0, at, size);
    text_at({at.x, at.y + size.y + 4}, live.grid_name, Font::small, panel.theme.muted);
    Mark mark;
    mark.name = "run.grid";
    mark.role = Role::image;
    mark.label = "Newest samples: " + live.grid_name;
    panel.app.mark(std::move(mark), at, {at.x + size.x, at.y + size.y});
    if (beside) {
      left += size.x + kSpace5;
    } else {
      top += size.y + 28;
    }
  }
  ImGui::SetCursorScreenPos({left, top});
  ImGui::BeginChild("plots", {at.x + room.x - left, std::max(1.0f, at.y + room.y - top)});
  if (live.curve.iterations.size() < 2) {
    text_wrapped("Losses appear here after the second line of metrics.jsonl.", Font::small,
                 panel.theme.muted);
  }
  for (std::size_t first = 0; first < live.curve.series.size(); first += kLines) {
    plot(panel, part_of(live.curve, first), kPlot);
    space(kSpace4);
  }
  end_child(panel);
}

}  // namespace lc::ui
