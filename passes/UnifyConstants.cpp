#include "passes/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_UNIFYCONSTANTS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

struct UnifyConstantsPass : tw::impl::UnifyConstantsBase<UnifyConstantsPass> {
  void runOnOperation() override {
    getOperation().walk([](arith::ConstantOp op) {
      auto elements = dyn_cast<ElementsAttr>(op.getValue());
      if (!elements)
        return;
      OpBuilder b(op);
      op.replaceAllUsesWith(
          nn::ConstantOp::create(b, op.getLoc(), op.getType(), elements)
              .getResult());
      op.erase();
    });
  }
};

} // namespace
