#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_SHARELOOPS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Fewer trips are not worth a barrier or a launch.
constexpr int64_t kFewTrips = 16;

Value rootOf(Value memory) {
  while (auto view = memory.getDefiningOp<ViewLikeOpInterface>())
    memory = view.getViewSource();
  return memory;
}

/// Loops inside of each other with nothing between them that has an effect.
class Nest {
public:
  explicit Nest(scf::ForOp outermost) {
    for (scf::ForOp loop = outermost; loop; loop = onlyLoop(loop))
      if (loops.empty() || isRectangular(loop))
        loops.push_back(loop);
      else
        break;
  }

  /// Finds the loops of which no two trips write, or read what is written, at
  /// one place; false where there is none.
  bool isShareable() {
    for (scf::ForOp loop : loops)
      if (loop.getNumResults() ||
          getConstantIntValue(loop.getLowerBound()) != 0 ||
          getConstantIntValue(loop.getStep()) != 1)
        return false;
    SmallVector<memref::LoadOp> reads;
    WalkResult walked = inner().getBody()->walk([&](Operation *op) {
      bool isFine = op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
                    isMemoryEffectFree(op);
      if (auto load = dyn_cast<memref::LoadOp>(op))
        reads.push_back(load);
      else if (auto store = dyn_cast<memref::StoreOp>(op))
        isFine = addStore(store);
      return isFine || isa<memref::LoadOp>(op) ? WalkResult::advance()
                                               : WalkResult::interrupt();
    });
    if (walked.wasInterrupted() || stores.empty() ||
        !llvm::all_of(reads, [&](memref::LoadOp load) { return isOwn(load); }))
      return false;
    for (scf::ForOp loop : loops)
      (isIndexOfAll(loop) ? shared : inOrder).push_back(loop);
    return !shared.empty();
  }

  bool isSmall() {
    int64_t trips = 1;
    for (scf::ForOp loop : shared) {
      auto known = getConstantIntValue(loop.getUpperBound());
      if (!known)
        return false;
      trips *= *known;
    }
    return trips < kFewTrips;
  }

  /// The shared loops become points; the others are inside, in order.
  void share(OpBuilder &b) {
    scf::ForOp outermost = loops.front();
    Location loc = outermost.getLoc();
    b.setInsertionPoint(outermost);
    Dims sizes;
    for (scf::ForOp loop : shared)
      sizes.push_back(getAsOpFoldResult(loop.getUpperBound()));
    auto points = createPoints(b, loc, sizes);
    IRMapping indices;
    for (auto [loop, index] :
         llvm::zip_equal(shared, points.getInductionVars()))
      indices.map(loop.getInductionVar(), index);
    for (scf::ForOp loop : inOrder) {
      auto again = scf::ForOp::create(b, loc, loop.getLowerBound(),
                                      loop.getUpperBound(), loop.getStep());
      indices.map(loop.getInductionVar(), again.getInductionVar());
      b.setInsertionPointToStart(again.getBody());
    }
    for (scf::ForOp loop : loops)
      for (Operation &op : loop.getBody()->without_terminator())
        if (!llvm::is_contained(loops, dyn_cast<scf::ForOp>(op)))
          b.clone(op, indices);
    outermost.erase();
  }

private:
  scf::ForOp inner() { return loops.back(); }

  /// The loop that is all that a loop does, or null.
  static scf::ForOp onlyLoop(scf::ForOp loop) {
    scf::ForOp found;
    for (Operation &op : loop.getBody()->without_terminator()) {
      if (isMemoryEffectFree(&op) && !op.getNumRegions())
        continue;
      if (found || !isa<scf::ForOp>(op))
        return {};
      found = cast<scf::ForOp>(op);
    }
    return found && !found.getNumResults() ? found : scf::ForOp();
  }

  bool isOutside(Value value) {
    return !loops.front()->isAncestor(value.getParentBlock()->getParentOp());
  }
  bool isRectangular(scf::ForOp loop) {
    return isOutside(loop.getUpperBound());
  }

  /// Whether no two trips of the loop have the same element of a store's.
  bool isIndexOfAll(scf::ForOp loop) {
    return llvm::all_of(stores, [&](memref::StoreOp store) {
      return llvm::is_contained(store.getIndices(), loop.getInductionVar());
    });
  }

  /// One way to name the memory and the element, so that reads can be told.
  bool addStore(memref::StoreOp store) {
    Value memory = store.getMemRef();
    if (!isOutside(memory))
      return false;
    for (memref::StoreOp other : stores)
      if (rootOf(other.getMemRef()) == rootOf(memory) && !isSame(other, store))
        return false;
    stores.push_back(store);
    return true;
  }

  template <typename X, typename Y>
  static bool isSame(X x, Y y) {
    return x.getMemRef() == y.getMemRef() &&
           llvm::equal(x.getIndices(), y.getIndices());
  }

  /// Nobody writes what it reads, or trips with the same element do.
  bool isOwn(memref::LoadOp load) {
    return llvm::all_of(stores, [&](memref::StoreOp store) {
      return rootOf(store.getMemRef()) != rootOf(load.getMemRef()) ||
             isSame(store, load);
    });
  }

  SmallVector<scf::ForOp> loops, shared, inOrder;
  SmallVector<memref::StoreOp> stores;
};

struct ShareLoopsPass : tw::impl::ShareLoopsBase<ShareLoopsPass> {
  void runOnOperation() override {
    OpBuilder b(&getContext());
    visit(b, getOperation().getBody());
  }

  void visit(OpBuilder &b, Region &region) {
    for (Block &block : region)
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (isa<scf::ForallOp>(op))
          continue;
        if (auto loop = dyn_cast<scf::ForOp>(op)) {
          Nest nest(loop);
          if (nest.isShareable()) {
            if (!nest.isSmall())
              nest.share(b);
            continue;
          }
        }
        for (Region &inner : op.getRegions())
          visit(b, inner);
      }
  }
};

} // namespace
