// What is sorted: an element's sort key and its place.
#pragma once

#include "passes/ptx/ThreadEmitter.h"

namespace tw {

/// A key of up to 32 bits above its place in one number of 64 (`place` is null
/// then), or a key of 64 bits and its place beside it. No two are equal.
struct SortRecord {
  Value key, place;
};

/// Records of one width. `places` of memory is null where keys hold them.
class SortRecords {
public:
  SortRecords(ThreadEmitter &e, Type element)
      : e(e), isPacked(element.getIntOrFloatBitWidth() <= 32) {}

  int64_t bytes() const { return isPacked ? 8 : 12; }

  /// `key` as tile::sortKey gives it, `place` an index.
  SortRecord make(Value key, Value place);
  /// After all others.
  SortRecord last();
  /// As an index.
  Value placeOf(const SortRecord &record);
  Value isBefore(const SortRecord &x, const SortRecord &y);
  SortRecord choose(Value condition, llvm::function_ref<SortRecord()> yes,
                    llvm::function_ref<SortRecord()> no);

  /// In a block's shared memory, which holds `count`, at number `at` (i32).
  SortRecord loadShared(Value memory, int64_t count, Value at);
  void storeShared(const SortRecord &record, Value memory, int64_t count,
                   Value at);

  /// A buffer of `sizes` records; buffers are as long as `sizes` has dims.
  struct Buffer {
    Value keys, places;
  };
  Buffer allocate(ArrayRef<OpFoldResult> sizes);
  SortRecord load(const Buffer &from, ValueRange at);
  void store(const SortRecord &record, const Buffer &to, ValueRange at);

private:
  Value number(int64_t value, unsigned bits);

  ThreadEmitter &e;
  bool isPacked;
};

} // namespace tw
