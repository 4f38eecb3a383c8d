// Damage to the bytes of a finished file: preamble, padding and encoding.
#include <algorithm>
#include <cstring>

#include "shared/format/format.h"
#include "shared/format/layout.h"
#include "tests/unit/format_bad_files.h"

namespace lc::sample {

namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::size_t kFamilyAt = format::kHeaderAt + 1;  // after the endianness byte: a count, then "vae"
constexpr std::size_t kTitleAt = kFamilyAt + 8 + 3;       // a count

template <class T>
void put(std::vector<std::uint8_t>& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

template <class T>
T get(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

struct ByteDamage {
  const char* name;
  Code code;
  const char* fragment;
  bool refreshed;  // length and checksum are made right again afterwards
  void (*apply)(Buffer& bytes);
};

const ByteDamage kByteDamages[] = {
    {"empty file", Code::file_too_short, "0 bytes", false, [](Buffer& b) { b.clear(); }},
    {"half a preamble", Code::file_too_short, "31 bytes", false, [](Buffer& b) { b.resize(31); }},
    {"a web page", Code::bad_magic, "not a .lcw file", false,
     [](Buffer& b) {
       const char page[] = "<!doctype html><title>404</title> Not found.";
       b.assign(page, page + sizeof page);
     }},
    {"line ends converted", Code::bad_magic, "magic", false, [](Buffer& b) { b.erase(b.begin() + 4); }},
    {"version 0", Code::bad_version, "version 0", false, [](Buffer& b) { put(b, format::kVersionAt, 0u); }},
    {"version of the future", Code::bad_version, "version 2", false,
     [](Buffer& b) { put(b, format::kVersionAt, 2u); }},
    {"a byte short", Code::bad_length, "found", false, [](Buffer& b) { b.pop_back(); }},
    {"a byte more", Code::bad_length, "found", false, [](Buffer& b) { b.push_back(0); }},
    {"length of 2^64 - 1", Code::bad_length, "18446744073709551615", false,
     [](Buffer& b) { put(b, format::kLengthAt, ~0ull); }},
    {"flipped weight", Code::bad_checksum, "expected", false, [](Buffer& b) { b.back() ^= 1; }},
    {"wrong checksum", Code::bad_checksum, "checksum", false,
     [](Buffer& b) { b[format::kChecksumAt] ^= 0x80; }},
    {"header length of 2^64 - 1", Code::header_too_long, "18446744073709551615", true,
     [](Buffer& b) { put(b, format::kHeaderLengthAt, ~0ull); }},
    {"header longer than the file", Code::header_overruns, "are left", true,
     [](Buffer& b) { put(b, format::kHeaderLengthAt, std::uint64_t{b.size()}); }},
    {"preamble alone", Code::header_overruns, "0 bytes are left", true,
     [](Buffer& b) { b.resize(format::kHeaderAt); }},
    {"header without room for its padding", Code::header_overruns, "padding", true,
     [](Buffer& b) {
       b.resize(format::kHeaderAt + 1);
       put(b, format::kHeaderLengthAt, std::uint64_t{1});
     }},
    {"padding that says something", Code::padding_not_zero, "not zero", true,
     [](Buffer& b) {
       const auto header = get<std::uint64_t>(b, format::kHeaderLengthAt);
       b[static_cast<std::size_t>(format::payload_start(header)) - 1] = 7;
     }},
    {"header of no bytes", Code::header_truncated, "needs 1 bytes", true,
     [](Buffer& b) {
       b.assign(b.begin(), b.begin() + 64);
       std::fill(b.begin() + format::kHeaderLengthAt, b.end(), std::uint8_t{0});
     }},
    {"big-endian header", Code::bad_endianness, "first byte is 0", true,
     [](Buffer& b) { b[format::kHeaderAt] = 0; }},
    {"endianness of 255", Code::bad_endianness, "first byte is 255", true,
     [](Buffer& b) { b[format::kHeaderAt] = 255; }},
    {"count of 2^29", Code::count_overruns, "536870912", true,
     [](Buffer& b) { put(b, kFamilyAt, std::uint64_t{1} << 29); }},
    {"count of 2^64 - 1", Code::count_overruns, "18446744073709551615", true,
     [](Buffer& b) { put(b, kTitleAt, ~std::uint64_t{0}); }},
    {"count one over what is left", Code::count_overruns, "are left", true,
     [](Buffer& b) {
       const auto header = get<std::uint64_t>(b, format::kHeaderLengthAt);
       put(b, kTitleAt, header - (kTitleAt - format::kHeaderAt + 8) + 1);
     }},
    {"flag of 2", Code::bad_enum, "a flag is 2", true,
     [](Buffer& b) {
       const std::string hash = std::string(60, '0') + "c0de";  // the flag stands behind it
       const auto found = std::search(b.begin(), b.end(), hash.begin(), hash.end());
       *(found + 64) = 2;
     }},
};

// A header cut or stretched by some bytes, the payload moved accordingly.
std::vector<std::uint8_t> with_header_bytes(std::vector<std::uint8_t> bytes, std::ptrdiff_t change) {
  const auto before = get<std::uint64_t>(bytes, format::kHeaderLengthAt);
  const auto after = static_cast<std::uint64_t>(static_cast<std::ptrdiff_t>(before) + change);
  std::vector<std::uint8_t> header(bytes.begin() + format::kHeaderAt,
                                   bytes.begin() + static_cast<std::ptrdiff_t>(format::kHeaderAt + before));
  header.resize(after);
  header.resize(static_cast<std::size_t>(format::payload_start(after)) - format::kHeaderAt);
  std::vector<std::uint8_t> result(bytes.begin(), bytes.begin() + format::kHeaderAt);
  result.insert(result.end(), header.begin(), header.end());
  result.insert(result.end(), bytes.begin() + static_cast<std::ptrdiff_t>(format::payload_start(before)),
                bytes.end());
  put(result, format::kHeaderLengthAt, after);
  refresh(result);
  return result;
}

}  // namespace

void refresh(std::vector<std::uint8_t>& bytes) {
  if (bytes.size() < format::kHeaderAt) return;
  put(bytes, format::kLengthAt, std::uint64_t{bytes.size()});
  put(bytes, format::kChecksumAt,
      format::crc32({bytes.data() + format::kHeaderLengthAt, bytes.size() - format::kHeaderLengthAt}));
}

void add_bad_bytes(const std::vector<std::uint8_t>& good, std::vector<BadFile>& files) {
  for (const ByteDamage& damage : kByteDamages) {
    Buffer bytes = good;
    damage.apply(bytes);
    if (damage.refreshed) refresh(bytes);
    files.push_back({damage.name, std::move(bytes), damage.code, damage.fragment});
  }
  files.push_back(
      {"header a byte short", with_header_bytes(good, -1), Code::count_overruns, "bytes are left"});
  files.push_back(
      {"header with a byte too many", with_header_bytes(good, 1), Code::header_trailing, "1 bytes are left"});
}

}  // namespace lc::sample
