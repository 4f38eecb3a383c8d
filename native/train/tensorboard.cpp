// Event files that TensorBoard reads.
#include "native/train/tensorboard.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "native/io/files.h"

namespace lc::train {

namespace {

// Fields of Event, of SessionLog and of Summary and its parts.
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
constexpr int kSessionStatus = 1;
constexpr std::uint64_t kSessionStart = 1;
constexpr int kValue = 1, kTag = 1, kSimpleValue = 2, kImage = 4;
constexpr int kHeight = 1, kWidth = 2, kColorspace = 3, kEncoded = 4;
enum Wire : unsigned { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr std::size_t kRecordHead = 12, kRecordTail = 4;

template <class T>
std::string raw(T value) {  // little-endian, as every machine that trains
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += static_cast<char>(0x80 | (value & 0x7f));
  return text + static_cast<char>(value);
}

std::string key(int field, Wire wire) {
  return varint(static_cast<unsigned>(field) << 3 | wire);
}
std::string bytes_field(int field, const std::string& bytes) {
  return key(field, kBytes) + varint(bytes.size()) + bytes;
}
std::string varint_field(int field, std::uint64_t value) {
  return key(field, kVarint) + varint(value);
}

std::uint32_t masked(std::uint32_t crc) {
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}
std::uint32_t masked_crc(const std::string& bytes) {
  return masked(crc32c(bytes.data(), bytes.size()));
}

std::string record(const std::string& event) {
  const std::string length = raw(static_cast<std::uint64_t>(event.size()));
  return length + raw(masked_crc(length)) + event + raw(masked_crc(event));
}

// Every event of ours begins with the time, and then the step, where it has one; 0 where it has none.
std::int64_t step_of(const std::string& event) {
  constexpr std::size_t kTimeBytes = 9;
  if (event.size() <= kTimeBytes || event[kTimeBytes] != key(kStep, kVarint)[0]) return 0;
  std::uint64_t step = 0;
  for (std::size_t i = kTimeBytes + 1, shift = 0; i < event.size() && shift < 64; ++i, shift += 7) {
    step |= static_cast<std::uint64_t>(event[i] & 0x7f) << shift;
    if ((event[i] & 0x80) == 0) break;
  }
  return static_cast<std::int64_t>(step);
}

// How many bytes of a file are whole records up to `iteration`.
std::size_t kept_bytes(const std::string& file, std::int64_t iteration) {
  std::size_t at = 0;
  while (file.size() - at >= kRecordHead) {
    std::uint64_t length = 0;
    std::memcpy(&length, file.data() + at, sizeof length);
    const std::size_t left = file.size() - at - kRecordHead;
    if (left < kRecordTail || length > left - kRecordTail) break;
    const std::string event = file.substr(at + kRecordHead, static_cast<std::size_t>(length));
    if (file.compare(at, kRecordHead + event.size() + kRecordTail, record(event)) != 0) break;
    if (step_of(event) > iteration) break;
    at += kRecordHead + event.size() + kRecordTail;
  }
  return at;
}

}  // namespace

std::uint32_t crc32c(const void* data, std::size_t size) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> made = {};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ ((value & 1) != 0 ? 0x82f63b78u : 0);
      made[i] = value;
    }
    return made;
  }();
  std::uint32_t crc = ~0u;
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  for (std::size_t i = 0; i < size; ++i) crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}

Result<std::unique_ptr<TensorBoard>> TensorBoard::open(const RunFolder& folder, std::int64_t iteration) {
  const auto name_of = [](int start) {
    char text[48];
    std::snprintf(text, sizeof text, "events.out.tfevents.%06d", start);
    return std::string(text);
  };
  int start = 0;
  for (;; ++start) {
    const std::string path = folder.path() + "/" + name_of(start);
    if (!io::file_exists(path)) break;
    const Result<std::vector<std::uint8_t>> bytes = io::read_file(path);
    if (!bytes.ok()) return bytes.status();
    const std::size_t kept = kept_bytes({bytes->begin(), bytes->end()}, iteration);
    if (kept < bytes->size() && ::truncate(path.c_str(), static_cast<off_t>(kept)) != 0) {
      return fail(Code::io_write, path + ": cannot be shortened: " + std::strerror(errno) + ".");
    }
  }
  std::unique_ptr<TensorBoard> board(new TensorBoard(folder, name_of(start)));
  LC_TRY(board->append(0, kFileVersion, "brain.Event:2"));
  if (start > 0) {
    LC_TRY(board->append(iteration + 1, kSessionLog, varint_field(kSessionStatus, kSessionStart)));
  }
  return board;
}

Status TensorBoard::append(std::int64_t iteration, int field, const std::string& message) const {
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::string event = key(kWallTime, kFixed64) + raw(now);
  if (iteration > 0) event += varint_field(kStep, static_cast<std::uint64_t>(iteration));
  return folder_.append(name_, record(event + bytes_field(field, message)));
}

Status TensorBoard::numbers(std::int64_t iteration, const Numbers& numbers) {
  std::string summary;
  for (const auto& [name, number] : numbers) {
    summary += bytes_field(
        kValue, bytes_field(kTag, name) + key(kSimpleValue, kFixed32) + raw(static_cast<float>(number)));
  }
  return append(iteration, kSummary, summary);
}

Status TensorBoard::grid(const std::string& kind, std::int64_t iteration, const io::Picture& picture) {
  const Result<std::vector<std::uint8_t>> png = io::encode_png(picture);
  if (!png.ok()) return png.status();
  const std::string image = varint_field(kHeight, picture.height) + varint_field(kWidth, picture.width) +
                            varint_field(kColorspace, picture.channels) +
                            bytes_field(kEncoded, {png->begin(), png->end()});
  return append(iteration, kSummary,
                bytes_field(kValue, bytes_field(kTag, kind) + bytes_field(kImage, image)));
}

}  // namespace lc::train
