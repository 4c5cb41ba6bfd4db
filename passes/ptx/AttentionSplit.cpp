#include "passes/ptx/AttentionSplit.h"

#include "passes/ptx/AttentionScores.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace tw;

/// Fewer blocks than this leave a large device idle.
static constexpr int64_t kEnoughBlocks = 256;
/// A part with fewer keys than this costs more than it brings.
static constexpr int64_t kLeastKeys = 256;
/// Neighbouring components are written 16 bytes at once.
static constexpr int64_t kChunk = 4;

Dims tw::headSizes(OpBuilder &b, tile::AttentionOp op, Value buffer,
                   StringRef name) {
  Dims sizes = memref::getMixedSizes(b, op.getLoc(), buffer);
  if (isInterleaved(op, name))
    std::swap(sizes[1], sizes[2]);
  return sizes;
}

AttentionSplit::AttentionSplit(OpBuilder &b, tile::AttentionOp op,
                               const AttentionTile &tile)
    : op(op), loc(op.getLoc()), sizes(headSizes(b, op, op.getInit(), "y")) {
  ShapeBuilder shapes(b, loc);
  Dim one = shapes.constant(1);
  Dim blocks = shapes.product(
      {sizes[0], sizes[1], shapes.ceilDiv(sizes[2], shapes.constant(tile.rows)),
       shapes.ceilDiv(sizes[3], shapes.constant(tile.values))});
  Dim useful = shapes.ceilDiv(headSizes(b, op, op.getK(), "k")[2],
                              shapes.constant(kLeastKeys));
  Dim missing =
      shapes.ceilDiv(shapes.constant(kEnoughBlocks), shapes.max(blocks, one));
  number = shapes.max(shapes.min(missing, useful), one);
  if (ShapeBuilder::known(number) == 1)
    return;
  Dim isWhole = shapes.isEqual(number, one);
  condition = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt,
                                    shapes.value(number), shapes.value(one));
  components = llvm::alignTo(*ShapeBuilder::known(sizes[3]), kChunk);
  Dims room{shapes.select(isWhole, shapes.constant(0), number), sizes[0],
            sizes[1], sizes[2], shapes.constant(components + kChunk)};
  partials = memref::AllocOp::create(b, loc, room, b.getF32Type());
}

void AttentionSplit::merge(OpBuilder &b, float exponent) {
  ShapeBuilder shapes(b, loc);
  Dims points(sizes);
  Dim isWhole = shapes.isEqual(number, shapes.constant(1));
  points[0] = shapes.select(isWhole, shapes.constant(0), sizes[0]);
  Value zero = shapes.value(shapes.constant(0)),
        one = shapes.value(shapes.constant(1)), count = shapes.value(number);
  SmallVector<Value> at(createPoints(b, loc, points).getInductionVars());
  ThreadEmitter e(b, loc);
  auto load = [&](Value part, Value column) -> Value {
    return memref::LoadOp::create(
        b, loc, partials, ValueRange{part, at[0], at[1], at[2], column});
  };
  auto constant = [&](int64_t column) -> Value {
    return arith::ConstantIndexOp::create(b, loc, column);
  };
  auto number = [&](float value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  };
  Value maximum = constant(maximumAt()), sum = constant(sumAt());
  Value lowest = number(-std::numeric_limits<float>::max());
  auto over = [&](ValueRange carried, auto body) {
    auto loop = scf::ForOp::create(
        b, loc, zero, count, one, carried,
        [&](OpBuilder &, Location, Value part, ValueRange values) {
          scf::YieldOp::create(b, loc, body(part, values));
        });
    return SmallVector<Value>(loop.getResults());
  };
  Value largest =
      over(lowest, [&](Value part, ValueRange carried) -> SmallVector<Value> {
        return {
            arith::MaxNumFOp::create(b, loc, carried[0], load(part, maximum))};
      })[0];
  SmallVector<Value> whole = over(
      ValueRange{number(0), number(0)}, [&](Value part, ValueRange carried) {
        Value factor = powerOf(e, load(part, maximum), largest, exponent);
        auto added = [&](Value column, Value to) -> Value {
          return math::FmaOp::create(b, loc, factor, load(part, column), to);
        };
        return SmallVector<Value>{added(at[3], carried[0]),
                                  added(sum, carried[1])};
      });
  Value result = arith::MulFOp::create(
      b, loc, whole[0], reciprocalOf(e, whole[1], op.getDeadRows() == "nan"));
  auto type = cast<MemRefType>(op.getInit().getType());
  if (!type.getElementType().isF32())
    result = arith::TruncFOp::create(b, loc, type.getElementType(), result);
  if (isInterleaved(op, "y"))
    std::swap(at[1], at[2]);
  memref::StoreOp::create(b, loc, result, op.getInit(), at);
}
