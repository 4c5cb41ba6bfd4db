#include "passes/Passes.h"
#include "passes/ptx/LineScan.h"
#include "passes/ptx/ThreadEmitter.h"

#include "dialects/nn/NN.h"
#include "dialects/tile/Lines.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_BLOCKSCANS
#include "passes/Passes.h.inc"
} // namespace tw

static Value lineIndex(ThreadEmitter &e, int64_t value) {
  return arith::ConstantIndexOp::create(e.b, e.loc, value);
}

/// y[o, p, i], with p counted from the end where sums go in reverse, and from
/// the element before where they leave their own out.
static void lower(tile::ScanOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  Type element = cast<MemRefType>(op.getX().getType()).getElementType();
  LineScan scan;
  scan.lines = tile::linesOf(b, loc, op.getX());
  scan.type = nn::wideElement(element);
  scan.kind = op.getKind();
  auto placed = [&, length = scan.lines.length](ThreadEmitter &e, Value step) {
    if (!op.getReverse())
      return step;
    Value last = e.add(ShapeBuilder(b, loc).value(length), -1);
    return e.sub(last, step);
  };
  scan.load = [&](ThreadEmitter &e, ValueRange at) -> Value {
    auto read = [&](Value step) -> Value {
      Value x = memref::LoadOp::create(
          b, loc, op.getX(), ValueRange{at[0], placed(e, step), at[2]});
      return nn::castScalar(b, loc, x, element, scan.type);
    };
    if (!op.getExclusive())
      return read(at[1]);
    Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                          at[1], lineIndex(e, 0));
    return e.choose(
        isFirst,
        [&] { return tile::scanNeutral(b, loc, scan.kind, scan.type); },
        [&] { return read(e.add(at[1], -1)); });
  };
  scan.store = [&](ThreadEmitter &e, ValueRange at, Value sum, Value) {
    Value y = nn::castScalar(b, loc, sum, scan.type, element);
    memref::StoreOp::create(b, loc, y, op.getInit(),
                            ValueRange{at[0], placed(e, at[1]), at[2]});
  };
  emitLineScan(b, loc, scan);
}

/// A running sum of flags says where positions go.
static void lower(tile::CompactOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  ShapeBuilder shapes(b, loc);
  LineScan scan;
  scan.lines = {shapes.constant(1),
                memref::getMixedSize(b, loc, op.getFlags(), 0),
                shapes.constant(1)};
  auto known = ShapeBuilder::known(scan.lines.length);
  bool isShort = known && *known < (int64_t(1) << 31);
  scan.type = isShort ? b.getI32Type() : b.getI64Type();
  scan.kind = "add";
  Value room = shapes.value(memref::getMixedSize(b, loc, op.getInit(), 0));
  scan.load = [&](ThreadEmitter &, ValueRange at) -> Value {
    Value flag = memref::LoadOp::create(b, loc, op.getFlags(), at[1]);
    return arith::ExtUIOp::create(b, loc, scan.type, flag);
  };
  scan.store = [&](ThreadEmitter &e, ValueRange at, Value sum, Value flag) {
    Value column =
        e.add(arith::IndexCastOp::create(b, loc, b.getIndexType(), sum), -1);
    Value isSet = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, flag,
                                        e.zero(scan.type));
    e.ifThen(e.both(isSet, e.isBelow(column, room)), [&] {
      Value position =
          arith::IndexCastOp::create(b, loc, b.getI64Type(), at[1]);
      memref::StoreOp::create(b, loc, position, op.getInit(), column);
    });
  };
  emitLineScan(b, loc, scan);
}

namespace {
struct BlockScansPass : tw::impl::BlockScansBase<BlockScansPass> {
  void runOnOperation() override {
    OpBuilder b(&getContext());
    lowerAll<tile::ScanOp>(b);
    lowerAll<tile::CompactOp>(b);
  }

  template <typename OpT>
  void lowerAll(OpBuilder &b) {
    SmallVector<OpT> ops;
    getOperation().walk([&](OpT op) { ops.push_back(op); });
    for (OpT op : ops) {
      declareSharedMemory(getOperation());
      b.setInsertionPoint(op);
      lower(op, b);
      op->erase();
    }
  }
};
} // namespace
