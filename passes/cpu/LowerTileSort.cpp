#include "passes/Passes.h"
#include "passes/cpu/PointerEmitter.h"

#include "dialects/tile/Lines.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILESORT
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// An element's time, merged as often as usual.
constexpr int64_t kNanoseconds = 20;

/// A key and its place, as one number (`place` is null) or two.
struct Record {
  Value key, place;
};

/// A run of records in one of the two halves of the memory.
struct Run {
  Value half, first, length;
};

class SortEmitter {
public:
  SortEmitter(tile::SortOp op, OpBuilder &b, const CpuTarget &target)
      : op(op), b(b), e(b, op, target), loc(e.loc),
        lines(tile::linesOf(b, loc, op.getX())),
        isPacked(
            cast<MemRefType>(op.getX().getType()).getElementTypeBitWidth() <=
            32),
        length(size(lines.length)),
        wanted(size(tile::linesOf(b, loc, op.getValues()).length)) {}

  void emit() {
    Value time = e.max(e.mul(length, kNanoseconds), e.index(1));
    e.forall({size(lines.outer), size(lines.inner)}, time,
             [&](ValueRange at) { sortLine(at[0], at[1]); });
  }

private:
  Value size(Dim d) { return getValueOrCreateConstantIndexOp(b, loc, d); }

  Value number(int64_t value, unsigned bits) {
    return arith::ConstantOp::create(
        b, loc, b.getIntegerAttr(b.getIntegerType(bits), value));
  }

  void sortLine(Value o, Value i) {
    keys = memory(b.getI64Type());
    if (!isPacked)
      places = memory(b.getI32Type());
    e.loop(e.index(0), length, 1,
           [&](Value p) { store(makeRecord(p, {o, p, i}), e.index(0), p); });
    Value passes = countPasses();
    e.loop(e.index(0), passes, 1, [&](Value pass) { mergeRuns(pass); });
    e.loop(e.index(0), wanted, 1, [&](Value rank) {
      Value place = placeOf(load(half(passes), rank));
      Value value =
          memref::LoadOp::create(b, loc, op.getX(), ValueRange{o, place, i});
      SmallVector<Value> to{o, rank, i};
      memref::StoreOp::create(b, loc, value, op.getValues(), to);
      memref::StoreOp::create(
          b, loc, arith::IndexCastOp::create(b, loc, b.getI64Type(), place),
          op.getPlaces(), to);
    });
  }

  Value memory(Type element) {
    auto type = MemRefType::get({2, ShapedType::kDynamic}, element);
    return memref::AllocOp::create(b, loc, type, ValueRange(length));
  }

  // Records. ------------------------------------------------------------------

  Record makeRecord(Value p, ValueRange at) {
    Value x = memref::LoadOp::create(b, loc, op.getX(), at);
    Value key =
        tile::sortKey(b, loc, x, op.getAsUnsigned(), op.getDescending());
    Value place = arith::IndexCastOp::create(b, loc, b.getI32Type(), p);
    if (!isPacked)
      return {key, place};
    Type i64 = b.getI64Type();
    key = arith::ShLIOp::create(
        b, loc, arith::ExtUIOp::create(b, loc, i64, key), number(32, 64));
    place = arith::ExtUIOp::create(b, loc, i64, place);
    return {arith::OrIOp::create(b, loc, key, place), {}};
  }

  Value placeOf(const Record &record) {
    Value place =
        isPacked
            ? Value(arith::TruncIOp::create(b, loc, b.getI32Type(), record.key))
            : record.place;
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), place);
  }

  Record load(Value half, Value at) {
    Record record;
    record.key = memref::LoadOp::create(b, loc, keys, ValueRange{half, at});
    if (!isPacked)
      record.place =
          memref::LoadOp::create(b, loc, places, ValueRange{half, at});
    return record;
  }

  void store(const Record &record, Value half, Value at) {
    memref::StoreOp::create(b, loc, record.key, keys, ValueRange{half, at});
    if (!isPacked)
      memref::StoreOp::create(b, loc, record.place, places,
                              ValueRange{half, at});
  }

  /// Larger than any other where the condition does not hold.
  Record unless(Value condition, const Record &record) {
    Record result;
    result.key = e.select(condition, record.key, number(-1, 64));
    if (!isPacked)
      result.place = e.select(condition, record.place, number(-1, 32));
    return result;
  }

  Record select(Value condition, const Record &x, const Record &y) {
    return {e.select(condition, x.key, y.key),
            isPacked ? Value() : e.select(condition, x.place, y.place)};
  }

  Value isBefore(const Record &x, const Record &y) {
    Value less = e.isBelow(x.key, y.key);
    if (isPacked)
      return less;
    Value tied = e.both(e.isEqual(x.key, y.key), e.isBelow(x.place, y.place));
    return arith::OrIOp::create(b, loc, less, tied);
  }

  // Runs. ---------------------------------------------------------------------

  /// How often runs double until one has all.
  Value countPasses() {
    Type i64 = b.getI64Type();
    Value last = arith::IndexCastOp::create(
        b, loc, i64, e.max(e.sub(length, 1), e.index(0)));
    Value zeros = math::CountLeadingZerosOp::create(b, loc, last);
    return arith::IndexCastOp::create(
        b, loc, b.getIndexType(),
        arith::SubIOp::create(b, loc, number(64, 64), zeros));
  }

  Value half(Value pass) {
    return arith::AndIOp::create(b, loc, pass, e.index(1));
  }

  /// What there is of a run that starts at `first`.
  Value countFrom(Value first, Value width) {
    Value left = e.max(e.sub(length, first), e.index(0));
    return e.min(left, e.min(width, wanted));
  }

  void mergeRuns(Value pass) {
    Value width = arith::ShLIOp::create(b, loc, e.index(1), pass);
    Value from = half(pass), to = e.sub(e.index(1), from);
    Value pairs =
        e.div(e.add(length, e.sub(e.mul(width, 2), 1)), e.mul(width, 2));
    e.loop(e.index(0), pairs, 1, [&](Value pair) {
      Value first = e.mul(pair, e.mul(width, 2)), second = e.add(first, width);
      Run x{from, first, countFrom(first, width)},
          y{from, second, countFrom(second, width)};
      Run result{to, first, e.min(e.add(x.length, y.length), wanted)};
      e.when(
          e.isBelow(e.index(0), y.length), [&] { merge(x, y, result); },
          [&] { copy(x, result); });
    });
  }

  void copy(const Run &from, const Run &to) {
    e.loop(e.index(0), to.length, 1, [&](Value i) {
      store(load(from.half, e.add(from.first, i)), to.half, e.add(to.first, i));
    });
  }

  /// The next record of a run, which may be at its end.
  Record head(const Run &run, Value taken) {
    Value at = e.min(taken, e.sub(run.length, 1));
    return unless(e.isBelow(taken, run.length),
                  load(run.half, e.add(run.first, at)));
  }

  void merge(const Run &x, const Run &y, const Run &to) {
    Value none = e.index(0);
    e.loop(none, to.length, 1, none, [&](Value i, ValueRange taken) {
      Value ofX = taken[0], ofY = e.sub(i, ofX);
      Record first = head(x, ofX), second = head(y, ofY);
      Value isFirst = isBefore(first, second);
      store(select(isFirst, first, second), to.half, e.add(to.first, i));
      return SmallVector<Value>{
          e.add(ofX, arith::IndexCastUIOp::create(b, loc, b.getIndexType(),
                                                  isFirst))};
    });
  }

  tile::SortOp op;
  OpBuilder &b;
  PointerEmitter e;
  Location loc;
  tile::Lines lines;
  bool isPacked;
  Value length, wanted;
  Value keys, places;
};

struct LowerTileSortPass : tw::impl::LowerTileSortBase<LowerTileSortPass> {
  using LowerTileSortBase::LowerTileSortBase;

  void runOnOperation() override {
    auto lower = [](tile::SortOp op, OpBuilder &b, const CpuTarget &target) {
      SortEmitter(op, b, target).emit();
    };
    if (failed(lowerTileOps<tile::SortOp>(getOperation(), cpu, lower)))
      signalPassFailure();
  }
};

} // namespace
