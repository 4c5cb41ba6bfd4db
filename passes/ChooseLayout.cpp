#include "passes/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_CHOOSELAYOUT
#include "passes/Passes.h.inc"
} // namespace tw

namespace {
struct ChooseLayoutPass : tw::impl::ChooseLayoutBase<ChooseLayoutPass> {
  using ChooseLayoutBase::ChooseLayoutBase;

  void runOnOperation() override {
    SmallVector<LayoutOpInterface> ops;
    getOperation().walk([&](LayoutOpInterface op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (LayoutOpInterface op : ops) {
      rewriter.setInsertionPoint(op);
      // An op without such a form stays as it is.
      (void)op.makeChannelsLast(rewriter, gpu);
    }
  }
};
} // namespace
