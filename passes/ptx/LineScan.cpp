#include "passes/ptx/LineScan.h"

#include "passes/ptx/LaneSums.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace tw;

namespace {

constexpr int64_t kWarp = 32, kWarps = 8;
/// A thread's elements at a time.
constexpr int64_t kItems = 8;
/// Room for what a warp tells the others about a line.
constexpr int64_t kSlot = 8;
/// Where fewer blocks than this would walk along more pieces than that, pieces
/// have blocks of their own.
constexpr int64_t kEnoughBlocks = 128, kFewPieces = 4;
/// Lines with fewer neighbours have a warp's lanes side by side along them.
constexpr int64_t kNeighbours = 8;
/// Blocks where only the device knows how many lines there are.
constexpr int64_t kTurns = 256;

/// Either `columns` is 1 and a warp's lanes have neighbouring elements of one
/// line, or it is a warp's width and each lane has a line.
class Emitter {
public:
  Emitter(OpBuilder &b, Location loc, const LineScan &scan, int64_t columns,
          Dim isUsed)
      : b(b), loc(loc), e(b, loc), shapes(b, loc), scan(scan),
        columns(columns) {
    auto known = ShapeBuilder::known(scan.lines.length);
    while (known && warps > 1 && run() * warps / 2 >= *known)
      warps /= 2;
    outer = isUsed ? shapes.select(isUsed, scan.lines.outer, constant(0))
                   : scan.lines.outer;
    groups = shapes.ceilDiv(scan.lines.inner, constant(columns));
    pieces = shapes.ceilDiv(scan.lines.length, constant(run() * warps));
  }

  void emit() {
    if (!tile::isHostKnown(outer) || !tile::isHostKnown(groups) ||
        !tile::isHostKnown(pieces))
      return emitInTurns();
    Dim isLong = shapes.isLess(constant(kFewPieces), pieces);
    Dim isFew =
        shapes.isLess(shapes.mul(outer, groups), constant(kEnoughBlocks));
    Dim none = constant(0);
    Dim shared = shapes.select(isLong, shapes.select(isFew, outer, none), none);
    emitAlong(shapes.select(isLong, shapes.select(isFew, none, outer), outer));
    if (ShapeBuilder::known(shared) != 0)
      emitPieces(shared);
  }

private:
  Dim constant(int64_t value) { return shapes.constant(value); }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value step(Value x, Value y) {
    return tile::scanStep(b, loc, scan.kind, x, y);
  }
  Value neutral() { return tile::scanNeutral(b, loc, scan.kind, scan.type); }

  /// A warp's elements of a line at a time.
  int64_t run() const { return columns == 1 ? kWarp * kItems : kItems; }

  // Launches. -----------------------------------------------------------------

  void blocks(ArrayRef<OpFoldResult> trips,
              llvm::function_ref<void(ValueRange)> body) {
    auto blocks =
        scf::ForallOp::create(b, loc, trips, ValueRange(), std::nullopt);
    blocks->setAttr(kThreadsAttr, b.getI64IntegerAttr(warps * kWarp));
    if (warps > 1)
      blocks->setAttr(kSharedAttr,
                      b.getI64IntegerAttr(warps * columns * kSlot));
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(blocks.getTerminator());
      Value thread = arith::IndexCastUIOp::create(b, loc, b.getIndexType(),
                                                  e.threadIndex());
      lane = e.rem(thread, kWarp);
      warp = e.div(thread, kWarp);
      body(blocks.getInductionVars());
    }
  }

  /// A block goes along a line, or a group of neighbouring ones.
  void emitAlong(Dim lines) {
    if (ShapeBuilder::known(lines) == 0)
      return;
    blocks({lines, groups}, [&](ValueRange at) { scanAlong(at[0], at[1]); });
  }

  void scanAlong(Value o, Value group) {
    enter(o, group);
    if (ShapeBuilder::known(pieces) == 1) {
      scanPiece(index(0), neutral(), /*stores=*/true);
      return;
    }
    e.loop(index(0), shapes.value(pieces), 1, neutral(),
           [&](Value piece, ValueRange carried) {
             return SmallVector<Value>{
                 scanPiece(piece, carried[0], /*stores=*/true)};
           });
  }

  void emitInTurns() {
    Value perLine = shapes.value(groups);
    Value count = shapes.value(shapes.mul(outer, groups));
    blocks({constant(kTurns)}, [&](ValueRange at) {
      e.loop(at[0], count, kTurns, {},
             [&](Value number, ValueRange) -> SmallVector<Value> {
               Value o = e.div(number, perLine);
               scanAlong(o, e.sub(number, e.mul(o, perLine)));
               return {};
             });
    });
  }

  /// Totals of pieces, scanned, are what pieces start with.
  void emitPieces(Dim lines) {
    Value totals = memref::AllocOp::create(
        b, loc, Dims{lines, pieces, scan.lines.inner}, scan.type);
    Dims trips{lines, pieces, groups};
    blocks(trips, [&](ValueRange at) {
      enter(at[0], at[2]);
      Value total = scanPiece(at[1], neutral(), /*stores=*/false);
      Value isFirst = e.isZero(columns == 1 ? e.add(warp, lane) : warp);
      e.ifThen(e.both(isFirst, isColumn), [&] {
        memref::StoreOp::create(b, loc, total, totals,
                                ValueRange{outerAt, at[1], column});
      });
    });
    scanTotals(totals, lines);
    blocks(trips, [&](ValueRange at) {
      enter(at[0], at[2]);
      Value before = e.choose(
          e.both(e.isLess(index(0), at[1]), isColumn),
          [&]() -> Value {
            return memref::LoadOp::create(
                b, loc, totals, ValueRange{outerAt, e.add(at[1], -1), column});
          },
          [&] { return neutral(); });
      scanPiece(at[1], before, /*stores=*/true);
    });
  }

  void scanTotals(Value totals, Dim lines) {
    LineScan inner = scan;
    inner.lines = {lines, pieces, scan.lines.inner};
    inner.load = [&](ThreadEmitter &, ValueRange at) -> Value {
      return memref::LoadOp::create(b, loc, totals, at);
    };
    inner.store = [&](ThreadEmitter &, ValueRange at, Value sum, Value) {
      memref::StoreOp::create(b, loc, sum, totals, at);
    };
    Emitter(b, loc, inner, columns, {}).emitAlong(lines);
  }

  // A block's piece. ----------------------------------------------------------

  void enter(Value o, Value group) {
    outerAt = o;
    column = group;
    isColumn = arith::ConstantIntOp::create(b, loc, 1, 1);
    if (columns == 1)
      return;
    column = e.add(e.mul(group, columns), lane);
    isColumn = e.isLess(column, shapes.value(scan.lines.inner));
  }

  /// Returns `before` combined with all of the piece.
  Value scanPiece(Value piece, Value before, bool stores) {
    Value first = e.add(e.mul(piece, run() * warps), e.mul(warp, run()));
    SmallVector<Value> places, exist, elements;
    for (int64_t k = 0; k < kItems; ++k) {
      Value p = columns == 1 ? e.add(e.add(first, lane), index(k * kWarp))
                             : e.add(first, index(k));
      Value is = e.isLess(p, shapes.value(scan.lines.length));
      places.push_back(p);
      exist.push_back(columns == 1 ? is : e.both(is, isColumn));
      elements.push_back(e.choose(
          exist.back(),
          [&] { return scan.load(e, ValueRange{outerAt, p, column}); },
          [&] { return neutral(); }));
    }
    SmallVector<Value> sums = scanRun(elements);
    auto [own, total] = addWarps(before, runTotal(sums));
    for (int64_t k = 0; stores && k < kItems; ++k)
      e.ifThen(exist[k], [&] {
        scan.store(e, ValueRange{outerAt, places[k], column},
                   step(own, sums[k]), elements[k]);
      });
    return total;
  }

  SmallVector<Value> scanRun(ArrayRef<Value> elements) {
    SmallVector<Value> sums;
    for (Value x : elements) {
      Value sum = columns == 1 ? scanLanes(x) : x;
      sums.push_back(sums.empty() ? sum : step(runTotal(sums), sum));
    }
    return sums;
  }

  Value runTotal(ArrayRef<Value> sums) {
    if (columns > 1)
      return sums.back();
    return fromLane(b, loc, sums.back(), NVVM::ShflKind::idx, e.i32(kWarp - 1));
  }

  Value scanLanes(Value own) {
    for (int64_t distance = 1; distance < kWarp; distance *= 2) {
      Value other = fromLane(b, loc, own, NVVM::ShflKind::up, e.i32(distance));
      Value has = e.isLess(index(distance - 1), lane);
      own = e.select(has, step(other, own), own);
    }
    return own;
  }

  /// What comes before the warp's run, and the total of all.
  std::pair<Value, Value> addWarps(Value before, Value total) {
    if (warps == 1)
      return {before, step(before, total)};
    Value memory = sharedMemory(e);
    auto slot = [&](Value of) {
      Value place = columns == 1 ? of : e.add(e.mul(of, columns), lane);
      return e.at(memory, scan.type, e.toI32(place));
    };
    auto tell = [&] { e.store(total, slot(warp)); };
    if (columns == 1)
      e.ifThen(e.isZero(lane), tell);
    else
      tell();
    e.barrier();
    Value own = before, all = before;
    for (int64_t w = 0; w < warps; ++w) {
      all = step(all, e.load(slot(index(w)), scan.type));
      if (w + 1 < warps)
        own = e.select(e.isLess(index(w), warp), all, own);
    }
    e.barrier();
    return {own, all};
  }

  OpBuilder &b;
  Location loc;
  ThreadEmitter e;
  ShapeBuilder shapes;
  const LineScan &scan;
  int64_t columns, warps = kWarps;
  Dim outer, groups, pieces;
  // Of the thread of the launch being built.
  Value lane, warp, outerAt, column, isColumn;
};

} // namespace

void tw::emitLineScan(OpBuilder &b, Location loc, const LineScan &scan) {
  ShapeBuilder shapes(b, loc);
  if (auto known = ShapeBuilder::known(scan.lines.inner)) {
    int64_t columns = *known < kNeighbours ? 1 : kWarp;
    return Emitter(b, loc, scan, columns, {}).emit();
  }
  Dim isNarrow = shapes.isLess(scan.lines.inner, shapes.constant(kNeighbours));
  Dim isWide =
      shapes.isLess(shapes.constant(kNeighbours - 1), scan.lines.inner);
  Emitter(b, loc, scan, 1, isNarrow).emit();
  Emitter(b, loc, scan, kWarp, isWide).emit();
}
