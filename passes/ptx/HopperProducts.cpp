#include "passes/ptx/HopperProducts.h"

#include "passes/ptx/GroupFragment.h"
#include "passes/ptx/Points.h"
#include "passes/ptx/StageRing.h"
#include "passes/ptx/TensorMaps.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace tw;
using namespace tw::hopper;

namespace {

/// Tiles below each other that blocks with consecutive numbers have: what runs
/// at once reads few rows and columns.
constexpr int64_t kTilesDown = 8;

class Emitter {
public:
  Emitter(OpBuilder &b, EpilogueOpInterface op, ProductSource &source,
          ProductResults &results, Type element)
      : e(b, op.getLoc()), results(results), element(element),
        tile(ProductTile::chooseHopper(source.batch(), source.rows(),
                                       source.columns())),
        left(source.leftBoxes(tile)), right(source.rightBoxes(tile)) {}

  bool emit() {
    if (!left || !right || !mayHaveTensorMap(left->buffer) ||
        !mayHaveTensorMap(right->buffer))
      return false;
    Value fit = e.both(fitsTensorMap(e.b, e.loc, left->buffer),
                       fitsTensorMap(e.b, e.loc, right->buffer));
    leftMap = makeMap(*left, fit);
    rightMap = makeMap(*right, fit);
    results.split(tile);
    ShapeBuilder shapes(e.b, e.loc);
    Dims trips = results.trips(tile);
    tilesDown = shapes.value(trips[1]);
    tilesAcross = shapes.value(trips[2]);
    trips[0] = shapes.select(fit, trips[0], shapes.constant(0));
    auto blocks =
        scf::ForallOp::create(e.b, e.loc, trips, ValueRange(), std::nullopt);
    blocks->setAttr(kThreadsAttr, e.b.getI64IntegerAttr(tile.threads));
    blocks->setAttr(kSharedAttr, e.b.getI64IntegerAttr(sharedBytes()));
    e.b.setInsertionPoint(blocks.getTerminator());
    emitBlock(blocks.getInductionVars());
    e.b.setInsertionPointAfter(blocks);
    return true;
  }

private:
  Value makeMap(const BoxedOperand &operand, Value fit) {
    return tile::TensorMapOp::create(
        e.b, e.loc, LLVM::LLVMPointerType::get(e.b.getContext()),
        operand.buffer, fit, operand.box);
  }

  // Shared memory: the stages, where results are handed over afterwards, and
  // behind them their barriers.

  int64_t leftBytes() const { return tile.rows * tile.depth * 2; }
  int64_t stageBytes() const {
    return leftBytes() + tile.columns * tile.depth * 2;
  }
  int64_t barriersOffset() const {
    return std::max(tile.stages * stageBytes(), ProductResults::bytes(tile));
  }
  int64_t sharedBytes() const {
    return barriersOffset() + StageRing::barrierBytes(tile.stages);
  }
  Value at(Value offset) { return e.at(memory, e.b.getI8Type(), offset); }

  void emitBlock(ValueRange indices) {
    thread = e.threadIndex();
    memory = sharedMemory(e);
    ring.emplace(e, memory, 0, stageBytes(), tile.stages, barriersOffset());
    results.enter(e, tile, grouped(indices));
    auto [first, steps] = results.steps();
    firstStep = first;
    stepCount = steps;
    e.ifThen(e.isZero(thread), [&] {
      ring->initBarriers();
      e.fenceBarrierInit();
    });
    e.barrier();
    e.ifThen(
        e.isBelow(thread, e.i32(kGroup)), [&] { copy(); }, [&] { multiply(); });
  }

  /// The tile of the block at (batch, row, column): rows of tiles are taken
  /// kTilesDown at a time, from the left to the right.
  SmallVector<Value> grouped(ValueRange at) {
    Value down = e.toI32(tilesDown), across = e.toI32(tilesAcross);
    Value number = e.add(e.mul(e.toI32(at[1]), across), e.toI32(at[2]));
    Value size = e.mul(across, kTilesDown);
    Value group = e.div(number, size);
    Value place = e.sub(number, e.mul(group, size));
    Value first = e.mul(group, kTilesDown);
    Value rows = e.min(e.sub(down, first), e.i32(kTilesDown));
    Value column = e.div(place, rows);
    Value row = e.add(first, e.sub(place, e.mul(column, rows)));
    return {at[0], row, column};
  }

  /// One thread starts all copies, as soon as their stage is empty.
  void copy() {
    e.giveRegisters(kCopying);
    e.ifThen(e.isBelow(thread, e.i32(kWarp)), [&] {
      e.ifThen(e.elect(), [&] {
        e.loop(e.i32(0), stepCount, 1, {},
               [&](Value t, ValueRange) -> SmallVector<Value> {
                 copyStep(t);
                 return {};
               });
      });
    });
  }

  void copyStep(Value t) {
    Value arrived = ring->startCopies(t);
    Value to = ring->stage(t), step = e.add(firstStep, t);
    copyBoxes(*left, leftMap, to, step, arrived);
    copyBoxes(*right, rightMap, e.at(to, e.b.getI8Type(), leftBytes()), step,
              arrived);
  }

  void copyBoxes(const BoxedOperand &operand, Value map, Value to, Value step,
                 Value barrier) {
    int64_t bytes = llvm::product_of(operand.box) * 2;
    for (auto [i, place] : llvm::enumerate(operand.at(step)))
      e.copyBox(e.at(to, e.b.getI8Type(), i * bytes), map, place, barrier);
  }

  // The warpgroups that multiply lie above each other, or beside each other
  // where the tile has rows for one only.

  bool areStacked() const { return tile.rows > kRows; }
  int64_t groupColumns() const {
    return areStacked() ? tile.columns : tile.columns / kConsumers;
  }

  MatrixLines rightLines() const {
    int64_t bytes = right->box.back() * 2;
    return {bytes, right->isAlongRows, tile.depth * bytes};
  }

  void multiply() {
    e.takeRegisters(kComputing);
    thread = e.add(thread, -kGroup);
    Value group = e.div(thread, kGroup);
    Value leftStart = memory, rightStart = at(e.i32(leftBytes()));
    if (areStacked())
      leftStart = at(e.mul(group, kRows * tile.depth * 2));
    else
      rightStart = e.at(rightStart, e.b.getI8Type(),
                        e.mul(group, groupColumns() * tile.depth * 2));
    leftMatrix = e.descriptor(leftStart, MatrixLines());
    rightMatrix = e.descriptor(rightStart, rightLines());
    Value none = LLVM::UndefOp::create(e.b, e.loc, e.b.getF32Type());
    SmallVector<Value> sums(groupColumns() / 2, none);
    sums = e.loop(e.i32(0), stepCount, 1, sums, [&](Value t, ValueRange sums) {
      return multiplyStep(t, sums);
    });
    sums = e.finishProducts(sums);
    // Nothing may still be read where results go now.
    e.namedBarrier(e.i32(kHandOver), kConsumers * kGroup);
    handOver(sums, group);
    e.namedBarrier(e.i32(kHandOver), kConsumers * kGroup);
    results.store(memory, thread, kConsumers * kGroup);
  }

  /// While one step is multiplied, the next one's products are started; then
  /// the stage before is nobody's.
  SmallVector<Value> multiplyStep(Value t, ValueRange carried) {
    ring->waitForCopies(t);
    Value further =
        e.toI64(e.mul(ring->number(t), stageBytes() / MatrixLines::kUnit));
    SmallVector<Value> sums(carried);
    e.fenceProducts();
    Value isLater = e.isLess(e.i32(0), t);
    Value isAdded =
        e.b.createOrFold<arith::ExtUIOp>(e.loc, e.b.getI32Type(), isLater);
    for (int64_t k = 0; k < tile.depth / 16; ++k) {
      Value x = e.advance(e.add(leftMatrix, further),
                          k * MatrixLines().stepBytes()),
            y = e.advance(e.add(rightMatrix, further),
                          k * rightLines().stepBytes());
      sums = e.multiply(sums, x, y, k ? e.i32(1) : isAdded, element,
                        right->isAlongRows);
    }
    e.commitProducts();
    e.waitProducts(1);
    ring->release(e.add(t, -1), thread, isLater);
    return sums;
  }

  void handOver(ValueRange sums, Value group) {
    Value row = e.i32(0), start = memory;
    if (areStacked())
      row = e.mul(group, kRows);
    else
      start = e.at(memory, e.b.getF32Type(), e.mul(group, groupColumns()));
    GroupFragment(e, e.rem(thread, kGroup), row, groupColumns())
        .store(sums, start, ProductResults::pitch(tile));
  }

  HopperEmitter e;
  ProductResults &results;
  Type element;
  ProductTile tile;
  std::optional<BoxedOperand> left, right;
  std::optional<StageRing> ring;
  Value tilesDown, tilesAcross; ///< of a matrix
  Value leftMap, rightMap, leftMatrix, rightMatrix;
  Value thread, memory, firstStep, stepCount;
};

} // namespace

bool tw::emitHopperProduct(OpBuilder &b, EpilogueOpInterface op,
                           ProductSource &source, ProductResults &results,
                           Type element) {
  return Emitter(b, op, source, results, element).emit();
}
