// Where the news of a run goes.
#include "native/train/sinks.h"

namespace lc::train {

Status FolderSink::numbers(std::int64_t iteration, const Numbers& numbers) {
  Numbers line = {{"iteration", static_cast<double>(iteration)}};
  line.insert(line.end(), numbers.begin(), numbers.end());
  return folder_.append_metrics(line);
}

Status FolderSink::grid(const std::string& kind, std::int64_t iteration, const io::Picture& picture) {
  return folder_.save_grid(kind, iteration, picture);
}

Result<io::Picture> grid_of(const torch::Tensor& pictures) {
  const torch::Tensor flat = pictures.contiguous();
  const io::BatchShape shape = {
      static_cast<std::uint32_t>(flat.size(0)), static_cast<std::uint32_t>(flat.size(1)),
      static_cast<std::uint32_t>(flat.size(2)), static_cast<std::uint32_t>(flat.size(3))};
  return io::grid(Span<const float>(flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())), shape);
}

}  // namespace lc::train
