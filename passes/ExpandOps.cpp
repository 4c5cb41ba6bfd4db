#include "passes/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_EXPANDOPS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Sizes of `value` may be better known than those of what it replaces.
Value typed(OpBuilder &b, Value value, Type type) {
  if (value.getType() == type)
    return value;
  return tensor::CastOp::create(b, value.getLoc(), type, value);
}

struct ExpandOpsPass : tw::impl::ExpandOpsBase<ExpandOpsPass> {
  using ExpandOpsBase::ExpandOpsBase;

  void runOnOperation() override {
    SmallVector<ExpandOpInterface> ops;
    getOperation().walk([&](ExpandOpInterface op) {
      if (all || !op.hasKernel(gpu))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (ExpandOpInterface op : ops) {
      rewriter.setInsertionPoint(op);
      auto values = op.expand(rewriter);
      if (failed(values))
        return signalPassFailure();
      for (auto [value, result] : llvm::zip_equal(*values, op->getResults()))
        value = typed(rewriter, value, result.getType());
      rewriter.replaceOp(op, *values);
    }
  }
};

} // namespace
