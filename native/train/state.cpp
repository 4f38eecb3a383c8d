// The file that a run is resumed from.
#include "native/train/state.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "shared/core/checked.h"
#include "shared/format/format.h"

namespace lc::train {

namespace {

constexpr char kMagic[] = "LCSTATE1";
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kPreambleBytes = kMagicBytes + 8 + 4;
constexpr std::uint32_t kMaxRank = 8;
constexpr std::uint8_t kText = 0;

struct TypeRow {
  std::uint8_t code;
  torch::ScalarType type;
};
constexpr TypeRow kTypes[] = {
    {1, torch::kFloat32}, {2, torch::kFloat64}, {3, torch::kInt64}, {4, torch::kUInt8}};

class Out {
 public:
  std::vector<std::uint8_t> bytes;
  template <class T>
  void put(T value) {
    put_bytes(&value, sizeof value);
  }
  void put_bytes(const void* data, std::size_t size) {
    const auto* first = static_cast<const std::uint8_t*>(data);
    bytes.insert(bytes.end(), first, first + size);
  }
  void put_name(const std::string& name) {
    put(static_cast<std::uint32_t>(name.size()));
    put_bytes(name.data(), name.size());
  }
};

class In {
 public:
  explicit In(Bytes bytes) : bytes_(bytes) {}
  std::size_t left() const { return bytes_.size - at_; }
  bool take_bytes(void* to, std::size_t size) {
    if (size > left()) return false;
    if (size > 0) std::memcpy(to, bytes_.data + at_, size);
    at_ += size;
    return true;
  }
  template <class T>
  bool take(T& value) {
    return take_bytes(&value, sizeof value);
  }
  bool take_text(std::string& text, std::uint64_t size) {
    if (size > left()) return false;
    text.resize(static_cast<std::size_t>(size));
    return take_bytes(text.data(), text.size());
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

bool take_record(In& in, State& state) {
  std::uint8_t code = 0;
  std::uint32_t name_bytes = 0, rank = 0;
  std::string name;
  if (!in.take(code) || !in.take(name_bytes) || !in.take_text(name, name_bytes) || !in.take(rank) ||
      rank > kMaxRank) {
    return false;
  }
  std::vector<std::int64_t> sizes;
  std::uint64_t count = 1, stride = 1;  // in a stride a size of 0 counts as 1, so that it hides no other
  for (std::uint32_t i = 0; i < rank; ++i) {
    std::uint64_t size = 0;
    if (!in.take(size) || !checked_mul(stride, std::max<std::uint64_t>(size, 1), stride) ||
        stride > INT64_MAX) {
      return false;
    }
    count *= size;
    sizes.push_back(static_cast<std::int64_t>(size));
  }
  if (code == kText) {
    std::string text;
    if (rank != 1 || !in.take_text(text, count)) return false;
    return state.texts.emplace(std::move(name), std::move(text)).second;
  }
  for (const TypeRow& row : kTypes) {
    if (row.code != code) continue;
    std::uint64_t bytes = 0;
    if (!checked_mul(count, c10::elementSize(row.type), bytes) || bytes > in.left()) return false;
    torch::Tensor tensor = torch::empty(sizes, row.type);
    if (!in.take_bytes(tensor.data_ptr(), static_cast<std::size_t>(bytes))) return false;
    return state.tensors.emplace(std::move(name), std::move(tensor)).second;
  }
  return false;
}

}  // namespace

std::vector<std::uint8_t> write_state(const State& state) {
  Out body;
  body.put(static_cast<std::uint32_t>(state.tensors.size() + state.texts.size()));
  for (const auto& [name, text] : state.texts) {
    body.put(kText);
    body.put_name(name);
    body.put(std::uint32_t{1});
    body.put(static_cast<std::uint64_t>(text.size()));
    body.put_bytes(text.data(), text.size());
  }
  for (const auto& [name, given] : state.tensors) {
    const torch::Tensor tensor = given.detach().cpu().contiguous();
    for (const TypeRow& row : kTypes) {
      if (row.type == tensor.scalar_type()) body.put(row.code);
    }
    body.put_name(name);
    body.put(static_cast<std::uint32_t>(tensor.dim()));
    for (const std::int64_t size : tensor.sizes()) body.put(static_cast<std::uint64_t>(size));
    body.put_bytes(tensor.data_ptr(), tensor.nbytes());
  }
  Out file;
  file.bytes.reserve(kPreambleBytes + body.bytes.size());
  file.put_bytes(kMagic, kMagicBytes);
  file.put(static_cast<std::uint64_t>(kPreambleBytes + body.bytes.size()));
  file.put(format::crc32(Bytes(body.bytes)));
  file.put_bytes(body.bytes.data(), body.bytes.size());
  return std::move(file.bytes);
}

Result<State> read_state(Bytes bytes, const std::string& path) {
  const auto damaged = [&](const std::string& what) {
    return fail(Code::data_damaged,
                path + ": " + what + " The run cannot be resumed from it; start it anew.");
  };
  In in(bytes);
  char magic[kMagicBytes] = {};
  std::uint64_t length = 0;
  std::uint32_t checksum = 0, records = 0;
  if (!in.take_bytes(magic, kMagicBytes) || std::memcmp(magic, kMagic, kMagicBytes) != 0) {
    return damaged("expected a training state, found another kind of file.");
  }
  if (!in.take(length) || !in.take(checksum) || length != bytes.size) {
    return damaged("expected " + std::to_string(length) + " bytes, found " + std::to_string(bytes.size) +
                   ".");
  }
  if (format::crc32(bytes.sub(kPreambleBytes, bytes.size - kPreambleBytes)) != checksum) {
    return damaged("its checksum is wrong.");
  }
  State state;
  if (!in.take(records)) return damaged("it ends in the middle of a record.");
  for (std::uint32_t i = 0; i < records; ++i) {
    if (!take_record(in, state)) return damaged("record " + std::to_string(i) + " is malformed.");
  }
  if (in.left() != 0) return damaged("bytes follow the last record.");
  return state;
}

}  // namespace lc::train
