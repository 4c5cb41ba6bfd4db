#include "passes/Passes.h"
#include "passes/cpu/WindowEmitter.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILEPOOL2D
#include "passes/Passes.h.inc"
} // namespace tw

/// sum / how many elements lie inside.
static Value mean(WindowEmitter &windows, Value sum, Value y, Value x) {
  PointerEmitter &e = windows.e;
  Value count = e.mul(windows.countInside(0, y), windows.countInside(1, x));
  count = arith::IndexCastOp::create(e.b, e.loc, e.b.getI64Type(), count);
  count = arith::SIToFPOp::create(e.b, e.loc, e.b.getF32Type(), count);
  return arith::DivFOp::create(e.b, e.loc, sum, e.broadcast(count));
}

static void lower(tile::Pool2dOp op, OpBuilder &b, const CpuTarget &target) {
  WindowGeometry geometry{op.getKernel(), op.getStrides(), op.getDilations(),
                          op.getPads()};
  WindowEmitter windows(b, op, op.getInput(), geometry, target);
  PointerEmitter &e = windows.e;
  WindowBody body;
  if (op.getKind() == "max") {
    body.neutral = -std::numeric_limits<float>::infinity();
    // As ONNX's reference does, NaN never wins.
    body.combine = [&](Value sum, Value element, Value) -> Value {
      Value more = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OGT,
                                         element, sum);
      return arith::SelectOp::create(e.b, e.loc, more, element, sum);
    };
  } else {
    body.combine = [&](Value sum, Value element, Value) -> Value {
      return arith::AddFOp::create(e.b, e.loc, sum, element);
    };
  }
  if (op.getKind() == "mean")
    body.finish = [&](Value sum, Value y, Value x) {
      return mean(windows, sum, y, x);
    };
  windows.emit(body);
}

namespace {
struct LowerTilePool2dPass
    : tw::impl::LowerTilePool2dBase<LowerTilePool2dPass> {
  using LowerTilePool2dBase::LowerTilePool2dBase;

  void runOnOperation() override {
    if (failed(lowerTileOps<tile::Pool2dOp>(getOperation(), cpu, lower)))
      signalPassFailure();
  }
};
} // namespace
