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
  Dim keys = headSizes(b, op, op.getK(), "k")[2];
  if (Value table = op.getBlockTable())
    keys = shapes.mul(memref::getMixedSizes(b, loc, table)[1], keys);
  Dim useful = shapes.ceilDiv(keys, shapes.constant(kLeastKeys));
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

Value AttentionSplit::isWhole(OpBuilder &b) const {
  if (!isPossible())
    return {};
  Value yes = arith::ConstantIntOp::create(b, loc, 1, 1);
  return b.createOrFold<arith::XOrIOp>(loc, condition, yes);
}

namespace {

/// Merges the parts of one component of a result.
class PartMerger {
public:
  PartMerger(ThreadEmitter &e, Value partials, ValueRange at, Value count)
      : e(e), partials(partials), at(at), count(count) {}

  Value run(Value maximum, Value sum, float exponent, bool isNanIfDead) {
    Value lowest = number(-std::numeric_limits<float>::max());
    Value largest = overParts(lowest, [&](Value part, ValueRange carried) {
      return SmallVector<Value>{arith::MaxNumFOp::create(e.b, e.loc, carried[0],
                                                         load(part, maximum))};
    })[0];
    SmallVector<Value> sums = overParts(
        ValueRange{number(0), number(0)}, [&](Value part, ValueRange carried) {
          Value factor = powerOf(e, load(part, maximum), largest, exponent);
          auto added = [&](Value column, Value to) -> Value {
            return math::FmaOp::create(e.b, e.loc, factor, load(part, column),
                                       to);
          };
          return SmallVector<Value>{added(at[3], carried[0]),
                                    added(sum, carried[1])};
        });
    return arith::MulFOp::create(e.b, e.loc, sums[0],
                                 reciprocalOf(e, sums[1], isNanIfDead));
  }

private:
  Value number(float value) {
    return arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(value));
  }
  Value load(Value part, Value column) {
    return memref::LoadOp::create(
        e.b, e.loc, partials, ValueRange{part, at[0], at[1], at[2], column});
  }
  SmallVector<Value>
  overParts(ValueRange carried,
            llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    Value zero = arith::ConstantIndexOp::create(e.b, e.loc, 0);
    return e.loop(zero, count, 1, carried, body);
  }

  ThreadEmitter &e;
  Value partials;
  ValueRange at;
  Value count;
};

} // namespace

void AttentionSplit::merge(OpBuilder &b, float exponent) {
  ShapeBuilder shapes(b, loc);
  Dims points(sizes);
  Dim isWhole = shapes.isEqual(number, shapes.constant(1));
  points[0] = shapes.select(isWhole, shapes.constant(0), sizes[0]);
  Value count = shapes.value(number);
  SmallVector<Value> at(createPoints(b, loc, points).getInductionVars());
  ThreadEmitter e(b, loc);
  Value maximum = arith::ConstantIndexOp::create(b, loc, maximumAt()),
        sum = arith::ConstantIndexOp::create(b, loc, sumAt());
  Value result = PartMerger(e, partials, at, count)
                     .run(maximum, sum, exponent, op.getDeadRows() == "nan");
  Type element = cast<MemRefType>(op.getInit().getType()).getElementType();
  if (!element.isF32())
    result = arith::TruncFOp::create(b, loc, element, result);
  if (isInterleaved(op, "y"))
    std::swap(at[1], at[2]);
  memref::StoreOp::create(b, loc, result, op.getInit(), at);
}
