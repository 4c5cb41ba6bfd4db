#include "passes/Passes.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"
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

struct ApproximateMathPass
    : tw::impl::ApproximateMathBase<ApproximateMathPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, isApproximated);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
