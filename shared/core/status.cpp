// Names of the error codes, their exit codes, and the distance between two words.
#include "shared/core/status.h"

#include <algorithm>
#include <vector>

namespace lc {

const char* name_of(Code code) {
  // A switch without a default: the compiler names a code that is missing here.
#define LC_CODE(name) \
  case Code::name:    \
    return #name;
  switch (code) {
    LC_CODE(ok)
    LC_CODE(bad_argument)
    LC_CODE(unknown_name)
    LC_CODE(bad_combination)
    LC_CODE(too_much_asked)
    LC_CODE(data_missing)
    LC_CODE(data_damaged)
    LC_CODE(data_unverified)
    LC_CODE(file_too_short)
    LC_CODE(bad_magic)
    LC_CODE(bad_version)
    LC_CODE(bad_length)
    LC_CODE(bad_checksum)
    LC_CODE(header_too_long)
    LC_CODE(header_overruns)
    LC_CODE(padding_not_zero)
    LC_CODE(header_too_big)
    LC_CODE(bad_endianness)
    LC_CODE(count_overruns)
    LC_CODE(header_truncated)
    LC_CODE(header_trailing)
    LC_CODE(bad_enum)
    LC_CODE(not_finite)
    LC_CODE(bad_name)
    LC_CODE(bad_text)
    LC_CODE(bad_hash)
    LC_CODE(too_many_tensors)
    LC_CODE(bad_rank)
    LC_CODE(bad_shape)
    LC_CODE(bad_scale_axis)
    LC_CODE(duplicate_tensor)
    LC_CODE(tensor_overlaps)
    LC_CODE(tensor_hole)
    LC_CODE(tensor_overruns)
    LC_CODE(payload_trailing)
    LC_CODE(weight_not_finite)
    LC_CODE(bad_scale)
    LC_CODE(no_networks)
    LC_CODE(duplicate_network)
    LC_CODE(bad_tensor_index)
    LC_CODE(bad_value_index)
    LC_CODE(too_many_layers)
    LC_CODE(unknown_layer)
    LC_CODE(bad_attribute)
    LC_CODE(bad_layer_inputs)
    LC_CODE(bad_layer_tensors)
    LC_CODE(bad_network_inputs)
    LC_CODE(bad_network_outputs)
    LC_CODE(bad_prior)
    LC_CODE(bad_condition)
    LC_CODE(bad_image)
    LC_CODE(bad_timeline)
    LC_CODE(bad_curve)
    LC_CODE(bad_strip)
    LC_CODE(too_much_work)
    LC_CODE(too_many_entries)
    LC_CODE(duplicate_entry)
    LC_CODE(empty_network)
    LC_CODE(io_open)
    LC_CODE(io_read)
    LC_CODE(io_write)
    LC_CODE(io_disk_full)
    LC_CODE(out_of_memory)
    LC_CODE(diverged)
    LC_CODE(no_device)
    LC_CODE(cancelled)
    LC_CODE(interrupted)
  }
#undef LC_CODE
  return "unknown_code";
}

Status fail(Code code, const char* words, std::initializer_list<Piece> pieces) {
  return {code, phrase(words, pieces)};
}

int exit_code(Code code) {
  if (code == Code::ok) return 0;
  if (code == Code::diverged) return 6;
  if (code == Code::no_device) return 7;
  constexpr int kByHundred[] = {1, 2, 3, 4, 5};
  const std::size_t hundred = static_cast<std::size_t>(code) / 100;
  return hundred < std::size(kByHundred) ? kByHundred[hundred] : 1;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Row i: the distances of a's first i letters from the beginnings of b; with the two rows before it.
  std::vector<std::size_t> row(b.size() + 1), above(row), above_that(row);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    above_that.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, row[j - 1] + 1, above[j] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], above_that[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace lc
