#include "passes/ptx/HopperAttention.h"

#include "passes/ptx/AttentionResults.h"
#include "passes/ptx/AttentionSplit.h"
#include "passes/ptx/GroupFragment.h"
#include "passes/ptx/Points.h"
#include "passes/ptx/StageRing.h"
#include "passes/ptx/TensorMaps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace tw;
using namespace tw::hopper;

namespace {

/// Keys and values that are in shared memory or on their way, in steps.
constexpr int64_t kStages = 2;
/// Named barriers: the turns of the warpgroups.
constexpr int64_t kTurn = kHandOver + 1;
/// Elements of a line, which is as long as the swizzle.
constexpr int64_t kLine = 64;

/// One operand: copied in boxes of `rows` rows of a line each, one beside the
/// other.
struct Boxes {
  Value buffer, map;
  int64_t rows, lines;
  bool isInterleaved;

  int64_t lineBytes() const { return rows * kLine * 2; }
  int64_t bytes() const { return lines * lineBytes(); }
  SmallVector<int64_t> box() const {
    if (isInterleaved)
      return {1, rows, 1, kLine};
    return {1, 1, rows, kLine};
  }
};

class Emitter {
public:
  Emitter(OpBuilder &b, tile::AttentionOp op, const AttentionTile &tile)
      : e(b, op.getLoc()), op(op), tile(tile),
        q(boxes(op.getQ(), "q", tile.rows)),
        k(boxes(op.getK(), "k", tile.keys)),
        v(boxes(op.getV(), "v", tile.keys)) {}

  bool emit(Value isWanted);

private:
  Value coversKeys(Value extra);
  Boxes boxes(Value buffer, StringRef name, int64_t rows) {
    int64_t lines = llvm::divideCeil(tile::dimOf(buffer, 3), kLine);
    return {buffer, Value(), rows, lines, isInterleaved(op, name)};
  }

  // Shared memory: queries, the rings of keys and of values, where results are
  // handed over afterwards; behind them the barriers.

  int64_t barriersOffset() const {
    int64_t staged = q.bytes() + kStages * (k.bytes() + v.bytes());
    return std::max<int64_t>(staged, tile.rows * tile.resultPitch() * 4);
  }
  int64_t sharedBytes() const {
    return barriersOffset() + 8 + 2 * StageRing::barrierBytes(kStages);
  }

  Value at(Value offset) { return e.at(memory, e.b.getI8Type(), offset); }
  Value at(int64_t offset) { return e.at(memory, e.b.getI8Type(), offset); }
  Value queriesArrived() { return at(barriersOffset()); }

  void emitBlock(ValueRange indices);
  void makeRings();
  void initBarriers();
  void copy();
  void copyStep(const Boxes &boxes, StageRing &ring, Value t);
  void copyBoxes(const Boxes &boxes, Value to, Value batch, Value head,
                 Value row, Value barrier);

  void compute();
  SmallVector<Value> overKeys();
  SmallVector<Value> firstScores();
  SmallVector<Value> step(Value t, ValueRange carried, bool isCut);
  SmallVector<Value> multiplyKeys(Value t);
  SmallVector<Value> addValues(Value t, ValueRange probabilities,
                               ValueRange results);
  SmallVector<Value> words(ArrayRef<Value> probabilities);
  std::pair<Value, Value> wholeSteps();
  void takeTurn() { e.namedBarrier(e.add(group, kTurn), kConsumers * kGroup); }
  void passTurn() {
    Value other = e.sub(e.i32(kTurn + 1), group);
    e.arriveNamed(other, kConsumers * kGroup);
  }
  void pin(const RunningSoftmax &softmax);

  HopperEmitter e;
  tile::AttentionOp op;
  const AttentionTile &tile;
  Boxes q, k, v;
  Value thread, memory, group;
  Value stepCount;
  std::optional<StageRing> keys, values;
  std::optional<AttentionInputs> inputs;
  std::optional<GroupFragment> scoreFragment, valueFragment;
  std::optional<AttentionScores> scores;
};

/// What a thread that computes carries from step to step: the running softmax,
/// results, and the last step's probabilities as words.
struct Carried {
  RunningSoftmax softmax;
  SmallVector<Value> results, probabilities;

  static Carried of(ValueRange values, size_t words) {
    return {{SmallVector<Value>(values.take_front(2)),
             SmallVector<Value>(values.slice(2, 2))},
            SmallVector<Value>(values.drop_front(4).drop_back(words)),
            SmallVector<Value>(values.take_back(words))};
  }
  SmallVector<Value> values() const {
    SmallVector<Value> all(softmax.maxima);
    llvm::append_range(all, softmax.sums);
    llvm::append_range(all, results);
    llvm::append_range(all, probabilities);
    return all;
  }
};

} // namespace

/// Whether a bias or mask has a column, or the same one, for every key: a box
/// brings values behind its last column too, NaN included.
Value Emitter::coversKeys(Value extra) {
  auto columns = [&](Value of, unsigned dim) -> Value {
    return e.b.createOrFold<memref::DimOp>(e.loc, of, dim);
  };
  if (tile::dimOf(extra, 3) == 1)
    return e.b.createOrFold<arith::ConstantIntOp>(e.loc, 1, 1);
  Value keys = columns(op.getK(), isInterleaved(op, "k") ? 1 : 2);
  return e.b.createOrFold<arith::CmpIOp>(e.loc, arith::CmpIPredicate::sge,
                                         columns(extra, 3), keys);
}

bool Emitter::emit(Value isWanted) {
  Boxes *all[] = {&q, &k, &v};
  if (!llvm::all_of(all, [](Boxes *x) { return mayHaveTensorMap(x->buffer); }))
    return false;
  Value fit = isWanted;
  for (Boxes *x : all) {
    Value own = fitsTensorMap(e.b, e.loc, x->buffer);
    fit = fit ? e.both(fit, own) : own;
  }
  for (Value extra : {op.getBias(), op.getMask()})
    if (extra)
      fit = e.both(fit, coversKeys(extra));
  for (Boxes *x : all)
    x->map = tile::TensorMapOp::create(
        e.b, e.loc, LLVM::LLVMPointerType::get(e.b.getContext()), x->buffer,
        fit, x->box());
  ShapeBuilder shapes(e.b, e.loc);
  Dims sizes = headSizes(e.b, op, op.getInit(), "y");
  Dims trips{shapes.select(fit, sizes[0], shapes.constant(0)), sizes[1],
             shapes.ceilDiv(sizes[2], shapes.constant(tile.rows))};
  Value count = shapes.value(trips[2]);
  auto blocks =
      scf::ForallOp::create(e.b, e.loc, trips, ValueRange(), std::nullopt);
  blocks->setAttr(kThreadsAttr,
                  e.b.getI64IntegerAttr((kConsumers + 1) * kGroup));
  blocks->setAttr(kSharedAttr, e.b.getI64IntegerAttr(sharedBytes()));
  e.b.setInsertionPoint(blocks.getTerminator());
  SmallVector<Value> place;
  for (Value index : blocks.getInductionVars())
    place.push_back(e.toI64(index));
  // The blocks that see the most keys come first.
  if (op.getCausal())
    place[2] = e.sub(e.add(e.toI64(count), -1), place[2]);
  emitBlock(place);
  e.b.setInsertionPointAfter(blocks);
  return true;
}

void Emitter::emitBlock(ValueRange place) {
  thread = e.threadIndex();
  memory = sharedMemory(e);
  makeRings();
  inputs.emplace(e, op, tile.rows, place[0], place[1], place[2], e.i64(0));
  const QueryBlock &block = inputs->block;
  Value count = e.max(e.sub(block.endKey, block.firstKey), e.i32(0));
  stepCount = e.div(e.add(count, tile.keys - 1), tile.keys);
  e.ifThen(e.isZero(thread), [&] { initBarriers(); });
  e.barrier();
  e.ifThen(
      e.isBelow(thread, e.i32(kGroup)), [&] { copy(); }, [&] { compute(); });
}

void Emitter::makeRings() {
  int64_t barriers = barriersOffset() + 8;
  keys.emplace(e, memory, q.bytes(), k.bytes(), kStages, barriers);
  values.emplace(e, memory, q.bytes() + kStages * k.bytes(), v.bytes(), kStages,
                 barriers + StageRing::barrierBytes(kStages));
}

void Emitter::initBarriers() {
  e.initBarrier(queriesArrived(), 1);
  keys->initBarriers();
  values->initBarriers();
  e.fenceBarrierInit();
}

//===----------------------------------------------------------------------===//
// The warpgroup that copies: one thread starts all copies, as soon as their
// stage is empty.
//===----------------------------------------------------------------------===//

void Emitter::copy() {
  e.giveRegisters(kCopying);
  e.ifThen(e.isBelow(thread, e.i32(kWarp)), [&] {
    e.ifThen(e.both(e.elect(), e.isLess(e.i32(0), stepCount)), [&] {
      e.arriveExpecting(queriesArrived(), q.bytes());
      copyBoxes(q, memory, inputs->block.batch, inputs->block.head,
                inputs->block.firstRow, queriesArrived());
      e.loop(e.i32(0), stepCount, 1, {},
             [&](Value t, ValueRange) -> SmallVector<Value> {
               copyStep(k, *keys, t);
               copyStep(v, *values, t);
               return {};
             });
    });
  });
}

void Emitter::copyStep(const Boxes &boxes, StageRing &ring, Value t) {
  Value arrived = ring.startCopies(t);
  Value row = e.add(inputs->block.firstKey, e.mul(t, tile.keys));
  copyBoxes(boxes, ring.stage(t), inputs->sharedBatch, inputs->sharedHead, row,
            arrived);
}

void Emitter::copyBoxes(const Boxes &boxes, Value to, Value batch, Value head,
                        Value row, Value barrier) {
  for (int64_t line = 0; line < boxes.lines; ++line) {
    SmallVector<Value> place{e.toI32(batch), e.toI32(head), row,
                             e.i32(line * kLine)};
    if (boxes.isInterleaved)
      std::swap(place[1], place[2]);
    e.copyBox(e.at(to, e.b.getI8Type(), line * boxes.lineBytes()), boxes.map,
              place, barrier);
  }
}

//===----------------------------------------------------------------------===//
// The warpgroups that compute
//===----------------------------------------------------------------------===//

void Emitter::compute() {
  e.takeRegisters(kComputing);
  thread = e.add(thread, -kGroup);
  group = e.div(thread, kGroup);
  Value own = e.rem(thread, kGroup), firstRow = e.mul(group, kRows);
  scoreFragment.emplace(e, own, firstRow, tile.keys);
  valueFragment.emplace(e, own, firstRow, tile.values);
  scores.emplace(e, op, inputs->block, *scoreFragment, tile);
  RunningSoftmax softmax = RunningSoftmax::start(e, tile, 2);
  SmallVector<Value> nothing = Carried{
      softmax,
      SmallVector<Value>(tile.values / 2, e.zero(e.b.getF32Type())),
      {}}.values();
  SmallVector<Value> all = e.chooseAll(
      e.isLess(e.i32(0), stepCount), [&] { return overKeys(); },
      [&] { return nothing; });
  Carried end = Carried::of(all, 0);
  // Nothing may still be read where results go now.
  auto barrier = [&] { e.namedBarrier(e.i32(kHandOver), kConsumers * kGroup); };
  barrier();
  end.softmax.addUp(e, *scoreFragment);
  AttentionResults{e,
                   tile,
                   *inputs,
                   *valueFragment,
                   memory,
                   thread,
                   kConsumers * kGroup,
                   barrier}
      .finish(end.results, end.softmax, op.getDeadRows() == "nan");
}

/// While the scores of one step become probabilities, the values of the step
/// before are added; and the other warpgroup's products are on their way.
SmallVector<Value> Emitter::overKeys() {
  // The first turn is the first warpgroup's.
  e.ifThen(e.isZero(e.add(group, -1)), [&] { passTurn(); });
  SmallVector<Value> state = firstScores();
  auto [first, last] = wholeSteps();
  auto over = [&](Value from, Value to, bool isCut) {
    state = e.loop(from, to, 1, state, [&](Value t, ValueRange carried) {
      return step(t, carried, isCut);
    });
  };
  if (op.getWindow() > 0)
    over(e.i32(1), first, true);
  over(first, last, false);
  over(last, stepCount, true);
  // The second warpgroup passed one turn more than the first one took.
  e.ifThen(e.isZero(group), [&] { takeTurn(); });
  Carried end = Carried::of(state, tile.keys / 4);
  Value t = e.add(stepCount, -1);
  values->waitForCopies(t);
  SmallVector<Value> results = addValues(t, end.probabilities, end.results);
  end.results = e.finishProducts(results, 0, end.probabilities);
  end.probabilities.clear();
  return end.values();
}

/// The steps after the first one whose keys all rows see: from one number up to
/// another.
std::pair<Value, Value> Emitter::wholeSteps() {
  const QueryBlock &block = inputs->block;
  auto inside = [&](Value x, Value least) {
    return e.max(e.min(x, stepCount), least);
  };
  Value one = e.i32(1), first = one, end = block.endKey;
  if (op.getWindow() > 0) {
    int64_t window = std::min<int64_t>(op.getWindow(), QueryBlock::kFar);
    Value hidden = e.add(block.place, block.height - window);
    Value keys = e.max(e.sub(hidden, block.firstKey), e.i32(0));
    first = inside(e.div(e.add(keys, tile.keys - 1), tile.keys), one);
  }
  if (op.getCausal())
    end = e.min(end, e.add(block.place, 1));
  Value keys = e.max(e.sub(end, block.firstKey), e.i32(0));
  return {first, inside(e.div(keys, tile.keys), first)};
}

SmallVector<Value> Emitter::firstScores() {
  Value zero = e.i32(0);
  e.waitBarrier(queriesArrived(), zero);
  keys->waitForCopies(zero);
  takeTurn();
  SmallVector<Value> products = multiplyKeys(zero);
  passTurn();
  products = e.finishProducts(products);
  keys->release(zero, thread);
  SmallVector<Value> probabilities = scores->finish(
      products, inputs->block.firstKey, AttentionScores::Cut::Always);
  Carried state{RunningSoftmax::start(e, tile, 2),
                SmallVector<Value>(tile.values / 2, e.zero(e.b.getF32Type())),
                {}};
  state.softmax.add(e, tile, *scoreFragment, probabilities);
  state.probabilities = words(probabilities);
  return state.values();
}

SmallVector<Value> Emitter::step(Value t, ValueRange carried, bool isCut) {
  Carried state = Carried::of(carried, tile.keys / 4);
  Value before = e.add(t, -1);
  keys->waitForCopies(t);
  takeTurn();
  SmallVector<Value> products = multiplyKeys(t);
  values->waitForCopies(before);
  SmallVector<Value> results =
      addValues(before, state.probabilities, state.results);
  passTurn();
  products = e.finishProducts(products, 1);
  keys->release(t, thread);
  Value key = e.add(inputs->block.firstKey, e.mul(t, tile.keys));
  SmallVector<Value> probabilities = scores->finish(
      products, key,
      isCut ? AttentionScores::Cut::Always : AttentionScores::Cut::Never);
  SmallVector<Value> factors =
      state.softmax.add(e, tile, *scoreFragment, probabilities);
  pin(state.softmax);
  results = e.finishProducts(results, 0, state.probabilities);
  values->release(before, thread);
  int64_t columns = valueFragment->columns().size();
  for (size_t i = 0; i < factors.size(); ++i)
    for (int64_t j = 0; j < columns; ++j) {
      Value &result = results[valueFragment->place(i, j)];
      result = arith::MulFOp::create(e.b, e.loc, result, factors[i]);
    }
  state.results = results;
  state.probabilities = words(probabilities);
  return state.values();
}

/// ptxas moves the exponentials behind the next wait, where nothing runs beside
/// them, unless something before it depends on their sum: a synchronisation of
/// the warp whose mask is full for all sums that there are.
void Emitter::pin(const RunningSoftmax &softmax) {
  Value sum =
      arith::AddFOp::create(e.b, e.loc, softmax.sums[0], softmax.sums[1]);
  Value below = arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(-1));
  Value isNever =
      arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT, sum, below);
  NVVM::SyncWarpOp::create(e.b, e.loc, e.select(isNever, e.i32(0), e.i32(-1)));
}

/// Starts queries x keys of a step: not finished.
SmallVector<Value> Emitter::multiplyKeys(Value t) {
  MatrixLines lines;
  Value left = e.descriptor(at(e.mul(group, kRows * kLine * 2)), lines),
        right = e.descriptor(keys->stage(t), lines);
  Value none = LLVM::UndefOp::create(e.b, e.loc, e.b.getF32Type());
  SmallVector<Value> sums(tile.keys / 2, none);
  int64_t depth = llvm::divideCeil(tile::dimOf(op.getQ(), 3), 16);
  e.fenceProducts();
  for (int64_t i = 0; i < depth; ++i) {
    int64_t line = i * 16 / kLine, inside = i * 16 % kLine * 2;
    sums = e.multiply(sums, e.advance(left, line * q.lineBytes() + inside),
                      e.advance(right, line * k.lineBytes() + inside),
                      e.i32(i > 0), tile.element, /*rightAlongRows=*/false);
  }
  e.commitProducts();
  return sums;
}

/// Starts results + probabilities x values of a step: not finished.
SmallVector<Value> Emitter::addValues(Value t, ValueRange probabilities,
                                      ValueRange results) {
  MatrixLines lines{kLine * 2, /*alongRows=*/true, v.lineBytes()};
  Value right = e.descriptor(values->stage(t), lines);
  SmallVector<Value> sums(results);
  e.fenceProducts();
  for (int64_t i = 0; i < tile.keys / 16; ++i)
    sums = e.multiplyRegisters(sums, probabilities.slice(4 * i, 4),
                               e.advance(right, i * lines.stepBytes()),
                               e.i32(1), tile.element,
                               /*rightAlongRows=*/true);
  e.commitProducts();
  return sums;
}

/// The scores' places are those that a left side in registers has.
SmallVector<Value> Emitter::words(ArrayRef<Value> probabilities) {
  SmallVector<Value> result;
  for (size_t i = 0; i < probabilities.size(); i += 2)
    result.push_back(
        e.pack(probabilities[i], probabilities[i + 1], tile.element));
  return result;
}

bool tw::emitHopperAttention(OpBuilder &b, tile::AttentionOp op,
                             Value isWanted) {
  auto tile = AttentionTile::chooseHopper(op);
  return tile && Emitter(b, op, *tile).emit(isWanted);
}
