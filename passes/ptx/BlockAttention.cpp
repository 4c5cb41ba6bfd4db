#include "passes/Passes.h"
#include "passes/ptx/AttentionScores.h"
#include "passes/ptx/AttentionSplit.h"
#include "passes/ptx/Points.h"
#include "passes/ptx/StagedRows.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_BLOCKATTENTION
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Results that a thread stores at once.
constexpr int64_t kStored = 4;

/// An operand of attention; dims in the order batch, head, length, component.
struct Heads {
  GlobalView view;
  unsigned head, length;

  Heads(ThreadEmitter &e, tile::AttentionOp op, Value buffer, StringRef name)
      : view(e, buffer), head(1), length(2) {
    if (isInterleaved(op, name))
      std::swap(head, length);
  }

  Value size(unsigned dim) const { return view.sizes[dim]; }

  /// The rows of one head, from column `first` on.
  GlobalRows rows(ThreadEmitter &e, Value batch, Value index,
                  Value first) const {
    Value offset = e.add(
        e.add(e.mul(batch, view.strides[0]), e.mul(index, view.strides[head])),
        first);
    return {e.at(view.pointer, view.element, offset), view.strides[length],
            e.toI32(e.sub(view.sizes[3], first)), view.element,
            view.isAligned(e, {0, 1, 2})};
  }
};

/// The running softmax of a thread's rows: maxima, its own part of the sums,
/// results.
struct Running {
  SmallVector<Value> maxima, sums, results;

  static Running of(ValueRange values, size_t rows) {
    return {SmallVector<Value>(values.take_front(rows)),
            SmallVector<Value>(values.slice(rows, rows)),
            SmallVector<Value>(values.drop_front(2 * rows))};
  }
  SmallVector<Value> values() const {
    SmallVector<Value> all(maxima);
    llvm::append_range(all, sums);
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

  void emit();

private:
  void emitBlock(ValueRange at);
  void enter(Value batch, Value head, Value number);
  Value perBatch(Value tensor, Value missing);
  void findKeys(const Heads &keys, const Heads &values);
  Running start();
  Running overKeys();
  Running step(Value key, const Running &before);
  void softmax(SmallVector<Value> &scores, Running &running,
               SmallVector<Value> &factors);
  SmallVector<Value> addValues(ArrayRef<Value> probabilities,
                               ArrayRef<Value> results,
                               ArrayRef<Value> factors);
  void copyKeys(const GlobalRows &from, Value key, const StagedOperand &to);
  Value shuffled(Value x, int64_t distance);
  void addUpSums(Running &running);
  void finish(Running running);
  void takePart(Value number);
  void leavePart(const Running &running, Value number);
  void store(ValueRange results, const GlobalRows &to);
  void storeFour(const GlobalRows &to, Value row, Value column);

  Value number(float value) {
    return arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(value));
  }
  Value mul(Value x, Value y) {
    return arith::MulFOp::create(e.b, e.loc, x, y);
  }
  Value larger(Value x, Value y) {
    return arith::MaxNumFOp::create(e.b, e.loc, x, y);
  }
  ThreadEmitter e;
  tile::AttentionOp op;
  AttentionTile tile;
  ProductTile scoreTile, valueTile;
  Stage scoreStage, valueStage;
  AttentionSplit split;
  Value thread, memory, firstValue;
  QueryBlock block;
  GlobalRows q, k, v, y;
  Value queryCount; ///< rows of the op from the block's first one on (i32)
  std::unique_ptr<ProductSums> scoreSums, valueSums;
  std::unique_ptr<AttentionScores> scores;
};

} // namespace

/// A block per batch, head, `rows` queries and `values` components.
void AttentionEmitter::emit() {
  ShapeBuilder shapes(e.b, e.loc);
  Dims sizes = headSizes(e.b, op, op.getInit(), "y");
  Dims trips{
      sizes[0], sizes[1], shapes.ceilDiv(sizes[2], shapes.constant(tile.rows)),
      shapes.ceilDiv(sizes[3], shapes.constant(tile.values)), split.count()};
  Value count = shapes.value(trips[2]);
  auto blocks =
      scf::ForallOp::create(e.b, e.loc, trips, ValueRange(), std::nullopt);
  blocks->setAttr(kThreadsAttr, e.b.getI64IntegerAttr(tile.threads));
  blocks->setAttr(kSharedAttr, e.b.getI64IntegerAttr(tile.bytes));
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
  enter(at[0], at[1], at[2]);
  if (split.isPossible())
    takePart(at[4]);
  auto sumsOf = [&](const ProductTile &product, const Stage &stage) {
    return tile.usesMma() ? mmaSums(e, product, stage, thread)
                          : fmaSums(e, product, stage, thread);
  };
  scoreSums = sumsOf(scoreTile, scoreStage);
  valueSums = sumsOf(valueTile, valueStage);
  scores = std::make_unique<AttentionScores>(e, op, block, *scoreSums, tile);
  Running running = overKeys();
  // Nothing may still be read or on its way where results go now.
  e.waitCopies(0);
  e.barrier();
  addUpSums(running);
  if (!split.isPossible())
    return finish(running);
  e.ifThen(
      split.isSplit(), [&] { leavePart(running, at[4]); },
      [&] { finish(running); });
}

/// What a tensor of one element that is made for the op alone is given, or
/// null.
static memref::StoreOp onlyStore(Value tensor, tile::AttentionOp op) {
  auto alloc = tensor ? tensor.getDefiningOp<memref::AllocOp>() : nullptr;
  if (!alloc || alloc.getType().getShape() != ArrayRef<int64_t>{1} ||
      !llvm::hasNItems(alloc->getUses(), 2))
    return {};
  for (Operation *user : alloc->getUsers())
    if (auto store = dyn_cast<memref::StoreOp>(user);
        store && store.getMemRef() == tensor &&
        store->getBlock() == op->getBlock() && store->isBeforeInBlock(op))
      return store;
  return {};
}

/// tensor[batch], or tensor[0] where it holds one element; `missing` where
/// there is no tensor.
Value AttentionEmitter::perBatch(Value tensor, Value missing) {
  if (!tensor)
    return missing;
  if (memref::StoreOp store = onlyStore(tensor, op))
    return e.toI64(store.getValueToStore());
  GlobalView view(e, tensor);
  Value isOne = e.isZero(e.add(view.sizes[0], -1));
  Value at = e.select(isOne, e.i64(0), block.batch);
  return e.toI64(e.load(view.address(e, at), view.element));
}

/// The keys that some row of the block sees.
void AttentionEmitter::findKeys(const Heads &keys, const Heads &values) {
  Value length = keys.size(keys.length), end = length;
  if (op.getLengths())
    end = e.min(perBatch(op.getLengths(), length), end);
  end = e.min(end, values.size(values.length));
  for (Value extra : {op.getBias(), op.getMask()})
    if (extra && tile::dimOf(extra, 3) != 1)
      end = e.min(end, GlobalView(e, extra).sizes[3]);
  end = e.toI32(e.max(end, e.i64(0)));
  block.firstKey = e.i32(0);
  if (op.getCausal()) {
    Value rows = e.min(queryCount, e.i32(tile.rows));
    end = e.min(end, e.add(block.place, rows));
    if (op.getWindow() > 0) {
      int64_t window = std::min<int64_t>(op.getWindow(), QueryBlock::kFar);
      block.firstKey = e.max(e.add(block.place, 1 - window), e.i32(0));
    }
  }
  block.endKey = end;
}

void AttentionEmitter::enter(Value batch, Value head, Value number) {
  Heads queries(e, op, op.getQ(), "q"), keys(e, op, op.getK(), "k"),
      values(e, op, op.getV(), "v"), results(e, op, op.getInit(), "y");
  block.height = tile.rows;
  block.batch = batch;
  block.head = head;
  Value firstRow = e.mul(number, tile.rows);
  block.firstRow = e.toI32(firstRow);
  queryCount = e.toI32(e.sub(queries.size(queries.length), firstRow));
  Value place = e.add(firstRow, perBatch(op.getOffsets(), e.i64(0)));
  block.place = e.toI32(
      e.max(e.min(place, e.i64(QueryBlock::kFar)), e.i64(-QueryBlock::kFar)));
  findKeys(keys, values);
  // Heads of queries share those of keys; a batch or head of 1 stretches.
  Value group = e.max(
      e.div(queries.size(queries.head), e.max(keys.size(keys.head), e.i64(1))),
      e.i64(1));
  auto shared = [&](const Heads &of, Value first) {
    auto last = [&](unsigned dim) { return e.add(of.size(dim), -1); };
    return of.rows(e, e.min(batch, last(0)),
                   e.min(e.div(head, group), last(of.head)), first);
  };
  q = queries.rows(e, batch, head, e.i64(0));
  k = shared(keys, e.i64(0));
  v = shared(values, firstValue);
  y = results.rows(e, batch, head, firstValue);
}

/// Before the first key. The maximum is finite, so that a row which sees
/// nothing has a sum of 0 and no NaN; and so is its product with the exponent.
Running AttentionEmitter::start() {
  size_t rows = scoreSums->rows().size();
  Value lowest =
      number(tile.foldsScale ? -1e30f : -std::numeric_limits<float>::max());
  return {SmallVector<Value>(rows, lowest), SmallVector<Value>(rows, number(0)),
          valueSums->zeros()};
}

void AttentionEmitter::copyKeys(const GlobalRows &from, Value key,
                                const StagedOperand &to) {
  copyRows(e, from, e.toI64(key), e.sub(block.endKey, key), to, memory, thread,
           tile.threads);
  e.commitCopies();
}

/// While scores are computed, values are on their way; while values are added,
/// the next keys.
Running AttentionEmitter::overKeys() {
  copyRows(e, q, e.toI64(block.firstRow), queryCount, tile.q, memory, thread,
           tile.threads);
  copyKeys(k, block.firstKey, tile.k);
  size_t rows = scoreSums->rows().size();
  SmallVector<Value> end =
      e.loop(block.firstKey, block.endKey, tile.keys, start().values(),
             [&](Value key, ValueRange carried) {
               return step(key, Running::of(carried, rows)).values();
             });
  return Running::of(end, rows);
}

Running AttentionEmitter::step(Value key, const Running &before) {
  Running after = before;
  e.waitCopies(0);
  e.barrier();
  copyKeys(v, key, tile.v);
  SmallVector<Value> products = scoreSums->add(memory, scoreSums->zeros());
  SmallVector<Value> probabilities = scores->finish(products, key), factors;
  softmax(probabilities, after, factors);
  if (!tile.usesMma())
    scoreSums->store(probabilities,
                     e.at(memory, e.b.getI8Type(), tile.p.offset),
                     tile.p.pitch() / tile.p.elementBytes);
  e.waitCopies(0);
  e.barrier();
  Value next = e.add(key, tile.keys);
  e.ifThen(e.isLess(next, block.endKey), [&] { copyKeys(k, next, tile.k); });
  after.results = addValues(probabilities, before.results, factors);
  return after;
}

/// Scores become probabilities; `factors` are what earlier results are
/// multiplied with.
void AttentionEmitter::softmax(SmallVector<Value> &scores, Running &running,
                               SmallVector<Value> &factors) {
  int64_t columns = scoreSums->columns().size();
  for (size_t i = 0; i < running.maxima.size(); ++i) {
    Value largest = running.maxima[i];
    for (int64_t j = 0; j < columns; ++j)
      largest = larger(largest, scores[scoreSums->place(i, j)]);
    for (int64_t d = 1; d < scoreSums->sharers(); d *= 2)
      largest = larger(largest, shuffled(largest, d));
    factors.push_back(powerOf(e, running.maxima[i], largest, tile.exponent));
    Value shift = mul(largest, number(-tile.exponent));
    Value sum = mul(running.sums[i], factors.back());
    for (int64_t j = 0; j < columns; ++j) {
      Value &score = scores[scoreSums->place(i, j)];
      score = tile.foldsScale
                  ? e.power(math::FmaOp::create(e.b, e.loc, score,
                                                number(tile.exponent), shift))
                  : powerOf(e, score, largest, tile.exponent);
      sum = arith::AddFOp::create(e.b, e.loc, sum, score);
    }
    running.maxima[i] = largest;
    running.sums[i] = sum;
  }
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

Value AttentionEmitter::shuffled(Value x, int64_t distance) {
  auto kind = NVVM::ShflKindAttr::get(e.b.getContext(), NVVM::ShflKind::bfly);
  return NVVM::ShflOp::create(e.b, e.loc, x.getType(), e.i32(-1), x,
                              e.i32(distance), e.i32(31), kind, UnitAttr());
}

void AttentionEmitter::addUpSums(Running &running) {
  for (Value &sum : running.sums)
    for (int64_t d = 1; d < scoreSums->sharers(); d *= 2)
      sum = arith::AddFOp::create(e.b, e.loc, sum, shuffled(sum, d));
}

void AttentionEmitter::finish(Running running) {
  int64_t columns = valueSums->columns().size();
  for (auto [i, sum] : llvm::enumerate(running.sums)) {
    Value inverse = reciprocalOf(e, sum, op.getDeadRows() == "nan");
    for (int64_t j = 0; j < columns; ++j) {
      Value &result = running.results[valueSums->place(i, j)];
      result = mul(result, inverse);
    }
  }
  Heads results(e, op, op.getInit(), "y");
  int64_t bytes = kStored * results.view.element.getIntOrFloatBitWidth() / 8;
  y.isAligned = results.view.isAligned(e, {0, 1, 2}, bytes);
  store(running.results, y);
}

/// Where several blocks share the keys: the block's part of them, in whole
/// steps.
void AttentionEmitter::takePart(Value number) {
  ShapeBuilder shapes(e.b, e.loc);
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
  Value part =
      view.address(e, {number, block.batch, block.head, e.i64(0), e.i64(0)});
  GlobalRows to = y;
  to.pointer = e.at(part, e.b.getF32Type(), firstValue);
  to.stride = view.strides[3];
  to.element = e.b.getF32Type();
  to.isAligned = arith::ConstantIntOp::create(e.b, e.loc, 1, 1);
  Value isFirst = e.both(e.isZero(e.rem(thread, scoreSums->sharers())),
                         e.isZero(firstValue));
  for (auto [i, row] : llvm::enumerate(scoreSums->rows()))
    e.ifThen(e.both(isFirst, e.isLess(row, queryCount)), [&] {
      Value at = e.toI64(e.add(block.firstRow, row));
      Value start = e.at(part, to.element, e.mul(at, to.stride));
      e.store(running.maxima[i], e.at(start, to.element, split.maximumAt()));
      e.store(running.sums[i], e.at(start, to.element, split.sumAt()));
    });
  store(running.results, to);
}

/// Four neighbours per thread and turn, so that a warp writes rows.
void AttentionEmitter::store(ValueRange results, const GlobalRows &to) {
  valueSums->store(results, memory, tile.resultPitch());
  e.barrier();
  int64_t perRow = tile.values / kStored;
  e.loop(e.i32(0), e.i32(tile.rows * perRow / tile.threads), 1, {},
         [&](Value turn, ValueRange) -> SmallVector<Value> {
           Value number = e.add(e.mul(turn, tile.threads), thread);
           Value row = e.div(number, perRow),
                 column = e.mul(e.rem(number, perRow), kStored);
           e.ifThen(e.isLess(row, queryCount),
                    [&] { storeFour(to, row, column); });
           return {};
         });
}

void AttentionEmitter::storeFour(const GlobalRows &to, Value row,
                                 Value column) {
  Value place = e.add(e.mul(row, tile.resultPitch()), column);
  Value from = e.at(memory, e.b.getF32Type(), place);
  Value at = e.add(e.toI64(block.firstRow), e.toI64(row));
  Value offset = e.add(e.mul(at, to.stride), e.toI64(column));
  Value target = e.at(to.pointer, to.element, offset);
  Value left = e.sub(to.columns, column);
  auto narrowed = [&](Value x, Type type) {
    return to.element.isF32()
               ? x
               : Value(arith::TruncFOp::create(e.b, e.loc, type, x));
  };
  auto whole = [&] {
    auto four = VectorType::get(kStored, e.b.getF32Type());
    int64_t bytes = kStored * to.element.getIntOrFloatBitWidth() / 8;
    e.store(narrowed(e.load(from, four, 16), four.clone(to.element)), target,
            bytes);
  };
  auto single = [&] {
    Value end = e.min(left, e.i32(kStored));
    e.loop(
        e.i32(0), end, 1, {}, [&](Value i, ValueRange) -> SmallVector<Value> {
          Value x = e.load(e.at(from, e.b.getF32Type(), i), e.b.getF32Type());
          e.store(narrowed(x, to.element), e.at(target, to.element, i));
          return {};
        });
  };
  Value isWhole = e.isLess(e.i32(kStored - 1), left);
  e.ifThen(e.both(isWhole, to.isAligned), whole, single);
}

/// Its number was read before it went through memory.
static void eraseWithBuffer(memref::StoreOp store) {
  Operation *alloc = store.getMemRef().getDefiningOp();
  store.erase();
  alloc->erase();
}

namespace {
struct BlockAttentionPass : tw::impl::BlockAttentionBase<BlockAttentionPass> {
  void runOnOperation() override {
    SmallVector<tile::AttentionOp> ops;
    getOperation().walk([&](tile::AttentionOp op) { ops.push_back(op); });
    OpBuilder b(&getContext());
    for (tile::AttentionOp op : ops) {
      declareSharedMemory(getOperation());
      b.setInsertionPoint(op);
      AttentionEmitter(b, op).emit();
      memref::StoreOp offset = onlyStore(op.getOffsets(), op);
      op->erase();
      if (offset)
        eraseWithBuffer(offset);
    }
  }
};
} // namespace
