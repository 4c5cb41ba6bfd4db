#include "passes/cpu/AttentionStep.h"

#include "passes/cpu/SingleQuery.h"

using namespace tw;

/// The most keys that the op is called with.
int64_t AttentionStepEmitter::keyLimit() {
  auto loop = op->getParentOfType<scf::ForOp>();
  auto step = loop ? getConstantIntValue(loop.getStep()) : std::nullopt;
  int64_t known = tile::dimOf(op.getK(), 0);
  int64_t most = ShapedType::isDynamic(known) ? step.value_or(256) : known;
  // Tiles of scores may end after the last key.
  return most + 16;
}

static bool needsStaging(PointerEmitter &e, const Rows &rows, int64_t columns) {
  return !rows.element.isF32() || getConstantIntValue(rows.stride) != columns;
}

void AttentionStepEmitter::makeRoom() {
  int64_t limit = keyLimit(), bytes = sizeof(float);
  int64_t scoreBytes = llvm::alignTo(limit * width * bytes, 64);
  int64_t keyBytes =
      needsStaging(e, k, size) ? llvm::alignTo(limit * size * bytes, 64) : 0;
  int64_t valueBytes = needsStaging(e, v, valueSize)
                           ? llvm::alignTo(limit * valueSize * bytes, 64)
                           : 0;
  int64_t maskBytes = mask.isFull() ? scoreBytes : 0;
  int64_t used = scoreBytes + keyBytes + valueBytes + maskBytes;
  int64_t single =
      llvm::alignTo(size, e.lanes) + llvm::alignTo(valueSize, e.lanes);
  room = scratch(e.index(0), used + single * bytes);
  singleRoom = e.at(room, used / bytes);
  bias.room = room;
  mask.room = e.at(room, (scoreBytes + keyBytes + valueBytes) / bytes);
  if (keyBytes)
    k = stage(k, size, e.at(room, scoreBytes / bytes));
  if (valueBytes)
    v = stage(v, valueSize, e.at(room, (scoreBytes + keyBytes) / bytes));
}

/// The rows as f32, one right after the other.
Rows AttentionStepEmitter::stage(Rows rows, int64_t columns, Value target) {
  e.loop(e.index(0), keys, 1, [&](Value i) {
    Value from = e.at(rows.pointer, e.mul(i, rows.stride), rows.element),
          to = e.at(target, e.mul(i, columns));
    for (int64_t c = 0; c < columns; c += e.lanes) {
      int64_t count = std::min(e.lanes, columns - c);
      e.store(loadWide(e.at(from, c, rows.element), rows.element, count),
              e.at(to, c), count);
    }
  });
  return {target, e.index(columns), e.b.getF32Type()};
}

void AttentionStepEmitter::emit() {
  makeRoom();
  e.loop(e.index(0), e.ceilDiv(op.getRows(), width), 1,
         [&](Value number) { emitPanel(number); });
}

void AttentionStepEmitter::emitPanel(Value number) {
  Panel panel;
  panel.row = e.mul(number, width);
  panel.count = e.min(e.sub(op.getRows(), panel.row), e.index(width));
  panel.queries = e.at(queries, e.mul(number, size * width));
  panel.maxima = e.at(maxima, panel.row);
  panel.sums = e.at(sums, panel.row);
  panel.accumulators = e.at(accumulators, e.mul(number, valueSize * width));
  panel.firstKey = e.index(0);
  panel.endKey = keys;
  Value place = e.add(op.getPosition(), panel.row);
  if (op.getCausal())
    panel.endKey = e.min(keys, e.add(place, panel.count));
  if (op.getCausal() && op.getWindow() > 0)
    panel.firstKey = e.max(
        e.index(0), e.sub(place, static_cast<int64_t>(op.getWindow()) - 1));
  Value sees = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::slt,
                                     panel.firstKey, panel.endKey);
  e.when(sees, [&] { emitBySize(panel); });
}

/// Code for one query, where there may be just one, for a vector of them and
/// for more.
void AttentionStepEmitter::emitBySize(const Panel &panel) {
  auto known = getConstantIntValue(op.getRows());
  if (known == 1)
    return emitSingle(panel);
  auto tiles = [&] {
    e.when(
        e.isBelow(panel.count, e.index(e.lanes + 1)),
        [&] { emitTiles(panel, narrowAttentionTile(target)); },
        [&] { emitTiles(panel, attentionTile(target)); });
  };
  if (known)
    return tiles();
  e.when(e.isEqual(panel.count, e.index(1)), [&] { emitSingle(panel); }, tiles);
}

void AttentionStepEmitter::emitTiles(Panel panel, RegisterTile tile) {
  panel.tile = tile;
  emitSeen(panel);
}

void AttentionStepEmitter::emitSingle(Panel panel) {
  panel.query = singleRoom;
  gatherColumn(e, {panel.queries, size, width}, panel.query);
  emitTiles(panel, narrowAttentionTile(target));
}

void AttentionStepEmitter::emitSeen(Panel &panel) {
  for (const Extra *extra : {&bias, &mask})
    if (extra->isFull())
      fill(panel, *extra);
  SmallVector<Value> largest;
  if (op.getCausal()) {
    SmallVector<Value> where = places(panel);
    SmallVector<Type> types(panel.tile.vectors, e.vector);
    auto branch = [&](bool cut) {
      return [&, cut](OpBuilder &, Location) {
        scf::YieldOp::create(e.b, e.loc, emitScores(panel, cut, where));
      };
    };
    auto choice = scf::IfOp::create(e.b, e.loc, isCut(panel), branch(true),
                                    branch(false));
    llvm::append_range(largest, choice.getResults());
  } else {
    largest = emitScores(panel, false, {});
  }
  SmallVector<Value> factors;
  for (auto [n, maximum] : llvm::enumerate(largest)) {
    Value at = e.at(panel.maxima, n * e.lanes);
    factors.push_back(
        exponential(make<arith::SubFOp>(e.load(at, e.lanes), maximum)));
    e.store(maximum, at, e.lanes);
  }
  SmallVector<Value> added = emitExponentials(panel, largest);
  for (auto [n, sum] : llvm::enumerate(added)) {
    Value at = e.at(panel.sums, n * e.lanes);
    e.store(e.multiplyAdd(e.load(at, e.lanes), factors[n], sum), at, e.lanes);
  }
  emitValues(panel, factors);
}

/// exp(score - maximum) in the room; its sums are returned.
SmallVector<Value>
AttentionStepEmitter::emitExponentials(const Panel &panel,
                                       ArrayRef<Value> largest) {
  SmallVector<Value> zero(largest.size(), e.splat(0));
  Value count = e.sub(panel.endKey, panel.firstKey);
  return e.loop(e.index(0), count, 1, zero, [&](Value i, ValueRange carried) {
    SmallVector<Value> result(carried);
    Value row = e.at(room, e.mul(i, width));
    for (auto [n, maximum] : llvm::enumerate(largest)) {
      Value slot = e.at(row, n * e.lanes);
      Value p =
          exponential(make<arith::SubFOp>(e.load(slot, e.lanes), maximum));
      e.store(p, slot, e.lanes);
      result[n] = make<arith::AddFOp>(result[n], p);
    }
    return result;
  });
}

/// accumulator = accumulator * factor + p v, rows split evenly over tiles. The
/// keys of a step are summed apart: rounding grows with the length of a step
/// and the number of steps, not with their product.
void AttentionStepEmitter::emitValues(const Panel &panel,
                                      ArrayRef<Value> factors) {
  if (panel.query)
    return emitSingleValues(panel, factors.front());
  int64_t tiles = llvm::divideCeil(valueSize, panel.tile.rows);
  int64_t low = valueSize / tiles, tall = valueSize % tiles;
  int64_t border = tall * (low + 1);
  if (tall)
    e.loop(e.index(0), e.index(border), low + 1,
           [&](Value d) { valueTile(panel, d, low + 1, factors); });
  e.loop(e.index(border), e.index(valueSize), low,
         [&](Value d) { valueTile(panel, d, low, factors); });
}

void AttentionStepEmitter::emitSingleValues(const Panel &panel, Value factors) {
  Value factor = vector::ExtractOp::create(e.b, e.loc, factors, 0);
  addWeighted(e, {panel.accumulators, valueSize, width}, factor, room,
              e.at(v.pointer, e.mul(panel.firstKey, v.stride)), v.stride,
              e.sub(panel.endKey, panel.firstKey),
              e.at(singleRoom, llvm::alignTo(size, e.lanes)));
}

void AttentionStepEmitter::valueTile(const Panel &panel, Value component,
                                     int64_t rows, ArrayRef<Value> factors) {
  int64_t count = panel.tile.vectors;
  Value at = e.at(panel.accumulators, e.mul(component, width));
  SmallVector<Value> accs(rows * count, e.splat(0));
  Value keys = e.sub(panel.endKey, panel.firstKey);
  Value from =
      e.at(v.pointer, e.add(e.mul(panel.firstKey, v.stride), component));
  accs = e.loop(e.index(0), keys, 1, accs, [&](Value i, ValueRange carried) {
    SmallVector<Value> next(carried), columns;
    Value row = e.at(room, e.mul(i, width)),
          values = e.at(from, e.mul(i, v.stride));
    for (int64_t n = 0; n < count; ++n)
      columns.push_back(e.load(e.at(row, n * e.lanes), e.lanes));
    for (int64_t r = 0; r < rows; ++r) {
      Value x = e.broadcast(e.loadScalar(e.at(values, r)));
      for (int64_t n = 0; n < count; ++n) {
        Value &acc = next[r * count + n];
        acc = e.multiplyAdd(x, columns[n], acc);
      }
    }
    return next;
  });
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t n = 0; n < count; ++n) {
      Value slot = e.at(at, r * width + n * e.lanes);
      e.store(
          e.multiplyAdd(e.load(slot, e.lanes), factors[n], accs[r * count + n]),
          slot, e.lanes);
    }
}

/// e^x for x <= 0, to 3 ulp: 2^n times a polynomial in the rest of x log2(e),
/// the best one in relative error that is exactly 1 at 0: accumulators are
/// multiplied by e^0 at each step where the maximum stays.
/// Below -87.33 it is about 1e-38; NaN stays.
Value AttentionStepEmitter::exponential(Value x) {
  constexpr float kLog2E = 1.44269504f, kRound = 12582912.0f; // 1.5 * 2^23
  constexpr float kTerms[] = {0.0013264720f, 0.009671513f, 0.05550734f,
                              0.24022242f,   0.69314700f,  1.0f};
  auto bits = VectorType::get(e.lanes, e.b.getI32Type());
  auto cast = [&](Type type, Value value) -> Value {
    return arith::BitcastOp::create(e.b, e.loc, type, value);
  };
  x = larger(constantVector(-87.33f), x);
  Value scale = constantVector(kLog2E);
  Value rounded = e.multiplyAdd(x, scale, constantVector(kRound));
  Value rest = e.multiplyAdd(
      x, scale, make<arith::SubFOp>(constantVector(kRound), rounded));
  Value p = constantVector(kTerms[0]);
  for (float term : ArrayRef(kTerms).drop_front())
    p = e.multiplyAdd(p, rest, constantVector(term));
  Value shift = arith::ConstantOp::create(
      e.b, e.loc, DenseElementsAttr::get(bits, int32_t(23)));
  Value power = make<arith::ShLIOp>(cast(bits, rounded), shift);
  return cast(e.vector, make<arith::AddIOp>(power, cast(bits, p)));
}
