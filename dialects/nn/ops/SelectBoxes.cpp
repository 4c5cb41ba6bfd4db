#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
SelectBoxesOp::inferResults(ShapeBuilder &shapes,
                            SmallVectorImpl<ResultShape> &results) {
  Dims boxes = shapes.dims(getBoxes()), scores = shapes.dims(getScores());
  if (boxes.size() != 3 || scores.size() != 3)
    return emitOpError("expected boxes and scores of 3 dims, found ")
           << describe(boxes) << " and " << describe(scores);
  Type i64 = shapes.builder().getI64Type();
  results.push_back({scores, i64});
  results.push_back({{}, i64});
  return success();
}

namespace {

/// Builds the loops over batches and classes.
class Selection {
public:
  Selection(SelectBoxesOp op, OpBuilder &b)
      : op(op), b(b), loc(op.getLoc()), shapes(b, loc) {
    sizes = shapes.dims(op.getScores());
    boxCount = shapes.value(sizes[2]);
    ranked = rankBoxes();
    zero = shapes.value(shapes.constant(0));
    limit = option(op.getMaxOutputBoxesPerClass());
    overlap = option(op.getIouThreshold());
    threshold = option(op.getScoreThreshold());
  }

  SmallVector<Value> run() {
    Value none = constantLikeInt(b, loc, b.getI64Type(), -1);
    Value alive = emptyTensor(b, loc, sizes[2], b.getI1Type());
    SmallVector<Value> state{filledByLoop(b, loc, sizes, none), alive, zero};
    state = loopNest(b, loc, ArrayRef(sizes).take_front(2), state,
                     [&](OpBuilder &, Location, ValueRange at,
                         ValueRange carried) { return selectIn(at, carried); });
    Value count = arith::IndexCastOp::create(b, loc, b.getI64Type(), state[2]);
    Value scalar = tensor::FromElementsOp::create(
        b, loc, RankedTensorType::get({}, b.getI64Type()), count);
    return {state[0], scalar};
  }

private:
  Expr scalar(Value v) { return {b, loc, v}; }
  Value read(Value tensor, ValueRange at) {
    return extract(b, loc, tensor, at);
  }

  /// The scalar in an optional operand of one element, or null.
  Value option(Value operand) {
    if (!operand)
      return {};
    SmallVector<Value> at(ShapeBuilder::rank(operand), zero);
    return read(operand, at);
  }

  Value score(ValueRange at, Value box) {
    return read(op.getScores(), {at[0], at[1], box});
  }

  /// The boxes of each class by falling score; the first one of equals first.
  Value rankBoxes() {
    Dim classes = shapes.mul(sizes[0], sizes[1]), one = shapes.constant(1);
    Value lines = reshaped(b, loc, op.getScores(), {classes, sizes[2], one});
    Dims dims{classes, sizes[2], one};
    Value values = emptyTensor(b, loc, dims, ShapeBuilder::elementType(lines)),
          places = emptyTensor(b, loc, dims, b.getI64Type());
    auto sort = tile::SortOp::create(
        b, loc, TypeRange{values.getType(), places.getType()}, lines, values,
        places, /*descending=*/true);
    return reshaped(b, loc, sort.getResults()[1], sizes);
  }

  /// One class of one image; the state is (order, alive, number of boxes kept).
  SmallVector<Value> selectIn(ValueRange at, ValueRange state) {
    if (!limit)
      return llvm::to_vector(state);
    Expr most = scalar(limit).toIndex();
    most = clamp(most, most.constant(0), most.with(boxCount));
    SmallVector<Value> next{state[0], eligible(at, state[1]), zero};
    next = loop(b, loc, boxCount, next,
                [&](OpBuilder &, Location, Value rank, ValueRange carried) {
                  Value box =
                      scalar(read(ranked, {at[0], at[1], rank})).toIndex();
                  Expr isLeft = both(scalar(read(carried[1], box)),
                                     scalar(carried[2]) < most);
                  return selectIf(isLeft, at, scalar(box), carried);
                });
    next[2] = scalar(next[2]) + scalar(state[2]);
    return next;
  }

  /// Which boxes score high enough.
  Value eligible(ValueRange at, Value alive) {
    return loop(b, loc, boxCount, alive,
                [&](OpBuilder &, Location, Value box, ValueRange carried) {
                  Value is = constantLikeInt(b, loc, b.getI1Type(), 1);
                  if (threshold)
                    is = scalar(score(at, box)) > scalar(threshold);
                  return SmallVector<Value>{
                      tensor::InsertOp::create(b, loc, is, carried[0], box)};
                })
        .front();
  }

  SmallVector<Value> selectIf(Expr isLeft, ValueRange at, Expr chosen,
                              ValueRange state) {
    return when(isLeft, state, [&](OpBuilder &, Location) {
      Value index =
          arith::IndexCastOp::create(b, loc, b.getI64Type(), chosen.value());
      Value order = tensor::InsertOp::create(
          b, loc, index, state[0], ValueRange{at[0], at[1], state[2]});
      return SmallVector<Value>{order, suppress(at[0], chosen, state[1]),
                                scalar(state[2]) + 1.0};
    });
  }

  /// Takes out the chosen box and those that overlap it too much.
  Value suppress(Value batch, Expr chosen, Value alive) {
    return loop(b, loc, boxCount, alive,
                [&](OpBuilder &, Location, Value box, ValueRange carried) {
                  Expr out = scalar(box) == chosen;
                  out = either(out, overlaps(batch, chosen, box));
                  Value is = both(scalar(read(carried[0], box)), negate(out));
                  return SmallVector<Value>{
                      tensor::InsertOp::create(b, loc, is, carried[0], box)};
                })
        .front();
  }

  /// Low and high end of a box along y (0) or x (1).
  std::pair<Expr, Expr> extent(Value batch, Value box, unsigned dim) {
    auto number = [&](unsigned i) {
      Value at = arith::ConstantIndexOp::create(b, loc, i);
      return scalar(read(op.getBoxes(), {batch, box, at}));
    };
    if (!op.getCenterPointBox()) {
      Expr p = number(dim), q = number(dim + 2);
      return {min(p, q), max(p, q)};
    }
    Expr centre = number(1 - dim), half = number(3 - dim) / 2.0;
    return {centre - half, centre + half};
  }

  /// intersection / union > threshold, without the division.
  Expr overlaps(Value batch, Value x, Value y) {
    std::optional<Expr> common, first, second;
    for (unsigned dim : {0, 1}) {
      auto [low, high] = extent(batch, x, dim);
      auto [otherLow, otherHigh] = extent(batch, y, dim);
      Expr shared = min(high, otherHigh) - max(low, otherLow);
      shared = max(shared, shared.constant(0));
      common = common ? *common * shared : shared;
      first = first ? *first * (high - low) : high - low;
      second = second ? *second * (otherHigh - otherLow) : otherHigh - otherLow;
    }
    Expr together = *first + *second - *common;
    Expr most = overlap ? scalar(overlap) : common->constant(0);
    return both(*common > 0.0, *common / together > most);
  }

  SelectBoxesOp op;
  OpBuilder &b;
  Location loc;
  ShapeBuilder shapes;
  Dims sizes;
  Value boxCount, ranked, zero, limit, overlap, threshold;
};

} // namespace

FailureOr<SmallVector<Value>> SelectBoxesOp::decomposeOperation(OpBuilder &b) {
  SmallVector<Value> results = Selection(*this, b).run();
  for (auto [i, result] : llvm::enumerate(results))
    result = asResult(b, *this, i, result);
  return results;
}
