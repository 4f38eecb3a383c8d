// An input archive for cereal's portable binary encoding over bytes that nobody vouches for. Private to
// shared/format.
//
// It takes the same serialize functions as cereal's own archives. cereal's input archive believes every count
// (nine bytes make it allocate 2 GiB) and throws; this one compares each count with the bytes left and with a
// budget of memory before it allocates, and keeps the first error: after it, everything reads as zero or
// empty.
#pragma once

#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"
#include "shared/format/layout.h"

namespace lc::format {

class BoundedArchive {
 public:
  BoundedArchive(Bytes bytes, std::uint64_t memory) : bytes_(bytes), memory_(memory) {
    std::uint8_t little_endian = 0;
    load(little_endian);
    if (status_.ok() && little_endian != 1) {
      stop(Code::bad_endianness, "the encoding's first byte is {}, expected 1 (little-endian)",
           little_endian);
    }
  }

  template <class... Fields>
  void operator()(Fields&... fields) {
    (load(fields), ...);
  }

  // The first error, or that bytes are left over.
  Status finish() {
    if (status_.ok() && at_ != bytes_.size) {
      stop(Code::header_trailing, "{} bytes are left after the last field", bytes_.size - at_);
    }
    return std::move(status_);
  }

 private:
  template <class T>
  void load(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t flag = 0;
      load(flag);
      if (flag > 1) stop(Code::bad_enum, "a flag is {}, expected 0 or 1", flag);
      value = flag == 1;
    } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      copy(&value, sizeof(T));
    } else {
      serialize(*this, value);
    }
  }

  void load(std::string& text) {
    const std::size_t size = load_count<char>();
    if (size > 0) text.assign(reinterpret_cast<const char*>(bytes_.data) + at_, size);
    at_ += size;
  }

  template <class T>
  void load(std::vector<T>& list) {
    static_assert(sizeof(T) <= Cost<T>::memory, "update Cost in layout.h");
    const std::size_t size = load_count<T>();
    if (size == 0) return;
    list = std::vector<T>(size);
    if constexpr (std::is_arithmetic_v<T>) {
      copy(list.data(), size * sizeof(T));
    } else {
      for (std::size_t i = 0; i < size && status_.ok(); ++i) load(list[i]);
    }
  }

  template <class T>
  std::size_t load_count() {
    return load_count(Cost<T>::encoded, Cost<T>::memory);
  }

  // A count of elements for which there are bytes in the file and memory in the budget; else 0. An element
  // takes `encoded` bytes of the file or more, and `memory` bytes.
  std::size_t load_count(std::uint64_t encoded, std::uint64_t memory) {
    std::uint64_t count = 0;
    load(count);
    const std::uint64_t left = bytes_.size - at_;
    if (count > left / encoded) {
      stop(Code::count_overruns, "a count of {} elements of at least {} bytes, but {} bytes are left", count,
           encoded, left);
      return 0;
    }
    const std::uint64_t cost = count * memory + 1;  // a text ends with a zero
    if (cost > memory_) {
      stop(Code::header_too_big, "unpacked, it would need more than {} bytes of memory", kMaxHeaderMemory);
      return 0;
    }
    memory_ -= cost;
    return static_cast<std::size_t>(count);
  }

  void copy(void* to, std::size_t size) {
    if (!status_.ok()) return;
    if (size > bytes_.size - at_) {
      return stop(Code::header_truncated, "a field needs {} bytes, but {} are left", size, bytes_.size - at_);
    }
    std::memcpy(to, bytes_.data + at_, size);
    at_ += size;
  }

  template <class... Pieces>
  void stop(Code code, const char* words, const Pieces&... pieces) {
    if (status_.ok()) status_ = fail(code, "header, byte {}: {}", at_, phrase(words, pieces...));
  }

  Bytes bytes_;
  std::uint64_t memory_;
  std::size_t at_ = 0;  // never over bytes_.size
  Status status_;
};

}  // namespace lc::format
