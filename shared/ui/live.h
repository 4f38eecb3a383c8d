// A training run that is under way, as the host reads it from the run's folder.
#pragma once

#include <string>

#include "shared/session/session.h"
#include "shared/ui/view.h"

namespace lc::ui {

struct Live {
  std::string run;      // "00003-vae-mnist"
  std::string line;     // "iteration 12,800, 2,569 images/s"
  format::Curve curve;  // every series that the run writes
  Atlas grid;           // the newest grid of samples, one picture; empty before the first
  std::string grid_name;
};

}  // namespace lc::ui
