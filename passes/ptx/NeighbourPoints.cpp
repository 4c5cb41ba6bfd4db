// Heavy ops on images whose channels are neighbours: several of a pixel's
// channels per point, in 16-byte accesses.
#include "passes/ptx/Points.h"
#include "passes/ptx/ThreadEmitter.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace tw;

namespace {

constexpr int64_t kWideBytes = 16, kWideElements = 8;

int64_t bytesOf(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  return type.getElementType().getIntOrFloatBitWidth() / 8;
}

class NeighbourFormer {
public:
  NeighbourFormer(OpBuilder &b, EpilogueOpInterface op)
      : e(b, op.getLoc()), op(op), init(op.getDpsInits()[0]),
        sizes(memref::getMixedSizes(b, op.getLoc(), init)),
        buffers(op.getNeighbourOperands()) {
    if (!buffers.empty())
      buffers.push_back(init);
  }

  /// How many channels a point computes; 1 where that does not pay.
  int64_t count() const {
    int64_t widest = 0;
    for (Value buffer : buffers) {
      auto type = cast<MemRefType>(buffer.getType());
      if (!type.isLastDimUnitStride() || bytesOf(buffer) == 0)
        return 1;
      widest = std::max(widest, bytesOf(buffer));
    }
    if (widest == 0)
      return 1;
    int64_t count = std::min(kWideBytes / widest, kWideElements);
    auto known = ShapeBuilder::known(sizes.back());
    return known && *known < count ? 1 : count;
  }

  LogicalResult form(int64_t count) {
    ShapeBuilder shapes(e.b, e.loc);
    Value aligned = areAligned(count), end = shapes.value(sizes.back());
    sizes.back() = shapes.ceilDiv(sizes.back(), shapes.constant(count));
    auto points = createPoints(e.b, e.loc, sizes);
    SmallVector<Value> at(points.getInductionVars());
    Value first = e.mul(at.back(), count), next = e.add(first, count);
    Value isWhole = e.isLess(first, e.add(end, 1 - count));
    bool formed = true;
    e.ifThen(
        e.both(isWhole, aligned),
        [&] {
          at.back() = first;
          formed &= storeNeighbours(at, count);
        },
        [&] {
          auto one = arith::ConstantIndexOp::create(e.b, e.loc, 1);
          auto loop =
              scf::ForOp::create(e.b, e.loc, first, e.min(next, end), one);
          OpBuilder::InsertionGuard guard(e.b);
          e.b.setInsertionPointToStart(loop.getBody());
          at.back() = loop.getInductionVar();
          formed &= succeeded(storeElement(e.b, op, at));
        });
    return success(formed);
  }

private:
  /// i1: all that is accessed widely starts at multiples of an access, and so
  /// do its rows.
  Value areAligned(int64_t count) {
    Value all = arith::ConstantIntOp::create(e.b, e.loc, 1, 1);
    for (Value buffer : buffers) {
      GlobalView view(e, buffer);
      auto outer =
          llvm::to_vector(llvm::seq<int64_t>(0, view.type.getRank() - 1));
      all = e.both(all, view.isAligned(e, outer, count * bytesOf(buffer)));
    }
    return all;
  }

  bool storeNeighbours(SmallVector<Value> at, int64_t count) {
    FailureOr<Value> sums = op.buildSums(e.b, at, count);
    if (failed(sums))
      return false;
    SmallVector<Value> start(at), results;
    for (int64_t i = 0; i < count; ++i) {
      at.back() = e.add(start.back(), i);
      results.push_back(finishElement(
          e.b, op, vector::ExtractOp::create(e.b, e.loc, *sums, i), at));
    }
    auto type = VectorType::get(
        count, cast<MemRefType>(init.getType()).getElementType());
    Value stored = vector::FromElementsOp::create(e.b, e.loc, type, results);
    vector::StoreOp::create(e.b, e.loc, stored, init, start,
                            /*nontemporal=*/false,
                            llvm::MaybeAlign(count * bytesOf(init)));
    return true;
  }

  ThreadEmitter e;
  EpilogueOpInterface op;
  Value init;
  Dims sizes;
  SmallVector<Value> buffers;
};

} // namespace

FailureOr<bool> tw::formNeighbours(OpBuilder &b, EpilogueOpInterface op) {
  NeighbourFormer former(b, op);
  int64_t count = former.count();
  if (count == 1)
    return false;
  if (failed(former.form(count)))
    return failure();
  return true;
}
