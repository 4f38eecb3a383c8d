// A pointer and a length; std::span is C++20. Owns nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace lc {

template <class T>
struct Span {
  T* data = nullptr;
  std::size_t size = 0;

  Span() = default;
  Span(T* first, std::size_t count) : data(first), size(count) {}
  Span(std::vector<std::remove_const_t<T>>& v) : data(v.data()), size(v.size()) {}  // NOLINT: implicit view
  template <class U = T, class = std::enable_if_t<std::is_const_v<U>>>
  Span(const std::vector<std::remove_const_t<T>>& v) : data(v.data()), size(v.size()) {}  // NOLINT

  T* begin() const { return data; }
  T* end() const { return data + size; }
  T& operator[](std::size_t i) const { return data[i]; }
  bool empty() const { return size == 0; }
  // The caller has checked first + count <= size.
  Span sub(std::size_t first, std::size_t count) const { return {data + first, count}; }
};

using Bytes = Span<const std::uint8_t>;

}  // namespace lc
