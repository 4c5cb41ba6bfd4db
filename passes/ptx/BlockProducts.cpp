#include "passes/Passes.h"
#include "passes/ptx/Points.h"
#include "passes/ptx/ProductSource.h"
#include "passes/ptx/ProductSums.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_BLOCKPRODUCTS
#include "passes/Passes.h.inc"
} // namespace tw

Value tw::chunkOffset(ThreadEmitter &e, const StagedOperand &operand, Value row,
                      Value chunk) {
  if (operand.isSwizzled)
    chunk = e.bitXor(chunk, e.bitAnd(row, 7));
  return e.add(e.mul(row, operand.pitch()),
               e.mul(chunk, StagedOperand::kChunk));
}

namespace {

/// Elements between the ends of the tile's rows when results are handed over:
/// rows start in different banks.
constexpr int64_t kPadding = 8;
/// Results that a thread stores at once.
constexpr int64_t kStored = 4;

Stage layOut(const ProductTile &tile, Type element, bool rightAlongColumns) {
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  Stage stage{{tile.rows, tile.depth, bytes, tile.usesMma},
              {tile.columns, tile.depth, bytes, tile.usesMma},
              element,
              rightAlongColumns};
  if (rightAlongColumns)
    std::swap(stage.right.rows, stage.right.columns);
  stage.right.offset = llvm::alignTo(stage.left.bytes(), 128);
  stage.bytes = llvm::alignTo(stage.right.offset + stage.right.bytes(), 128);
  return stage;
}

bool hasRows(Value buffer) {
  return cast<MemRefType>(buffer.getType()).isLastDimUnitStride();
}

/// What one thread copies of an operand at each step.
struct Copies {
  const StagedOperand *staged;
  ProductOperand operand;
  SmallVector<ChunkAt> chunks;
  SmallVector<Value> offsets; ///< in the stage, in bytes (i32)
};

class ProductEmitter {
public:
  ProductEmitter(OpBuilder &b, EpilogueOpInterface op, ProductSource &source,
                 Type element)
      : e(b, op.getLoc()), op(op), source(source),
        tile(ProductTile::choose(!element.isF32(), source.batch(),
                                 source.rows(), source.columns())),
        stage(layOut(tile, element, source.rightRunsAlongColumns())) {}

  void emit() {
    ShapeBuilder shapes(e.b, e.loc);
    Dims trips{source.batch(),
               shapes.ceilDiv(source.rows(), shapes.constant(tile.rows)),
               shapes.ceilDiv(source.columns(), shapes.constant(tile.columns))};
    rowCount = shapes.value(source.rows());
    columnCount = shapes.value(source.columns());
    result = op.getDpsInits()[0];
    if (auto steps = source.knownSteps(tile))
      split(shapes, *steps, trips);
    auto blocks =
        scf::ForallOp::create(e.b, e.loc, trips, ValueRange(), std::nullopt);
    blocks->setAttr(kThreadsAttr, e.b.getI64IntegerAttr(tile.threads));
    blocks->setAttr(kSharedAttr, e.b.getI64IntegerAttr(sharedBytes()));
    e.b.setInsertionPoint(blocks.getTerminator());
    emitBlock(blocks.getInductionVars());
    e.b.setInsertionPointAfter(blocks);
    if (splits > 1)
      addPartials();
  }

private:
  /// Several blocks have a part of a tile's depth each, and write sums that are
  /// not finished.
  void split(ShapeBuilder &shapes, int64_t steps, Dims &trips) {
    splits = chooseSplits(tile, source.batch(), source.rows(), source.columns(),
                          steps);
    if (splits == 1)
      return;
    perSplit = llvm::divideCeil(steps, splits);
    trips[0] = shapes.mul(trips[0], shapes.constant(splits));
    SmallVector<int64_t> shape{splits};
    llvm::append_range(shape, cast<MemRefType>(result.getType()).getShape());
    result = memref::AllocOp::create(e.b, e.loc,
                                     MemRefType::get(shape, e.b.getF32Type()));
  }

  /// The partial sums of each element, added in their order, and its epilogue.
  void addPartials() {
    Value init = op.getDpsInits()[0];
    auto points =
        createPoints(e.b, e.loc, memref::getMixedSizes(e.b, e.loc, init));
    SmallVector<Value> at(points.getInductionVars());
    Value sum;
    for (int64_t i = 0; i < splits; ++i) {
      SmallVector<Value> place{arith::ConstantIndexOp::create(e.b, e.loc, i)};
      llvm::append_range(place, at);
      Value part = memref::LoadOp::create(e.b, e.loc, result, place);
      sum = sum ? arith::AddFOp::create(e.b, e.loc, sum, part) : part;
    }
    memref::StoreOp::create(e.b, e.loc, finishElement(e.b, op, sum, at), init,
                            at);
  }

  int64_t resultPitch() const { return tile.columns + kPadding; }
  int64_t sharedBytes() const {
    return std::max<int64_t>(tile.stages * stage.bytes,
                             tile.rows * resultPitch() * sizeof(float));
  }

  void emitBlock(ValueRange at) {
    thread = e.threadIndex();
    memory = sharedMemory(e);
    firstRow = e.mul(e.toI64(at[1]), tile.rows);
    firstColumn = e.mul(e.toI64(at[2]), tile.columns);
    Value batch = e.toI64(at[0]);
    if (splits > 1) {
      part = e.rem(batch, splits);
      batch = e.div(batch, splits);
    }
    source.enter(e, tile, batch, firstRow, firstColumn);
    auto sums = tile.usesMma ? mmaSums(e, tile, stage, thread)
                             : fmaSums(e, tile, stage, thread);
    SmallVector<Value> results = sumUp(*sums);
    // Nothing may still be read or on its way where results go now.
    e.waitCopies(0);
    e.barrier();
    sums->store(results, memory, resultPitch());
    e.barrier();
    storeResults();
  }

  Copies prepare(const StagedOperand &staged, ProductOperand operand) {
    Copies copies{&staged, operand, {}, {}};
    int64_t count = staged.rows * staged.chunks() / tile.threads;
    for (int64_t i = 0; i < count; ++i) {
      Value number = e.add(thread, i * tile.threads);
      Value row = e.div(number, staged.chunks()),
            chunk = e.rem(number, staged.chunks());
      copies.chunks.push_back(
          operand.prepare(row, e.mul(chunk, staged.perChunk())));
      copies.offsets.push_back(
          e.add(chunkOffset(e, staged, row, chunk), staged.offset));
    }
    return copies;
  }

  Value stageMemory(Value number) {
    return e.at(memory, e.b.getI8Type(), e.mul(number, stage.bytes));
  }

  /// Starts copying step t to a stage.
  void copy(ArrayRef<Copies> all, Value number, Value t) {
    Value to = stageMemory(number);
    for (const Copies &copies : all)
      e.ifThen(
          copies.operand.isAligned, [&] { copyChunks(copies, to, t); },
          [&] { copyElements(copies, to, t); });
  }

  void copyChunks(const Copies &copies, Value to, Value t) {
    for (auto [at, offset] : llvm::zip_equal(copies.chunks, copies.offsets)) {
      Chunk chunk = at(t);
      e.copyAsync(e.at(to, e.b.getI8Type(), offset), chunk.pointer,
                  e.mul(chunk.count, copies.staged->elementBytes));
    }
  }

  void copyElements(const Copies &copies, Value to, Value t) {
    Type element = stage.element;
    for (auto [at, offset] : llvm::zip_equal(copies.chunks, copies.offsets)) {
      Chunk chunk = at(t);
      Value target = e.at(to, e.b.getI8Type(), offset);
      e.loop(e.i32(0), e.i32(copies.staged->perChunk()), 1, {},
             [&](Value i, ValueRange) -> SmallVector<Value> {
               Value slot = e.at(target, element, i);
               e.ifThen(
                   e.isLess(i, chunk.count),
                   [&] {
                     e.store(e.load(e.at(chunk.pointer, element, i), element),
                             slot);
                   },
                   [&] { e.store(e.zero(element), slot); });
               return {};
             });
    }
  }

  /// While one step is added, the next ones are on their way.
  SmallVector<Value> sumUp(ProductSums &sums) {
    Copies all[] = {prepare(stage.left, source.left()),
                    prepare(stage.right, source.right())};
    Value steps = source.steps(), first = e.i32(0);
    if (splits > 1) {
      first = e.mul(e.toI32(part), perSplit);
      steps = e.min(e.sub(steps, first), e.i32(perSplit));
    }
    for (int64_t s = 0; s + 1 < tile.stages; ++s) {
      e.ifThen(e.isLess(e.i32(s), steps),
               [&] { copy(all, e.i32(s), e.add(first, s)); });
      e.commitCopies();
    }
    return e.loop(
        e.i32(0), steps, 1, sums.zeros(), [&](Value t, ValueRange carried) {
          e.waitCopies(tile.stages - 2);
          e.barrier();
          Value next = e.add(t, tile.stages - 1);
          e.ifThen(e.isLess(next, steps), [&] {
            copy(all, e.rem(next, tile.stages), e.add(first, next));
          });
          e.commitCopies();
          return sums.add(stageMemory(e.rem(t, tile.stages)), carried);
        });
  }

  /// Four neighbours per thread and turn, so that a warp writes rows.
  void storeResults() {
    int64_t perRow = tile.columns / kStored;
    GlobalView init(e, result);
    e.loop(e.i32(0), e.i32(tile.rows * perRow / tile.threads), 1, {},
           [&](Value turn, ValueRange) -> SmallVector<Value> {
             Value number = e.add(e.mul(turn, tile.threads), thread);
             Value row = e.div(number, perRow),
                   column = e.mul(e.rem(number, perRow), kStored);
             Value isRow =
                 e.isLess(e.add(firstRow, e.toI64(row)), e.toI64(rowCount));
             e.ifThen(isRow, [&] { storeFour(init, row, column); });
             return {};
           });
  }

  /// Whether four results in a row are neighbours in memory.
  bool areNeighbours(const GlobalView &init) {
    return init.element.getIntOrFloatBitWidth() >= 8 && hasRows(result);
  }

  int64_t storedBytes(const GlobalView &init) const {
    int64_t bytes = kStored * init.element.getIntOrFloatBitWidth() / 8;
    return std::min<int64_t>(16, bytes);
  }

  Value isAligned(Value pointer, int64_t bytes) {
    Value address =
        LLVM::PtrToIntOp::create(e.b, e.loc, e.b.getI64Type(), pointer);
    return e.isZero(e.bitAnd(address, bytes - 1));
  }

  Value sumAt(Value row, Value column) {
    Value offset = e.add(e.mul(row, resultPitch()), column);
    return e.at(memory, e.b.getF32Type(), offset);
  }

  Value finish(Value sum, ValueRange at) {
    if (splits > 1)
      return sum;
    SmallVector<Value> indices;
    for (Value index : at)
      indices.push_back(e.b.createOrFold<arith::IndexCastOp>(
          e.loc, e.b.getIndexType(), index));
    return finishElement(e.b, op, sum, indices);
  }

  void storeFour(const GlobalView &init, Value row, Value column) {
    SmallVector<Value> at = source.resultIndices(row, column);
    if (splits > 1)
      at.insert(at.begin(), part);
    Value left =
        e.sub(e.toI64(columnCount), e.add(firstColumn, e.toI64(column)));
    auto single = [&] { storeSingly(init, at, left, row, column); };
    if (!areNeighbours(init))
      return single();
    Value to = init.address(e, at);
    Value isFull = e.isLess(e.i64(kStored - 1), left);
    e.ifThen(
        e.both(isFull, isAligned(to, storedBytes(init))),
        [&] { storeVector(init, to, at, row, column); }, single);
  }

  void storeVector(const GlobalView &init, Value to, SmallVector<Value> at,
                   Value row, Value column) {
    auto vector = VectorType::get(kStored, e.b.getF32Type());
    Value sums = e.load(sumAt(row, column), vector, 16);
    SmallVector<Value> results;
    Value first = at.back();
    for (int64_t i = 0; i < kStored; ++i) {
      at.back() = e.add(first, i);
      results.push_back(
          finish(vector::ExtractOp::create(e.b, e.loc, sums, i), at));
    }
    Value stored = vector::FromElementsOp::create(
        e.b, e.loc, VectorType::get(kStored, init.element), results);
    e.store(stored, to, storedBytes(init));
  }

  void storeSingly(const GlobalView &init, SmallVector<Value> at, Value left,
                   Value row, Value column) {
    Value first = at.back();
    Value end = e.toI32(e.max(e.i64(0), e.min(left, e.i64(kStored))));
    e.loop(e.i32(0), end, 1, {},
           [&](Value i, ValueRange) -> SmallVector<Value> {
             at.back() = e.add(first, e.toI64(i));
             Value sum = e.load(sumAt(row, e.add(column, i)), e.b.getF32Type());
             e.store(finish(sum, at), init.address(e, at));
             return {};
           });
  }

  ThreadEmitter e;
  EpilogueOpInterface op;
  ProductSource &source;
  ProductTile tile;
  Stage stage;
  Value rowCount, columnCount, thread, memory, firstRow, firstColumn;
  /// Blocks that share a tile's depth, the steps of each, and which one it is.
  int64_t splits = 1, perSplit = 0;
  Value part;
  Value result; ///< where blocks write
};

bool isKnownBelow(int64_t size, int64_t limit) {
  return !ShapedType::isDynamic(size) && size < limit;
}

/// The element type of both operands where blocks can multiply them.
Type productType(EpilogueOpInterface op, Value left, Value right) {
  Type element = cast<MemRefType>(left.getType()).getElementType();
  bool isMultiplied = element.isF32() || element.isF16() || element.isBF16();
  if (!isMultiplied || !op.getAccumulatorType().isF32() || !hasRows(left) ||
      !hasRows(right) ||
      cast<MemRefType>(right.getType()).getElementType() != element ||
      cast<MemRefType>(op.getDpsInits()[0].getType())
          .getElementType()
          .isInteger(1))
    return {};
  return element;
}

int64_t chunkElements(Type element) {
  return StagedOperand::kChunk * 8 / element.getIntOrFloatBitWidth();
}

/// Small products are computed element by element.
std::unique_ptr<ProductSource> sourceOf(OpBuilder &b, Operation *op,
                                        Type &element) {
  if (auto matmul = dyn_cast<tile::MatmulOp>(op)) {
    element = productType(matmul, matmul.getLhs(), matmul.getRhs());
    auto init = cast<MemRefType>(matmul.getInit().getType());
    int64_t depth =
        cast<MemRefType>(matmul.getLhs().getType()).getShape().back();
    int64_t width =
        cast<MemRefType>(matmul.getRhs().getType()).getShape().back();
    if (!element || isKnownBelow(init.getShape().end()[-2], 8) ||
        isKnownBelow(init.getShape().back(), 16) || isKnownBelow(depth, 16) ||
        (matmul.getPacked() && width % chunkElements(element)))
      return nullptr;
    return matmulSource(b, matmul);
  }
  if (auto conv = dyn_cast<tile::Conv2dOp>(op)) {
    element = productType(conv, conv.getInput(), conv.getWeights());
    auto weights = cast<MemRefType>(conv.getWeights().getType());
    if (!element || weights.getDimSize(3) < 8 ||
        weights.getDimSize(4) % chunkElements(element))
      return nullptr;
    return conv2dSource(b, conv);
  }
  return nullptr;
}

struct BlockProductsPass : tw::impl::BlockProductsBase<BlockProductsPass> {
  void runOnOperation() override {
    SmallVector<EpilogueOpInterface> ops;
    for (auto kernel : getOperation().getOps<func::FuncOp>())
      for (auto op : kernel.front().getOps<EpilogueOpInterface>())
        ops.push_back(op);
    OpBuilder b(&getContext());
    for (EpilogueOpInterface op : ops) {
      b.setInsertionPoint(op);
      Type element;
      std::unique_ptr<ProductSource> source = sourceOf(b, op, element);
      if (!source)
        continue;
      declareSharedMemory(getOperation());
      ProductEmitter(b, op, *source, element).emit();
      op->erase();
    }
  }
};

} // namespace
