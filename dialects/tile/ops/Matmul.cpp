#include "dialects/tile/Sums.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

void MatmulOp::build(OpBuilder &b, OperationState &state, Value lhs, Value rhs,
                     Value init, Type accumulator, bool transposed,
                     bool packed) {
  UnitAttr set = b.getUnitAttr();
  build(b, state,
        isa<TensorType>(init.getType()) ? TypeRange(init.getType())
                                        : TypeRange(),
        lhs, rhs, /*extras=*/ValueRange(), init, transposed ? set : UnitAttr(),
        packed ? set : UnitAttr(), UnitAttr(), UnitAttr(), b.getArrayAttr({}));
  buildPlainEpilogue(b, state.location, *state.regions.front(), accumulator,
                     accumulator);
}

/// Batch dims of an operand, aligned with the result's from the right.
static LogicalResult verifyBatch(MatmulOp op, StringRef name,
                                 ArrayRef<int64_t> dims,
                                 ArrayRef<int64_t> result) {
  if (dims.size() > result.size())
    return op.emitOpError() << name << ": expected at most " << result.size()
                            << " batch dims, found " << dims.size();
  for (auto [d, r] : llvm::zip(llvm::reverse(dims), llvm::reverse(result)))
    if (!ShapedType::isDynamic(d) && !ShapedType::isDynamic(r) && d != 1 &&
        d != r)
      return op.emitOpError() << name << ": expected a batch dim of 1 or " << r
                              << ", found " << d;
  return success();
}

static LogicalResult verifySame(MatmulOp op, StringRef what, int64_t x,
                                int64_t y) {
  if (ShapedType::isDynamic(x) || ShapedType::isDynamic(y) || x == y)
    return success();
  return op.emitOpError() << what << " differ: " << x << " and " << y;
}

static LogicalResult verifyColumns(MatmulOp op, ArrayRef<int64_t> rhs,
                                   int64_t columns) {
  if (!op.getPacked())
    return verifySame(op, "columns of rhs and init",
                      op.getTransposed() ? rhs.end()[-2] : rhs.back(), columns);
  if (ShapedType::isDynamic(rhs.back()))
    return op.emitOpError("packed rhs: expected panels of static width");
  if (ShapedType::isDynamic(columns))
    return success();
  return verifySame(op, "panels of rhs and what init's columns need",
                    rhs.end()[-3], llvm::divideCeil(columns, rhs.back()));
}

LogicalResult MatmulOp::verify() {
  auto lhs = cast<ShapedType>(getLhs().getType()),
       rhs = cast<ShapedType>(getRhs().getType()),
       init = cast<ShapedType>(getInit().getType());
  int64_t matrixRank = getPacked() ? 3 : 2;
  if (lhs.getRank() < 2 || init.getRank() < 2 || rhs.getRank() < matrixRank)
    return emitOpError("expected matrices, found ") << lhs << " and " << rhs;
  if (getPacked() && getTransposed())
    return emitOpError("rhs is either packed or transposed");
  ArrayRef<int64_t> l = lhs.getShape(), r = rhs.getShape(), c = init.getShape();
  int64_t rhsDepth = getTransposed() ? r.back() : r.end()[-2];
  if (failed(verifyBatch(*this, "lhs", l.drop_back(2), c.drop_back(2))) ||
      failed(
          verifyBatch(*this, "rhs", r.drop_back(matrixRank), c.drop_back(2))) ||
      failed(verifySame(*this, "rows of lhs and init", l.end()[-2],
                        c.end()[-2])) ||
      failed(verifySame(*this, "depths of lhs and rhs", l.back(), rhsDepth)) ||
      failed(verifyColumns(*this, r, c.back())))
    return failure();
  return verifyEpilogue(cast<EpilogueOpInterface>(getOperation()));
}

/// The batch indices at which an operand is read: 0 along dims that stretch.
static SmallVector<Value> batchOf(SumBuilder &s, Value operand,
                                  int64_t matrixRank, ValueRange batch) {
  auto type = cast<MemRefType>(operand.getType());
  int64_t count = type.getRank() - matrixRank;
  SmallVector<Value> at;
  for (int64_t i = 0; i < count; ++i) {
    Value size = s.size(operand, i), zero = s.index(0);
    Value isOne = arith::CmpIOp::create(s.b, s.loc, arith::CmpIPredicate::eq,
                                        size, s.index(1));
    at.push_back(arith::SelectOp::create(s.b, s.loc, isOne, zero,
                                         batch[batch.size() - count + i]));
  }
  return at;
}

FailureOr<Value> MatmulOp::buildSum(OpBuilder &b, ValueRange at) {
  SumBuilder s(b, getLoc());
  Type type = getEpilogue().getArgument(0).getType();
  Value row = at[at.size() - 2], column = at.back();
  ValueRange batch = at.drop_back(2);
  SmallVector<Value> left = batchOf(s, getLhs(), 2, batch),
                     right = batchOf(s, getRhs(), getPacked() ? 3 : 2, batch);
  if (getPacked()) {
    int64_t width = cast<MemRefType>(getRhs().getType()).getShape().back();
    right.push_back(s.div(column, width));
    column = s.rem(column, width);
  }
  return s.loop(s.size(getLhs(), -1), s.zero(type), [&](Value k, Value sum) {
    SmallVector<Value> x(left), y(right);
    x.append({row, k});
    y.push_back(getTransposed() ? column : k);
    y.push_back(getTransposed() ? k : column);
    return s.multiplyAdd(s.load(getLhs(), x, type, getLhsUnsigned()),
                         s.load(getRhs(), y, type, getRhsUnsigned()), sum);
  });
}
