#include "passes/Passes.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_EXPANDARITH
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

struct ExpandArithPass : tw::impl::ExpandArithBase<ExpandArithPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    arith::populateExpandBFloat16Patterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
