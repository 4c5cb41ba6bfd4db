#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult TopKOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(getX());
  auto axis = normalizeAxis(*this, getAxis(), dims.size());
  if (failed(axis))
    return failure();
  auto count = shapes.elements(getK());
  if (!count || count->size() != 1)
    return emitOpError("input 'k': expected one integer, found ")
           << getK().getType();
  auto wanted = ShapeBuilder::known(count->front()),
       size = ShapeBuilder::known(dims[*axis]);
  if (wanted && (*wanted < 0 || (size && *wanted > *size)))
    return emitOpError("input 'k': expected at most the axis's size ")
           << (size ? std::to_string(*size) : "?") << ", found " << *wanted;
  dims[*axis] = count->front();
  results.push_back({dims, ShapeBuilder::elementType(getX())});
  results.push_back({dims, IntegerType::get(getContext(), 64)});
  return success();
}

namespace {
/// The input while it is decomposed.
struct Ranking {
  Ranking(TopKOp op, OpBuilder &b)
      : x(signless(b, op.getLoc(), op.getX())),
        axis(*normalizeAxis(op, op.getAxis(), ShapeBuilder::rank(x))),
        size(ShapeBuilder(b, op.getLoc()).dim(x, axis)),
        isUnsigned(ShapeBuilder::elementType(op.getX()).isUnsignedInteger()),
        largest(op.getLargest() != 0) {}

  Value at(OpBuilder &b, Location loc, Value tensor, ValueRange indices,
           Value position) const {
    SmallVector<Value> from(indices);
    from[axis] = position;
    return extract(b, loc, tensor, from);
  }

  /// Whether `first`, at a position that may come earlier, goes before `other`.
  Value wins(OpBuilder &b, Location loc, Value first, Value other,
             Value isEarlier) const {
    Scalar x(b, loc, first, isUnsigned), y(b, loc, other, isUnsigned);
    Scalar isBetter = largest ? x > y : x < y;
    return isBetter | ((x == y) & x.with(isEarlier));
  }

  Value x;
  int64_t axis;
  Dim size;
  bool isUnsigned, largest;
};
} // namespace

static Value indexCast(OpBuilder &b, Location loc, Value value, Type to) {
  return arith::IndexCastOp::create(b, loc, to, value);
}

/// acc = body(i, acc) for i in [0, end).
static Value fold(OpBuilder &b, Location loc, Dim end, Value init,
                  llvm::function_ref<Value(OpBuilder &, Value, Value)> body) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  auto loop = scf::ForOp::create(
      b, loc, zero, ShapeBuilder(b, loc).value(end), one, init,
      [&](OpBuilder &n, Location l, Value i, ValueRange acc) {
        scf::YieldOp::create(n, l, body(n, i, acc[0]));
      });
  return loop.getResult(0);
}

/// How many elements go before each one.
static Value rankTensor(OpBuilder &b, Location loc, const Ranking &ranking) {
  Type i64 = b.getI64Type();
  return elementwise(
      b, loc, ranking.x, ShapeBuilder(b, loc).dims(ranking.x), i64,
      [&](OpBuilder &n, Location l, ValueRange args) {
        SmallVector<Value> at;
        for (int64_t i = 0, e = ShapeBuilder::rank(ranking.x); i < e; ++i)
          at.push_back(linalg::IndexOp::create(n, l, i));
        Value zero = constantLikeInt(n, l, i64, 0);
        return fold(
            n, l, ranking.size, zero,
            [&](OpBuilder &body, Value i, Value count) -> Value {
              Value other = ranking.at(body, l, ranking.x, at, i);
              Value isEarlier = arith::CmpIOp::create(
                  body, l, arith::CmpIPredicate::ult, i, at[ranking.axis]);
              Value wins = ranking.wins(body, l, other, args[0], isEarlier);
              Value one = arith::ExtUIOp::create(body, l, i64, wins);
              return arith::AddIOp::create(body, l, count, one);
            });
      });
}

/// Result place r holds the element whose rank is r.
FailureOr<SmallVector<Value>> TopKOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Ranking ranking(*this, b);
  Type i64 = b.getI64Type();
  Dims dims = resultDims(b, *this);
  Value ranks = rankTensor(b, loc, ranking);
  Value indices =
      generate(b, loc, dims, i64, [&](OpBuilder &n, Location l, ValueRange at) {
        Value wanted = indexCast(n, l, at[ranking.axis], i64);
        Value none = constantLikeInt(n, l, i64, 0);
        return fold(n, l, ranking.size, none,
                    [&](OpBuilder &body, Value i, Value found) -> Value {
                      Value rank = ranking.at(body, l, ranks, at, i);
                      Value isIt = arith::CmpIOp::create(
                          body, l, arith::CmpIPredicate::eq, rank, wanted);
                      Value here = indexCast(body, l, i, i64);
                      return arith::SelectOp::create(body, l, isIt, here,
                                                     found);
                    });
      });
  Value values = elementwise(
      b, loc, indices, dims, ShapeBuilder::elementType(ranking.x),
      [&](OpBuilder &n, Location l, ValueRange args) {
        SmallVector<Value> at;
        for (size_t i = 0; i < dims.size(); ++i)
          at.push_back(linalg::IndexOp::create(n, l, i));
        return ranking.at(n, l, ranking.x, at,
                          indexCast(n, l, args[0], n.getIndexType()));
      });
  return SmallVector<Value>{asResult(b, *this, 0, values),
                            asResult(b, *this, 1, indices)};
}
