#include "passes/Passes.h"

#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_APPROXIMATEMATH
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Functions whose upstream approximations are good to about 1e-7 in f32 and
/// vectorise.
bool isApproximated(StringRef name) {
  static const llvm::StringSet<> names = {
      "math.exp",  "math.expm1", "math.log",  "math.log1p", "math.log2",
      "math.tanh", "math.erf",   "math.atan", "math.cbrt"};
  return names.contains(name);
}

/// Functions that are an instruction or a few, also on vectors.
bool isInline(Operation *op) {
  return isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp,
             math::CountLeadingZerosOp, math::CountTrailingZerosOp,
             math::CtPopOp, math::FloorOp, math::FmaOp, math::IsNaNOp,
             math::IsInfOp, math::IsFiniteOp, math::IsNormalOp,
             math::RoundEvenOp, math::RsqrtOp, math::SqrtOp, math::TruncOp>(op);
}

/// What is left is called from libm.
LogicalResult lowerToCalls(Operation *module) {
  SmallVector<Operation *> ops;
  module->walk([&](Operation *op) {
    if (isa<math::MathDialect>(op->getDialect()) && !isInline(op))
      ops.push_back(op);
  });
  RewritePatternSet patterns(module->getContext());
  populateMathToLibmConversionPatterns(patterns);
  return applyOpPatternsGreedily(
      ops, std::move(patterns),
      GreedyRewriteConfig().setStrictness(
          GreedyRewriteStrictness::ExistingAndNewOps));
}

struct ApproximateMathPass
    : tw::impl::ApproximateMathBase<ApproximateMathPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMathAlgebraicSimplificationPatterns(patterns);
    populateMathPolynomialApproximationPatterns(patterns, isApproximated);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))) ||
        failed(lowerToCalls(getOperation())))
      signalPassFailure();
  }
};

} // namespace
