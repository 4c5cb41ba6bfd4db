#include "passes/Passes.h"
#include "passes/cpu/CpuTarget.h"

namespace tw {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "passes/Passes.h.inc"
} // namespace tw

using namespace tw;

namespace {
struct PackWeightsPass : tw::impl::PackWeightsBase<PackWeightsPass> {
  using PackWeightsBase::PackWeightsBase;

  void runOnOperation() override {
    auto target = CpuTarget::get(cpu);
    if (!target) {
      emitError(getOperation().getLoc(), toString(target.takeError()));
      return signalPassFailure();
    }
    target->fastConv = fastConv;
    target->panelColumns = panelColumns;
    target->chunkBytes = gpu ? 16 : 0;
    SmallVector<PackOpInterface> ops;
    getOperation()->walk([&](PackOpInterface op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (PackOpInterface op : ops) {
      rewriter.setInsertionPoint(op);
      if (auto values = op.pack(rewriter, *target); succeeded(values))
        rewriter.replaceOp(op, *values);
    }
  }
};
} // namespace
