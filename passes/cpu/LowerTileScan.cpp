#include "passes/Passes.h"
#include "passes/cpu/PointerEmitter.h"

#include "dialects/nn/NN.h"
#include "dialects/tile/Lines.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILESCAN
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Neighbouring lines that are walked along together.
constexpr int64_t kLines = 16;

class ScanEmitter {
public:
  ScanEmitter(tile::ScanOp op, OpBuilder &b, const CpuTarget &target)
      : op(op), e(b, op, target), lines(tile::linesOf(b, e.loc, op.getX())),
        element(cast<MemRefType>(op.getX().getType()).getElementType()),
        accumulator(nn::wideElement(element)), outer(size(lines.outer)),
        length(size(lines.length)), inner(size(lines.inner)) {}

  void emit() {
    if (ShapeBuilder::known(lines.inner) == 1)
      return overLines({outer}, e.max(length, e.index(1)),
                       [&](ValueRange at) { scanLine(at[0]); });
    Value groups = e.ceilDiv(inner, kLines);
    overLines({outer, groups}, e.max(e.mul(length, 4), e.index(1)),
              [&](ValueRange at) { scanGroup(at[0], e.mul(at[1], kLines)); });
  }

private:
  Value size(Dim d) { return getValueOrCreateConstantIndexOp(e.b, e.loc, d); }

  /// Work for threads, or a loop where only memory says how much there is.
  void overLines(ArrayRef<Value> sizes, Value nanoseconds,
                 llvm::function_ref<void(ValueRange)> body) {
    if (llvm::all_of(sizes, [](Value s) { return tile::isHostKnown(s); }) &&
        tile::isHostKnown(nanoseconds))
      return e.forall(sizes, nanoseconds, body);
    e.loop(e.index(0), sizes[0], 1, [&](Value first) {
      if (sizes.size() == 1)
        return body(first);
      e.loop(e.index(0), sizes[1], 1,
             [&](Value second) { body({first, second}); });
    });
  }

  Value place(Value step) {
    return op.getReverse() ? e.sub(e.sub(length, 1), step) : step;
  }

  /// Takes one element in and stores a result; returns the next sum.
  Value step(Value sum, ValueRange at) {
    Value x = memref::LoadOp::create(e.b, e.loc, op.getX(), at);
    x = nn::castScalar(e.b, e.loc, x, element, accumulator);
    Value next = tile::scanStep(e.b, e.loc, op.getKind(), sum, x);
    Value stored = nn::castScalar(e.b, e.loc, op.getExclusive() ? sum : next,
                                  accumulator, element);
    memref::StoreOp::create(e.b, e.loc, stored, op.getInit(), at);
    return next;
  }

  Value neutral() {
    return tile::scanNeutral(e.b, e.loc, op.getKind(), accumulator);
  }

  void scanLine(Value o) {
    e.loop(e.index(0), length, 1, neutral(), [&](Value i, ValueRange sum) {
      return SmallVector<Value>{step(sum[0], {o, place(i), e.index(0)})};
    });
  }

  void scanGroup(Value o, Value first) {
    Value sums = memref::AllocOp::create(
        e.b, e.loc, MemRefType::get({kLines}, accumulator));
    Value count = e.min(e.sub(inner, first), e.index(kLines));
    e.loop(e.index(0), e.index(kLines), 1, [&](Value j) {
      memref::StoreOp::create(e.b, e.loc, neutral(), sums, j);
    });
    e.loop(e.index(0), length, 1, [&](Value i) {
      e.loop(e.index(0), count, 1, [&](Value j) {
        Value sum = memref::LoadOp::create(e.b, e.loc, sums, j);
        Value next = step(sum, {o, place(i), e.add(first, j)});
        memref::StoreOp::create(e.b, e.loc, next, sums, j);
      });
    });
  }

  tile::ScanOp op;
  PointerEmitter e;
  tile::Lines lines;
  Type element, accumulator;
  Value outer, length, inner;
};

struct LowerTileScanPass : tw::impl::LowerTileScanBase<LowerTileScanPass> {
  using LowerTileScanBase::LowerTileScanBase;

  void runOnOperation() override {
    auto lower = [](tile::ScanOp op, OpBuilder &b, const CpuTarget &target) {
      ScanEmitter(op, b, target).emit();
    };
    if (failed(lowerTileOps<tile::ScanOp>(getOperation(), cpu, lower)))
      signalPassFailure();
  }
};

} // namespace
