#include "passes/Passes.h"
#include "passes/cpu/WindowEmitter.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILEDEPTHWISECONV2D
#include "passes/Passes.h.inc"
} // namespace tw

static void lower(tile::DepthwiseConv2dOp op, OpBuilder &b,
                  const CpuTarget &target) {
  auto weightType = cast<MemRefType>(op.getWeights().getType());
  WindowGeometry geometry{weightType.getShape().take_front(2), op.getStrides(),
                          op.getDilations(), op.getPads()};
  WindowEmitter windows(b, op, op.getInput(), geometry, target);
  PointerEmitter &e = windows.e;
  Value weights = e.view(op.getWeights()).pointer;
  WindowBody body;
  body.combine = [&](Value sum, Value element, Value factor) {
    return e.multiplyAdd(element, factor, sum);
  };
  body.loadFactor = [&](Value tap, Value channel) {
    Value offset = e.add(e.mul(tap, weightType.getDimSize(2)), channel);
    return e.load(e.at(weights, offset), e.lanes);
  };
  windows.emit(body);
}

namespace {
struct LowerTileDepthwiseConv2dPass
    : tw::impl::LowerTileDepthwiseConv2dBase<LowerTileDepthwiseConv2dPass> {
  using LowerTileDepthwiseConv2dBase::LowerTileDepthwiseConv2dBase;

  void runOnOperation() override {
    if (failed(
            lowerTileOps<tile::DepthwiseConv2dOp>(getOperation(), cpu, lower)))
      signalPassFailure();
  }
};
} // namespace
