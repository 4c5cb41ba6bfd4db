// All of them need each row's largest element first; rows are what is reduced.
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

template <typename OpT>
static FailureOr<SmallVector<Value>> importSoftmax(OnnxNode &node) {
  if (node.since < 13)
    node.attributes.set("flatten", node.builder.getUnitAttr());
  return node.importAs<OpT>();
}

template <typename OpT>
static LogicalResult inferSoftmax(OpT op, ShapeBuilder &shapes,
                                  SmallVectorImpl<ResultShape> &results) {
  Value input = op.getInput();
  if (failed(normalizeAxis(op, op.getAxis(), ShapeBuilder::rank(input))))
    return failure();
  results.push_back({shapes.dims(input), ShapeBuilder::elementType(input)});
  return success();
}

template <typename OpT>
static SmallVector<int64_t> rowAxes(OpT op) {
  int64_t rank = ShapeBuilder::rank(op.getInput());
  int64_t axis = op.getAxis();
  axis += axis < 0 ? rank : 0;
  return axesFrom(axis, op.getFlatten() ? rank : axis + 1);
}

namespace {
/// The rows of a softmax while it is decomposed.
struct Rows {
  template <typename OpT>
  Rows(OpT op, OpBuilder &b)
      : b(b), op(op), loc(op.getLoc()), input(op.getInput()), axes(rowAxes(op)),
        dims(ShapeBuilder(b, loc).dims(input)),
        element(ShapeBuilder::elementType(input)), wide(wideElement(element)),
        largest(maxOf(b, loc, input, axes)) {}

  Value map(ValueRange inputs, Type type,
            llvm::function_ref<Value(ArrayRef<Scalar>)> body) {
    return mapReal(b, loc, inputs, dims, type, body);
  }
  Value exponentials() {
    return map({input, largest}, wide,
               [](ArrayRef<Scalar> x) { return exp(x[0] - x[1]); });
  }
  SmallVector<Value> finish(Value result) {
    return {asResult(b, op, 0, result)};
  }

  OpBuilder &b;
  Operation *op;
  Location loc;
  Value input;
  SmallVector<int64_t> axes;
  Dims dims;
  Type element, wide;
  Value largest;
};
} // namespace

FailureOr<SmallVector<Value>> SoftmaxOp::decomposeOperation(OpBuilder &b) {
  Rows rows(*this, b);
  Value powers = rows.exponentials();
  Value sum = sumOf(b, getLoc(), powers, rows.axes);
  Value scale =
      mapReal(b, getLoc(), sum, ShapeBuilder(b, getLoc()).dims(sum), rows.wide,
              [](ArrayRef<Scalar> x) { return 1.0 / x[0]; });
  return rows.finish(rows.map({powers, scale}, rows.element,
                              [](ArrayRef<Scalar> x) { return x[0] * x[1]; }));
}

FailureOr<SmallVector<Value>> LogSoftmaxOp::decomposeOperation(OpBuilder &b) {
  Rows rows(*this, b);
  Value sum = sumOf(b, getLoc(), rows.exponentials(), rows.axes);
  Value shift = mapReal(b, getLoc(), {sum, rows.largest},
                        ShapeBuilder(b, getLoc()).dims(sum), rows.wide,
                        [](ArrayRef<Scalar> x) { return log(x[0]) + x[1]; });
  return rows.finish(rows.map({rows.input, shift}, rows.element,
                              [](ArrayRef<Scalar> x) { return x[0] - x[1]; }));
}

/// The first position whose element equals the row's largest gets the 1.
FailureOr<SmallVector<Value>> HardmaxOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value input = getInput();
  Type element = ShapeBuilder::elementType(input);
  SmallVector<int64_t> axes = rowAxes(*this);
  Dims dims = ShapeBuilder(b, loc).dims(input);
  Value winner =
      extremePosition(b, loc, input, element, axes, true, true, false);
  Value result =
      elementwise(b, loc, winner, dims, element,
                  [&](OpBuilder &n, Location l, ValueRange x) -> Value {
                    Value isWinner = arith::CmpIOp::create(
                        n, l, arith::CmpIPredicate::eq,
                        rowPosition(n, l, axes, dims), x[0]);
                    return castScalar(n, l, isWinner, n.getI1Type(), element);
                  });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

#define TW_SOFTMAX_LIKE(OpT)                                                   \
  FailureOr<SmallVector<Value>> OpT::importOnnx(OnnxNode &node) {              \
    return importSoftmax<OpT>(node);                                           \
  }                                                                            \
  LogicalResult OpT::inferResults(ShapeBuilder &shapes,                        \
                                  SmallVectorImpl<ResultShape> &results) {     \
    return inferSoftmax(*this, shapes, results);                               \
  }

TW_SOFTMAX_LIKE(SoftmaxOp)
TW_SOFTMAX_LIKE(LogSoftmaxOp)
TW_SOFTMAX_LIKE(HardmaxOp)
