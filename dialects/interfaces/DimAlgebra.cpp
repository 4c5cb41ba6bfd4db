#include "dialects/interfaces/DimAlgebra.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace tw;

/// How deep arithmetic is followed, and how deep it is compared.
static constexpr int kDepth = 24, kSameDepth = 6;

/// Casts between index and i64 keep the number; narrower ones may not.
static Value withoutCasts(Value v) {
  while (auto cast = v.getDefiningOp<arith::IndexCastOp>()) {
    Type from = cast.getIn().getType(), to = cast.getType();
    if (!(from.isIndex() && to.isInteger(64)) &&
        !(from.isInteger(64) && to.isIndex()))
      break;
    v = cast.getIn();
  }
  return v;
}

static bool isNonNegative(OpFoldResult x, int depth) {
  if (auto k = getConstantIntValue(x))
    return *k >= 0;
  Value v = withoutCasts(cast<Value>(x));
  if (auto arg = dyn_cast<BlockArgument>(v))
    return v.getType().isIndex() &&
           isa_and_nonnull<FunctionOpInterface>(arg.getOwner()->getParentOp());
  Operation *op = v.getDefiningOp();
  if (isa<tensor::DimOp>(op))
    return true;
  if (depth == 0)
    return false;
  auto test = [&](Value operand) {
    return isNonNegative(getAsOpFoldResult(operand), depth - 1);
  };
  if (isa<arith::AddIOp, arith::MulIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
          arith::MinSIOp>(op))
    return llvm::all_of(op->getOperands(), test);
  if (isa<arith::MaxSIOp>(op))
    return llvm::any_of(op->getOperands(), test);
  auto select = dyn_cast<arith::SelectOp>(op);
  return select && test(select.getTrueValue()) && test(select.getFalseValue());
}

bool tw::isSurelyNonNegative(OpFoldResult x) {
  return isNonNegative(x, kDepth);
}

namespace {

/// A sum of multiples of values, and a number.
struct Sum {
  SmallVector<std::pair<Value, int64_t>> terms;
  int64_t number = 0;

  void add(OpFoldResult x, int64_t factor, int depth) {
    if (auto k = getConstantIntValue(x)) {
      number += factor * *k;
      return;
    }
    Value v = withoutCasts(cast<Value>(x));
    Operation *op = v.getDefiningOp();
    bool isSum = op && isa<arith::AddIOp, arith::SubIOp>(op);
    if (depth > 0 && isSum) {
      add(getAsOpFoldResult(op->getOperand(0)), factor, depth - 1);
      add(getAsOpFoldResult(op->getOperand(1)),
          isa<arith::SubIOp>(op) ? -factor : factor, depth - 1);
      return;
    }
    terms.push_back({v, factor});
  }
};

} // namespace

static bool equalTerms(Value x, Value y, int depth);

static bool equalSums(OpFoldResult x, OpFoldResult y, int depth) {
  Sum difference;
  difference.add(x, 1, depth);
  difference.add(y, -1, depth);
  auto &terms = difference.terms;
  // Each term is matched with one of the other sign.
  while (!terms.empty()) {
    auto [v, factor] = terms.pop_back_val();
    auto *other = llvm::find_if(terms, [&](auto &term) {
      return term.second == -factor && equalTerms(term.first, v, depth);
    });
    if (other == terms.end())
      return false;
    terms.erase(other);
  }
  return difference.number == 0;
}

/// Equal, or computed alike from what is equal.
static bool equalTerms(Value x, Value y, int depth) {
  if (x == y)
    return true;
  Operation *left = x.getDefiningOp(), *right = y.getDefiningOp();
  if (depth == 0 || !left || !right || left->getName() != right->getName() ||
      !isa<arith::MulIOp, arith::MinSIOp, arith::MaxSIOp, arith::FloorDivSIOp,
           arith::CeilDivSIOp, tensor::DimOp>(left))
    return false;
  if (auto dim = dyn_cast<tensor::DimOp>(left);
      dim && dim.getSource() != right->getOperand(0))
    return false;
  auto same = [&](unsigned i, unsigned j) {
    return left->getOperand(i).getType() == right->getOperand(j).getType() &&
           (!left->getOperand(i).getType().isIntOrIndex() ||
            equalSums(getAsOpFoldResult(left->getOperand(i)),
                      getAsOpFoldResult(right->getOperand(j)), depth - 1));
  };
  if (same(0, 0) && same(1, 1))
    return true;
  return left->hasTrait<OpTrait::IsCommutative>() && same(0, 1) && same(1, 0);
}

bool tw::equalSizes(OpFoldResult x, OpFoldResult y) {
  return isEqualConstantIntOrValue(x, y) || equalSums(x, y, kSameDepth);
}

static bool hasFactor(Value product, Value factor, int depth) {
  product = withoutCasts(product);
  if (equalSizes(product, factor))
    return true;
  auto mul = product.getDefiningOp<arith::MulIOp>();
  return mul && depth > 0 &&
         (hasFactor(mul.getLhs(), factor, depth - 1) ||
          hasFactor(mul.getRhs(), factor, depth - 1));
}

bool tw::isFactorOf(OpFoldResult factor, OpFoldResult product) {
  auto f = dyn_cast<Value>(factor), p = dyn_cast<Value>(product);
  return f && p && hasFactor(p, withoutCasts(f), kDepth);
}

namespace {

/// Arithmetic with one variable's number put in.
class Substitution {
public:
  Substitution(Value variable, int64_t number)
      : variable(withoutCasts(variable)), number(number) {}

  std::optional<int64_t> evaluate(Value v, int depth = kDepth) {
    v = withoutCasts(v);
    if (equalSizes(v, variable))
      return number;
    if (auto k = getConstantIntValue(v))
      return k;
    Operation *op = v.getDefiningOp();
    if (!op || depth == 0)
      return std::nullopt;
    if (auto it = memo.find(v); it != memo.end())
      return it->second;
    auto result = compute(op, depth - 1);
    memo[v] = result;
    return result;
  }

private:
  std::optional<int64_t> compute(Operation *op, int depth) {
    if (auto select = dyn_cast<arith::SelectOp>(op)) {
      auto condition = evaluate(select.getCondition(), depth);
      if (!condition)
        return std::nullopt;
      return evaluate(
          *condition ? select.getTrueValue() : select.getFalseValue(), depth);
    }
    if (op->getNumOperands() != 2 || op->getNumResults() != 1)
      return std::nullopt;
    auto x = evaluate(op->getOperand(0), depth),
         y = evaluate(op->getOperand(1), depth);
    if (isa<arith::MulIOp>(op) && (x == 0 || y == 0))
      return 0;
    if (!x || !y)
      return std::nullopt;
    return binary(op, *x, *y);
  }

  static std::optional<int64_t> binary(Operation *op, int64_t x, int64_t y) {
    int64_t result;
    if (isa<arith::AddIOp>(op))
      return llvm::AddOverflow(x, y, result) ? std::nullopt
                                             : std::optional(result);
    if (isa<arith::SubIOp>(op))
      return llvm::SubOverflow(x, y, result) ? std::nullopt
                                             : std::optional(result);
    if (isa<arith::MulIOp>(op))
      return llvm::MulOverflow(x, y, result) ? std::nullopt
                                             : std::optional(result);
    if (isa<arith::MinSIOp>(op))
      return std::min(x, y);
    if (isa<arith::MaxSIOp>(op))
      return std::max(x, y);
    if (isa<arith::FloorDivSIOp>(op) && y > 0)
      return llvm::divideFloorSigned(x, y);
    if (isa<arith::CeilDivSIOp>(op) && y > 0)
      return llvm::divideCeilSigned(x, y);
    if (auto compare = dyn_cast<arith::CmpIOp>(op))
      return arith::applyCmpPredicate(compare.getPredicate(), APInt(64, x),
                                      APInt(64, y));
    return std::nullopt;
  }

  Value variable;
  int64_t number;
  DenseMap<Value, std::optional<int64_t>> memo;
};

} // namespace

std::optional<int64_t> tw::valueAt(OpFoldResult x, Value variable,
                                   int64_t number) {
  if (auto k = getConstantIntValue(x))
    return k;
  return Substitution(variable, number).evaluate(cast<Value>(x));
}

std::optional<Equality> tw::simplerEquality(Equality equality) {
  for (int i = 0; i < kDepth; ++i) {
    auto &[x, k] = equality;
    x = withoutCasts(x);
    Operation *op = x.getDefiningOp();
    if (!op || op->getNumOperands() != 2)
      return equality;
    unsigned side = getConstantIntValue(op->getOperand(0)) ? 0 : 1;
    auto c = getConstantIntValue(op->getOperand(side));
    if (c && *c > 0 && isa<arith::MulIOp>(op)) {
      if (k % *c)
        return std::nullopt;
      k /= *c;
    } else if (c && *c != k && isa<arith::MinSIOp, arith::MaxSIOp>(op)) {
      // Where the limit lies on the other side of the number, it is never met.
      if ((*c > k) != isa<arith::MinSIOp>(op))
        return std::nullopt;
    } else {
      return equality;
    }
    x = op->getOperand(1 - side);
  }
  return equality;
}

std::optional<bool> tw::knownComparison(arith::CmpIPredicate predicate,
                                        OpFoldResult x, OpFoldResult y) {
  using P = arith::CmpIPredicate;
  auto kx = getConstantIntValue(x), ky = getConstantIntValue(y);
  if (kx && ky)
    return arith::applyCmpPredicate(predicate, APInt(64, *kx, true),
                                    APInt(64, *ky, true));
  if (ky && predicate == P::eq && !simplerEquality({cast<Value>(x), *ky}))
    return false;
  if (!ky || !isSurelyNonNegative(x))
    return std::nullopt;
  bool belowZero = *ky < 0, atMostZero = *ky <= 0;
  if (predicate == P::eq || predicate == P::sle)
    return belowZero ? std::optional(false) : std::nullopt;
  if (predicate == P::ne || predicate == P::sgt)
    return belowZero ? std::optional(true) : std::nullopt;
  if (predicate == P::slt)
    return atMostZero ? std::optional(false) : std::nullopt;
  if (predicate == P::sge)
    return atMostZero ? std::optional(true) : std::nullopt;
  return std::nullopt;
}

OpFoldResult tw::simplerSelect(Value condition, OpFoldResult x,
                               OpFoldResult y) {
  if (equalSizes(x, y))
    return y;
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::eq)
    return {};
  auto number = getConstantIntValue(compare.getRhs());
  if (!number)
    return {};
  auto equality = simplerEquality({compare.getLhs(), *number});
  if (!equality)
    return y;
  auto atX = valueAt(x, equality->x, equality->number),
       atY = valueAt(y, equality->x, equality->number);
  return atX && atX == atY ? y : OpFoldResult();
}
