// Reads data files, plain or gzipped, up to a bound, and hashes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"

namespace lc::data {

// The uncompressed content of a plain or gzipped file of at most `max_bytes`. `mend` ends the message of an
// error.
Result<std::vector<std::uint8_t>> read_data_file(const std::string& path, std::uint64_t max_bytes,
                                                 const std::string& mend);

// SHA-256 of the pieces one after another, as 64 hex digits.
std::string sha256_hex(const std::vector<Bytes>& pieces);

}  // namespace lc::data
