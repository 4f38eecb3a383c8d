// Where the news of a run goes: its numbers and its grids of pictures, as the loop hands them out.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "native/io/images.h"
#include "native/train/run_folder.h"
#include "shared/core/status.h"

namespace lc::train {

using Numbers = std::vector<std::pair<std::string, double>>;  // by name, in the order to be shown

class Sink {
 public:
  virtual ~Sink() = default;
  // io_disk_full when they do not fit.
  virtual Status numbers(std::int64_t iteration, const Numbers& numbers) = 0;
  virtual Status grid(const std::string& kind, std::int64_t iteration, const io::Picture& picture) = 0;
};

using Sinks = std::vector<std::unique_ptr<Sink>>;

// metrics.jsonl and samples/.
class FolderSink : public Sink {
 public:
  explicit FolderSink(RunFolder folder) : folder_(std::move(folder)) {}
  Status numbers(std::int64_t iteration, const Numbers& numbers) override;
  Status grid(const std::string& kind, std::int64_t iteration, const io::Picture& picture) override;

 private:
  RunFolder folder_;
};

// pictures: [n][channels][height][width] in [0, 1], on the CPU.
Result<io::Picture> grid_of(const torch::Tensor& pictures);

}  // namespace lc::train
