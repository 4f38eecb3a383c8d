// Reads and checks the attributes of one layer record.
#include "shared/nn/attributes.h"

#include <cmath>

namespace lc::nn {

namespace {

std::string text(double value) {
  // Only a number that fits may be converted; the others are printed as they are.
  const bool whole = std::fabs(value) < 1e15 && value == std::floor(value);
  return whole ? std::to_string(static_cast<std::int64_t>(value)) : std::to_string(value);
}

}  // namespace

Attributes::Attributes(const format::LayerRecord& record, std::string_view where)
    : record_(record), where_(where), read_(record.attributes.size()) {}

Status Attributes::bad(std::string_view name, const std::string& problem) const {
  return fail(Code::bad_attribute,
              std::string(where_) + ": attribute '" + std::string(name) + "' " + problem);
}

bool Attributes::has(std::string_view name) const {
  for (const format::Attribute& attribute : record_.attributes) {
    if (attribute.name == name) return true;
  }
  return false;
}

std::optional<double> Attributes::take(std::string_view name) {
  for (std::size_t i = 0; i < record_.attributes.size(); ++i) {
    if (record_.attributes[i].name != name) continue;
    read_[i] = true;
    return record_.attributes[i].value;
  }
  return std::nullopt;
}

Result<std::uint32_t> Attributes::whole(std::string_view name, std::uint32_t low, std::uint32_t high,
                                        std::optional<std::uint32_t> fallback) {
  const std::optional<double> value = take(name);
  if (!value && fallback) return *fallback;
  const std::string expected =
      "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value) return bad(name, "is missing: " + expected);
  if (!(*value >= low && *value <= high) || *value != std::floor(*value)) {
    return bad(name, "is " + text(*value) + ": " + expected);
  }
  return static_cast<std::uint32_t>(*value);
}

Result<float> Attributes::number(std::string_view name, float low, float high) {
  const std::optional<double> value = take(name);
  const std::string expected = "expected a number from " + text(low) + " to " + text(high);
  if (!value) return bad(name, "is missing: " + expected);
  if (!(*value >= low && *value <= high)) return bad(name, "is " + text(*value) + ": " + expected);
  return static_cast<float>(*value);
}

Status Attributes::finish() const {
  for (std::size_t i = 0; i < read_.size(); ++i) {
    const std::string& name = record_.attributes[i].name;
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (record_.attributes[earlier].name == name) return bad(name, "is given twice");
    }
    if (!read_[i]) return bad(name, "is unknown to layers of kind '" + record_.kind + "'");
  }
  return {};
}

}  // namespace lc::nn
