// Memory for floats: aligned to a cache line, and an answer instead of an exception when there is none.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace lc::kernels {

class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() { release(); }

  // Room for at least `floats`, contents undefined after growth. False, and still usable, when there is no
  // memory.
  bool reserve(std::size_t floats) {
    if (floats <= size_) return true;
    if (floats > static_cast<std::size_t>(-1) / sizeof(float) - kAlignment) return false;
    release();
    data_ = static_cast<float*>(
        ::operator new (floats * sizeof(float), std::align_val_t{kAlignment}, std::nothrow));
    size_ = data_ ? floats : 0;
    return data_ != nullptr;
  }

  float* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kAlignment = 64;

  void release() {
    if (data_) ::operator delete (data_, std::align_val_t{kAlignment});
    data_ = nullptr;
    size_ = 0;
  }

  float* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace lc::kernels
