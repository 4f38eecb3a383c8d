// Several models side by side: what each draws from the same noise at the same moments of its training.
#include "native/cli/comparison.h"

#include <algorithm>

#include "native/cli/play.h"

namespace lc::cli {
namespace {

constexpr std::uint64_t kWanted[] = {1, 2, 3, 4, 100};

io::GridOptions grid_options(const ComparisonDesc& desc) {
  io::GridOptions options;
  options.columns = desc.columns;
  options.background = desc.background;
  return options;
}

Result<io::Picture> grid_at(const LoadedModel& model, std::uint32_t moment, const ComparisonDesc& desc) {
  PlayDesc play_desc;
  play_desc.request.count = desc.count;
  play_desc.request.seed = desc.seed;
  play_desc.request.moment = moment;
  play_desc.threads = desc.threads;
  const Result<session::Frame> frame = play(model, play_desc);
  if (!frame.ok()) return frame.status();
  const io::BatchShape shape = {frame->count, frame->channels, frame->height, frame->width};
  return io::grid(Span<const float>(frame->pictures), shape, grid_options(desc));
}

// The place of an iteration in the file's timeline, or none.
std::optional<std::uint32_t> moment_of(const format::Header& header, std::uint64_t iteration) {
  for (std::uint32_t i = 0; i < header.timeline.size(); ++i) {
    if (header.timeline[i].iteration == iteration) return i;
  }
  return std::nullopt;
}

std::optional<io::Picture> real_grid(const std::vector<LoadedModel>& models, const data::Dataset* data,
                                     const ComparisonDesc& desc) {
  if (data != nullptr) {
    const std::uint32_t count = std::min(desc.count, data->test.count);
    const std::size_t size = std::size_t{count} * data->channels * data->height * data->width;
    const io::BatchShape shape = {count, data->channels, data->height, data->width};
    Result<io::Picture> grid = io::grid(Bytes{data->test.images.data(), size}, shape, grid_options(desc));
    if (grid.ok()) return grid.take();
  }
  const format::ImageSpec& image = models[0].file.header.image;
  for (const format::Strip& strip : models[0].file.header.strips) {
    if (strip.name != "real") continue;
    const io::BatchShape shape = {strip.count, image.channels, image.height, image.width};
    Result<io::Picture> grid = io::grid(Bytes(strip.pixels), shape, grid_options(desc));
    if (grid.ok()) return grid.take();
  }
  return std::nullopt;
}

}  // namespace

Result<Comparison> compare_models(const std::vector<LoadedModel>& models, const data::Dataset* data,
                                  const ComparisonDesc& desc) {
  Comparison comparison;
  comparison.dataset = models[0].file.header.provenance.dataset;
  comparison.real = real_grid(models, data, desc);
  for (const std::uint64_t iteration : kWanted) {
    const bool kept = std::any_of(models.begin(), models.end(), [&](const LoadedModel& model) {
      return moment_of(model.file.header, iteration).has_value();
    });
    if (kept) comparison.iterations.push_back(iteration);
  }
  for (const LoadedModel& model : models) {
    Compared one;
    one.name = name_of_weights(model.path);
    one.header = model.file.header;
    for (const std::uint64_t iteration : comparison.iterations) {
      const std::optional<std::uint32_t> moment = moment_of(one.header, iteration);
      one.grids.emplace_back();
      if (!moment) continue;
      Result<io::Picture> grid = grid_at(model, *moment, desc);
      if (!grid.ok()) return grid.status();
      one.grids.back() = grid.take();
    }
    Result<io::Picture> grid = grid_at(model, UINT32_MAX, desc);
    if (!grid.ok()) return grid.status();
    one.grids.emplace_back(grid.take());
    comparison.models.push_back(std::move(one));
  }
  return comparison;
}

Result<std::vector<io::Picture>> growth(const LoadedModel& model, const ComparisonDesc& desc) {
  std::vector<io::Picture> pictures;
  for (std::uint32_t moment = 0; moment <= model.file.header.timeline.size(); ++moment) {
    Result<io::Picture> grid = grid_at(model, moment, desc);
    if (!grid.ok()) return grid.status();
    pictures.push_back(grid.take());
  }
  return pictures;
}

}  // namespace lc::cli
