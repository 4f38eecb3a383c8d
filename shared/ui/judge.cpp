// What a model's critic says of pictures.
#include "shared/ui/judge.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "shared/ui/catalogue.h"
#include "shared/ui/widgets.h"

namespace lc::ui {

namespace {
// One that also wants a label cannot be asked about a picture whose label nobody knows.
bool judges(const session::ModelInfo& model) {
  if (!model.can_discriminate || model.figure != session::Figure::picture) return false;
  for (const format::Network& network : model.header->networks) {
    if (network.role != format::Role::discriminator) continue;
    return std::none_of(network.inputs.begin(), network.inputs.end(),
                        [](const format::NetworkInput& input) { return input.name == "label"; });
  }
  return false;
}

bool same_size(const format::ImageSpec& a, const format::ImageSpec& b) {
  return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

// What could be the critic of a model that was trained against one, the best first: its own, then the others
// of its data set in the order of the list, whether they are here or not.
std::vector<Listed> critics(const Panel& panel) {
  std::vector<Listed> out;
  if (panel.model == nullptr || !abilities_of(*panel.model).draws) return out;
  const std::vector<Listed>& all = panel.app.catalogue();
  const auto own =
      std::find_if(all.begin(), all.end(), [&](const Listed& one) { return one.model == panel.model; });
  if (own == all.end() || !own->can.judges) return out;
  const auto fits = [&](const Listed& one) {
    if (!one.can.judges || one.dataset != own->dataset) return false;
    if (one.model == nullptr || !one.model->can_discriminate)
      return true;  // the file, or its rest, will tell
    return judges(*one.model) && same_size(one.model->header->image, panel.model->header->image);
  };
  if (fits(*own)) out.push_back(*own);
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const Listed& one) { return &one != &*own && fits(one); });
  return out;
}
}  // namespace

bool has_critic(const Panel& panel) {
  return !critics(panel).empty();
}

const session::ModelInfo* critic_of(const Panel& panel) {
  for (const Listed& one : critics(panel)) {
    if (one.model != nullptr && one.model->can_discriminate) return one.model;
    if (one.failed) continue;
    if (one.model == nullptr) panel.app.want_once(one.name);
    panel.app.unsettle();
    return nullptr;
  }
  return nullptr;
}

const session::ModelInfo* can_judge(const Panel& panel) {
  if (panel.model == nullptr) return nullptr;
  if (judges(*panel.model)) return panel.model;
  const format::ImageSpec& own = panel.model->header->image;
  for (const session::ModelInfo& model : panel.session.models()) {
    if (judges(model) && same_size(model.header->image, own) &&
        model.header->provenance.dataset == panel.model->header->provenance.dataset)
      return &model;
  }
  return nullptr;
}

std::vector<float> strip_values(const session::ModelInfo& model, const char* name, std::uint32_t& count) {
  count = 0;
  std::vector<float> out;
  for (const format::Strip& strip : model.header->strips) {
    if (strip.name != name) continue;
    count = strip.count;
    for (const std::uint8_t byte : strip.pixels) out.push_back(static_cast<float>(byte) / 255);
  }
  return out;
}

std::vector<float> scores_of(const Panel& panel, const session::ModelInfo& judge, const std::string& name,
                             std::vector<float> pictures) {
  const format::ImageSpec& image = judge.header->image;
  const std::size_t pixels = std::size_t{image.channels} * image.height * image.width;
  if (pictures.empty() || pictures.size() % pixels != 0) return {};
  session::Request request;
  request.task = session::Task::discriminate;
  request.model = judge.model;
  request.moment = judge.model == panel.model->model ? panel.state.moment : kLastMoment;
  request.count = static_cast<std::uint32_t>(pictures.size() / pixels);
  request.pictures = std::move(pictures);
  const Slot& slot = panel.app.ask(name, request);
  if (!slot.answered || slot.failed || slot.frame.count != request.count ||
      slot.frame.scores.size() < request.count)
    return {};
  const std::size_t outputs = slot.frame.scores.size() / request.count;
  std::vector<float> out;
  for (std::size_t i = 0; i < request.count; ++i) out.push_back(slot.frame.scores[i * outputs]);
  return out;
}

Scale scale_of(const Panel& panel, const session::ModelInfo& judge) {
  Scale scale;
  std::uint32_t count = 0;
  scale.real = scores_of(panel, judge, "judge.real", strip_values(judge, "real", count));
  if (!judge.can_sample || count == 0) return scale;
  session::Request request;
  request.model = judge.model;
  request.moment = judge.model == panel.model->model ? panel.state.moment : kLastMoment;
  request.count = count;
  request.seed = panel.state.seed;
  const Slot& made = panel.app.ask("judge.made", request, true);
  if (made.current()) scale.made = scores_of(panel, judge, "judge.made.scores", made.frame.pictures);
  return scale;
}

float border_of(const Scale& scale) {
  std::vector<float> all = scale.real;
  all.insert(all.end(), scale.made.begin(), scale.made.end());
  std::sort(all.begin(), all.end());
  float best = 0;
  std::ptrdiff_t most = -1;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const float border = (all[i] + all[i + 1]) / 2;
    const std::ptrdiff_t right =
        std::count_if(scale.real.begin(), scale.real.end(), [&](float s) { return s > border; }) +
        std::count_if(scale.made.begin(), scale.made.end(), [&](float s) { return s <= border; });
    if (right > most) {
      most = right;
      best = border;
    }
  }
  return best;
}

void score_line(const Panel& panel, const Scale& scale, const float* score, const std::string& words) {
  const Theme& theme = panel.theme;
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  float low = INFINITY, high = -INFINITY;
  for (const std::vector<float>* scores : {&scale.real, &scale.made}) {
    for (const float value : *scores) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (score != nullptr) {
    low = std::min(low, *score);
    high = std::max(high, *score);
  }
  ImGui::Dummy({width, 74});
  if (!(high > low)) return;
  constexpr float kSide = 8;
  const auto place = [&](float value) {
    return at.x + kSide + (width - 2 * kSide) * (value - low) / (high - low);
  };
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float middle = at.y + 40;
  list->AddLine({at.x, middle}, {at.x + width, middle}, theme.line);
  const auto dots = [&](const std::vector<float>& scores, ImU32 colour, float y) {
    const ImU32 soft = (colour & ~IM_COL32_A_MASK) | (170u << IM_COL32_A_SHIFT);
    for (const float value : scores) list->AddCircleFilled({place(value), y}, 3.5f, soft, 16);
  };
  dots(scale.real, theme.series[2], middle - 7);
  dots(scale.made, theme.series[1], middle + 7);
  text_at({at.x, at.y + 58}, "looks made", Font::small, theme.muted);
  const std::string right = "looks real";
  text_at({at.x + width - text_size(right, Font::small).x, at.y + 58}, right, Font::small, theme.muted);
  // The legend stands above, in the colours of the dots.
  float x = at.x;
  const struct {
    const char* words;
    ImU32 colour;
  } legend[] = {{"real examples", theme.series[2]}, {"samples", theme.series[1]}};
  for (const auto& row : legend) {
    list->AddCircleFilled({x + 4, at.y + 8}, 3.5f, row.colour, 16);
    text_at({x + 12, at.y}, row.words, Font::small, theme.muted);
    x += text_size(row.words, Font::small).x + 12 + kSpace4;
  }
  if (score == nullptr) return;
  const float here = place(*score);
  list->AddTriangleFilled({here - 6, middle - 17}, {here + 6, middle - 17}, {here, middle - 8}, theme.text);
  list->AddLine({here, middle - 8}, {here, middle + 12}, theme.text, 2);
  Mark mark;
  mark.name = "judge.score";
  mark.role = Role::status;
  mark.label = words + ": score " + short_number(static_cast<double>(*score));
  panel.app.mark(std::move(mark), at, {at.x + width, at.y + 74});
}

}  // namespace lc::ui
