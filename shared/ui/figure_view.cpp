// Models whose samples are no pictures: numbers on a line, drawn as densities with the discriminator's curve
// and arrows from latent number to sample; or values along a line, drawn as curves between the bounds of the
// data.
#include <algorithm>
#include <cmath>

#include "shared/ui/judge.h"
#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kSamples = 2048;  // of a histogram
constexpr std::size_t kBins = 64;
constexpr std::uint32_t kPoints = 161;  // of the discriminator's curve
constexpr float kTold = 0.02f;          // part of the highest density below which the best D is not told

float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

// An area with axes; x and y from 0 to 1 within it.
struct Area {
  float left = 0, top = 0, right = 0, bottom = 0;
  ImVec2 at(float x, float y) const { return {left + (right - left) * x, bottom - (bottom - top) * y}; }
};

Slot& samples(const Panel& panel, std::uint32_t count) {
  session::Request request;
  request.model = panel.model->model;
  request.moment = panel.state.moment;
  request.seed = panel.state.seed;
  request.temperature = panel.state.temperature;
  request.count = count;
  return panel.app.ask("figure.samples", request, true);
}

void polyline(const Area& area, const std::vector<float>& heights, ImU32 colour, float thickness) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const float x =
        heights.size() > 1 ? static_cast<float>(i) / static_cast<float>(heights.size() - 1) : 0.5f;
    list->PathLineTo(area.at(x, std::clamp(heights[i], 0.0f, 1.0f)));
  }
  list->PathStroke(colour, 0, thickness);
}

void dashes(const Area& area, const std::vector<float>& heights, ImU32 colour) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float step = 1 / static_cast<float>(heights.size() - 1);
  for (std::size_t i = 0; i + 1 < heights.size(); i += 2) {
    list->AddLine(area.at(static_cast<float>(i) * step, heights[i]),
                  area.at(static_cast<float>(i + 1) * step, heights[i + 1]), colour, 1.5f);
  }
}

void axis_x(const Panel& panel, const Area& area, float low, float high, const char* name) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddLine({area.left, area.bottom}, {area.right, area.bottom}, panel.theme.track);
  for (int i = 0; i <= 4; ++i) {
    const float along = static_cast<float>(i) / 4;
    const std::string text = short_number(static_cast<double>(low + (high - low) * along));
    const ImVec2 at = area.at(along, 0);
    list->AddLine(at, {at.x, at.y + 4}, panel.theme.track);
    text_at({at.x - text_size(text, Font::small).x / 2, at.y + 6}, text, Font::small, panel.theme.muted);
  }
  text_at({area.at(0.875f, 0).x - 3, area.bottom + 6}, name, Font::small, panel.theme.muted);
}

void axis_y(const Panel& panel, const Area& area, float high, bool on_right, const char* name) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (int i = 0; i <= 2; ++i) {
    const std::string text = short_number(static_cast<double>(high) * i / 2, 2);
    const ImVec2 at = area.at(on_right ? 1 : 0, static_cast<float>(i) / 2);
    if (!on_right && i > 0) list->AddLine({area.left, at.y}, {area.right, at.y}, panel.theme.line);
    text_at({on_right ? at.x + 6 : at.x - 6 - text_size(text, Font::small).x, at.y - 8}, text, Font::small,
            panel.theme.muted);
  }
  const float width = text_size(name, Font::small).x;
  text_at({on_right ? area.right - width + 24 : area.left - 24, area.top - 26}, name, Font::small,
          panel.theme.muted);
}

struct LegendEntry {
  const char* words;
  ImU32 colour;
};
void legend(const Panel& panel, ImVec2 at, const std::vector<LegendEntry>& keys) {
  for (const LegendEntry& key : keys) {
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y + 6}, {at.x + 14, at.y + 9}, key.colour, 1);
    text_at({at.x + 20, at.y}, key.words, Font::small, panel.theme.text);
    at.x += text_size(key.words, Font::small).x + 20 + kSpace4;
  }
}

// Density over [0, 1] in bins, its integral 1, smoothed by a Gaussian of Silverman's width, 1.06 s n^(-1/5)
// (Density Estimation, 1986, 3.28): a few numbers make no comb.
std::vector<float> density(const std::vector<float>& values) {
  std::vector<float> bins(kBins), next(kBins);
  if (values.empty()) return bins;
  const float weight = static_cast<float>(kBins) / static_cast<float>(values.size());
  for (const float value : values)
    bins[std::min(kBins - 1, static_cast<std::size_t>(std::max(0.0f, value) * kBins))] += weight;
  double mean = 0, variance = 0;
  const auto count = static_cast<double>(values.size());
  for (const float value : values) mean += static_cast<double>(value) / count;
  for (const float value : values)
    variance += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean) / count;
  const double width = 1.06 * std::sqrt(variance) * std::pow(count, -0.2) * kBins;
  // Each pass of (1, 2, 1) / 4 adds half a bin squared to the variance.
  const int passes = std::clamp(static_cast<int>(std::lround(2 * width * width)), 2, 64);
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t i = 0; i < kBins; ++i)
      next[i] = (bins[i > 0 ? i - 1 : 0] + 2 * bins[i] + bins[std::min(kBins - 1, i + 1)]) / 4;
    bins.swap(next);
  }
  return bins;
}

float mean_of(const std::vector<float>& scores) {
  float sum = 0;
  for (const float score : scores) sum += sigmoid(score);
  return scores.empty() ? 0 : sum / static_cast<float>(scores.size());
}

void told(const Panel& panel, ImVec2 low, ImVec2 high, const std::string& label) {
  Mark mark;
  mark.name = "figure";
  mark.role = Role::image;
  mark.label = label;
  panel.app.mark(std::move(mark), low, high);
}

void density_view(const Panel& panel) {
  const Slot& slot = samples(panel, kSamples);
  if (!slot.answered || slot.frame.pictures.empty()) return;
  const session::ModelInfo& model = *panel.model;
  const format::ImageSpec& image = model.header->image;
  const Theme& theme = panel.theme;
  std::uint32_t count = 0;
  const std::vector<float> data = density(strip_values(model, "real", count)),
                           made = density(slot.frame.pictures);
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  Area area{at.x + 36, at.y + 60, at.x + room.x - 44, at.y + room.y * 0.66f};
  const float span = image.high - image.low;
  float top = 0;
  for (std::size_t i = 0; i < kBins; ++i) top = std::max({top, data[i], made[i]});
  top = std::max(top, 0.1f) * 1.08f;
  const auto scaled = [&](std::vector<float> heights) {
    for (float& h : heights) h /= top;
    return heights;
  };
  axis_y(panel, area, top / std::max(1e-6f, span), false, "density");
  axis_x(panel, area, image.low, image.high, "x");
  ImDrawList* list = ImGui::GetWindowDrawList();
  const std::vector<float> data_line = scaled(data), made_line = scaled(made);
  const ImU32 soft = (theme.series[2] & ~IM_COL32_A_MASK) | (56u << IM_COL32_A_SHIFT);
  for (std::size_t i = 0; i + 1 < kBins; ++i) {
    const float x0 = static_cast<float>(i) / (kBins - 1), x1 = static_cast<float>(i + 1) / (kBins - 1);
    list->AddQuadFilled(area.at(x0, 0), area.at(x0, data_line[i]), area.at(x1, data_line[i + 1]),
                        area.at(x1, 0), soft);
  }
  polyline(area, data_line, theme.series[2], 2);
  polyline(area, made_line, theme.series[1], 2);
  std::vector<LegendEntry> keys = {{"p data", theme.series[2]}, {"p generator", theme.series[1]}};
  std::string words = "Densities of data and samples";
  if (model.can_discriminate) {
    std::vector<float> line(kPoints), best(kBins);
    for (std::uint32_t i = 0; i < kPoints; ++i) line[i] = static_cast<float>(i) / (kPoints - 1);
    std::vector<float> d = scores_of(panel, model, "figure.judge", line);
    for (float& value : d) value = sigmoid(value);
    for (std::size_t i = 0; i < kBins; ++i)
      best[i] = data[i] + made[i] > kTold * top ? data[i] / (data[i] + made[i]) : 0.5f;
    dashes(area, best, theme.muted);
    if (!d.empty()) polyline(area, d, theme.series[0], 2.5f);
    axis_y(panel, area, 1, true, "D");
    keys.push_back({"D(x)", theme.series[0]});
    keys.push_back({"best D", theme.muted});
    const float judged = mean_of(scores_of(panel, model, "figure.made", slot.frame.pictures));
    words += "; D on samples is " + fixed(judged) + " on average";
  }
  legend(panel, {at.x + 36, at.y}, keys);
  // Arrows: where the generator sends each latent number.
  const Area below{area.left, area.bottom + 34, area.right, at.y + room.y - 28};
  if (below.bottom - below.top > 40 && model.latent_size > 0) {
    const format::PriorPart& part = model.header->prior[0];
    const bool uniform = part.kind == format::PriorKind::uniform;
    const float low = uniform ? part.low : -3, high = uniform ? part.high : 3;
    list->AddLine(below.at(0, 1), below.at(1, 1), theme.track);
    for (std::uint32_t i = 0; i < std::min(panel.state.count, slot.frame.count); ++i) {
      const float z = slot.frame.latents[std::size_t{i} * model.latent_size];
      const ImVec2 from = below.at(std::clamp((z - low) / (high - low), 0.0f, 1.0f), 0),
                   to = below.at(slot.frame.pictures[i], 1);
      const ImU32 colour = (theme.series[1] & ~IM_COL32_A_MASK) | (140u << IM_COL32_A_SHIFT);
      list->AddLine(from, to, colour, 1.2f);
      const float dx = to.x - from.x, dy = to.y - from.y, length = std::max(1.0f, std::hypot(dx, dy));
      const ImVec2 back{to.x - dx / length * 8, to.y - dy / length * 8},
          side{-dy / length * 3, dx / length * 3};
      list->AddTriangleFilled(to, {back.x + side.x, back.y + side.y}, {back.x - side.x, back.y - side.y},
                              colour);
    }
    axis_x(panel, below, low, high, "z");
  }
  told(panel, at, {at.x + room.x, at.y + room.y}, words);
}

void curve_view(const Panel& panel) {
  const Slot& slot = samples(panel, panel.state.count);
  if (!slot.answered || slot.frame.pictures.empty()) return;
  const session::ModelInfo& model = *panel.model;
  const format::ImageSpec& image = model.header->image;
  const Theme& theme = panel.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const Area area{at.x + 44, at.y + 40, at.x + room.x - 28, at.y + room.y - 64};
  ImDrawList* list = ImGui::GetWindowDrawList();
  // Values lie in [low, high] of the file; the axis names them.
  for (int i = 0; i <= 4; ++i) {
    const float along = static_cast<float>(i) / 4;
    const std::string text = short_number(static_cast<double>(image.low + (image.high - image.low) * along));
    list->AddLine(area.at(0, along), area.at(1, along), theme.line);
    text_at({area.left - 8 - text_size(text, Font::small).x, area.at(0, along).y - 8}, text, Font::small,
            theme.muted);
  }
  axis_x(panel, area, -1, 1, "x");
  const std::size_t points = image.width;
  const ImU32 soft = (theme.series[1] & ~IM_COL32_A_MASK) | (110u << IM_COL32_A_SHIFT);
  for (std::size_t i = 0; i < slot.frame.count; ++i) {
    const auto first = slot.frame.pictures.begin() + static_cast<std::ptrdiff_t>(i * points);
    polyline(area, {first, first + static_cast<std::ptrdiff_t>(points)}, soft, 1.5f);
  }
  std::uint32_t count = 0;
  const std::vector<float> real = strip_values(model, "real", count);
  std::vector<float> low(points, 1), high(points, 0);
  for (std::size_t i = 0; i < std::size_t{count} * points; ++i) {
    low[i % points] = std::min(low[i % points], real[i]);
    high[i % points] = std::max(high[i % points], real[i]);
  }
  std::string words = std::to_string(slot.frame.count) + " curves of the generator";
  if (count > 0) {
    polyline(area, low, theme.series[2], 2.5f);
    polyline(area, high, theme.series[2], 2.5f);
    std::size_t inside = 0;
    constexpr float kSlack = 0.01f;
    for (std::size_t i = 0; i < slot.frame.pictures.size(); ++i)
      inside += slot.frame.pictures[i] >= low[i % points] - kSlack &&
                slot.frame.pictures[i] <= high[i % points] + kSlack;
    words =
        std::to_string(100 * inside / slot.frame.pictures.size()) + " % of the points lie between the bounds";
  }
  if (model.can_discriminate) {
    const float judged = mean_of(scores_of(panel, model, "figure.made", slot.frame.pictures)),
                real_judged = mean_of(scores_of(panel, model, "judge.real", real));
    words += " \xc2\xb7 D is " + fixed(judged) + " on samples, " + fixed(real_judged) + " on data";
  }
  legend(panel, {at.x + 44, at.y}, {{"generator", theme.series[1]}, {"bounds of the data", theme.series[2]}});
  text_at({area.left, at.y + room.y - 24}, words, Font::small, theme.muted, room.x - 44);
  told(panel, at, {at.x + room.x, at.y + room.y}, words);
}

}  // namespace

void sample_view(const Panel& panel) {
  const session::ModelInfo* model = panel.model;
  if (model != nullptr && !model->can_sample) {
    nothing_here(panel, "This model draws nothing by itself",
                 any_sees(panel) ? "It takes pictures: try it under Draw." : "Its facts are under About.");
    return;
  }
  const session::Figure figure = model == nullptr ? session::Figure::picture : model->figure;
  if (figure == session::Figure::density) {
    density_view(panel);
  } else if (figure == session::Figure::curve) {
    curve_view(panel);
  } else {
    grid_panel(panel);
  }
}

}  // namespace lc::ui
