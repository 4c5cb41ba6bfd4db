#include "dialects/nn/Expr.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
RankUniqueOp::inferResults(ShapeBuilder &shapes,
                           SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(getX());
  Dim count = shapes.product(dims);
  if (getAxis()) {
    auto axis = normalizeAxis(*this, *getAxis(), dims.size());
    if (failed(axis))
      return failure();
    count = dims[*axis];
  }
  Type i64 = shapes.builder().getI64Type();
  results.push_back({{count}, i64});
  results.push_back({{}, i64});
  return success();
}

namespace {

/// Builds the loops over pairs of slices.
class SliceRanker {
public:
  SliceRanker(RankUniqueOp op, OpBuilder &b)
      : op(op), b(b), loc(op.getLoc()), shapes(b, loc),
        source(signless(b, loc, op.getX())), sizes(shapes.dims(source)) {
    count = shapes.value(resultDims(b, op, 0)[0]);
    zero = shapes.value(shapes.constant(0));
  }

  SmallVector<Value> run() {
    Value firsts = table([&](Value i) { return firstOf(i); });
    Value ranks =
        table([&](Value i) { return rankOf(firsts, index(firsts, i)); });
    Value total = sum(scalar(zero), count, [&](OpBuilder &, Location, Value j) {
      return asNumber(scalar(index(firsts, j)) == scalar(j));
    });
    Value result = tensor::FromElementsOp::create(
        b, loc, RankedTensorType::get({}, b.getI64Type()), toI64(total));
    return {ranks, result};
  }

private:
  Expr scalar(Value v) { return {b, loc, v}; }
  Value toI64(Value v) {
    return arith::IndexCastOp::create(b, loc, b.getI64Type(), v);
  }
  Expr index(Value table, Value at) {
    return Expr::read(b, loc, table, at).toIndex();
  }
  Expr asNumber(Expr condition) {
    Expr no = scalar(zero);
    return select(condition, no.constant(1), no);
  }

  /// A tensor of entry(i).
  Value table(llvm::function_ref<Value(Value)> entry) {
    Value empty = emptyTensor(b, loc, resultDims(b, op, 0), b.getI64Type());
    return loop(b, loc, count, empty,
                [&](OpBuilder &, Location, Value i, ValueRange carried) {
                  return SmallVector<Value>{tensor::InsertOp::create(
                      b, loc, toI64(entry(i)), carried[0], i)};
                })
        .front();
  }

  /// The first slice equal to slice i.
  Value firstOf(Value i) {
    return loop(b, loc, i, i,
                [&](OpBuilder &, Location, Value j, ValueRange carried) {
                  Expr found = scalar(carried[0]);
                  Expr isFirst = both(found == scalar(i), order(j, i) == 0.0);
                  return SmallVector<Value>{select(isFirst, scalar(j), found)};
                })
        .front();
  }

  /// How many different slices come before slice `first`.
  Value rankOf(Value firsts, Value first) {
    return sum(scalar(zero), count, [&](OpBuilder &, Location, Value j) {
      Expr isFirst = scalar(index(firsts, j)) == scalar(j);
      Expr before =
          op.getSorted() ? order(j, first) < 0.0 : scalar(j) < scalar(first);
      return asNumber(both(isFirst, before));
    });
  }

  /// -1, 0 or 1 as slice i is less than, equal to or greater than slice j.
  Expr order(Value i, Value j) {
    int64_t axis = *normalizeAxis(op, *op.getAxis(), sizes.size());
    Dims rest = sizes;
    rest.erase(rest.begin() + axis);
    Value equal = scalar(zero);
    return scalar(loopNest(
        b, loc, rest, equal,
        [&](OpBuilder &, Location, ValueRange at, ValueRange carried) {
          SmallVector<Value> x(at), y(at);
          x.insert(x.begin() + axis, i);
          y.insert(y.begin() + axis, j);
          Expr so = scalar(carried[0]);
          return SmallVector<Value>{select(so == 0.0, compare(x, y), so)};
        })[0]);
  }

  Expr compare(ValueRange x, ValueRange y) {
    Expr p = Expr::read(b, loc, source, x), q = Expr::read(b, loc, source, y);
    Expr same = scalar(zero);
    return select(less(p, q), same.constant(-1),
                  select(less(q, p), same.constant(1), same));
  }

  Expr less(Expr p, Expr q) {
    Type element = ShapeBuilder::elementType(op.getX());
    if (element.isUnsignedInteger() || element.isInteger(1))
      return p.with(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                          p.value(), q.value()));
    return p < q;
  }

  RankUniqueOp op;
  OpBuilder &b;
  Location loc;
  ShapeBuilder shapes;
  Value source;
  Dims sizes;
  Value count, zero;
};

} // namespace

/// Equal elements are a group: where each stands among the groups, or among
/// the groups in the order in which they begin.
static SmallVector<Value> rankElements(RankUniqueOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  ShapeBuilder shapes(b, loc);
  Type i64 = b.getI64Type(), element = ShapeBuilder::elementType(op.getX());
  Dim size = resultDims(b, op, 0)[0];
  Value x = reshaped(b, loc, signless(b, loc, op.getX()), {size});
  Groups groups(b, loc, x, element.isUnsignedInteger());
  Value places = invertPermutation(b, loc, groups.places);
  auto at = [](OpBuilder &n, Location l, Value tensor, Value i) -> Value {
    return toIndex(n, l, extract(n, l, tensor, i), n.getI64Type());
  };
  auto groupOf = [&](OpBuilder &n, Location l, Value i) -> Value {
    return at(n, l, groups.numbers, at(n, l, places, i));
  };
  if (op.getSorted()) {
    Value ranks = generate(
        b, loc, size, i64, [&](OpBuilder &n, Location l, ValueRange i) {
          return fromIndex(n, l, groupOf(n, l, i[0]), n.getI64Type());
        });
    return {ranks, groups.count()};
  }
  Value starts = groups.starts();
  auto firstOf = [&](OpBuilder &n, Location l, Value i) -> Value {
    return at(n, l, groups.places, at(n, l, starts, groupOf(n, l, i)));
  };
  Value isFirst =
      generate(b, loc, size, i64, [&](OpBuilder &n, Location l, ValueRange i) {
        Value is = arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq,
                                         firstOf(n, l, i[0]), i[0]);
        return arith::ExtUIOp::create(n, l, n.getI64Type(), is).getResult();
      });
  Value numbers = scanned(b, loc, isFirst, /*exclusive=*/true);
  Value ranks =
      generate(b, loc, size, i64, [&](OpBuilder &n, Location l, ValueRange i) {
        return extract(n, l, numbers, firstOf(n, l, i[0]));
      });
  return {ranks, groups.count()};
}

FailureOr<SmallVector<Value>> RankUniqueOp::decomposeOperation(OpBuilder &b) {
  bool isFlat = !getAxis() || ShapeBuilder::rank(getX()) == 1;
  SmallVector<Value> results =
      isFlat ? rankElements(*this, b) : SliceRanker(*this, b).run();
  for (auto [i, result] : llvm::enumerate(results))
    result = asResult(b, *this, i, result);
  return results;
}
