#include "dialects/nn/Groups.h"

#include "dialects/nn/Index.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

/// A one-dimensional tensor as a single line.
static Value asLine(OpBuilder &b, Location loc, Value tensor) {
  ShapeBuilder shapes(b, loc);
  Dim one = shapes.constant(1);
  return reshaped(b, loc, tensor, {one, shapes.dim(tensor, 0), one});
}

Value tw::nn::scanned(OpBuilder &b, Location loc, Value numbers,
                      bool exclusive) {
  Value line = asLine(b, loc, numbers);
  ShapeBuilder shapes(b, loc);
  Dims dims = shapes.dims(line);
  Value empty = emptyTensor(b, loc, dims, ShapeBuilder::elementType(line));
  Value sums = tile::ScanOp::create(b, loc, TypeRange(empty.getType()), "add",
                                    line, empty, exclusive, /*reverse=*/false)
                   .getResults()[0];
  return reshaped(b, loc, sums, dims[1]);
}

/// Elements in order, and where they were.
static std::pair<Value, Value> sorted(OpBuilder &b, Location loc, Value tensor,
                                      bool isUnsigned) {
  Value line = asLine(b, loc, tensor);
  Dims dims = ShapeBuilder(b, loc).dims(line);
  Value values = emptyTensor(b, loc, dims, ShapeBuilder::elementType(line)),
        places = emptyTensor(b, loc, dims, b.getI64Type());
  auto sort = tile::SortOp::create(
      b, loc, TypeRange{values.getType(), places.getType()}, line, values,
      places, /*descending=*/false, isUnsigned);
  return {reshaped(b, loc, sort.getResults()[0], dims[1]),
          reshaped(b, loc, sort.getResults()[1], dims[1])};
}

Value tw::nn::invertPermutation(OpBuilder &b, Location loc, Value places) {
  return sorted(b, loc, places, /*isUnsigned=*/false).second;
}

Groups::Groups(OpBuilder &b, Location loc, Value elements, bool isUnsigned)
    : b(b), loc(loc), size(ShapeBuilder(b, loc).dim(elements, 0)) {
  std::tie(values, places) = sorted(b, loc, elements, isUnsigned);
  Value changes = generate(
      b, loc, size, b.getI64Type(),
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        return arith::ExtUIOp::create(n, l, n.getI64Type(),
                                      isStart(n, l, at[0], /*least=*/false));
      });
  numbers = scanned(b, loc, changes, /*exclusive=*/false);
}

Value Groups::isStart(OpBuilder &b, Location loc, Value i, bool least) const {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  Value before = arith::MaxSIOp::create(
      b, loc, arith::SubIOp::create(b, loc, i, one), zero);
  Value x = extract(b, loc, values, i), y = extract(b, loc, values, before);
  // Elements are in order: they differ where the earlier one is less, or one
  // alone is NaN.
  Value differs =
      isa<FloatType>(x.getType())
          ? arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ONE, x, y)
                .getResult()
          : arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, x, y)
                .getResult();
  if (isa<FloatType>(x.getType())) {
    auto isNan = [&](Value v) -> Value {
      return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, v, v);
    };
    Value isOneNan = arith::XOrIOp::create(b, loc, isNan(x), isNan(y));
    differs = arith::OrIOp::create(b, loc, differs, isOneNan);
  }
  if (!least)
    return differs;
  Value isFirst =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, i, zero);
  return arith::OrIOp::create(b, loc, differs, isFirst);
}

Value Groups::starts() const {
  Value flags = generate(b, loc, size, b.getI1Type(),
                         [&](OpBuilder &n, Location l, ValueRange at) {
                           return isStart(n, l, at[0], /*least=*/true);
                         });
  Value empty = emptyTensor(b, loc, size, b.getI64Type());
  return tile::CompactOp::create(b, loc, TypeRange(empty.getType()), flags,
                                 empty)
      .getResults()[0];
}

/// The number of the last element's group, and one more.
Value Groups::count() const {
  ShapeBuilder shapes(b, loc);
  Value zero = constantLikeInt(b, loc, b.getI64Type(), 0);
  return reduce(b, loc, numbers, {0}, /*keepDims=*/false, zero,
                [](OpBuilder &n, Location l, Value number, Value count) {
                  Value one = constantLikeInt(n, l, number.getType(), 1);
                  return arith::MaxSIOp::create(
                             n, l, count,
                             arith::AddIOp::create(n, l, number, one))
                      .getResult();
                });
}
