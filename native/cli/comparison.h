// Several models side by side: what each draws from the same noise at the same moments of its training.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/cli/weights.h"
#include "native/data/dataset.h"
#include "native/io/images.h"
#include "shared/core/status.h"
#include "shared/format/schema.h"

namespace lc::cli {

struct ComparisonDesc {
  std::uint32_t count = 36;  // pictures of a grid
  std::uint32_t columns = 6;
  std::uint64_t seed = 1;
  std::uint32_t threads = 0;
  std::uint8_t background = 255;  // between pictures
};

struct Compared {
  std::string name;
  format::Header header;
  std::vector<std::optional<io::Picture>> grids;  // one a row of the comparison; absent: not kept in the file
};

struct Comparison {
  std::string dataset;
  std::vector<std::uint64_t>
      iterations;  // of the rows; the last row is the end of training, whenever that was
  std::optional<io::Picture> real;
  std::vector<Compared> models;
};

// Rows: iterations 1, 2, 3, 4 and 100 where any file keeps them, and the end. The real pictures are the data
// set's first test pictures when it can be found, else those that the first file carries.
Result<Comparison> compare_models(const std::vector<LoadedModel>& models, const data::Dataset* data,
                                  const ComparisonDesc& desc);

// The model's grid at every moment that its file keeps, the end last.
Result<std::vector<io::Picture>> growth(const LoadedModel& model, const ComparisonDesc& desc);

}  // namespace lc::cli
