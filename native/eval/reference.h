// What generated pictures are compared with: a data set's pictures, and what the pinned classifier sees in
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/data/dataset.h"
#include "native/eval/matrix.h"
#include "native/eval/network.h"
#include "native/eval/pictures.h"
#include "shared/core/status.h"

namespace lc::eval {

// The feature network of a data set: a number measured in other features is another number.
struct PinnedNetwork {
  std::string dataset;
  std::string name;    // of the weights file
  std::string sha256;  // of its bytes
};
const std::vector<PinnedNetwork>& pinned_networks();
// bad_combination, with the data sets that have one.
Result<const PinnedNetwork*> pinned_network(const std::string& dataset);

// The network that gives "classes" and "features" of pictures, or networks.size().
std::uint32_t feature_network(const format::Header& header);

// What the classifier says of pictures.
struct Seen {
  Matrix features;                     // its last hidden layer
  std::vector<std::uint32_t> classes;  // its answer for each picture
};

class Reference {
 public:
  // `data` must outlive the reference; `file` is the pinned classifier, needed during the call only.
  static Result<Reference> make(const data::Dataset& data, const format::ModelFile& file, unsigned threads);

  const data::Dataset& data() const { return *data_; }
  const PictureShape& shape() const { return shape_; }
  std::size_t classes() const { return data_->spec->classes.size(); }

  // Values in [0, 1]. Training pictures of one seed are drawn without replacement, those of seed 1, 2, ...
  // are different ones as long as there are enough.
  Matrix test(std::size_t count) const;
  Matrix training(std::size_t first, std::size_t count) const;
  Matrix random_training(std::size_t count, std::uint64_t seed) const;

  Result<Seen> look(const Matrix& pictures) const;

 private:
  Reference(const data::Dataset& data, Network classifier, unsigned threads);
  const data::Dataset* data_;
  PictureShape shape_;
  Network classifier_;
  unsigned threads_;
  std::vector<std::uint32_t> order_;  // of the training pictures, shuffled
};

// Pictures of a data set's shape from larger ones: their middle. bad_combination when a side is smaller.
Result<Matrix> middle(const Matrix& pictures, const PictureShape& from, const PictureShape& to);

}  // namespace lc::eval
