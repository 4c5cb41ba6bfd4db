#include "passes/KernelTiling.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_TILEKERNELS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

using Materialize = bufferization::MaterializeInDestinationOp;

/// The op that computes a kernel's result, or null where it is not one that
/// can be tiled.
linalg::GenericOp rootOf(Materialize op) {
  return op.getSource().getDefiningOp<linalg::GenericOp>();
}

/// Tiles one result's op into a forall and pulls its producers in.
class Tiler {
public:
  Tiler(linalg::GenericOp root, RewriterBase &rewriter)
      : root(root), rewriter(rewriter), plan(root) {}

  void run() {
    rewriter.setInsertionPoint(root);
    ShapeBuilder shapes(rewriter, root.getLoc());
    TileSizes tile = chooseTileSizes(shapes, plan);
    scf::SCFTilingOptions options;
    options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
    options.setTileSizes(tile.sizes);
    auto tiled = scf::tileUsingSCF(
        rewriter, cast<TilingInterface>(root.getOperation()), options);
    Value cost =
        getValueOrCreateConstantIndexOp(rewriter, root.getLoc(), tile.cost);
    if (succeeded(tiled) && !tiled->loops.empty()) {
      loops = tiled->loops;
      rewriter.replaceOp(root, tiled->replacements);
      while (fuseOne())
        ;
      rewriter.setInsertionPointToStart(
          cast<scf::ForallOp>(forall()).getBody());
    }
    tile::CostOp::create(rewriter, cost.getLoc(), cost);
  }

private:
  Operation *forall() { return loops.front().getOperation(); }

  /// The producer whose slice is computed next: the last one in the block, so
  /// that every slice of it that will be needed is already there.
  tensor::ExtractSliceOp nextSlice(linalg::GenericOp &producer) {
    tensor::ExtractSliceOp found;
    forall()->walk([&](tensor::ExtractSliceOp slice) {
      if (slice->use_empty())
        return;
      auto candidate = producerOf(slice.getSource());
      if (!candidate || (producer && (producer == candidate ||
                                      candidate->isBeforeInBlock(producer))))
        return;
      producer = candidate;
      found = slice;
    });
    return found;
  }

  /// The op outside of the loop that computes a slice's source.
  linalg::GenericOp producerOf(Value source) {
    if (auto argument = dyn_cast<BlockArgument>(source)) {
      auto loop = cast<scf::ForallOp>(forall());
      if (argument.getOwner() != loop.getBody() ||
          argument.getArgNumber() < loop.getRank())
        return nullptr;
      source = loop.getTiedOpOperand(argument)->get();
    }
    auto op = source.getDefiningOp<linalg::GenericOp>();
    return op && op->getBlock() == forall()->getBlock() ? op : nullptr;
  }

  bool fuseOne() {
    DominanceInfo dominance;
    eliminateCommonSubExpressions(rewriter, dominance, forall());
    linalg::GenericOp producer;
    tensor::ExtractSliceOp slice = nextSlice(producer);
    if (!slice)
      return false;
    auto fused = scf::tileAndFuseProducerOfSlice(rewriter, slice, loops);
    if (!fused)
      return false;
    if (plan.isPartitioned(producer) && isResult(producer))
      yield(producer, slice, *fused);
    if (slice->use_empty())
      rewriter.eraseOp(slice);
    return true;
  }

  static bool isResult(Operation *op) {
    return llvm::any_of(op->getUsers(), llvm::IsaPred<Materialize>);
  }

  /// A producer that is itself a result of the kernel is stored by the same
  /// loop.
  void yield(linalg::GenericOp producer, tensor::ExtractSliceOp slice,
             scf::SCFFuseProducerOfSliceResult &fused) {
    unsigned before = forall()->getNumResults();
    if (failed(scf::yieldReplacementForFusedProducer(rewriter, slice, fused,
                                                     loops)))
      return;
    for (auto [result, replacement] : llvm::zip_equal(
             producer->getResults(), forall()->getResults().drop_front(before)))
      rewriter.replaceUsesWithIf(result, replacement, [](OpOperand &use) {
        return isa<Materialize>(use.getOwner());
      });
  }

  linalg::GenericOp root;
  RewriterBase &rewriter;
  TilingPlan plan;
  SmallVector<LoopLikeOpInterface> loops;
};

struct TileKernelsPass : tw::impl::TileKernelsBase<TileKernelsPass> {
  void runOnOperation() override {
    SmallVector<Materialize> results;
    for (Materialize op : getOperation().getOps<Materialize>()) {
      if (!rootOf(op) || !TilingPlan(rootOf(op)).isTileable())
        return;
      results.push_back(op);
    }
    IRRewriter rewriter(&getContext());
    for (Materialize op : llvm::reverse(results))
      if (linalg::GenericOp root = rootOf(op))
        Tiler(root, rewriter).run();
    if (failed(foldEmptySlices()))
      signalPassFailure();
  }

  /// A slice of nothing is nothing of the slice's size.
  LogicalResult foldEmptySlices() {
    RewritePatternSet patterns(&getContext());
    tensor::populateFoldTensorEmptyPatterns(patterns);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }
};

} // namespace
