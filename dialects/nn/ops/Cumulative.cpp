#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

LogicalResult tw::nn::inferCumulative(Operation *op, ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  Value x = op->getOperand(0), axis = op->getOperand(1);
  auto at = shapes.elements(axis);
  if (!at || at->size() != 1)
    return op->emitOpError("input 'axis': expected one integer, found ")
           << axis.getType();
  if (auto known = ShapeBuilder::known(at->front()))
    if (failed(normalizeAxis(op, *known, ShapeBuilder::rank(x))))
      return failure();
  results.push_back({shapes.dims(x), ShapeBuilder::elementType(x)});
  return success();
}

/// `x` as [what is before the axis, the axis, what is after it].
static Dims linesAlong(ShapeBuilder &shapes, Value x, Dim axis) {
  Dim one = shapes.constant(1);
  Dims dims = shapes.dims(x), lines(3, one);
  axis = wrapIndex(shapes, axis, shapes.constant(dims.size()));
  for (auto [i, size] : llvm::enumerate(dims)) {
    Dim here = shapes.constant(i);
    auto take = [&](Dim &line, Dim condition) {
      line = shapes.mul(line, shapes.select(condition, size, one));
    };
    take(lines[0], shapes.isLess(here, axis));
    take(lines[1], shapes.isEqual(here, axis));
    take(lines[2], shapes.isLess(axis, here));
  }
  return lines;
}

FailureOr<SmallVector<Value>>
tw::nn::decomposeCumulative(Operation *op, OpBuilder &b, StringRef kind,
                            bool exclusive, bool reverse) {
  Location loc = op->getLoc();
  ShapeBuilder shapes(b, loc);
  Value x = signless(b, loc, op->getOperand(0));
  Dim axis = shapes.elements(op->getOperand(1))->front();
  Dims lines = linesAlong(shapes, x, axis);
  Value empty = emptyTensor(b, loc, lines, ShapeBuilder::elementType(x));
  auto scan = tile::ScanOp::create(b, loc, TypeRange(empty.getType()), kind,
                                   reshaped(b, loc, x, lines), empty, exclusive,
                                   reverse);
  Value result = reshaped(b, loc, scan.getResults()[0], resultDims(b, op));
  return SmallVector<Value>{asResult(b, op, 0, result)};
}
