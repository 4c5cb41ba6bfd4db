#include "dialects/interfaces/DimAlgebra.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// The product of the dims that are not -1; 0 dims have been replaced.
static Dim knownProduct(ShapeBuilder &shapes, ArrayRef<OpFoldResult> dims) {
  Dim product = shapes.constant(1);
  for (Dim d : dims)
    product = shapes.mul(
        product, shapes.select(shapes.isNegative(d), shapes.constant(1), d));
  return product;
}

LogicalResult ReshapeOp::inferResults(ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  auto wanted = shapes.elements(getShape());
  if (!wanted)
    return emitOpError(
               "expected a shape of statically known rank, found one of type ")
           << getShape().getType();
  Dims dims;
  Dim total = shapes.product(shapes.dims(getData()));
  for (auto [i, d] : llvm::enumerate(*wanted)) {
    // Where a factor of the number of elements is 0, there are none: what is
    // copied makes no difference but to the shape of nothing.
    bool copies = !getAllowzero() &&
                  static_cast<int64_t>(i) < ShapeBuilder::rank(getData()) &&
                  !isFactorOf(d, total);
    dims.push_back(copies ? shapes.select(shapes.isEqual(d, shapes.constant(0)),
                                          shapes.dim(getData(), i), d)
                          : d);
  }
  // Dims that input and result share cancel out, so that -1 is often a plain
  // dim.
  Dim product = knownProduct(shapes, dims);
  for (auto [i, d] : llvm::enumerate(dims)) {
    if (auto k = ShapeBuilder::known(d); k && *k >= 0)
      continue;
    Dim computed = shapes.floorDiv(total, product);
    d = shapes.select(shapes.isNegative(d), computed, d);
  }
  Dim count = shapes.product(dims);
  if (!shapes.demandEqual(total, count))
    return emitOpError("attribute 'shape': expected ")
           << *ShapeBuilder::known(total) << " elements (the input is "
           << describe(shapes.dims(getData())) << "), found " << describe(dims);
  results.push_back({std::move(dims), ShapeBuilder::elementType(getData())});
  return success();
}

/// result[linear index] = data[linear index]: only used where the elements
/// themselves are computed with.
FailureOr<SmallVector<Value>> ReshapeOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value source = signless(b, loc, getData());
  ShapeBuilder shapes(b, loc);
  Dims from = shapes.dims(source), to = resultDims(b, *this);
  Value result =
      generate(b, loc, to, ShapeBuilder::elementType(source),
               [&](OpBuilder &n, Location l, ValueRange at) {
                 ShapeBuilder s(n, l);
                 return extract(n, l, source,
                                delinearize(s, linearize(s, at, to), from));
               });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

namespace {

bool isStaticTensor(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && type.hasStaticShape();
}

/// reshape(reshape(x)) => reshape(x), and reshape to the same static shape => x
struct ReshapeOfReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getData().getType() == op.getType() && isStaticTensor(op)) {
      rewriter.replaceOp(op, op.getData());
      return success();
    }
    auto inner = op.getData().getDefiningOp<ReshapeOp>();
    // A dim that is copied or computed means the inner shape's.
    auto shape = ShapeBuilder::constants(op.getShape());
    if (!inner || !shape || !isStaticTensor(op) ||
        llvm::any_of(*shape, [](int64_t d) { return d <= 0; }))
      return failure();
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), inner.getData(),
                                           op.getShape(), op.getAllowzero());
    return success();
  }
};

} // namespace

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<ReshapeOfReshape>(context);
}
