#include "dialects/nn/Expr.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace tw;
using namespace tw::nn;

Expr Expr::constant(double number) const {
  return with(constantLike(*b, loc, type(), number));
}

Expr Expr::toFloat(Type to) const {
  Value from = v;
  if (type().isIndex())
    from = b->createOrFold<arith::IndexCastOp>(loc, b->getI64Type(), from);
  if (isa<IntegerType>(from.getType()))
    return with(b->createOrFold<arith::SIToFPOp>(loc, to, from));
  unsigned have = type().getIntOrFloatBitWidth();
  unsigned want = to.getIntOrFloatBitWidth();
  if (have < want)
    return with(b->createOrFold<arith::ExtFOp>(loc, to, from));
  if (have > want)
    return with(b->createOrFold<arith::TruncFOp>(loc, to, from));
  return *this;
}

Expr Expr::toIndex() const {
  Value whole = v;
  if (isFloat())
    whole = b->createOrFold<arith::FPToSIOp>(loc, b->getI64Type(), whole);
  if (whole.getType().isIndex())
    return with(whole);
  return with(
      b->createOrFold<arith::IndexCastOp>(loc, b->getIndexType(), whole));
}

template <typename FloatOp, typename IntOp>
static Expr binary(const Expr &x, const Expr &y) {
  OpBuilder &b = x.builder();
  if (x.isFloat())
    return x.with(b.createOrFold<FloatOp>(x.location(), x.value(), y.value()));
  return x.with(b.createOrFold<IntOp>(x.location(), x.value(), y.value()));
}

Expr tw::nn::operator+(const Expr &x, const Expr &y) {
  return binary<arith::AddFOp, arith::AddIOp>(x, y);
}
Expr tw::nn::operator-(const Expr &x, const Expr &y) {
  return binary<arith::SubFOp, arith::SubIOp>(x, y);
}
Expr tw::nn::operator*(const Expr &x, const Expr &y) {
  return binary<arith::MulFOp, arith::MulIOp>(x, y);
}
Expr tw::nn::operator/(const Expr &x, const Expr &y) {
  return binary<arith::DivFOp, arith::DivSIOp>(x, y);
}
Expr tw::nn::operator%(const Expr &x, const Expr &y) {
  return binary<arith::RemFOp, arith::RemSIOp>(x, y);
}
Expr tw::nn::min(const Expr &x, const Expr &y) {
  return binary<arith::MinimumFOp, arith::MinSIOp>(x, y);
}
Expr tw::nn::max(const Expr &x, const Expr &y) {
  return binary<arith::MaximumFOp, arith::MaxSIOp>(x, y);
}

static Expr compare(const Expr &x, const Expr &y, arith::CmpFPredicate floats,
                    arith::CmpIPredicate integers) {
  OpBuilder &b = x.builder();
  if (x.isFloat())
    return x.with(b.createOrFold<arith::CmpFOp>(x.location(), floats, x.value(),
                                                y.value()));
  return x.with(b.createOrFold<arith::CmpIOp>(x.location(), integers, x.value(),
                                              y.value()));
}

Expr tw::nn::operator<(const Expr &x, const Expr &y) {
  return compare(x, y, arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt);
}
Expr tw::nn::operator<=(const Expr &x, const Expr &y) {
  return compare(x, y, arith::CmpFPredicate::OLE, arith::CmpIPredicate::sle);
}
Expr tw::nn::operator==(const Expr &x, const Expr &y) {
  return compare(x, y, arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq);
}

Expr tw::nn::both(const Expr &x, const Expr &y) {
  return x.with(x.builder().createOrFold<arith::AndIOp>(x.location(), x.value(),
                                                        y.value()));
}
Expr tw::nn::either(const Expr &x, const Expr &y) {
  return x.with(x.builder().createOrFold<arith::OrIOp>(x.location(), x.value(),
                                                       y.value()));
}
Expr tw::nn::negate(const Expr &condition) {
  Value yes = constantLikeInt(condition.builder(), condition.location(),
                              condition.type(), 1);
  return condition.with(condition.builder().createOrFold<arith::XOrIOp>(
      condition.location(), condition.value(), yes));
}

Expr tw::nn::select(const Expr &condition, const Expr &x, const Expr &y) {
  return x.with(x.builder().createOrFold<arith::SelectOp>(
      x.location(), condition.value(), x.value(), y.value()));
}

Expr tw::nn::floor(const Expr &x) {
  return x.with(
      x.builder().createOrFold<math::FloorOp>(x.location(), x.value()));
}
Expr tw::nn::ceil(const Expr &x) {
  return x.with(
      x.builder().createOrFold<math::CeilOp>(x.location(), x.value()));
}
Expr tw::nn::abs(const Expr &x) {
  if (x.isFloat())
    return x.with(
        x.builder().createOrFold<math::AbsFOp>(x.location(), x.value()));
  return x.with(
      x.builder().createOrFold<math::AbsIOp>(x.location(), x.value()));
}
Expr tw::nn::exp(const Expr &x) {
  return x.with(x.builder().createOrFold<math::ExpOp>(x.location(), x.value()));
}

SmallVector<Value>
tw::nn::loop(OpBuilder &b, Location loc, Value count, ValueRange state,
             llvm::function_ref<SmallVector<Value>(OpBuilder &, Location, Value,
                                                   ValueRange)>
                 body) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  auto op = scf::ForOp::create(
      b, loc, zero, count, one, state,
      [&](OpBuilder &n, Location l, Value i, ValueRange carried) {
        scf::YieldOp::create(n, l, body(n, l, i, carried));
      });
  return op.getResults();
}

Expr tw::nn::sum(const Expr &zero, Value count,
                 llvm::function_ref<Expr(OpBuilder &, Location, Value)> body) {
  auto results =
      loop(zero.builder(), zero.location(), count, zero.value(),
           [&](OpBuilder &n, Location l, Value i, ValueRange carried) {
             return SmallVector<Value>{Expr(n, l, carried[0]) + body(n, l, i)};
           });
  return zero.with(results.front());
}

SmallVector<Value> tw::nn::when(
    const Expr &condition, ValueRange state,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Location)> then) {
  auto op = scf::IfOp::create(
      condition.builder(), condition.location(), condition.value(),
      [&](OpBuilder &n, Location l) { scf::YieldOp::create(n, l, then(n, l)); },
      [&](OpBuilder &n, Location l) { scf::YieldOp::create(n, l, state); });
  return op.getResults();
}

using NestBody = llvm::function_ref<SmallVector<Value>(OpBuilder &, Location,
                                                       ValueRange, ValueRange)>;

static SmallVector<Value> nest(OpBuilder &b, Location loc, ValueRange sizes,
                               SmallVector<Value> &at, ValueRange state,
                               NestBody body) {
  if (at.size() == sizes.size())
    return body(b, loc, at, state);
  return loop(b, loc, sizes[at.size()], state,
              [&](OpBuilder &n, Location l, Value i, ValueRange carried) {
                at.push_back(i);
                SmallVector<Value> next = nest(n, l, sizes, at, carried, body);
                at.pop_back();
                return next;
              });
}

SmallVector<Value> tw::nn::loopNest(OpBuilder &b, Location loc,
                                    ArrayRef<OpFoldResult> dims,
                                    ValueRange state, NestBody body) {
  SmallVector<Value> sizes = getValueOrCreateConstantIndexOp(b, loc, dims), at;
  return nest(b, loc, sizes, at, state, body);
}
