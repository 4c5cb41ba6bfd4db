#include "passes/Passes.h"
#include "passes/ptx/AttentionResults.h"
#include "passes/ptx/AttentionSplit.h"
#include "passes/ptx/HopperAttention.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_BLOCKATTENTION
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// What a thread carries from step to step.
struct Running {
  RunningSoftmax softmax;
  SmallVector<Value> results;

  static Running of(ValueRange values, size_t rows) {
    return {{SmallVector<Value>(values.take_front(rows)),
             SmallVector<Value>(values.slice(rows, rows))},
            SmallVector<Value>(values.drop_front(2 * rows))};
  }
  SmallVector<Value> values() const {
    SmallVector<Value> all(softmax.maxima);
    llvm::append_range(all, softmax.sums);
    llvm::append_range(all, results);
    return all;
  }
};

class AttentionEmitter {
public:
  AttentionEmitter(OpBuilder &b, tile::AttentionOp op)
      : e(b, op.getLoc()), op(op), tile(AttentionTile::choose(op)),
        scoreTile(tile.scores()), valueTile(tile.results()),
        scoreStage{tile.q, tile.k,     tile.element,
                   false,  tile.bytes, b.getF32Type()},
        valueStage{tile.p, tile.v,     tile.element,
                   true,   tile.bytes, b.getF32Type()},
        split(b, op, tile) {}

  /// `isHopper`: with sm_90a's blocks before them where those may run.
  void emit(bool isHopper);

private:
  void emitBlock(ValueRange at);
  Running overKeys();
  Running step(Value key, const Running &before);
  SmallVector<Value> addValues(ArrayRef<Value> probabilities,
                               ArrayRef<Value> results,
                               ArrayRef<Value> factors);
  void copyKeys(const GlobalRows &from, Value key, const StagedOperand &to);
  void finish(const Running &running);
  void takePart(Value number);
  void leavePart(const Running &running, Value number);
  AttentionResults results() {
    return {e,      tile,   *inputs,      *valueSums,
            memory, thread, tile.threads, [this] { e.barrier(); }};
  }

  Value mul(Value x, Value y) {
    return arith::MulFOp::create(e.b, e.loc, x, y);
  }
  ThreadEmitter e;
  tile::AttentionOp op;
  AttentionTile tile;
  ProductTile scoreTile, valueTile;
  Stage scoreStage, valueStage;
  AttentionSplit split;
  Value thread, memory, firstValue;
  std::optional<AttentionInputs> inputs;
  std::unique_ptr<ProductSums> scoreSums, valueSums;
  std::unique_ptr<AttentionScores> scores;
};

} // namespace

/// A block per batch, head, `rows` queries and `values` components.
void AttentionEmitter::emit(bool isHopper) {
  ShapeBuilder shapes(e.b, e.loc);
  if (isHopper)
    isHopper = emitHopperAttention(e.b, op, split.isWhole(e.b));
  declareSharedMemory(op->getParentOfType<ModuleOp>(), isHopper ? 1024 : 128);
  Dims sizes = headSizes(e.b, op, op.getInit(), "y");
  Dim batches = sizes[0];
  if (op.getQueryStarts())
    batches =
        shapes.sub(memref::getMixedSizes(e.b, e.loc, op.getQueryStarts())[0],
                   shapes.constant(1));
  Dims trips{
      batches, sizes[1], shapes.ceilDiv(sizes[2], shapes.constant(tile.rows)),
      shapes.ceilDiv(sizes[3], shapes.constant(tile.values)), split.count()};
  Value count = shapes.value(trips[2]);
  auto blocks =
      scf::ForallOp::create(e.b, e.loc, trips, ValueRange(), std::nullopt);
  blocks->setAttr(kThreadsAttr, e.b.getI64IntegerAttr(tile.threads));
  blocks->setAttr(kSharedAttr, e.b.getI64IntegerAttr(tile.bytes));
  if (isHopper)
    blocks->setAttr(kOtherwiseAttr, e.b.getUnitAttr());
  e.b.setInsertionPoint(blocks.getTerminator());
  SmallVector<Value> at;
  for (Value index : blocks.getInductionVars())
    at.push_back(e.toI64(index));
  // The blocks that see the most keys come first.
  if (op.getCausal())
    at[2] = e.sub(e.add(e.toI64(count), -1), at[2]);
  emitBlock(at);
  if (!split.isPossible())
    return;
  e.b.setInsertionPointAfter(blocks);
  split.merge(e.b, tile.exponent);
}

void AttentionEmitter::emitBlock(ValueRange at) {
  thread = e.threadIndex();
  memory = sharedMemory(e);
  firstValue = e.mul(at[3], tile.values);
  inputs.emplace(e, op, tile.rows, at[0], at[1], at[2], firstValue);
  if (split.isPossible())
    takePart(at[4]);
  auto sumsOf = [&](const ProductTile &product, const Stage &stage) {
    return tile.usesMma() ? mmaSums(e, product, stage, thread)
                          : fmaSums(e, product, stage, thread);
  };
  scoreSums = sumsOf(scoreTile, scoreStage);
  valueSums = sumsOf(valueTile, valueStage);
  scores =
      std::make_unique<AttentionScores>(e, op, inputs->block, *scoreSums, tile);
  Running running = overKeys();
  // Nothing may still be read or on its way where results go now.
  e.waitCopies(0);
  e.barrier();
  running.softmax.addUp(e, *scoreSums);
  if (!split.isPossible())
    return finish(running);
  e.ifThen(
      split.isSplit(), [&] { leavePart(running, at[4]); },
      [&] { finish(running); });
}

void AttentionEmitter::copyKeys(const GlobalRows &from, Value key,
                                const StagedOperand &to) {
  copyRows(e, from, e.toI64(key), e.sub(inputs->block.endKey, key), to, memory,
           thread, tile.threads);
  e.commitCopies();
}

/// While scores are computed, values are on their way; while values are added,
/// the next keys.
Running AttentionEmitter::overKeys() {
  const QueryBlock &block = inputs->block;
  copyRows(e, inputs->q, e.toI64(block.firstRow), inputs->queryCount, tile.q,
           memory, thread, tile.threads);
  copyKeys(inputs->k, block.firstKey, tile.k);
  size_t rows = scoreSums->rows().size();
  Running start{RunningSoftmax::start(e, tile, rows), valueSums->zeros()};
  SmallVector<Value> end =
      e.loop(block.firstKey, block.endKey, tile.keys, start.values(),
             [&](Value key, ValueRange carried) {
               return step(key, Running::of(carried, rows)).values();
             });
  return Running::of(end, rows);
}

Running AttentionEmitter::step(Value key, const Running &before) {
  Running after = before;
  e.waitCopies(0);
  e.barrier();
  copyKeys(inputs->v, key, tile.v);
  SmallVector<Value> products = scoreSums->add(memory, scoreSums->zeros());
  SmallVector<Value> probabilities = scores->finish(products, key);
  SmallVector<Value> factors =
      after.softmax.add(e, tile, *scoreSums, probabilities);
  if (!tile.usesMma())
    scoreSums->store(probabilities,
                     e.at(memory, e.b.getI8Type(), tile.p.offset),
                     tile.p.pitch() / tile.p.elementBytes);
  e.waitCopies(0);
  e.barrier();
  Value next = e.add(key, tile.keys);
  e.ifThen(e.isLess(next, inputs->block.endKey),
           [&] { copyKeys(inputs->k, next, tile.k); });
  after.results = addValues(probabilities, before.results, factors);
  return after;
}

void AttentionEmitter::finish(const Running &running) {
  results().finish(running.results, running.softmax, op.getDeadRows() == "nan");
}

/// f32: the keys of a step are summed apart, so that rounding grows with the
/// length of a step and the number of steps, not with their product.
SmallVector<Value> AttentionEmitter::addValues(ArrayRef<Value> probabilities,
                                               ArrayRef<Value> results,
                                               ArrayRef<Value> factors) {
  SmallVector<Value> next(results);
  int64_t columns = valueSums->columns().size();
  SmallVector<Value> added;
  if (!tile.usesMma())
    added = valueSums->add(memory, valueSums->zeros());
  for (size_t i = 0; i < factors.size(); ++i)
    for (int64_t j = 0; j < columns; ++j) {
      int64_t at = valueSums->place(i, j);
      next[at] = tile.usesMma()
                     ? mul(next[at], factors[i])
                     : Value(math::FmaOp::create(e.b, e.loc, next[at],
                                                 factors[i], added[at]));
    }
  return tile.usesMma() ? valueSums->addProduct(probabilities, memory, next)
                        : next;
}

/// Where several blocks share the keys: the block's part of them, in whole
/// steps.
void AttentionEmitter::takePart(Value number) {
  ShapeBuilder shapes(e.b, e.loc);
  QueryBlock &block = inputs->block;
  Value count = e.toI32(shapes.value(split.count()));
  Value all = e.max(e.sub(block.endKey, block.firstKey), e.i32(0));
  Value steps = e.div(e.add(all, tile.keys - 1), tile.keys);
  Value most = e.div(e.add(steps, e.add(count, -1)), count);
  Value keys = e.mul(most, tile.keys);
  block.firstKey = e.add(block.firstKey, e.mul(e.toI32(number), keys));
  block.endKey = e.min(block.endKey, e.add(block.firstKey, keys));
}

/// Results as they are, with maxima and sums, which the threads of the first
/// column write.
void AttentionEmitter::leavePart(const Running &running, Value number) {
  GlobalView view(e, split.memory());
  const QueryBlock &block = inputs->block;
  Value batch = op.getQueryStarts() ? e.i64(0) : block.batch;
  Value part = view.address(
      e, {number, batch, block.head, inputs->queriesStart, e.i64(0)});
  GlobalRows to = inputs->y;
  to.pointer = e.at(part, e.b.getF32Type(), firstValue);
  to.stride = view.strides[3];
  to.element = e.b.getF32Type();
  to.isAligned = arith::ConstantIntOp::create(e.b, e.loc, 1, 1);
  Value isFirst = e.both(e.isZero(e.rem(thread, scoreSums->sharers())),
                         e.isZero(firstValue));
  for (auto [i, row] : llvm::enumerate(scoreSums->rows()))
    e.ifThen(e.both(isFirst, e.isLess(row, inputs->queryCount)), [&] {
      Value at = e.toI64(e.add(block.firstRow, row));
      Value start = e.at(part, to.element, e.mul(at, to.stride));
      e.store(running.softmax.maxima[i],
              e.at(start, to.element, split.maximumAt()));
      e.store(running.softmax.sums[i], e.at(start, to.element, split.sumAt()));
    });
  results().store(running.results, to);
}

/// Its number was read before it went through memory.
static void eraseWithBuffer(memref::StoreOp store) {
  Operation *alloc = store.getMemRef().getDefiningOp();
  store.erase();
  alloc->erase();
}

namespace {
struct BlockAttentionPass : tw::impl::BlockAttentionBase<BlockAttentionPass> {
  using BlockAttentionBase::BlockAttentionBase;

  void runOnOperation() override {
    SmallVector<tile::AttentionOp> ops;
    getOperation().walk([&](tile::AttentionOp op) { ops.push_back(op); });
    OpBuilder b(&getContext());
    for (tile::AttentionOp op : ops) {
      b.setInsertionPoint(op);
      AttentionEmitter(b, op).emit(arch == "sm_90a");
      memref::StoreOp offset = onlyStore(op.getOffsets(), op);
      op->erase();
      if (offset)
        eraseWithBuffer(offset);
    }
  }
};
} // namespace
