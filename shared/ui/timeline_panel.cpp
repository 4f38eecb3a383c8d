// Which moment of training the pictures come from.
#include <algorithm>
#include <cmath>

#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {

void timeline_panel(const Panel& panel) {
  heading(panel, "Training");
  const format::Header& header = *panel.model->header;
  const std::uint32_t last = panel.model->moments - 1;
  const std::uint32_t now = std::min(panel.state.moment, last);
  const bool at_end = now >= header.timeline.size();
  const std::uint64_t iteration = at_end ? header.provenance.iterations : header.timeline[now].iteration;
  SliderLook look;
  look.label = "Iteration";
  look.value = grouped(iteration) + (at_end ? ", the end" : "");
  look.high = static_cast<float>(last);
  look.fresh = look.high;
  auto position = static_cast<float>(now);
  if (slider(panel, "moment", look, position)) {
    const auto chosen = static_cast<std::uint32_t>(std::lround(position));
    panel.state.moment = chosen >= last ? kLastMoment : chosen;
  }
}

}  // namespace lc::ui
