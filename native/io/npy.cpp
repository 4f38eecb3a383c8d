// NumPy's .npy files of float32 numbers, so that Python can check every number. Format: numpy.org, "NEP 1".
#include "native/io/npy.h"

#include <cstring>
#include <string_view>

#include "native/io/files.h"
#include "shared/core/checked.h"

namespace lc::io {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kPreambleV1 = 10, kPreambleV2 = 12;  // magic, version, header length
constexpr std::size_t kMaxHeaderChars = 1u << 16;
constexpr std::size_t kAlignment = 64;

// The numbers of a file are little-endian, and so is every machine that this project runs on.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "copying floats needs a little-endian machine");

std::uint32_t little_endian(const std::uint8_t* first, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::uint32_t{first[i]} << (8 * i);
  return value;
}

// Reads the Python dictionary of a header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool take(char wanted) {
    skip_blanks();
    if (text_.empty() || text_[0] != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool word(std::string_view wanted) {
    skip_blanks();
    if (text_.substr(0, wanted.size()) != wanted) return false;
    text_.remove_prefix(wanted.size());
    return true;
  }

  bool quoted(std::string_view& out) {
    skip_blanks();
    if (text_.empty() || (text_[0] != '\'' && text_[0] != '"')) return false;
    const std::size_t end = text_.find(text_[0], 1);
    if (end == std::string_view::npos) return false;
    out = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return true;
  }

  bool whole_number(std::uint64_t& out) {
    skip_blanks();
    std::size_t digits = 0;
    for (out = 0; digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9'; ++digits) {
      if (!checked_mul(out, 10, out)) return false;
      if (!checked_add(out, static_cast<std::uint64_t>(text_[digits] - '0'), out)) return false;
    }
    text_.remove_prefix(digits);
    return digits > 0;
  }

  bool at_end() {
    skip_blanks();
    return text_.empty();
  }

 private:
  void skip_blanks() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
  }
  std::string_view text_;
};

struct NpyHeader {
  bool has_descr = false, has_order = false, has_shape = false;
  std::string descr;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

bool parse_shape(Reader& reader, std::vector<std::uint64_t>& shape) {
  if (!reader.take('(')) return false;
  while (!reader.take(')')) {
    std::uint64_t side = 0;
    if (shape.size() == kMaxNpyRank || !reader.whole_number(side)) return false;
    shape.push_back(side);
    if (reader.take(',')) continue;
    // (3) is a number in Python, not a tuple.
    return shape.size() > 1 && reader.take(')');
  }
  return true;
}

bool parse_entry(Reader& reader, NpyHeader& header) {
  std::string_view key, text;
  if (!reader.quoted(key) || !reader.take(':')) return false;
  if (key == "descr" && !header.has_descr) {
    header.has_descr = true;
    if (!reader.quoted(text)) return false;
    header.descr = std::string(text);
    return true;
  }
  if (key == "fortran_order" && !header.has_order) {
    header.has_order = true;
    header.fortran_order = reader.word("True");
    return header.fortran_order || reader.word("False");
  }
  if (key == "shape" && !header.has_shape) {
    header.has_shape = true;
    return parse_shape(reader, header.shape);
  }
  return false;
}

bool parse_header(std::string_view text, NpyHeader& header) {
  Reader reader(text);
  if (!reader.take('{')) return false;
  while (!reader.take('}')) {
    if (!parse_entry(reader, header)) return false;
    if (reader.take(',')) continue;
    if (!reader.take('}')) return false;
    break;
  }
  return reader.at_end() && header.has_descr && header.has_order && header.has_shape;
}

bool bytes_of_shape(const std::vector<std::uint64_t>& shape, std::uint64_t& out) {
  out = sizeof(float);
  for (const std::uint64_t side : shape) {
    if (!checked_mul(out, side, out)) return false;
  }
  return true;
}

Status damaged(const std::string& name, const std::string& what) {
  return fail(Code::data_damaged, name + ": " + what +
                                      " Expected a .npy file of float32 numbers in C order, as "
                                      "numpy.save(name, array.astype('float32')) writes it.");
}

}  // namespace

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t side : shape) text += (text.empty() ? "" : " x ") + std::to_string(side);
  return text.empty() ? "one number" : text;
}

Result<Array> read_npy(Bytes bytes, const std::string& name) {
  if (bytes.size < kPreambleV1) return damaged(name, "only " + std::to_string(bytes.size) + " bytes long.");
  if (std::memcmp(bytes.data, kMagic.data(), kMagic.size()) != 0)
    return damaged(name, "does not begin as a .npy file.");
  const unsigned major = bytes[6], minor = bytes[7];
  if ((major != 1 && major != 2) || minor != 0) {
    return damaged(name, "version " + std::to_string(major) + "." + std::to_string(minor) +
                             ", this build reads 1.0 and 2.0.");
  }
  const std::size_t preamble = major == 1 ? kPreambleV1 : kPreambleV2;
  if (bytes.size < preamble) return damaged(name, "ends in its preamble.");
  const std::size_t length = little_endian(bytes.data + 8, preamble - 8);
  if (length > kMaxHeaderChars || length > bytes.size - preamble) {
    return damaged(name, "a header of " + std::to_string(length) + " bytes, " +
                             std::to_string(bytes.size - preamble) + " left (at most " +
                             std::to_string(kMaxHeaderChars) + ").");
  }
  NpyHeader header;
  if (!parse_header({reinterpret_cast<const char*>(bytes.data + preamble), length}, header)) {
    return damaged(name,
                   "the header is not a dictionary of descr, fortran_order and shape (rank at most 8).");
  }
  if (header.descr != "<f4") return damaged(name, "dtype '" + header.descr + "', expected '<f4'.");
  if (header.fortran_order) return damaged(name, "Fortran order.");
  std::uint64_t needed = 0;
  const std::uint64_t left = bytes.size - preamble - length;
  if (!bytes_of_shape(header.shape, needed) || needed != left) {
    return damaged(name, "shape " + shape_text(header.shape) + " does not fit the " + std::to_string(left) +
                             " bytes of numbers.");
  }
  Array array;
  array.shape = std::move(header.shape);
  array.values.resize(static_cast<std::size_t>(left / sizeof(float)));
  if (left != 0)
    std::memcpy(array.values.data(), bytes.data + preamble + length, static_cast<std::size_t>(left));
  return array;
}

Result<Array> load_npy(const std::string& path) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(path);
  if (!bytes.ok()) return bytes.status();
  return read_npy(bytes.value(), path);
}

Result<std::vector<std::uint8_t>> write_npy(const std::vector<std::uint64_t>& shape,
                                            Span<const float> values) {
  std::uint64_t needed = 0;
  if (shape.size() > kMaxNpyRank || !bytes_of_shape(shape, needed) || needed != values.size * sizeof(float)) {
    return fail(Code::bad_argument, "an array of shape " + shape_text(shape) +
                                        " (rank at most 8) cannot hold " + std::to_string(values.size) +
                                        " numbers.");
  }
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < shape.size(); ++i)
    header += (i == 0 ? "" : " ") + std::to_string(shape[i]) + ",";
  if (shape.size() > 1) header.pop_back();
  header += "), }";
  const std::size_t unpadded = kPreambleV1 + header.size() + 1;
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::vector<std::uint8_t> bytes;
  bytes.reserve(kPreambleV1 + header.size() + static_cast<std::size_t>(needed));
  bytes.insert(bytes.end(), kMagic.begin(), kMagic.end());
  const auto length = static_cast<std::uint32_t>(header.size());
  for (const std::uint32_t byte : {1u, 0u, length & 255u, length >> 8})
    bytes.push_back(static_cast<std::uint8_t>(byte));
  bytes.insert(bytes.end(), header.begin(), header.end());
  const auto* first = reinterpret_cast<const std::uint8_t*>(values.data);
  bytes.insert(bytes.end(), first, first + needed);
  return bytes;
}

Status save_npy(const std::string& path, const std::vector<std::uint64_t>& shape, Span<const float> values) {
  const Result<std::vector<std::uint8_t>> bytes = write_npy(shape, values);
  if (!bytes.ok()) return bytes.status();
  return save_file(path, bytes.value());
}

}  // namespace lc::io
