#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/Affine/Transforms/Transforms.h"
#include "mlir/Dialect/Arith/Transforms/Transforms.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_PLACETEMPORARIES
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Small temporaries go on the stack, as long as they are few.
constexpr int64_t kSmallBytes = 16384;
constexpr int64_t kAlignment = 64;

int64_t elementBytes(MemRefType type) {
  return llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

/// The points around `op`: what is inside belongs to one thread.
scf::ForallOp pointsAround(Operation *op) {
  auto forall = op->getParentOfType<scf::ForallOp>();
  return forall && forall->hasAttr(kPointsAttr) ? forall : nullptr;
}

/// The outermost op around `op` inside the kernel function: what a thread
/// runs, or the function's own level.
Operation *trip(Operation *op, func::FuncOp kernel) {
  auto forall = op->getParentOfType<scf::ForallOp>();
  while (forall && forall->getParentOfType<scf::ForallOp>())
    forall = forall->getParentOfType<scf::ForallOp>();
  return forall ? forall.getOperation() : nullptr;
}

class Placer {
public:
  Placer(func::FuncOp kernel, int64_t stackBytes)
      : stackBytes(stackBytes), kernel(kernel), b(kernel.getContext()),
        shapes(b, kernel.getLoc()), offset(shapes.constant(0)) {
    kernel.walk([&](tile::WorkspaceOp op) { lowered.push_back(op); });
  }

  LogicalResult place(memref::AllocOp op) {
    MemRefType type = op.getType();
    if (auto points = pointsAround(op); points && type.hasStaticShape()) {
      b.setInsertionPointToStart(points.getBody());
      replaceByAlloca(op);
      return success();
    }
    if (type.hasStaticShape() && fitsOnStack(type)) {
      toStack(op);
      return success();
    }
    Operation *outside = trip(op, kernel);
    b.setInsertionPoint(outside ? outside : op.getOperation());
    FailureOr<Dim> bytes = sizeBound(op, outside);
    if (failed(bytes))
      return op.emitOpError("the size of a temporary has no bound outside of "
                            "the loop over blocks");
    toWorkspace(op, *bytes);
    return success();
  }

  /// What lowered ops use of the workspace comes after the temporaries, whose
  /// sizes are known before the ops run.
  LogicalResult moveLowered() {
    DominanceInfo dominance(kernel);
    for (tile::WorkspaceOp op : lowered) {
      auto end = dyn_cast<Value>(offset);
      if (end && !dominance.properlyDominates(end, op))
        return op.emitOpError("a temporary is made after it, of a size that "
                              "is known only then");
      b.setInsertionPoint(op);
      Dim at = shapes.add(offset, getAsOpFoldResult(op.getOffset()));
      op.getOffsetMutable().assign(shapes.value(at));
    }
    return success();
  }

private:
  bool fitsOnStack(MemRefType type) {
    int64_t bytes = type.getNumElements() * elementBytes(type);
    if (bytes > kSmallBytes || stack + bytes > stackBytes)
      return false;
    stack += bytes;
    return true;
  }

  /// At the function's start: memory that a loop takes is given back only when
  /// the function ends.
  void toStack(memref::AllocOp op) {
    b.setInsertionPointToStart(&kernel.front());
    replaceByAlloca(op);
  }

  void replaceByAlloca(memref::AllocOp op) {
    auto alloca = memref::AllocaOp::create(b, op.getLoc(), op.getType(),
                                           b.getI64IntegerAttr(kAlignment));
    op.replaceAllUsesWith(alloca.getResult());
    op.erase();
  }

  FailureOr<Dim> sizeBound(memref::AllocOp op, Operation *outside) {
    Dim bytes = shapes.constant(elementBytes(op.getType()));
    for (Dim d : op.getMixedSizes()) {
      FailureOr<Dim> bound = upperBound(d, outside);
      if (failed(bound))
        return failure();
      bytes = shapes.mul(bytes, *bound);
    }
    return bytes;
  }

  /// A bound of `d` in terms of values defined outside of the loop.
  FailureOr<Dim> upperBound(Dim d, Operation *outside) {
    auto value = dyn_cast<Value>(d);
    if (!value || !outside || isOutside(value, outside))
      return d;
    if (auto min = value.getDefiningOp<affine::AffineMinOp>())
      return leastResult(min, outside);
    return arith::reifyValueBound(
        b, value.getLoc(), presburger::BoundType::UB,
        ValueBoundsConstraintSet::Variable(value),
        [&](Value v, std::optional<int64_t> dim, ValueBoundsConstraintSet &) {
          return !dim && isOutside(v, outside);
        },
        /*closedUB=*/true);
  }

  /// Any result of a minimum bounds it: the first one known outside.
  FailureOr<Dim> leastResult(affine::AffineMinOp min, Operation *outside) {
    for (unsigned i = 0; i < min.getMap().getNumResults(); ++i) {
      AffineMap map = min.getMap().getSubMap({i});
      SmallVector<Value> operands(min.getOperands());
      affine::canonicalizeMapAndOperands(&map, &operands);
      if (llvm::all_of(operands,
                       [&](Value v) { return isOutside(v, outside); }))
        return affine::makeComposedFoldedAffineApply(
            b, min.getLoc(), map, getAsOpFoldResult(operands));
    }
    return failure();
  }

  static bool isOutside(Value value, Operation *outside) {
    return !outside->isAncestor(value.getParentBlock()->getParentOp());
  }

  void toWorkspace(memref::AllocOp op, Dim bytes) {
    Location loc = op.getLoc();
    Dim k = shapes.constant(kAlignment);
    Dim padded = shapes.mul(shapes.ceilDiv(bytes, k), k);
    Value at = shapes.value(offset), size = shapes.value(padded);
    offset = shapes.add(offset, padded);
    b.setInsertionPoint(op);
    auto bytesType = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
    Value memory = tile::WorkspaceOp::create(b, loc, bytesType, at, size);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value view = memref::ViewOp::create(b, loc, op.getType(), memory, zero,
                                        op.getDynamicSizes());
    op.replaceAllUsesWith(view);
    op.erase();
  }

  int64_t stackBytes;
  func::FuncOp kernel;
  OpBuilder b;
  ShapeBuilder shapes;
  Dim offset;
  SmallVector<tile::WorkspaceOp> lowered;
  int64_t stack = 0;
};

struct PlaceTemporariesPass
    : tw::impl::PlaceTemporariesBase<PlaceTemporariesPass> {
  using PlaceTemporariesBase::PlaceTemporariesBase;

  void runOnOperation() override {
    getOperation().walk([](memref::DeallocOp op) { op.erase(); });
    Placer placer(getOperation(), stackBytes);
    SmallVector<memref::AllocOp> allocs;
    getOperation().walk([&](memref::AllocOp op) { allocs.push_back(op); });
    for (memref::AllocOp op : allocs)
      if (failed(placer.place(op)))
        return signalPassFailure();
    if (failed(placer.moveLowered()))
      signalPassFailure();
  }
};

} // namespace
