// A layer record's attributes with their checks: a missing, repeated, fractional or out-of-range one fails
// with bad_attribute, and so does one that nobody read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/status.h"
#include "shared/format/schema.h"

namespace lc::nn {

class Attributes {
 public:
  // `record` and `where` must outlive this.
  Attributes(const format::LayerRecord& record, std::string_view where);

  bool has(std::string_view name) const;
  // A whole number in [low, high]. `fallback` makes it optional.
  Result<std::uint32_t> whole(std::string_view name, std::uint32_t low, std::uint32_t high,
                              std::optional<std::uint32_t> fallback = std::nullopt);
  // A number in [low, high].
  Result<float> number(std::string_view name, float low, float high);
  // Fails on attributes that were not read, and on repeated ones.
  Status finish() const;

 private:
  // The value, or nothing; marks it as read.
  std::optional<double> take(std::string_view name);
  Status bad(std::string_view name, const std::string& problem) const;
  // For a value that is none of the expected ones, or missing.
  Status unexpected(std::string_view name, std::optional<double> value, const std::string& expected) const;

  const format::LayerRecord& record_;
  std::string_view where_;
  std::vector<char> read_;
};

}  // namespace lc::nn
