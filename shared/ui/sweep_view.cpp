// The selected picture, large, and a table in which each row moves one latent number from low to high.
#include <algorithm>
#include <cmath>

#include "shared/ui/panels.h"
#include "shared/ui/paths.h"
#include "shared/ui/questions.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

constexpr std::uint32_t kColumns = 9;
constexpr float kSweepReach = 2.5f;  // standard deviations to either side
constexpr float kGap = 3, kLabel = 44;
constexpr float kHead = 20;

float deviations(std::uint32_t column) {
  return kSweepReach * (2 * static_cast<float>(column) / (kColumns - 1) - 1);
}

float value_at(const format::Header& header, const Insight& insight, std::uint32_t number,
               std::uint32_t column) {
  float value = insight.mean[number] + deviations(column) * insight.sigma[number];
  each_part(header, [&](const format::PriorPart& part, std::size_t first) {
    if (part.kind == format::PriorKind::uniform && number >= first && number < first + part.size)
      value = part.low + (part.high - part.low) * static_cast<float>(column) / (kColumns - 1);
  });
  return value;
}

// Where the table stands and how many rows it has.
struct Table {
  ImVec2 at;
  ImVec2 cell;
  float row = 0;  // height of a row, its pictures in the middle
  std::uint32_t rows = 0;
  Atlas* present = nullptr;  // the picture as it is, at an index
  std::uint32_t index = 0;
};

void draw_table(const Panel& panel, const Table& table, const Insight& insight,
                const std::vector<std::uint32_t>& numbers, const float* now) {
  App& app = panel.app;
  const format::Header& header = *panel.model->header;
  session::Request request;
  request.model = panel.model->model;
  request.moment = panel.state.moment;
  const std::uint32_t size = panel.model->latent_size;
  for (std::uint32_t row = 0; row < table.rows; ++row) {
    for (std::uint32_t column = 0; column < kColumns; ++column) {
      request.latents.insert(request.latents.end(), now, now + size);
      request.latents[request.latents.size() - size + numbers[row]] =
          value_at(header, insight, numbers[row], column);
    }
  }
  request.count = table.rows * kColumns;
  if (panel.model->classes > 0)
    request.labels = {label_of(panel.state, *panel.model, static_cast<std::uint32_t>(panel.state.selected))};
  Slot& slot = app.ask("sweep", request);
  const float left = table.at.x + kLabel;
  constexpr const char* kEnds[] = {"\u22122.5 \u03c3", "0", "+2.5 \u03c3"};
  for (int i = 0; i < 3; ++i) {
    const float width = static_cast<float>(kColumns) * (table.cell.x + kGap) - kGap,
                text = text_size(kEnds[i], Font::small).x;
    text_at({left + (width - text) * static_cast<float>(i) / 2, table.at.y}, kEnds[i], Font::small,
            panel.theme.muted);
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (std::uint32_t row = 0; row < table.rows; ++row) {
    const float top = table.at.y + kHead + static_cast<float>(row) * (table.row + kGap),
                y = top + (table.row - table.cell.y) / 2;
    const std::string label = latent_name(header, numbers[row]);
    text_at({table.at.x, y + table.cell.y / 2 - 8}, label, Font::small, panel.theme.muted);
    std::uint32_t nearest = 0;
    for (std::uint32_t column = 1; column < kColumns; ++column) {
      if (std::fabs(value_at(header, insight, numbers[row], column) - now[numbers[row]]) <
          std::fabs(value_at(header, insight, numbers[row], nearest) - now[numbers[row]]))
        nearest = column;
    }
    for (std::uint32_t column = 0; column < kColumns; ++column) {
      const ImVec2 low{left + static_cast<float>(column) * (table.cell.x + kGap), y};
      if (column != nearest) {
        draw_picture(panel, slot.atlas, row * kColumns + column, low, table.cell);
        continue;
      }
      // The framed one is the picture in hand itself, not the nearest step to it.
      draw_picture(panel, *table.present, table.index, low, table.cell);
      list->AddRect({low.x - 1, low.y - 1}, {low.x + table.cell.x + 1, low.y + table.cell.y + 1},
                    panel.theme.accent, 0, 0, 2);
    }
    // One mark a row: it is a slider in nine steps.
    ImGui::SetCursorScreenPos({left, top});
    Mark mark;
    mark.name = "sweep." + std::to_string(numbers[row]);
    mark.role = Role::slider;
    mark.label = "Latent number " + std::to_string(numbers[row] + 1) + ", in pictures";
    mark.text = fixed(now[numbers[row]]);
    mark.high = kColumns - 1;
    mark.now = static_cast<float>(nearest);
    mark.step = 1;
    const std::string name = mark.name;
    const ImVec2 room{static_cast<float>(kColumns) * (table.cell.x + kGap) - kGap, table.row};
    hit(panel, std::move(mark), room);
    std::int32_t to = -1;
    if (ImGui::IsItemActive())
      to = static_cast<std::int32_t>((ImGui::GetIO().MousePos.x - left) / (table.cell.x + kGap));
    if (const Act* act = app.acted(name); act != nullptr && act->action == "set")
      to = static_cast<std::int32_t>(std::lround(std::strtof(act->value.c_str(), nullptr)));
    if (to < 0 ||
        (to == static_cast<std::int32_t>(nearest) && app.acted(name) == nullptr && !ImGui::IsItemActivated()))
      continue;
    std::vector<float> latent(now, now + size);
    latent[numbers[row]] =
        value_at(header, insight, numbers[row], std::min(static_cast<std::uint32_t>(to), kColumns - 1));
    app.set_latent(std::move(latent));
    return;  // `now` may be gone
  }
}

}  // namespace

void sweep_view(const Panel& panel) {
  App& app = panel.app;
  const float* now = app.selected_latent();
  const Insight* insight = app.insight(*panel.model);
  if (now == nullptr || app.grid.atlas.count == 0) return;
  const bool changed = app.shows_edit();
  Atlas& atlas = changed ? app.edited : app.grid.atlas;
  const std::uint32_t index = changed ? 0 : static_cast<std::uint32_t>(panel.state.selected);
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const bool beside = room.x > room.y * 1.1f && room.x > 560;
  std::vector<std::uint32_t> numbers;
  if (insight != nullptr) {
    for (const std::uint32_t i : insight->order) {
      if (insight->sigma[i] > 0) numbers.push_back(i);
    }
  }
  // The table takes what it needs, the picture the rest.
  const float table_room = beside ? room.x * 0.66f : room.x;
  const float cell_room = (table_room - kLabel) / kColumns - kGap;
  Table table;
  table.present = &atlas;
  table.index = index;
  table.cell = crisp(panel, atlas, {cell_room, cell_room});
  table.row = for_hand(table.cell.y);
  const float table_width = kLabel + static_cast<float>(kColumns) * (table.cell.x + kGap) - kGap;
  const ImVec2 big = crisp(panel, atlas,
                           beside ? ImVec2{room.x - table_width - kSpace6, std::min(room.y, 480.0f)}
                                  : ImVec2{room.x, room.y * 0.42f});
  const float left_over = beside ? room.y - kHead : room.y - big.y - kSpace3 - kHead;
  table.rows = std::min(static_cast<std::uint32_t>(numbers.size()),
                        static_cast<std::uint32_t>(std::max(0.0f, (left_over + kGap) / (table.row + kGap))));
  if (beside) {
    const float height = kHead + static_cast<float>(table.rows) * (table.row + kGap);
    const float width = big.x + kSpace6 + table_width, x = at.x + std::max(0.0f, (room.x - width) / 2);
    draw_picture(panel, atlas, index, {x, at.y + std::max(0.0f, (room.y - big.y) / 2)}, big);
    table.at = {x + big.x + kSpace6, at.y + std::max(0.0f, (room.y - height) / 2)};
    app.mark("current", {x, at.y}, {x + big.x, at.y + big.y});
  } else {
    draw_picture(panel, atlas, index, {at.x + (room.x - big.x) / 2, at.y}, big);
    table.at = {at.x + (room.x - table_width) / 2, at.y + big.y + kSpace3};
  }
  if (table.rows > 0) draw_table(panel, table, *insight, numbers, now);
}

}  // namespace lc::ui
