#include "dialects/nn/NN.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace tw;
using namespace tw::nn;

SmallVector<int64_t> TransposeOp::getPermutation() {
  if (getPerm())
    return SmallVector<int64_t>(*getPerm());
  int64_t rank = ShapeBuilder::rank(getData());
  return llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(rank)));
}

LogicalResult TransposeOp::inferResults(ShapeBuilder &shapes,
                                        SmallVectorImpl<ResultShape> &results) {
  SmallVector<int64_t> perm = getPermutation();
  int64_t rank = ShapeBuilder::rank(getData());
  if (static_cast<int64_t>(perm.size()) != rank || !isPermutationVector(perm))
    return emitOpError("attribute 'perm': expected a permutation of 0..")
           << rank - 1 << ", found [" << perm << "]";
  Dims dims;
  for (int64_t p : perm)
    dims.push_back(shapes.dim(getData(), p));
  results.push_back({std::move(dims), ShapeBuilder::elementType(getData())});
  return success();
}

FailureOr<SmallVector<Value>> TransposeOp::decomposeOperation(OpBuilder &b) {
  Value source = signless(b, getLoc(), getData());
  auto transposed = linalg::TransposeOp::create(
      b, getLoc(), source, emptyResult(b, *this), getPermutation());
  return SmallVector<Value>{asResult(b, *this, 0, transposed->getResult(0))};
}

namespace {

/// transpose(transpose(x, p), q) => transpose(x, p[q])
struct ComposeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getData().getDefiningOp<TransposeOp>();
    if (!inner)
      return failure();
    SmallVector<int64_t> perm =
        applyPermutation(inner.getPermutation(), op.getPermutation());
    rewriter.replaceOpWithNewOp<TransposeOp>(
        op, op.getType(), inner.getData(), rewriter.getDenseI64ArrayAttr(perm));
    return success();
  }
};

/// transpose(x, identity) => x, and where only dims of size 1 change places,
/// transpose(x) => reshape(x)
struct TransposeOfNothing : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    auto source = dyn_cast<RankedTensorType>(op.getData().getType());
    if (!type || !source)
      return failure();
    SmallVector<int64_t> perm = op.getPermutation(), moved;
    for (int64_t p : perm)
      if (source.getDimSize(p) != 1)
        moved.push_back(p);
    if (!llvm::is_sorted(moved))
      return failure();
    if (llvm::is_sorted(perm) && type == source) {
      rewriter.replaceOp(op, op.getData());
      return success();
    }
    ShapeBuilder shapes(rewriter, op.getLoc());
    Dims dims = applyPermutation(shapes.dims(op.getData()), perm);
    rewriter.replaceOpWithNewOp<ReshapeOp>(
        op, type, op.getData(), shapeTensor(rewriter, op.getLoc(), dims),
        /*allowzero=*/1);
    return success();
  }
};

} // namespace

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<ComposeTransposes, TransposeOfNothing>(context);
}
