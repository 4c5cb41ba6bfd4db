#include "passes/ptx/StagedRows.h"

#include "passes/ptx/ProductSums.h"

using namespace tw;

namespace {

class RowCopy {
public:
  RowCopy(ThreadEmitter &e, const GlobalRows &from, Value first, Value count,
          const StagedOperand &to, Value memory, Value thread, int64_t threads)
      : e(e), from(from), to(to), first(first), count(count), memory(memory),
        thread(thread), threads(threads), start(from.pointer) {
    if (!from.pages)
      start = e.at(start, from.element, e.mul(first, from.stride));
  }

  void emit(bool aligned) {
    int64_t total = to.rows * to.chunks();
    for (int64_t done = 0; done < total; done += threads) {
      auto [row, chunk] = place(done);
      if (done + threads <= total)
        copy(row, chunk, aligned);
      else
        e.ifThen(e.isLess(row, e.i32(to.rows)),
                 [&, row = row, chunk = chunk] { copy(row, chunk, aligned); });
    }
  }

private:
  /// The row and chunk of the thread when `done` chunks have been taken.
  std::pair<Value, Value> place(int64_t done) {
    if (threads % to.chunks() == 0)
      return {e.add(e.div(thread, to.chunks()), done / to.chunks()),
              e.rem(thread, to.chunks())};
    Value number = e.add(thread, done);
    return {e.div(number, to.chunks()), e.rem(number, to.chunks())};
  }

  /// From the start, in elements (i64); any number for a row that is not there.
  Value offsetOf(Value row, Value isThere) {
    if (!from.pages)
      return e.mul(e.toI64(row), from.stride);
    const RowPages &pages = *from.pages;
    Value key = e.add(first, e.toI64(row));
    auto read = [&] {
      Value number = e.div(key, pages.size);
      return e.toI64(
          e.load(e.at(pages.table, pages.element, number), pages.element));
    };
    Value page = e.choose(isThere, read, [&] { return e.i64(0); });
    page = e.max(e.min(page, e.add(pages.count, -1)), e.i64(0));
    return e.add(e.mul(page, pages.stride),
                 e.mul(e.rem(key, pages.size), from.stride));
  }

  void copy(Value row, Value chunk, bool aligned) {
    Value column = e.mul(chunk, to.perChunk());
    Value left = e.max(e.min(e.sub(from.columns, column), e.i32(to.perChunk())),
                       e.i32(0));
    Value isThere = e.isLess(row, count);
    Value exist = e.select(isThere, left, e.i32(0));
    Value offset = e.add(offsetOf(row, isThere), e.toI64(column));
    Value source = e.at(start, from.element, offset);
    Value place = e.add(chunkOffset(e, to, row, chunk), to.offset);
    Value target = e.at(memory, e.b.getI8Type(), place);
    if (aligned)
      e.copyAsync(target, source, e.mul(exist, to.elementBytes));
    else
      copyElements(source, exist, target);
  }

  void copyElements(Value source, Value exist, Value target) {
    e.loop(e.i32(0), e.i32(to.perChunk()), 1, {},
           [&](Value i, ValueRange) -> SmallVector<Value> {
             Value slot = e.at(target, from.element, i);
             e.ifThen(
                 e.isLess(i, exist),
                 [&] {
                   Value from = e.at(source, this->from.element, i);
                   e.store(e.load(from, this->from.element), slot);
                 },
                 [&] { e.store(e.zero(from.element), slot); });
             return {};
           });
  }

  ThreadEmitter &e;
  const GlobalRows &from;
  const StagedOperand &to;
  Value first, count, memory, thread;
  int64_t threads;
  Value start;
};

} // namespace

void tw::copyRows(ThreadEmitter &e, const GlobalRows &from, Value first,
                  Value count, const StagedOperand &to, Value memory,
                  Value thread, int64_t threads) {
  RowCopy copy(e, from, first, count, to, memory, thread, threads);
  e.ifThen(from.isAligned, [&] { copy.emit(true); }, [&] { copy.emit(false); });
}
