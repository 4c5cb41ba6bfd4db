#include "passes/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_EXPANDOPS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

struct ExpandOpsPass : tw::impl::ExpandOpsBase<ExpandOpsPass> {
  using ExpandOpsBase::ExpandOpsBase;

  void runOnOperation() override {
    SmallVector<ExpandOpInterface> ops;
    getOperation().walk([&](ExpandOpInterface op) {
      if (all || !op.hasKernel())
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (ExpandOpInterface op : ops) {
      rewriter.setInsertionPoint(op);
      auto values = op.expand(rewriter);
      if (failed(values))
        return signalPassFailure();
      rewriter.replaceOp(op, *values);
    }
  }
};

} // namespace
