// Turns bytes into a ModelFile, or into the first reason why not.
#include <algorithm>
#include <cstring>
#include <string>

#include "shared/format/bounded_archive.h"
#include "shared/format/check.h"
#include "shared/format/format.h"

namespace lc::format {

namespace {

template <class T>
T field(Bytes bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data + at, sizeof(T));
  return value;
}

// The fixed fields, the checksum, and the gap before the payload. On success `header` and `payload` are the
// two parts.
Status check_frame(Bytes bytes, Bytes& header, Bytes& payload) {
  if (bytes.size < kHeaderAt) {
    return fail(Code::file_too_short, "the file has {} bytes, a .lcw file has at least {}", bytes.size,
                kHeaderAt);
  }
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.data)) {
    return fail(Code::bad_magic, "not a .lcw file: the first 8 bytes are not its magic number");
  }
  const auto version = field<std::uint32_t>(bytes, kVersionAt);
  if (version != kVersion) {
    return fail(Code::bad_version, "format version {}, this build reads version {}", version, kVersion);
  }
  const auto length = field<std::uint64_t>(bytes, kLengthAt);
  if (length != bytes.size) {
    return fail(Code::bad_length, "the file says that it has {} bytes, found {}", length, bytes.size);
  }
  const auto checksum = field<std::uint32_t>(bytes, kChecksumAt);
  const std::uint32_t found = crc32(bytes.sub(kHeaderLengthAt, bytes.size - kHeaderLengthAt));
  if (checksum != found) {
    return fail(Code::bad_checksum, "the checksum of the contents is {}, expected {}", found, checksum);
  }
  const auto header_bytes = field<std::uint64_t>(bytes, kHeaderLengthAt);
  if (header_bytes > kMaxHeaderBytes) {
    return fail(Code::header_too_long, "a header of {} bytes, at most {} are allowed", header_bytes,
                kMaxHeaderBytes);
  }
  const std::uint64_t start = payload_start(header_bytes);
  if (start > bytes.size) {
    return fail(Code::header_overruns, "a header of {} bytes and its padding, {} bytes are left",
                header_bytes, bytes.size - kHeaderAt);
  }
  header = bytes.sub(kHeaderAt, static_cast<std::size_t>(header_bytes));
  payload = bytes.sub(static_cast<std::size_t>(start), static_cast<std::size_t>(bytes.size - start));
  const std::uint8_t* gap_end = payload.data;
  const std::uint8_t* not_zero =
      std::find_if(header.end(), gap_end, [](std::uint8_t byte) { return byte != 0; });
  if (not_zero != gap_end) {
    return fail(Code::padding_not_zero, "byte {}, between the header and the payload, is not zero",
                not_zero - bytes.data);
  }
  return {};
}

Status read_into(Bytes bytes, ModelFile& file) {
  Bytes header;
  LC_TRY(check_frame(bytes, header, file.payload));
  BoundedArchive archive(header, kMaxHeaderMemory);
  archive(file.header);
  LC_TRY(archive.finish());
  return check_header(file.header, file.payload);
}

// What the person can do about it.
const char* advice(Code code) {
  switch (code) {
    case Code::bad_magic:
      return "Choose a file that latent-canvas exported.";
    case Code::bad_version:
      return "Export it again with a matching trainer, or update this program.";
    case Code::file_too_short:
    case Code::bad_length:
    case Code::bad_checksum:
      return "It was cut short or changed on its way: download or copy it again.";
    default:
      return "Whatever wrote this file broke the format: export it again.";
  }
}

}  // namespace

Status read_model(Bytes bytes, ModelFile& file) {
  Status status = read_into(bytes, file);
  if (!status.ok()) {
    status.message += ". ";
    status.message += advice(status.code);
  }
  return status;
}

}  // namespace lc::format
