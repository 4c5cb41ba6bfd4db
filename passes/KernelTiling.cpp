#include "passes/KernelTiling.h"
#include "passes/ScalarCost.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "llvm/ADT/SmallSet.h"

using namespace tw;

namespace {
/// Elements per tile where nothing but the result is written, and where
/// temporaries should stay in the first-level cache.
constexpr int64_t kPlainTile = 16384, kCachedTile = 2048;
/// The shortest inner loop worth having, and the side of a tile in which two
/// operands are contiguous along different loops.
constexpr int64_t kShortLoop = 64, kBlockSide = 32;
/// Picoseconds per scalar operation and per element read or written.
constexpr int64_t kOpCost = 40, kAccessCost = 120;

bool hasReduction(linalg::GenericOp op) { return op.getNumReductionLoops(); }

linalg::GenericOp producerOf(OpOperand &operand) {
  return operand.get().getDefiningOp<linalg::GenericOp>();
}

std::optional<unsigned> resultAt(AffineMap map, unsigned loop) {
  return map.getResultPosition(getAffineDimExpr(loop, map.getContext()));
}
} // namespace

TilingPlan::TilingPlan(linalg::GenericOp root) : rootOp(root) {
  sort();
  for (linalg::GenericOp op : order)
    tileable &= canBeSliced(op);
  for (auto iterator : root.getIteratorTypesArray())
    tiledLoops.push_back(iterator == utils::IteratorType::parallel);
  for (linalg::GenericOp op : order)
    places[op].loops.assign(root.getNumLoops(), kUnseen);
  for (unsigned i = 0; i < root.getNumLoops(); ++i)
    places[root].loops[i] = tiledLoops[i] ? i : kNone;
  for (linalg::GenericOp op : order)
    for (OpOperand &operand : op->getOpOperands())
      if (linalg::GenericOp producer = producerOf(operand))
        place(op, operand, producer);
  for (linalg::GenericOp op : order)
    requireCheap(op, places[op]);
}

/// Depth first, so that every consumer comes before its producers.
void TilingPlan::sort() {
  llvm::SetVector<Operation *> seen;
  std::function<void(linalg::GenericOp)> visit = [&](linalg::GenericOp op) {
    if (seen.contains(op))
      return;
    for (OpOperand &operand : op->getOpOperands())
      if (linalg::GenericOp producer = producerOf(operand))
        visit(producer);
    seen.insert(op);
  };
  visit(rootOp);
  for (Operation *op : llvm::reverse(seen))
    order.push_back(cast<linalg::GenericOp>(op));
}

/// A value that a body reads at computed places must be whole in memory.
bool TilingPlan::canBeSliced(linalg::GenericOp op) const {
  for (Operation *user : op->getUsers())
    if (!isa<linalg::GenericOp, bufferization::MaterializeInDestinationOp>(
            user))
      return false;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    while (Operation *view = value.getDefiningOp()) {
      if (isa<linalg::GenericOp>(view) && value != operand.get())
        return false;
      if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(
              view))
        break;
      value = view->getOperand(0);
    }
  }
  return op.hasPureTensorSemantics() && op->getNumResults() > 0;
}

int64_t TilingPlan::producerLoop(AffineMap in, AffineMap out, int64_t loop,
                                 unsigned rootLoop) {
  if (loop < 0)
    return kNone;
  auto p = resultAt(in, loop);
  if (!p) {
    // A window: neighbouring tiles would overlap.
    if (in.isFunctionOfDim(loop))
      tiledLoops[rootLoop] = false;
    return kNone;
  }
  auto dim = dyn_cast<AffineDimExpr>(out.getResult(*p));
  return dim ? static_cast<int64_t>(dim.getPosition()) : kNone;
}

void TilingPlan::place(linalg::GenericOp consumer, OpOperand &operand,
                       linalg::GenericOp producer) {
  AffineMap in = consumer.getMatchingIndexingMap(&operand),
            out = producer.getIndexingMapMatchingResult(
                cast<OpResult>(operand.get()));
  for (unsigned r = 0; r < rootOp.getNumLoops(); ++r) {
    int64_t loop = producerLoop(in, out, places[consumer].loops[r], r);
    int64_t &slot = places[producer].loops[r];
    if (slot != kUnseen && slot != loop) {
      // Two consumers need different parts.
      tiledLoops[r] = tiledLoops[r] && !hasReduction(producer);
      loop = kNone;
    }
    slot = loop;
  }
}

/// An op that is not split along a loop is computed again for each tile.
void TilingPlan::requireCheap(linalg::GenericOp op, const Place &place) {
  bool dear = hasReduction(op) || scalarCost(op.getBody()) > 4;
  for (unsigned r = 0; r < rootOp.getNumLoops(); ++r)
    if (place.loops[r] < 0 && dear)
      tiledLoops[r] = false;
}

std::optional<unsigned> TilingPlan::loopOf(linalg::GenericOp op,
                                           unsigned loop) const {
  int64_t found = places.find(op)->second.loops[loop];
  if (found < 0)
    return std::nullopt;
  return found;
}

bool TilingPlan::isPartitioned(linalg::GenericOp op) const {
  for (unsigned r = 0; r < tiledLoops.size(); ++r)
    if (tiledLoops[r] && !loopOf(op, r))
      return false;
  return true;
}

namespace {

/// The extents of an op's loops.
Dims loopSizes(ShapeBuilder &shapes, linalg::GenericOp op) {
  Dims sizes(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (unsigned d = 0; d < sizes.size(); ++d)
      if (auto p = resultAt(map, d);
          p && !(sizes[d] && ShapeBuilder::known(sizes[d])))
        sizes[d] = shapes.dim(operand.get(), *p);
  }
  return sizes;
}

class SizeChooser {
public:
  SizeChooser(ShapeBuilder &shapes, const TilingPlan &plan)
      : shapes(shapes), plan(plan), sizes(loopSizes(shapes, plan.root())) {}

  TileSizes choose() {
    TileSizes tile;
    tile.sizes.assign(sizes.size(), shapes.constant(0));
    llvm::SmallSet<unsigned, 4> fast = contiguousLoops();
    Dim budget = shapes.max(
        shapes.constant(1),
        shapes.floorDiv(shapes.constant(elements()), wholeWork(plan.root())));
    for (unsigned d = sizes.size(); d-- > 0;) {
      if (!plan.isTiled(d))
        continue;
      Dim side = budget;
      if (fast.size() > 1 && fast.contains(d))
        side = shapes.constant(kBlockSide);
      else if (d + 1 == sizes.size())
        side = shapes.max(side, shapes.constant(kShortLoop));
      tile.sizes[d] = atLeastOne(shapes.min(sizes[d], side));
      budget = atLeastOne(shapes.floorDiv(budget, tile.sizes[d]));
    }
    tile.cost = cost(tile.sizes);
    return tile;
  }

private:
  Dim atLeastOne(Dim d) { return shapes.max(d, shapes.constant(1)); }

  int64_t elements() const {
    for (linalg::GenericOp op : plan.ops().drop_front())
      if (op.getNumDpsInputs() > 0)
        return kCachedTile;
    return kPlainTile;
  }

  /// The loops along which an operand of the root is contiguous in memory.
  llvm::SmallSet<unsigned, 4> contiguousLoops() const {
    llvm::SmallSet<unsigned, 4> loops;
    linalg::GenericOp root = plan.root();
    for (OpOperand &operand : root->getOpOperands()) {
      AffineMap map = root.getMatchingIndexingMap(&operand);
      if (map.getNumResults() == 0 || map.getNumResults() < 2)
        continue;
      if (auto dim =
              dyn_cast<AffineDimExpr>(map.getResult(map.getNumResults() - 1));
          dim && plan.isTiled(dim.getPosition()))
        loops.insert(dim.getPosition());
    }
    return loops;
  }

  /// The trips through `op`'s loops that are not split.
  Dim wholeWork(linalg::GenericOp op) {
    Dims own = loopSizes(shapes, op);
    for (unsigned r = 0; r < sizes.size(); ++r)
      if (auto loop = plan.loopOf(op, r); loop && plan.isTiled(r))
        own[*loop] = shapes.constant(1);
    return atLeastOne(shapes.product(own));
  }

  Dim cost(ArrayRef<OpFoldResult> tile) {
    Dim total = shapes.constant(0);
    for (linalg::GenericOp op : plan.ops()) {
      Dim points = wholeWork(op);
      for (unsigned r = 0; r < sizes.size(); ++r)
        if (plan.isTiled(r) && plan.loopOf(op, r))
          points = shapes.mul(points, tile[r]);
      int64_t picoseconds = scalarCost(op.getBody()) * kOpCost +
                            op->getNumOperands() * kAccessCost;
      total =
          shapes.add(total, shapes.mul(points, shapes.constant(picoseconds)));
    }
    return shapes.floorDiv(total, shapes.constant(1000));
  }

  ShapeBuilder &shapes;
  const TilingPlan &plan;
  Dims sizes;
};

} // namespace

TileSizes tw::chooseTileSizes(ShapeBuilder &shapes, const TilingPlan &plan) {
  return SizeChooser(shapes, plan).choose();
}
