#include "passes/Passes.h"
#include "passes/cpu/PointerEmitter.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILECOMPACT
#include "passes/Passes.h.inc"
} // namespace tw

/// Every position goes to the place after the last one that stays; there is
/// room until all places are taken.
static void lower(tile::CompactOp op, OpBuilder &b, const CpuTarget &target) {
  PointerEmitter e(b, op, target);
  Value length = e.size(op.getFlags(), 0), room = e.size(op.getInit(), 0);
  e.loop(e.index(0), length, 1, e.index(0), [&](Value i, ValueRange found) {
    Value count = found[0];
    Value flag = memref::LoadOp::create(b, e.loc, op.getFlags(), i);
    e.when(e.both(flag, e.isBelow(count, room)), [&] {
      Value position = arith::IndexCastOp::create(b, e.loc, b.getI64Type(), i);
      memref::StoreOp::create(b, e.loc, position, op.getInit(), count);
    });
    Value one = arith::IndexCastUIOp::create(b, e.loc, b.getIndexType(), flag);
    return SmallVector<Value>{e.add(count, one)};
  });
}

namespace {
struct LowerTileCompactPass
    : tw::impl::LowerTileCompactBase<LowerTileCompactPass> {
  using LowerTileCompactBase::LowerTileCompactBase;

  void runOnOperation() override {
    if (failed(lowerTileOps<tile::CompactOp>(getOperation(), cpu, lower)))
      signalPassFailure();
  }
};
} // namespace
