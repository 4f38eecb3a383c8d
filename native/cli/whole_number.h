// An option that takes a whole number and nothing else. CLI11 alone turns -1 into 2^64 - 1 and cuts what is
// too large.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

namespace lc::cli {

inline std::string whole_number_problem(const std::string& text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, value);
  if (result.ec == std::errc() && result.ptr == end) return "";
  const bool too_large = result.ec == std::errc::result_out_of_range;
  return "'" + text + "' is " + (too_large ? "too large" : "not a whole number of 0 or more");
}

template <class Target>
CLI::Option* add_whole_number(CLI::App& app, const std::string& names, Target& target,
                              const std::string& help) {
  const CLI::Validator validator(&whole_number_problem, std::string(), "whole number");
  return app.add_option(names, target, help)->check(validator)->type_name("N");
}

}  // namespace lc::cli
