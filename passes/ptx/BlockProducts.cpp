#include "passes/Passes.h"
#include "passes/ptx/HopperProducts.h"
#include "passes/ptx/Points.h"
#include "passes/ptx/ProductSums.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_BLOCKPRODUCTS
#include "passes/Passes.h.inc"
} // namespace tw

Value tw::chunkOffset(ThreadEmitter &e, const StagedOperand &operand, Value row,
                      Value chunk) {
  if (operand.isCut) {
    constexpr int64_t kInLine = 8;
    row = e.add(row, e.mul(e.div(chunk, kInLine), operand.rows));
    chunk = e.bitXor(e.rem(chunk, kInLine), e.bitAnd(row, 7));
    return e.mul(e.add(e.mul(row, kInLine), chunk), StagedOperand::kChunk);
  }
  if (operand.isSwizzled)
    chunk = e.bitXor(chunk, e.bitAnd(row, 7));
  return e.add(e.mul(row, operand.pitch()),
               e.mul(chunk, StagedOperand::kChunk));
}

namespace {

/// What is multiplied, and how.
struct ProductKind {
  Type element, sum;
  bool usesMma = false, leftUnsigned = false, rightUnsigned = false;

  int64_t bytes() const { return element.getIntOrFloatBitWidth() / 8; }
};

Stage layOut(const ProductTile &tile, const ProductKind &kind,
             bool rightAlongColumns) {
  Stage stage{{tile.rows, tile.depth, kind.bytes(), tile.usesMma},
              {tile.columns, tile.depth, kind.bytes(), tile.usesMma},
              kind.element,
              rightAlongColumns,
              /*bytes=*/0,
              kind.sum,
              kind.leftUnsigned,
              kind.rightUnsigned};
  if (rightAlongColumns)
    std::swap(stage.right.rows, stage.right.columns);
  // Read one by one: rows start eight banks apart.
  if (rightAlongColumns && tile.usesMma && kind.element.isF32()) {
    stage.right.isSwizzled = false;
    stage.right.padding = 2;
  }
  // Descriptors of operands count swizzles from multiples of 1024 bytes.
  int64_t alignment = tile.usesWgmma ? 1024 : 128;
  stage.right.isCut = tile.usesWgmma && rightAlongColumns;
  stage.right.offset = llvm::alignTo(stage.left.bytes(), alignment);
  stage.bytes =
      llvm::alignTo(stage.right.offset + stage.right.bytes(), alignment);
  return stage;
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
  ProductEmitter(OpBuilder &b, Location loc, ProductSource &source,
                 ProductResults &results, const ProductKind &kind,
                 bool isHopper)
      : e(b, loc), source(source), results(results),
        tile(chooseTile(source, kind, isHopper)),
        stage(layOut(tile, kind, source.rightRunsAlongColumns())) {}

  /// `isOtherwise`: for what the blocks before do not compute. Their parts of
  /// the depth are these blocks', too.
  void emit(bool isOtherwise) {
    if (!isOtherwise)
      results.split(tile);
    auto blocks = scf::ForallOp::create(e.b, e.loc, results.trips(tile),
                                        ValueRange(), std::nullopt);
    blocks->setAttr(kThreadsAttr, e.b.getI64IntegerAttr(tile.threads));
    blocks->setAttr(kSharedAttr, e.b.getI64IntegerAttr(sharedBytes()));
    if (isOtherwise)
      blocks->setAttr(kOtherwiseAttr, e.b.getUnitAttr());
    e.b.setInsertionPoint(blocks.getTerminator());
    emitBlock(blocks.getInductionVars());
    e.b.setInsertionPointAfter(blocks);
  }

private:
  static ProductTile chooseTile(ProductSource &source, const ProductKind &kind,
                                bool isHopper) {
    auto tile = ProductTile::choose(kind.usesMma, kind.bytes(), source.batch(),
                                    source.rows(), source.columns());
    // A warpgroup has 64 rows.
    return isHopper && tile.rows % 64 == 0 ? tile.forWarpgroups() : tile;
  }

  int64_t sharedBytes() const {
    return std::max(tile.stages * stage.bytes, ProductResults::bytes(tile));
  }

  void emitBlock(ValueRange at) {
    thread = e.threadIndex();
    memory = sharedMemory(e);
    results.enter(e, tile, at);
    auto sums = chooseSums();
    SmallVector<Value> registers = sums->finish(sumUp(*sums));
    // Nothing may still be read or on its way where results go now.
    e.waitCopies(0);
    e.barrier();
    sums->store(registers, memory, ProductResults::pitch(tile));
    e.barrier();
    results.store(memory, thread, tile.threads);
  }

  std::unique_ptr<ProductSums> chooseSums() {
    if (tile.usesWgmma)
      return wgmmaSums(e, tile, stage, thread,
                       source.knownSteps(tile).value_or(0) > 0);
    return tile.usesMma ? mmaSums(e, tile, stage, thread)
                        : fmaSums(e, tile, stage, thread);
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
    auto [first, steps] = results.steps();
    int64_t ahead = tile.stages - 1 - sums.unfinished();
    for (int64_t s = 0; s < ahead; ++s) {
      e.ifThen(e.isLess(e.i32(s), steps),
               [&] { copy(all, e.i32(s), e.add(first, s)); });
      e.commitCopies();
    }
    return e.loop(
        e.i32(0), steps, 1, sums.zeros(), [&](Value t, ValueRange carried) {
          e.waitCopies(ahead - 1);
          sums.beginStep(t);
          e.barrier();
          Value next = e.add(t, ahead);
          e.ifThen(e.isLess(next, steps), [&] {
            copy(all, e.rem(next, tile.stages), e.add(first, next));
          });
          e.commitCopies();
          return sums.add(stageMemory(e.rem(t, tile.stages)), carried);
        });
  }

  ThreadEmitter e;
  ProductSource &source;
  ProductResults &results;
  ProductTile tile;
  Stage stage;
  Value thread, memory;
};

bool isKnownBelow(int64_t size, int64_t limit) {
  return !ShapedType::isDynamic(size) && size < limit;
}

/// How blocks multiply the operands, where they can.
std::optional<ProductKind> productKind(EpilogueOpInterface op, Value left,
                                       Value right, bool allowTf32) {
  Type element = cast<MemRefType>(left.getType()).getElementType();
  ProductKind kind{element, op.getAccumulatorType()};
  if (!hasRows(left) || !hasRows(right) ||
      cast<MemRefType>(right.getType()).getElementType() != element ||
      cast<MemRefType>(op.getDpsInits()[0].getType())
          .getElementType()
          .isInteger(1))
    return std::nullopt;
  bool isFloat = element.isF32() || element.isF16() || element.isBF16();
  bool isByte = element.isInteger(8) && kind.sum.isInteger(32);
  if (!isByte && !(isFloat && kind.sum.isF32()))
    return std::nullopt;
  kind.usesMma = !element.isF32() || allowTf32;
  return kind;
}

int64_t chunkElements(Type element) {
  return StagedOperand::kChunk * 8 / element.getIntOrFloatBitWidth();
}

/// Where a product's operands lie and how they are multiplied.
struct BlockedProduct {
  std::unique_ptr<ProductSource> source;
  ProductKind kind;
};

/// Small products are computed element by element; so are bytes whose right
/// side does not run along the depth.
std::optional<BlockedProduct> blocked(OpBuilder &b, tile::MatmulOp op,
                                      bool allowTf32) {
  auto kind = productKind(op, op.getLhs(), op.getRhs(), allowTf32);
  auto init = cast<MemRefType>(op.getInit().getType());
  int64_t depth = cast<MemRefType>(op.getLhs().getType()).getShape().back();
  int64_t width = cast<MemRefType>(op.getRhs().getType()).getShape().back();
  if (!kind || isKnownBelow(init.getShape().back(), 16) ||
      isKnownBelow(depth, 16) ||
      (op.getPacked() && width % chunkElements(kind->element)) ||
      (kind->element.isInteger(8) && !op.getTransposed()))
    return std::nullopt;
  kind->leftUnsigned = op.getLhsUnsigned();
  kind->rightUnsigned = op.getRhsUnsigned();
  return BlockedProduct{matmulSource(b, op), *kind};
}

std::optional<BlockedProduct> blocked(OpBuilder &b, tile::Conv2dOp op,
                                      bool allowTf32) {
  auto kind = productKind(op, op.getInput(), op.getWeights(), allowTf32);
  auto weights = cast<MemRefType>(op.getWeights().getType());
  if (!kind)
    return std::nullopt;
  int64_t taps = weights.getDimSize(1) * weights.getDimSize(2),
          channels = weights.getDimSize(3), width = weights.getDimSize(4);
  bool isDense = isDenseConv2d(op), isByte = kind->element.isInteger(8);
  bool isDeep = isDense ? taps * channels >= 16 : channels >= 8;
  bool fits = isByte ? isDense && width == 1
                     : width % chunkElements(kind->element) == 0;
  if (!isDeep || !fits)
    return std::nullopt;
  kind->leftUnsigned = op.getInputUnsigned();
  kind->rightUnsigned = op.getWeightsUnsigned();
  return BlockedProduct{conv2dSource(b, op), *kind};
}

std::optional<BlockedProduct> blocked(OpBuilder &b, Operation *op,
                                      bool allowTf32) {
  if (auto matmul = dyn_cast<tile::MatmulOp>(op))
    return blocked(b, matmul, allowTf32);
  if (auto conv = dyn_cast<tile::Conv2dOp>(op))
    return blocked(b, conv, allowTf32);
  return std::nullopt;
}

struct BlockProductsPass : tw::impl::BlockProductsBase<BlockProductsPass> {
  using BlockProductsBase::BlockProductsBase;

  void runOnOperation() override {
    SmallVector<EpilogueOpInterface> ops;
    for (auto kernel : getOperation().getOps<func::FuncOp>())
      for (auto op : kernel.front().getOps<EpilogueOpInterface>())
        ops.push_back(op);
    OpBuilder b(&getContext());
    for (EpilogueOpInterface op : ops) {
      b.setInsertionPoint(op);
      auto product = blocked(b, op, allowTf32);
      if (!product)
        continue;
      ProductSource &source = *product->source;
      const ProductKind &kind = product->kind;
      ProductResults results(b, op, source);
      bool isHopper = arch == "sm_90a" && kind.bytes() == 2;
      declareSharedMemory(getOperation(), isHopper ? 1024 : 128);
      bool isOtherwise =
          isHopper && emitHopperProduct(b, op, source, results, kind.element);
      ProductEmitter(b, op.getLoc(), source, results, kind, isHopper)
          .emit(isOtherwise);
      results.addPartials();
      op->erase();
    }
  }
};

} // namespace
