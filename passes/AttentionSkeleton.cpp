#include "passes/AttentionSkeleton.h"

#include "dialects/interfaces/DimAlgebra.h"

#include "mlir/IR/Matchers.h"

using namespace tw;

ArrayAttr tw::nodeNames(MLIRContext *context, ArrayRef<Location> locations) {
  llvm::SetVector<Attribute> names;
  for (Location location : locations)
    location->walk([&](Location loc) {
      if (auto name = dyn_cast<NameLoc>(loc)) {
        names.insert(name.getName());
        return WalkResult::skip();
      }
      return WalkResult::advance();
    });
  return ArrayAttr::get(context, names.getArrayRef());
}

/// How many ops apart a softmax and its products may be, and how many of them
/// are searched for a product on every path.
static constexpr int kReach = 24, kDepth = 10;

/// The number that all elements of a constant are, if it is one.
static std::optional<float> constantNumber(Value v) {
  auto constant = v.getDefiningOp<nn::ConstantOp>();
  if (!constant)
    return std::nullopt;
  auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!elements || !elements.isSplat() ||
      !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  // As many elements as broadcast to the scores without changing their shape.
  if (elements.getNumElements() != 1)
    return std::nullopt;
  APFloat value = elements.getSplatValue<APFloat>();
  bool lossy;
  value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &lossy);
  return value.convertToFloat();
}

static bool hasOneElement(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && type.hasStaticShape() && type.getNumElements() == 1;
}

/// What scores may go through between the first product and the softmax.
static bool isOnTheWay(Operation *op) {
  return isa<nn::ReshapeOp, ElementwiseOpInterface, nn::TransposeOp>(op);
}

static bool reachesUp(Value v, int reach) {
  Operation *op = v.getDefiningOp();
  if (!op || reach == 0)
    return false;
  if (isa<nn::MatmulOp>(op))
    return true;
  return isOnTheWay(op) && llvm::any_of(op->getOperands(), [&](Value operand) {
           return reachesUp(operand, reach - 1);
         });
}

static bool reachesDown(Value v, int reach) {
  if (reach == 0)
    return false;
  return llvm::any_of(v.getUsers(), [&](Operation *user) {
    if (isa<nn::MatmulOp>(user))
      return true;
    return isOnTheWay(user) && reachesDown(user->getResult(0), reach - 1);
  });
}

bool SkeletonReader::isSite(nn::SoftmaxOp softmax) {
  return reachesUp(softmax.getInput(), kDepth) &&
         reachesDown(softmax.getResult(), 6);
}

/// The sizes that a size is computed from.
void SkeletonReader::collectSources(Value v,
                                    llvm::SmallPtrSetImpl<Value> &sources,
                                    int depth) {
  Operation *op = v.getDefiningOp();
  if (op && op->hasTrait<OpTrait::ConstantLike>())
    return;
  if (auto size = dyn_cast_or_null<tensor::DimOp>(op))
    if (auto index = size.getConstantIndex()) {
      if (auto value = dyn_cast<Value>(shapes.dim(size.getSource(), *index)))
        sources.insert(value);
      return;
    }
  bool isArithmetic = op && isa<arith::ArithDialect>(op->getDialect());
  if (!isArithmetic || depth == 0) {
    sources.insert(v);
    return;
  }
  for (Value operand : op->getOperands())
    collectSources(operand, sources, depth - 1);
}

/// Whether y is 1 where x is.
static bool isOneWith(Value y, Value x) {
  auto one = simplerEquality({x, 1});
  return !one || valueAt(y, one->x, one->number) == 1;
}

/// Whether two sizes are equal in every valid model: the same, or computed from
/// the same sizes (a table cut to the sequence's length, say), where one that
/// differed could not be combined with the other, as neither is 1 alone.
bool SkeletonReader::areSameSize(Dim x, Dim y) {
  if (equalSizes(x, y))
    return true;
  auto vx = dyn_cast<Value>(x), vy = dyn_cast<Value>(y);
  if (!vx || !vy || !isOneWith(vx, vy) || !isOneWith(vy, vx))
    return false;
  llvm::SmallPtrSet<Value, 8> sx, sy;
  collectSources(vx, sx, 12);
  collectSources(vy, sy, 12);
  return !sx.empty() && sx.size() == sy.size() &&
         llvm::all_of(sx, [&](Value v) { return sy.contains(v); });
}

/// The name that a message knows an op by.
static std::string nameOf(Operation *op) {
  if (auto name = op->getLoc()->findInstanceOf<NameLoc>())
    return name.getName().str();
  return op->getName().getStringRef().str();
}

LogicalResult SkeletonReader::fail(Operation *op, const llvm::Twine &reason) {
  *miss = {op, reason.str()};
  return failure();
}

Dims SkeletonReader::leadOf(Value scores) {
  Dims dims = shapes.dims(scores);
  dims.truncate(dims.size() - 2);
  return dims;
}

/// Four dims say which are batch and which are heads.
void SkeletonReader::noteLead(Value scores) {
  Dims lead = leadOf(scores);
  if (lead.size() == 2 && s->lead.empty())
    s->lead = lead;
}

bool SkeletonReader::sameMatrix(Value x, Value y) {
  Dims dx = shapes.dims(x), dy = shapes.dims(y);
  if (dx.size() < 2 || dy.size() < 2)
    return false;
  return areSameSize(dx.back(), dy.back()) &&
         areSameSize(dx.end()[-2], dy.end()[-2]);
}

/// What is used elsewhere as well has to be computed anyway.
LogicalResult SkeletonReader::checkUsers(Value value) {
  if (value.hasOneUse())
    return success();
  Operation *producer = value.getDefiningOp();
  for (Operation *user : value.getUsers())
    if (!llvm::is_contained(s->ops, user))
      return fail(producer,
                  "its result is also used by '" + nameOf(user) + "'");
  return success();
}

/// Whether a bias or mask of this shape leaves the scores' shape alone.
bool SkeletonReader::joins(Value extra) {
  Dims scores = shapes.dims(at), own = shapes.dims(extra);
  if (own.size() > scores.size())
    return false;
  for (auto [i, pair] :
       llvm::enumerate(llvm::zip(llvm::reverse(own), llvm::reverse(scores)))) {
    auto [d, score] = pair;
    if (areSameSize(d, score) || ShapeBuilder::known(d) == 1)
      continue;
    if (i > 0)
      return false;
    assumesKeys = true;
  }
  return true;
}

LogicalResult SkeletonReader::stepScale(Operation *op, Value factor,
                                        bool divides) {
  if (auto number = constantNumber(factor)) {
    float value = divides ? 1.0f / *number : *number;
    outer *= value;
    return success();
  }
  if (!hasOneElement(factor))
    return fail(op, "the scores are scaled by more than one number");
  if (divides || s->mask || !s->biases.empty() || s->softcap > 0)
    return fail(op, "the scores' scale is not known while compiling");
  s->scaleTensors.push_back(factor);
  return success();
}

LogicalResult SkeletonReader::stepBias(Operation *op, Value bias,
                                       bool isNegated) {
  if (s->softcap > 0)
    return fail(op, "a summand inside of the soft cap");
  if (!isa<FloatType>(ShapeBuilder::elementType(bias)))
    return fail(op, "a summand that is no float");
  if (!joins(bias))
    return fail(op, "a summand whose shape is not known to fit the scores");
  if (s->mask && !s->maskLast && !std::isinf(s->maskValue))
    return fail(op, "summands before and after the mask");
  if (!s->scaleTensors.empty())
    return fail(op, "a summand before a scale that is not known");
  s->biases.push_back({bias, leadOf(at), isNegated, outer});
  return success();
}

LogicalResult SkeletonReader::stepWhere(nn::WhereOp op) {
  auto kept = constantNumber(op.getX()), dropped = constantNumber(op.getY());
  bool keepsWhereFalse = kept.has_value();
  auto value = keepsWhereFalse ? kept : dropped;
  if (!value)
    return fail(op, "masked scores are no constant");
  if (s->mask)
    return fail(op, "more than one mask");
  if (s->softcap > 0)
    return fail(op, "a mask inside of the soft cap");
  if (!joins(op.getCondition()))
    return fail(op, "a mask whose shape is not known to fit the scores");
  if (!s->scaleTensors.empty())
    return fail(op, "a mask before a scale that is not known");
  s->mask = {op.getCondition(), leadOf(at)};
  s->maskKeepsWhereFalse = keepsWhereFalse;
  s->maskValue = *value * outer;
  s->maskLast = s->biases.empty();
  at = keepsWhereFalse ? op.getY() : op.getX();
  return success();
}

/// c tanh(x / c): the factor c has been read, the division is next.
LogicalResult SkeletonReader::stepTanh(nn::TanhOp op) {
  auto inner = op.getX().getDefiningOp();
  std::optional<float> divisor;
  if (auto div = dyn_cast_or_null<nn::DivOp>(inner))
    divisor = constantNumber(div.getB());
  if (auto mul = dyn_cast_or_null<nn::MulOp>(inner))
    if (auto factor = constantNumber(mul.getB()))
      divisor = 1.0f / *factor;
  if (!divisor || *divisor <= 0 ||
      std::abs(*divisor - outer) > 1e-6f * *divisor || s->softcap > 0)
    return fail(op, "a tanh that is no soft cap");
  s->softcap = *divisor;
  outer = *divisor; // the division is read as a part of the scale
  at = op.getX();
  return success();
}

LogicalResult SkeletonReader::stepReshape(nn::ReshapeOp op) {
  if (!sameMatrix(op.getData(), op.getResult()))
    return fail(op, "a reshape that moves queries or keys");
  noteLead(op.getResult());
  at = op.getData();
  noteLead(at);
  return success();
}

LogicalResult SkeletonReader::stepMatmul(nn::MatmulOp op) {
  if (ShapeBuilder::rank(op.getA()) < 2 || ShapeBuilder::rank(op.getB()) < 2)
    return fail(op, "a product of vectors");
  if (ShapeBuilder::rank(op.getResult()) < 3)
    return fail(op, "a product of two matrices has no batch or heads");
  s->first = op;
  s->scale = outer;
  s->firstLead = leadOf(op.getResult());
  noteLead(op.getResult());
  return success();
}

bool SkeletonReader::keepsShape(Value scores, Value result) {
  Dims from = shapes.dims(scores), to = shapes.dims(result);
  if (from.size() != to.size())
    return false;
  if (!areSameSize(from.back(), to.back()))
    assumesKeys = true;
  from.pop_back(), to.pop_back();
  return llvm::equal(from, to, [&](Dim a, Dim b) { return areSameSize(a, b); });
}

LogicalResult SkeletonReader::step(Operation *op) {
  auto binary = [&](auto commutative, auto scale) -> LogicalResult {
    Value x = op->getOperand(0), y = op->getOperand(1);
    bool left = reachesUp(x, kDepth);
    if (!left && !commutative)
      return fail(op, "scores on the right side");
    bool swap =
        commutative &&
        (!left || (reachesUp(y, kDepth) && !sameMatrix(x, op->getResult(0))));
    if (swap)
      std::swap(x, y);
    if (!keepsShape(x, op->getResult(0)))
      return fail(op, "the scores' shape changes");
    at = x;
    return scale(y);
  };
  if (isa<nn::MulOp>(op))
    return binary(true, [&](Value y) { return stepScale(op, y, false); });
  if (isa<nn::DivOp>(op))
    return binary(false, [&](Value y) { return stepScale(op, y, true); });
  if (isa<nn::AddOp>(op))
    return binary(true, [&](Value y) { return stepBias(op, y, false); });
  if (isa<nn::SubOp>(op))
    return binary(false, [&](Value y) { return stepBias(op, y, true); });
  if (auto where = dyn_cast<nn::WhereOp>(op))
    return stepWhere(where);
  if (auto tanh = dyn_cast<nn::TanhOp>(op))
    return stepTanh(tanh);
  if (auto reshape = dyn_cast<nn::ReshapeOp>(op))
    return stepReshape(reshape);
  if (auto cast = dyn_cast<nn::CastOp>(op)) {
    Type from = ShapeBuilder::elementType(cast.getInput()), to = cast.getTo();
    if (!isa<FloatType>(from) || !isa<FloatType>(to) ||
        from.getIntOrFloatBitWidth() > to.getIntOrFloatBitWidth())
      return fail(op, "a cast that loses precision");
    at = cast.getInput();
    return success();
  }
  return fail(op, "an op between the first product and the softmax that "
                  "is no part of an attention");
}

LogicalResult SkeletonReader::readUp() {
  at = s->softmax.getInput();
  for (int i = 0; i < kReach; ++i) {
    Operation *op = at.getDefiningOp();
    if (!op)
      return fail(s->softmax, "no product before it");
    if (failed(checkUsers(at)))
      return failure();
    s->ops.push_back(op);
    if (auto product = dyn_cast<nn::MatmulOp>(op))
      return stepMatmul(product);
    if (failed(step(op)))
      return failure();
  }
  return fail(s->softmax, "no product near before it");
}

static bool isZero(Value v) { return constantNumber(v) == 0.0f; }

/// where(isnan(p), 0, p), or where(max(scores) == -inf, 0, p).
bool SkeletonReader::takeGuard(Value &probabilities) {
  nn::WhereOp guard;
  for (Operation *user : probabilities.getUsers())
    if (auto where = dyn_cast<nn::WhereOp>(user))
      guard = where;
  if (!guard || !isZero(guard.getX()) || guard.getY() != probabilities)
    return false;
  Operation *condition = guard.getCondition().getDefiningOp();
  if (!condition || !condition->hasOneUse())
    return false;
  auto isNan = dyn_cast<nn::IsNanOp>(condition);
  auto equal = dyn_cast<nn::EqualOp>(condition);
  nn::ReduceMaxOp largest;
  if (equal &&
      constantNumber(equal.getB()) == -std::numeric_limits<float>::infinity())
    largest = equal.getA().getDefiningOp<nn::ReduceMaxOp>();
  if (largest &&
      (!largest->hasOneUse() || largest.getData() != s->softmax.getInput()))
    return false;
  if (!largest && (!isNan || isNan.getX() != probabilities))
    return false;
  if (largest)
    s->ops.push_back(largest);
  s->ops.push_back(condition);
  s->ops.push_back(guard);
  s->hasGuard = true;
  probabilities = guard.getResult();
  return true;
}

LogicalResult SkeletonReader::readDown() {
  Value p = s->softmax.getResult();
  takeGuard(p);
  if (failed(checkUsers(s->softmax.getResult())))
    return failure();
  for (int i = 0; i < kReach; ++i) {
    if (failed(checkUsers(p)))
      return failure();
    if (p.use_empty())
      return fail(s->softmax, "no product after it");
    Operation *user = *p.getUsers().begin();
    s->ops.push_back(user);
    if (auto product = dyn_cast<nn::MatmulOp>(user)) {
      if (product.getA() != p || product.getB() == p)
        return fail(user, "the probabilities are its right side");
      if (ShapeBuilder::rank(product.getB()) < 2)
        return fail(user, "the values are a vector");
      s->second = product;
      s->secondLead = leadOf(p);
      return success();
    }
    auto reshape = dyn_cast<nn::ReshapeOp>(user);
    auto cast = dyn_cast<nn::CastOp>(user);
    if (reshape && !sameMatrix(p, reshape.getResult()))
      return fail(user, "a reshape that moves queries or keys");
    if (cast && !isa<FloatType>(cast.getTo()))
      return fail(user, "a cast to no float");
    if (!reshape && !cast)
      return fail(user, "an op between the softmax and the second product");
    p = user->getResult(0);
    if (reshape)
      noteLead(p);
    if (takeGuard(p))
      continue;
  }
  return fail(s->softmax, "no product near after it");
}

LogicalResult SkeletonReader::read(nn::SoftmaxOp softmax,
                                   AttentionSkeleton &skeleton,
                                   FusionMiss &missed) {
  s = &skeleton, miss = &missed;
  *s = {};
  s->softmax = softmax;
  outer = 1;
  assumesKeys = false;
  s->ops.push_back(softmax);
  int64_t rank = ShapeBuilder::rank(softmax.getInput());
  int64_t axis = softmax.getAxis();
  axis += axis < 0 ? rank : 0;
  if (axis != rank - 1)
    return fail(softmax, "the softmax runs over dim " + llvm::Twine(axis) +
                             ", not over the last one, the keys");
  if (rank < 3)
    return fail(softmax, "scores without batch or heads");
  // The guard's reads of scores and probabilities count as the skeleton's.
  Dims dims = shapes.dims(softmax.getInput());
  s->queries = dims.end()[-2], s->keys = dims.back();
  if (failed(readDown()))
    return failure();
  if (failed(readUp()))
    return failure();
  // The second product has as many columns of scores as rows of values.
  if (assumesKeys && !areSameSize(shapes.dim(s->second.getB(), -2),
                                  shapes.dim(s->first.getResult(), -1)))
    return fail(softmax, "a summand or mask whose columns are not known to be "
                         "the keys");
  return success();
}
