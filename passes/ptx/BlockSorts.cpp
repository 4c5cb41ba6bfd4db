#include "passes/Passes.h"
#include "passes/ptx/Points.h"
#include "passes/ptx/SortRecord.h"

#include "dialects/tile/Lines.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_BLOCKSORTS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

constexpr int64_t kWarp = 32, kMaxThreads = 256;
/// A block's piece of a line: as long as the line where that is known and lies
/// between these.
constexpr int64_t kShortPiece = 64, kLongPiece = 2048, kPiece = 1024;
/// Runs that one pass merges.
constexpr int64_t kWays = 8;
/// Places are numbers of 32 bits.
constexpr int64_t kLongestLine = (int64_t(1) << 32) - 1;

int64_t choosePiece(Dim length) {
  auto known = ShapeBuilder::known(length);
  if (!known)
    return kPiece;
  auto power = static_cast<int64_t>(llvm::PowerOf2Ceil(*known));
  return std::clamp(power, kShortPiece, kLongPiece);
}

class Emitter {
public:
  Emitter(tile::SortOp op, OpBuilder &b)
      : op(op), b(b), loc(op.getLoc()), e(b, loc), shapes(b, loc),
        lines(tile::linesOf(b, loc, op.getX())),
        wanted(tile::linesOf(b, loc, op.getValues()).length),
        records(e, cast<MemRefType>(op.getX().getType()).getElementType()),
        piece(choosePiece(lines.length)),
        threads(std::clamp(piece / 2, kWarp, kMaxThreads)) {}

  void emit() {
    count = shapes.ceilDiv(lines.length, constant(piece));
    kept = shapes.min(wanted, constant(piece));
    Dim isWhole = shapes.isLess(count, constant(2));
    lineCount = shapes.mul(lines.outer, lines.inner);
    bool isSingle =
        ShapeBuilder::known(count) && *ShapeBuilder::known(count) < 2;
    if (!isSingle)
      allocate(isWhole);
    sortPieces(isWhole);
    int64_t longest = ShapeBuilder::known(lines.length).value_or(kLongestLine);
    for (int64_t span = piece; span < longest; span *= kWays)
      mergeRuns(span * kWays);
  }

private:
  Dim constant(int64_t value) { return shapes.constant(value); }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value value(Dim d) { return shapes.value(d); }

  /// Merged runs have no more records than the runs that they are made of.
  void allocate(Dim isWhole) {
    Dim room = shapes.min(lines.length, shapes.mul(count, kept));
    Dims sizes{shapes.select(isWhole, constant(0), lineCount), room};
    from = records.allocate(sizes);
    to = records.allocate(sizes);
  }

  /// The result of rank `rank`.
  void finish(const SortRecord &record, Value o, Value rank, Value i) {
    Value place = records.placeOf(record);
    Value x =
        memref::LoadOp::create(b, loc, op.getX(), ValueRange{o, place, i});
    SmallVector<Value> at{o, rank, i};
    memref::StoreOp::create(b, loc, x, op.getValues(), at);
    memref::StoreOp::create(b, loc, e.toI64(place), op.getPlaces(), at);
  }

  Value lineOf(Value o, Value i) {
    return e.add(e.mul(o, value(lines.inner)), i);
  }

  // Pieces. -------------------------------------------------------------------

  void sortPieces(Dim isWhole) {
    auto blocks =
        scf::ForallOp::create(b, loc, Dims{lines.outer, count, lines.inner},
                              ValueRange(), std::nullopt);
    blocks->setAttr(kThreadsAttr, b.getI64IntegerAttr(threads));
    blocks->setAttr(kSharedAttr, b.getI64IntegerAttr(piece * records.bytes()));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(blocks.getTerminator());
    thread = e.threadIndex();
    memory = sharedMemory(e);
    SmallVector<Value> at(blocks.getInductionVars());
    Value first = e.mul(at[1], piece);
    overPiece([&](Value number) {
      Value p = e.add(first, asIndex(number));
      SortRecord record = records.choose(
          e.isLess(p, value(lines.length)),
          [&] { return read(at[0], p, at[2]); },
          [&] { return records.last(); });
      records.storeShared(record, memory, piece, number);
    });
    sortShared();
    e.barrier();
    Value end = e.min(value(kept), e.sub(value(lines.length), first));
    overPiece([&](Value number) {
      Value rank = asIndex(number);
      e.ifThen(e.isLess(rank, end), [&] {
        SortRecord record = records.loadShared(memory, piece, number);
        put(isWhole, record, at[0], rank, at[2],
            e.add(e.mul(at[1], value(kept)), rank));
      });
    });
  }

  /// Into the results where they are done, else to `slot` of the line's runs.
  void put(Dim isDone, const SortRecord &record, Value o, Value rank, Value i,
           Value slot) {
    auto toRuns = [&] { records.store(record, from, {lineOf(o, i), slot}); };
    auto known = ShapeBuilder::known(isDone);
    if (known && *known)
      finish(record, o, rank, i);
    else if (known)
      toRuns();
    else
      e.ifThen(value(isDone), [&] { finish(record, o, rank, i); }, toRuns);
  }

  Value asIndex(Value number) {
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), number);
  }

  SortRecord read(Value o, Value p, Value i) {
    Value x = memref::LoadOp::create(b, loc, op.getX(), ValueRange{o, p, i});
    return records.make(
        tile::sortKey(b, loc, x, op.getAsUnsigned(), op.getDescending()), p);
  }

  void overPiece(llvm::function_ref<void(Value)> body) {
    for (int64_t done = 0; done < piece; done += threads)
      body(e.add(thread, done));
  }

  /// Bitonic: in stage s runs of 2^s become sorted, up and down by turns.
  void sortShared() {
    Value one = e.i32(1), stages = e.i32(llvm::Log2_64(piece) + 1);
    e.loop(one, stages, 1, {},
           [&](Value stage, ValueRange) -> SmallVector<Value> {
             e.loop(e.i32(0), stage, 1, {},
                    [&](Value step, ValueRange) -> SmallVector<Value> {
                      e.barrier();
                      Value distance = e.sub(e.sub(stage, one), step);
                      for (int64_t done = 0; done < piece / 2; done += threads)
                        exchange(e.add(thread, done), stage, distance);
                      return {};
                    });
             return {};
           });
  }

  /// Pair number `pair` of those whose places differ in bit `distance`.
  void exchange(Value pair, Value stage, Value distance) {
    auto shifted = [&](Value x, Value bits) -> Value {
      return arith::ShLIOp::create(b, loc, x, bits);
    };
    Value one = e.i32(1), gap = shifted(one, distance);
    Value low = arith::AndIOp::create(b, loc, pair, e.sub(gap, one));
    Value first = e.add(shifted(e.sub(pair, low), one), low);
    Value second = e.add(first, gap);
    SortRecord x = records.loadShared(memory, piece, first),
               y = records.loadShared(memory, piece, second);
    Value isUp =
        e.isZero(arith::AndIOp::create(b, loc, first, shifted(one, stage)));
    Value isOrdered = records.isBefore(x, y);
    Value swaps = arith::XOrIOp::create(b, loc, isOrdered, isUp);
    e.ifThen(swaps, [&] {
      records.storeShared(y, memory, piece, first);
      records.storeShared(x, memory, piece, second);
    });
  }

  // Runs. ---------------------------------------------------------------------

  /// `count` runs of `kept` records become runs for `span` elements each.
  void mergeRuns(int64_t span) {
    Dim next = shapes.ceilDiv(count, constant(kWays)),
        room = shapes.min(wanted, constant(span));
    Dim isDone = shapes.isLess(next, constant(2));
    Dim isUsed = shapes.isLess(constant(1), count);
    Dim slots = shapes.min(lines.length, shapes.mul(count, kept));
    {
      OpBuilder::InsertionGuard guard(b);
      auto points =
          createPoints(b, loc,
                       Dims{shapes.select(isUsed, lines.outer, constant(0)),
                            slots, lines.inner});
      mergeRecord(points.getInductionVars(), span / kWays, room, isDone);
    }
    std::swap(from, to);
    count = next;
    kept = room;
  }

  /// How many records there are of a run.
  Value runLength(Value run, int64_t span) {
    Value left = e.sub(value(lines.length), e.mul(run, span));
    return e.min(value(kept), left);
  }

  void mergeRecord(ValueRange at, int64_t span, Dim room, Dim isDone) {
    Value line = lineOf(at[0], at[2]), slot = at[1];
    Value run = e.div(slot, value(kept));
    Value number = e.sub(slot, e.mul(run, value(kept)));
    e.ifThen(e.isLess(number, runLength(run, span)), [&] {
      SortRecord record = records.load(from, {line, slot});
      Value group = e.div(run, kWays), first = e.mul(group, kWays);
      Value end = e.min(e.add(first, kWays), value(count));
      Value rank =
          e.loop(first, end, 1, number, [&](Value other, ValueRange sum) {
            Value before = e.choose(
                isEqual(other, run), [&] { return index(0); },
                [&] { return countBefore(record, line, other, span); });
            return SmallVector<Value>{e.add(sum[0], before)};
          })[0];
      e.ifThen(e.isLess(rank, value(room)), [&] {
        Value target = e.add(e.mul(group, value(room)), rank);
        std::swap(from, to);
        put(isDone, record, at[0], rank, at[2], target);
        std::swap(from, to);
      });
    });
  }

  Value isEqual(Value x, Value y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, x, y);
  }

  /// How many records of a run come before `record`, by halving.
  Value countBefore(const SortRecord &record, Value line, Value run,
                    int64_t span) {
    Value start = e.mul(run, value(kept)), length = runLength(run, span);
    auto least = [&](Value low, Value high) { return e.isLess(low, high); };
    auto loop = scf::WhileOp::create(
        b, loc, TypeRange{b.getIndexType(), b.getIndexType()},
        ValueRange{index(0), length},
        [&](OpBuilder &, Location, ValueRange range) {
          scf::ConditionOp::create(b, loc, least(range[0], range[1]), range);
        },
        [&](OpBuilder &, Location, ValueRange range) {
          Value middle = e.div(e.add(range[0], range[1]), index(2));
          SortRecord there = records.load(from, {line, e.add(start, middle)});
          Value isBefore = records.isBefore(there, record);
          scf::YieldOp::create(
              b, loc,
              ValueRange{e.select(isBefore, e.add(middle, 1), range[0]),
                         e.select(isBefore, range[1], middle)});
        });
    return loop.getResult(0);
  }

  tile::SortOp op;
  OpBuilder &b;
  Location loc;
  ThreadEmitter e;
  ShapeBuilder shapes;
  tile::Lines lines;
  Dim wanted;
  SortRecords records;
  int64_t piece, threads;
  /// Runs of a line, and the most records that one has.
  Dim count, kept, lineCount;
  SortRecords::Buffer from, to;
  Value thread, memory;
};

struct BlockSortsPass : tw::impl::BlockSortsBase<BlockSortsPass> {
  void runOnOperation() override {
    SmallVector<tile::SortOp> ops;
    getOperation().walk([&](tile::SortOp op) { ops.push_back(op); });
    OpBuilder b(&getContext());
    for (tile::SortOp op : ops) {
      declareSharedMemory(getOperation());
      b.setInsertionPoint(op);
      Emitter(op, b).emit();
      op->erase();
    }
  }
};

} // namespace
