// NumPy's .npy files of float32 numbers, so that Python can check every number. Format: numpy.org, "NEP 1".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"

namespace lc::io {

constexpr std::size_t kMaxNpyRank = 8;

// Row-major: the last axis varies fastest.
struct Array {
  std::vector<std::uint64_t> shape;  // empty: a single number
  std::vector<float> values;
};

// "3 x 1 x 28 x 28", for messages.
std::string shape_text(const std::vector<std::uint64_t>& shape);

// Versions 1.0 and 2.0, dtype '<f4', C order, exactly as many bytes as the shape needs; anything else is
// data_damaged with a message that starts with `name`. Trusts nothing; allocates at most the bytes' length.
Result<Array> read_npy(Bytes bytes, const std::string& name);
Result<Array> load_npy(const std::string& path);  // "-" is standard input

// The bytes that numpy.save writes. `values.size` is the shape's product, rank at most kMaxNpyRank.
Result<std::vector<std::uint8_t>> write_npy(const std::vector<std::uint64_t>& shape,
                                            Span<const float> values);
Status save_npy(const std::string& path, const std::vector<std::uint64_t>& shape, Span<const float> values);

}  // namespace lc::io
