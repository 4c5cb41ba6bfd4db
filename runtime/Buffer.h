// Memory that a runtime object owns. No operator new: artifacts link without
// the C++ library.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

namespace tw {

constexpr int64_t kAlignment = 64;

/// A block of uninitialised bytes, 64-byte aligned, that only grows.
class Buffer {
public:
  Buffer() = default;
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  ~Buffer() { release(); }

  /// Makes room for `bytes`; loses the content when it grows. False if there is
  /// not enough memory (then the buffer is empty).
  bool reserve(int64_t bytes);
  void release();

  char *data() const { return memory; }
  int64_t size() const { return capacity; }

private:
  char *memory = nullptr;
  int64_t capacity = 0;
};

/// A list of blocks handed out piecemeal and taken back all at once.
class Region {
public:
  Region() = default;
  Region(const Region &) = delete;
  Region &operator=(const Region &) = delete;
  ~Region() { freeBlocks(); }

  /// NULL if there is not enough memory.
  void *allocate(int64_t bytes);
  /// Takes everything back. What was needed this time is one block next time.
  void reset();

private:
  struct Block {
    Block *next;
    int64_t capacity;
  };
  bool addBlock(int64_t bytes);
  void freeBlocks();

  Block *blocks = nullptr;
  int64_t used = 0;
  int64_t total = 0;
};

/// An array of T, value-initialised, of a length given once.
template <typename T>
class Array {
public:
  Array() = default;
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  ~Array() {
    for (int64_t i = 0; i < count; ++i)
      items[i].~T();
    std::free(static_cast<void *>(items));
  }

  bool create(int64_t length) {
    constexpr size_t unit = alignof(T) < 64 ? 64 : alignof(T);
    size_t bytes = (static_cast<size_t>(length) * sizeof(T) + unit) & -unit;
    items = static_cast<T *>(std::aligned_alloc(unit, bytes));
    if (!items)
      return false;
    for (; count < length; ++count)
      new (&items[count]) T();
    return true;
  }

  int64_t size() const { return count; }
  T &operator[](int64_t index) { return items[index]; }
  const T &operator[](int64_t index) const { return items[index]; }
  T *begin() { return items; }
  T *end() { return items + count; }

private:
  T *items = nullptr;
  int64_t count = 0;
};

/// new and delete over malloc. NULL if there is not enough memory.
template <typename T>
T *make() {
  void *memory = std::aligned_alloc(64, (sizeof(T) + 63) & ~size_t(63));
  return memory ? new (memory) T() : nullptr;
}
template <typename T>
void dispose(T *object) {
  if (!object)
    return;
  object->~T();
  std::free(object);
}

} // namespace tw
