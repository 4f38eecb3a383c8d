// Reads and checks the attributes of one layer record.
#include "shared/nn/attributes.h"

#include <cmath>

namespace lc::nn {

Attributes::Attributes(const format::LayerRecord& record, std::string_view where)
    : record_(record), where_(where), read_(record.attributes.size()) {}

Status Attributes::bad(std::string_view name, const std::string& problem) const {
  return fail(Code::bad_attribute, "{}: attribute '{}' {}", where_, name, problem);
}

Status Attributes::unexpected(std::string_view name, std::optional<double> value,
                              const std::string& expected) const {
  if (value) return bad(name, phrase("is {}: expected {}", *value, expected));
  return bad(name, "is missing: expected " + expected);
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
  if (value && *value >= low && *value <= high && *value == std::floor(*value))
    return static_cast<std::uint32_t>(*value);
  return unexpected(name, value, phrase("a whole number from {} to {}", low, high));
}

Result<float> Attributes::number(std::string_view name, float low, float high) {
  const std::optional<double> value = take(name);
  if (value && *value >= low && *value <= high) return static_cast<float>(*value);
  return unexpected(name, value, phrase("a number from {} to {}", low, high));
}

Status Attributes::finish() const {
  for (std::size_t i = 0; i < read_.size(); ++i) {
    const std::string& name = record_.attributes[i].name;
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (record_.attributes[earlier].name == name) return bad(name, "is given twice");
    }
    if (!read_[i]) return bad(name, phrase("is unknown to layers of kind '{}'", record_.kind));
  }
  return {};
}

}  // namespace lc::nn
