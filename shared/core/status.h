// Errors as values: a code per cause, and a sentence for the person. Nothing here throws or prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "shared/core/text.h"

namespace lc {

// One code per cause; the number is stable, the same natively and in wasm, and never reused.
// The hundreds give the area, which decides the exit code of the command line (see exit_code).
enum class Code : std::uint16_t {
  ok = 0,

  // 100: the caller asked for something that does not exist or makes no sense.
  bad_argument = 100,
  unknown_name = 101,     // the message lists the known names
  bad_combination = 102,  // each part is fine, together they are not (labels of an unlabelled model)
  too_much_asked = 103,   // a count over a stated limit

  // 200: a data set is absent or damaged.
  data_missing = 200,
  data_damaged = 201,
  data_unverified = 202,  // the hash differs from the pinned one

  // 300: a weights file. File level.
  file_too_short = 300,    // shorter than the fixed preamble
  bad_magic = 301,         // not a .lcw file
  bad_version = 302,       // a version that this build does not read
  bad_length = 303,        // the length field differs from the file's length
  bad_checksum = 304,      // bytes changed after the checksum was made
  header_too_long = 305,   // over kMaxHeaderBytes
  header_overruns = 306,   // the header claims more bytes than the file has
  padding_not_zero = 307,  // the gap before the payload holds something
  header_too_big = 308,    // unpacked, the header would need more memory than kMaxHeaderMemory
  // 320: the header's encoding.
  bad_endianness = 320,    // cereal's endianness byte does not say little-endian
  count_overruns = 321,    // a count needs more bytes than are left
  header_truncated = 322,  // a field needs more bytes than are left
  header_trailing = 323,   // bytes are left after the last field
  bad_enum = 324,          // the value of an enumeration or a flag is out of range
  not_finite = 325,        // a header number is NaN or infinite
  bad_name = 326,          // characters or length of a name
  bad_text = 327,          // a free text with control characters, not UTF-8 or too long
  bad_hash = 328,          // not 64 hexadecimal digits
  // 340: the header's meaning.
  too_many_tensors = 340,
  bad_rank = 341,
  bad_shape = 342,  // a dimension of 0, or a product that overflows
  bad_scale_axis = 343,
  duplicate_tensor = 344,
  tensor_overlaps = 345,   // begins before the end of the one before it
  tensor_hole = 346,       // bytes that belong to no tensor
  tensor_overruns = 347,   // ends after the end of the file
  payload_trailing = 348,  // bytes after the last tensor
  weight_not_finite = 349,
  bad_scale = 350,  // an i8 scale that is not a finite positive number
  no_networks = 351,
  duplicate_network = 352,
  bad_tensor_index = 353,
  bad_value_index = 354,  // a layer or an output reads a value that does not exist yet
  too_many_layers = 355,
  unknown_layer = 356,       // the message lists the known kinds
  bad_attribute = 357,       // missing, unknown, not whole or out of range
  bad_layer_inputs = 358,    // number or shape of a layer's inputs
  bad_layer_tensors = 359,   // number or shape of a layer's tensors
  bad_network_inputs = 360,  // inputs do not fit the prior, the condition or the image
  bad_network_outputs = 361,
  bad_prior = 362,
  bad_condition = 363,
  bad_image = 364,  // image shape or value range
  bad_timeline = 365,
  bad_curve = 366,
  bad_strip = 367,
  too_much_work = 368,     // one picture would need more memory or arithmetic than the stated caps
  too_many_entries = 369,  // a list is longer than its stated limit
  duplicate_entry = 370,   // two classes, options, metrics, series or strips of one name
  empty_network = 371,     // no inputs, no layers or no outputs

  // 400: files and disks.
  io_open = 400,
  io_read = 401,
  io_write = 402,
  io_disk_full = 403,

  // 500: running.
  out_of_memory = 500,
  diverged = 501,  // a loss is NaN or infinite
  no_device = 502,
  cancelled = 503,    // overtaken by a newer request
  interrupted = 504,  // a signal asked to stop
};

// The code's name as written above, for example "bad_magic".
const char* name_of(Code code);

// 0 ok, 2 usage, 3 bad data, 4 bad weights, 5 I/O or disk full, 6 diverged, 7 no such device, 1 anything
// else.
int exit_code(Code code);

struct [[nodiscard]] Status {
  Code code = Code::ok;
  std::string message;  // what, where, expected, found, what to do next; no trailing newline
  bool ok() const { return code == Code::ok; }
};

inline Status fail(Code code, std::string message) {
  return {code, std::move(message)};
}
// A message as phrase() makes it.
Status fail(Code code, const char* words, std::initializer_list<Piece> pieces);
template <class... Pieces>
Status fail(Code code, const char* words, const Pieces&... pieces) {
  return fail(code, words, {Piece(pieces)...});
}

// A value or the Status that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit, so that `return value;` works
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit, so that `return fail(...)` works
  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& value() { return *value_; }
  const T& value() const { return *value_; }
  T take() { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

// `LC_TRY(expr)`: leaves the function with the Status of a failed expression.
#define LC_TRY(expr)                               \
  do {                                             \
    ::lc::Status lc_try_status = (expr);           \
    if (!lc_try_status.ok()) return lc_try_status; \
  } while (false)

// The name in `known` nearest to `wrong` by edit distance, or "" when none is near.
template <class Names>
std::string_view nearest_name(std::string_view wrong, const Names& known);

// Insertions, deletions, replacements and swaps of neighbours that make one text of the other (optimal string
// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Names>
std::string_view nearest_name(std::string_view wrong, const Names& known) {
  std::string_view best;
  std::size_t best_distance = wrong.size() / 2 + 1;
  for (const auto& name : known) {
    const std::size_t distance = edit_distance(wrong, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

}  // namespace lc
