#include "runtime/Buffer.h"

#include <sys/mman.h>

using namespace tw;

static constexpr int64_t kHugePage = 2 << 20;

/// Rounds up; -1 if that is no longer a size.
static int64_t roundUp(int64_t bytes, int64_t unit) {
  if (bytes < 0 || bytes > INT64_MAX - unit)
    return -1;
  return (bytes + unit - 1) / unit * unit;
}

/// Large blocks ask for huge pages: a run touches all of its arena, and page
/// walks cost it several percent.
static char *allocateAligned(int64_t bytes) {
  int64_t unit = bytes >= kHugePage ? kHugePage : kAlignment;
  int64_t rounded = roundUp(bytes ? bytes : 1, unit);
  if (rounded < 0)
    return nullptr;
  void *memory = std::aligned_alloc(unit, rounded);
  if (memory && unit == kHugePage)
    madvise(memory, rounded, MADV_HUGEPAGE);
  return static_cast<char *>(memory);
}

bool Buffer::reserve(int64_t bytes) {
  if (memory && bytes <= capacity)
    return bytes >= 0;
  release();
  memory = allocateAligned(bytes);
  capacity = memory ? bytes : 0;
  return memory;
}

void Buffer::release() {
  std::free(memory);
  memory = nullptr;
  capacity = 0;
}

void *Region::allocate(int64_t bytes) {
  int64_t rounded = roundUp(bytes, kAlignment);
  if (rounded < 0)
    return nullptr;
  bool fits = blocks && rounded <= blocks->capacity - used;
  if (!fits && !addBlock(rounded))
    return nullptr;
  char *start = reinterpret_cast<char *>(blocks) + kAlignment + used;
  used += rounded;
  total += rounded;
  return start;
}

bool Region::addBlock(int64_t bytes) {
  constexpr int64_t smallest = 64 << 10;
  int64_t capacity = bytes > smallest ? bytes : smallest;
  char *memory = capacity > INT64_MAX - kAlignment
                     ? nullptr
                     : allocateAligned(capacity + kAlignment);
  if (!memory)
    return false;
  static_assert(sizeof(Block) <= kAlignment);
  blocks = new (memory) Block{blocks, capacity};
  used = 0;
  return true;
}

void Region::reset() {
  bool several = blocks && blocks->next;
  int64_t needed = total;
  used = total = 0;
  if (!several)
    return;
  freeBlocks();
  addBlock(needed);
}

void Region::freeBlocks() {
  while (blocks) {
    Block *next = blocks->next;
    std::free(blocks);
    blocks = next;
  }
}
