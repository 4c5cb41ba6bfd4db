// The first half of a step: scores, biased and masked, and what they are made
// of.
#include "passes/cpu/AttentionStep.h"
#include "passes/cpu/SingleQuery.h"

using namespace tw;

/// Whether the diagonal or the window's border runs through the panel.
Value AttentionStepEmitter::isCut(const Panel &panel) {
  Value place = e.add(op.getPosition(), panel.row);
  auto less = [&](Value x, Value y) -> Value {
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::slt, x, y);
  };
  Value cut = less(e.add(place, 1), panel.endKey);
  if (op.getWindow() == 0)
    return cut;
  Value lastBegins =
      e.sub(e.add(place, panel.count), static_cast<int64_t>(op.getWindow()));
  return arith::OrIOp::create(e.b, e.loc, cut,
                              less(panel.firstKey, lastBegins));
}

/// The key at which each lane's query stands, as vectors of i32.
SmallVector<Value> AttentionStepEmitter::places(const Panel &panel) {
  auto type = VectorType::get(e.lanes, e.b.getI32Type());
  Value first = arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(),
                                           e.add(op.getPosition(), panel.row));
  SmallVector<Value> result;
  for (int64_t n = 0; n < panel.tile.vectors; ++n) {
    SmallVector<int32_t> steps;
    for (int64_t i = 0; i < e.lanes; ++i)
      steps.push_back(static_cast<int32_t>(n * e.lanes + i));
    Value lane = arith::ConstantOp::create(
        e.b, e.loc, DenseElementsAttr::get(type, ArrayRef(steps)));
    result.push_back(make<arith::AddIOp>(e.broadcast(first), lane));
  }
  return result;
}

/// Scores go to the room, row i for key firstKey + i; the largest per query is
/// returned.
SmallVector<Value> AttentionStepEmitter::emitScores(const Panel &panel,
                                                    bool cut,
                                                    ArrayRef<Value> places) {
  SmallVector<Value> largest;
  for (int64_t n = 0; n < panel.tile.vectors; ++n)
    largest.push_back(e.load(e.at(panel.maxima, n * e.lanes), e.lanes));
  return e.loop(panel.firstKey, panel.endKey, panel.tile.rows, largest,
                [&](Value first, ValueRange carried) {
                  return scoreTile(panel, first, cut, places, carried);
                });
}

/// Rows beyond the last key repeat it, which changes no maximum; their scores
/// are not read.
SmallVector<Value> AttentionStepEmitter::scoreTile(const Panel &panel,
                                                   Value first, bool cut,
                                                   ArrayRef<Value> places,
                                                   ValueRange largest) {
  Value last = e.sub(panel.endKey, 1);
  SmallVector<Value> at, rows;
  for (int64_t r = 0; r < panel.tile.rows; ++r) {
    at.push_back(e.min(e.add(first, r), last));
    rows.push_back(e.at(k.pointer, e.mul(at.back(), k.stride)));
  }
  SmallVector<Value> scores = products(panel, rows), result(largest);
  for (int64_t r = 0; r < panel.tile.rows; ++r) {
    // The room may hold the bias: all of it is read before scores are written.
    Value slots = e.mul(e.sub(at[r], panel.firstKey), width);
    for (int64_t n = 0; n < panel.tile.vectors; ++n) {
      Value &score = scores[r * panel.tile.vectors + n];
      score = finishScore(score, n * e.lanes, slots, at[r]);
      if (cut)
        score = seenOnly(score, at[r], places[n]);
      result[n] = larger(result[n], score);
    }
  }
  Value tile = e.at(room, e.mul(e.sub(first, panel.firstKey), width));
  for (int64_t r = 0; r < panel.tile.rows; ++r)
    for (int64_t n = 0; n < panel.tile.vectors; ++n)
      e.store(scores[r * panel.tile.vectors + n],
              e.at(tile, r * width + n * e.lanes), e.lanes);
  return result;
}

SmallVector<Value> AttentionStepEmitter::products(const Panel &panel,
                                                  ArrayRef<Value> rows) {
  if (panel.query)
    return dotProducts(e, panel.query, size, rows);
  int64_t count = panel.tile.vectors;
  SmallVector<Value> zero(rows.size() * count, e.splat(0));
  return e.loop(e.index(0), e.index(size), 1, zero,
                [&](Value d, ValueRange carried) {
                  SmallVector<Value> accs(carried), columns;
                  Value from = e.at(panel.queries, e.mul(d, width));
                  for (int64_t n = 0; n < count; ++n)
                    columns.push_back(e.load(e.at(from, n * e.lanes), e.lanes));
                  for (auto [r, row] : llvm::enumerate(rows)) {
                    Value x = e.broadcast(e.loadScalar(e.at(row, d)));
                    for (int64_t n = 0; n < count; ++n) {
                      Value &acc = accs[r * count + n];
                      acc = e.multiplyAdd(x, columns[n], acc);
                    }
                  }
                  return accs;
                });
}

Value AttentionStepEmitter::finishScore(Value score, int64_t slot, Value slots,
                                        Value key) {
  if (float cap = op.getSoftcap().convertToFloat(); cap > 0) {
    score = make<arith::MulFOp>(score, constantVector(1 / cap));
    score = math::TanhOp::create(e.b, e.loc, score);
    score = make<arith::MulFOp>(score, constantVector(cap));
  }
  if (op.getMaskLast())
    return masked(biased(score, slot, slots, key), slot, slots, key);
  return biased(masked(score, slot, slots, key), slot, slots, key);
}

/// What `extra` says about a key and a vector of queries.
Value AttentionStepEmitter::extraAt(const Extra &extra, int64_t slot,
                                    Value slots, Value key) {
  if (extra.isFull())
    return e.load(e.at(e.at(extra.room, slots), slot), e.lanes);
  Value at = extra.isPerQuery ? e.index(0) : key;
  return e.broadcast(
      loadExtra(extra, e.at(extra.rows.pointer, at, extra.rows.element)));
}

Value AttentionStepEmitter::biased(Value score, int64_t slot, Value slots,
                                   Value key) {
  if (!bias.memref)
    return score;
  return make<arith::AddFOp>(score, extraAt(bias, slot, slots, key));
}

Value AttentionStepEmitter::masked(Value score, int64_t slot, Value slots,
                                   Value key) {
  if (!mask.memref)
    return score;
  Value kept =
      arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::UNE,
                            extraAt(mask, slot, slots, key), constantVector(0));
  float other = op.getMaskValue() ? op.getMaskValue()->convertToFloat()
                                  : -std::numeric_limits<float>::infinity();
  return arith::SelectOp::create(e.b, e.loc, kept, score,
                                 constantVector(other));
}

/// -infinity for the queries that do not see the key.
Value AttentionStepEmitter::seenOnly(Value score, Value key, Value place) {
  Value where = e.broadcast(
      arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(), key));
  Value seen = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::sle,
                                     where, place);
  if (op.getWindow() > 0) {
    auto type = cast<VectorType>(where.getType());
    Value window = arith::ConstantOp::create(
        e.b, e.loc,
        DenseElementsAttr::get(type, static_cast<int32_t>(op.getWindow())));
    Value inWindow =
        arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::sgt,
                              make<arith::AddIOp>(where, window), place);
    seen = make<arith::AndIOp>(seen, inWindow);
  }
  Value lowest = constantVector(-std::numeric_limits<float>::infinity());
  return arith::SelectOp::create(e.b, e.loc, seen, score, lowest);
}

static Value zeroOrOne(PointerEmitter &e, Value flags) {
  Type flag = flags.getType();
  Type number = e.b.getF32Type();
  if (auto type = dyn_cast<VectorType>(flag))
    number = type.clone(number);
  Value none = arith::ConstantOp::create(e.b, e.loc, e.b.getZeroAttr(flag));
  Value kept =
      arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ne, flags, none);
  return arith::UIToFPOp::create(e.b, e.loc, number, kept);
}

Value AttentionStepEmitter::loadExtra(const Extra &extra, Value pointer) {
  Value x = e.loadScalar(pointer, extra.rows.element);
  return extra.isBoolean ? zeroOrOne(e, x) : vectors.widen(x, e.b.getF32Type());
}

/// `count` elements, at most a vector of them.
Value AttentionStepEmitter::loadExtra(const Extra &extra, Value pointer,
                                      Value count) {
  Type element = extra.rows.element;
  if (extra.isPerQuery)
    return e.broadcast(loadExtra(extra, pointer));
  auto type = VectorType::get(e.lanes, element);
  Value none = arith::ConstantOp::create(e.b, e.loc, e.b.getZeroAttr(type));
  Value x = LLVM::MaskedLoadOp::create(
      e.b, e.loc, type, pointer, vectors.firstLanes(count, e.lanes), none,
      llvm::divideCeil(element.getIntOrFloatBitWidth(), 8));
  return extra.isBoolean ? zeroOrOne(e, x) : widen(x);
}

/// The extra's room gets what is combined with the scores: squares of vectors,
/// transposed.
void AttentionStepEmitter::fill(const Panel &panel, const Extra &extra) {
  Value last = e.sub(panel.count, 1),
        limit = e.sub(e.size(extra.memref, 0), 1); // a single row: everybody's
  Value end = e.index(panel.tile.vectors * e.lanes);
  e.loop(e.index(0), end, e.lanes, [&](Value lane) {
    SmallVector<Value> rows;
    for (int64_t i = 0; i < e.lanes; ++i) {
      Value row = e.add(panel.row, e.min(e.add(lane, i), last));
      row = e.min(row, limit);
      rows.push_back(e.at(extra.rows.pointer, e.mul(row, extra.rows.stride),
                          extra.rows.element));
    }
    e.loop(panel.firstKey, panel.endKey, e.lanes, [&](Value key) {
      Value slot = e.add(e.mul(e.sub(key, panel.firstKey), width), lane);
      fillSquare(extra, rows, key, e.sub(panel.endKey, key),
                 e.at(extra.room, slot));
    });
  });
}

void AttentionStepEmitter::fillSquare(const Extra &extra, ArrayRef<Value> rows,
                                      Value key, Value count, Value at) {
  SmallVector<Value> square;
  Value column = extra.isPerQuery ? e.index(0) : key;
  for (Value row : rows)
    square.push_back(
        loadExtra(extra, e.at(row, column, extra.rows.element), count));
  for (auto [i, line] : llvm::enumerate(vectors.transpose(square)))
    e.store(line, e.at(at, i * width), e.lanes);
}
