// The parts of the attention loop on registers. Lanes are queries: scores and
// results are computed transposed, s^T = k q^T and o^T = v^T p^T, so that keys
// and values are read in place, an element at a time, and maxima, sums and
// rescaling are lane by lane. Only queries are packed. A single query takes the
// first lane alone; its products are SingleQuery's.
#include "passes/Passes.h"
#include "passes/cpu/AttentionPlan.h"
#include "passes/cpu/PointerEmitter.h"
#include "passes/cpu/SingleQuery.h"
#include "passes/cpu/VectorEmitter.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILEATTENTION
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// A matrix in memory: element (i, j) at pointer + i * stride + j.
struct Rows {
  Value pointer, stride;
  Type element;

  static Rows of(PointerEmitter &e, Value memref) {
    BufferView view = e.view(memref);
    return {view.pointer, view.strides[0], view.element};
  }
};

/// What the three lowerings share.
class PartEmitter {
public:
  PartEmitter(Operation *op, OpBuilder &b, const CpuTarget &target)
      : e(b, op, target), vectors(b, op->getLoc(), target) {}

protected:
  VectorType floats() { return e.vector; }
  Value constantVector(float number) { return e.splat(number); }
  Value widen(Value vector) { return vectors.widen(vector, e.b.getF32Type()); }
  /// `count` elements (of all lanes, those beyond are 0) at `pointer`, as f32.
  Value loadWide(Value pointer, Type element, int64_t count) {
    return widen(e.load(pointer, count, element));
  }
  Value larger(Value x, Value y) {
    Value more =
        arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OGT, x, y);
    return arith::SelectOp::create(e.b, e.loc, more, x, y);
  }
  template <typename OpT>
  Value make(Value x, Value y) {
    return OpT::create(e.b, e.loc, x, y);
  }
  Value scratch(Value offset, int64_t bytes);

  PointerEmitter e;
  VectorEmitter vectors;
};

/// `bytes` of workspace from `offset` on.
Value PartEmitter::scratch(Value offset, int64_t bytes) {
  auto type = MemRefType::get({ShapedType::kDynamic}, e.b.getI8Type());
  Value memory =
      tile::WorkspaceOp::create(e.b, e.loc, type, offset, e.index(bytes));
  return e.view(memory).pointer;
}

/// tile.pack_queries: squares of vectors, transposed. Rows beyond the last one
/// repeat it: what is computed from them is not stored.
class PackEmitter : PartEmitter {
public:
  PackEmitter(tile::PackQueriesOp op, OpBuilder &b, const CpuTarget &target)
      : PartEmitter(op, b, target), op(op), source(Rows::of(e, op.getRows())),
        packed(e.view(op.getInit())) {}

  void emit() {
    auto shape = cast<MemRefType>(op.getInit().getType()).getShape();
    int64_t size = shape[1], width = shape[2];
    Value count = e.size(op.getRows(), 0);
    Value last = e.sub(count, 1);
    Value factor = constantVector(op.getScale().convertToFloat());
    e.loop(e.index(0), count, e.lanes, [&](Value row) {
      Value panel = e.div(row, e.index(width)),
            lane = e.rem(row, e.index(width));
      Value target =
          e.at(packed.pointer, e.add(e.mul(panel, size * width), lane));
      SmallVector<Value> rows;
      for (int64_t i = 0; i < e.lanes; ++i)
        rows.push_back(e.at(source.pointer,
                            e.mul(e.min(e.add(row, i), last), source.stride),
                            source.element));
      e.loop(e.index(0), e.index(size / e.lanes * e.lanes), e.lanes,
             [&](Value d) { square(rows, d, e.lanes, factor, target, width); });
      if (int64_t rest = size % e.lanes)
        square(rows, e.index(size - rest), rest, factor, target, width);
    });
  }

private:
  void square(ArrayRef<Value> rows, Value d, int64_t count, Value factor,
              Value target, int64_t width) {
    SmallVector<Value> square;
    for (Value row : rows)
      square.push_back(make<arith::MulFOp>(
          loadWide(e.at(row, d, source.element), source.element, count),
          factor));
    Value at = e.at(target, e.mul(d, width));
    for (auto [i, column] : llvm::enumerate(vectors.transpose(square)))
      if (static_cast<int64_t>(i) < count)
        e.store(column, e.at(at, i * width), e.lanes);
  }

  tile::PackQueriesOp op;
  Rows source;
  BufferView packed;
};

/// tile.attention_finish: the way back.
class FinishEmitter : PartEmitter {
public:
  FinishEmitter(tile::AttentionFinishOp op, OpBuilder &b,
                const CpuTarget &target)
      : PartEmitter(op, b, target), op(op), result(Rows::of(e, op.getInit())),
        sums(e.view(op.getSum())), accumulators(e.view(op.getAccumulator())) {}

  void emit() {
    auto shape = cast<MemRefType>(op.getAccumulator().getType()).getShape();
    int64_t size = shape[1], width = shape[2];
    Value count = e.size(op.getInit(), 0);
    nowhere = scratch(e.index(0), e.lanes * int64_t(sizeof(float)));
    e.loop(e.index(0), count, e.lanes, [&](Value row) {
      Value panel = e.div(row, e.index(width)),
            lane = e.rem(row, e.index(width));
      Value inverse = reciprocal(e.at(sums.pointer, row));
      Value from =
          e.at(accumulators.pointer, e.add(e.mul(panel, size * width), lane));
      SmallVector<Value> offsets, inside;
      for (int64_t i = 0; i < e.lanes; ++i) {
        offsets.push_back(e.mul(e.add(row, i), result.stride));
        inside.push_back(e.isBelow(e.add(row, i), count));
      }
      auto store = [&](Value d, int64_t components) {
        square(from, d, components, width, inverse, offsets, inside);
      };
      e.loop(e.index(0), e.index(size / e.lanes * e.lanes), e.lanes,
             [&](Value d) { store(d, e.lanes); });
      if (int64_t rest = size % e.lanes)
        store(e.index(size - rest), rest);
    });
  }

private:
  /// 1 / sum. The largest term of a sum is 1, unless nothing was to be seen.
  Value reciprocal(Value pointer) {
    Value sum = e.load(pointer, e.lanes);
    Value dead = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT,
                                       sum, constantVector(0.5f));
    float number = op.getDeadRows() == "nan"
                       ? std::numeric_limits<float>::quiet_NaN()
                       : 0.0f;
    Value inverse = make<arith::DivFOp>(constantVector(1.0f), sum);
    return arith::SelectOp::create(e.b, e.loc, dead, constantVector(number),
                                   inverse);
  }

  Value narrow(Value vector) {
    Type element = result.element;
    if (element.isF32())
      return vector;
    return arith::TruncFOp::create(e.b, e.loc,
                                   VectorType::get(e.lanes, element), vector);
  }

  void square(Value from, Value d, int64_t count, int64_t width, Value inverse,
              ArrayRef<Value> offsets, ArrayRef<Value> inside) {
    Value at = e.at(from, e.mul(d, width));
    SmallVector<Value> square;
    for (int64_t i = 0; i < e.lanes; ++i) {
      int64_t component = std::min(i, count - 1);
      square.push_back(make<arith::MulFOp>(
          e.load(e.at(at, component * width), e.lanes), inverse));
    }
    SmallVector<Value> rows = vectors.transpose(square);
    for (int64_t i = 0; i < e.lanes; ++i) {
      Value pointer =
          e.at(result.pointer, e.add(offsets[i], d), result.element);
      e.store(narrow(rows[i]), e.select(inside[i], pointer, nowhere), count);
    }
  }

  tile::AttentionFinishOp op;
  Rows result;
  BufferView sums, accumulators;
  Value nowhere; ///< where rows beyond the last one go
};

/// tile.attention_step.
class StepEmitter : PartEmitter {
public:
  StepEmitter(tile::AttentionStepOp op, OpBuilder &b, const CpuTarget &target)
      : PartEmitter(op, b, target), op(op), target(target),
        queries(e.view(op.getQueries()).pointer),
        maxima(e.view(op.getMaximum()).pointer),
        sums(e.view(op.getSum()).pointer),
        accumulators(e.view(op.getAccumulator()).pointer),
        k(Rows::of(e, op.getK())), v(Rows::of(e, op.getV())) {
    auto shape = cast<MemRefType>(op.getQueries().getType()).getShape();
    size = shape[1], width = shape[2];
    valueSize = cast<MemRefType>(op.getV().getType()).getDimSize(1);
    keys = e.size(op.getK(), 0);
    bias = Extra::of(e, op.getBias());
    mask = Extra::of(e, op.getMask());
  }

  void emit();

private:
  /// A panel of queries against the keys that it sees.
  struct Panel {
    RegisterTile tile;
    Value queries, maxima, sums, accumulators;
    Value row;              ///< the first one
    Value count;            ///< of rows
    Value firstKey, endKey; ///< what some row sees
    Value query = {};       ///< the only one, its elements side by side
  };

  /// A bias or a mask. Booleans are bytes in memory and 0 or 1 in scores.
  struct Extra {
    Value memref = {}; ///< null: there is none
    Rows rows = {};
    bool isBoolean = false, isPerKey = false, isPerQuery = false;
    Value room = {}; ///< [keys][width], where there is one for it

    static Extra of(PointerEmitter &e, Value memref) {
      Extra extra;
      extra.memref = memref;
      if (!memref)
        return extra;
      extra.rows = Rows::of(e, memref);
      extra.isBoolean = extra.rows.element.isInteger(1);
      if (extra.isBoolean)
        extra.rows.element = e.b.getI8Type();
      extra.isPerKey = tile::dimOf(memref, 0) == 1;
      extra.isPerQuery = tile::dimOf(memref, 1) == 1;
      return extra;
    }
    bool isFull() const { return memref && !isPerKey; }
  };
  int64_t keyLimit();
  void makeRoom();
  Rows stage(Rows rows, int64_t columns, Value room);
  void emitPanel(Value number);
  void emitBySize(const Panel &panel);
  void emitSingle(Panel panel);
  void emitTiles(Panel panel, RegisterTile tile);
  void emitSeen(Panel &panel);
  Value isCut(const Panel &panel);
  void fill(const Panel &panel, const Extra &extra);
  void fillSquare(const Extra &extra, ArrayRef<Value> rows, Value key,
                  Value count, Value at);
  Value loadExtra(const Extra &extra, Value pointer, Value count);
  Value loadExtra(const Extra &extra, Value pointer);
  Value extraAt(const Extra &extra, int64_t slot, Value slots, Value key);
  Value biased(Value score, int64_t slot, Value slots, Value key);
  Value masked(Value score, int64_t slot, Value slots, Value key);
  SmallVector<Value> emitScores(const Panel &panel, bool cut,
                                ArrayRef<Value> places);
  SmallVector<Value> scoreTile(const Panel &panel, Value first, bool cut,
                               ArrayRef<Value> places, ValueRange largest);
  SmallVector<Value> products(const Panel &panel, ArrayRef<Value> rows);
  Value finishScore(Value score, int64_t slot, Value slots, Value key);
  Value seenOnly(Value score, Value key, Value place);
  SmallVector<Value> emitExponentials(const Panel &panel,
                                      ArrayRef<Value> largest);
  void emitValues(const Panel &panel, ArrayRef<Value> factors);
  void emitSingleValues(const Panel &panel, Value factors);
  void valueTile(const Panel &panel, Value component, int64_t rows,
                 ArrayRef<Value> factors);
  SmallVector<Value> places(const Panel &panel);
  Value exponential(Value x);

  tile::AttentionStepOp op;
  const CpuTarget &target;
  Value queries, maxima, sums, accumulators;
  Rows k, v;
  Extra bias, mask;
  int64_t size, width, valueSize;
  Value keys;
  Value room;       ///< scores of a panel: [keys][width]
  Value singleRoom; ///< a single query's elements, then those of its result
};

/// The most keys that the op is called with.
int64_t StepEmitter::keyLimit() {
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

void StepEmitter::makeRoom() {
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
Rows StepEmitter::stage(Rows rows, int64_t columns, Value target) {
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

void StepEmitter::emit() {
  makeRoom();
  e.loop(e.index(0), e.ceilDiv(op.getRows(), width), 1,
         [&](Value number) { emitPanel(number); });
}

void StepEmitter::emitPanel(Value number) {
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
void StepEmitter::emitBySize(const Panel &panel) {
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

void StepEmitter::emitTiles(Panel panel, RegisterTile tile) {
  panel.tile = tile;
  emitSeen(panel);
}

void StepEmitter::emitSingle(Panel panel) {
  panel.query = singleRoom;
  gatherColumn(e, {panel.queries, size, width}, panel.query);
  emitTiles(panel, narrowAttentionTile(target));
}

/// Whether the diagonal or the window's border runs through the panel.
Value StepEmitter::isCut(const Panel &panel) {
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
SmallVector<Value> StepEmitter::places(const Panel &panel) {
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

void StepEmitter::emitSeen(Panel &panel) {
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

/// Scores go to the room, row i for key firstKey + i; the largest per query is
/// returned.
SmallVector<Value> StepEmitter::emitScores(const Panel &panel, bool cut,
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
SmallVector<Value> StepEmitter::scoreTile(const Panel &panel, Value first,
                                          bool cut, ArrayRef<Value> places,
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

SmallVector<Value> StepEmitter::products(const Panel &panel,
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

Value StepEmitter::finishScore(Value score, int64_t slot, Value slots,
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
Value StepEmitter::extraAt(const Extra &extra, int64_t slot, Value slots,
                           Value key) {
  if (extra.isFull())
    return e.load(e.at(e.at(extra.room, slots), slot), e.lanes);
  Value at = extra.isPerQuery ? e.index(0) : key;
  return e.broadcast(
      loadExtra(extra, e.at(extra.rows.pointer, at, extra.rows.element)));
}

Value StepEmitter::biased(Value score, int64_t slot, Value slots, Value key) {
  if (!bias.memref)
    return score;
  return make<arith::AddFOp>(score, extraAt(bias, slot, slots, key));
}

Value StepEmitter::masked(Value score, int64_t slot, Value slots, Value key) {
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
Value StepEmitter::seenOnly(Value score, Value key, Value place) {
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

Value StepEmitter::loadExtra(const Extra &extra, Value pointer) {
  Value x = e.loadScalar(pointer, extra.rows.element);
  return extra.isBoolean ? zeroOrOne(e, x) : vectors.widen(x, e.b.getF32Type());
}

/// `count` elements, at most a vector of them.
Value StepEmitter::loadExtra(const Extra &extra, Value pointer, Value count) {
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
void StepEmitter::fill(const Panel &panel, const Extra &extra) {
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

void StepEmitter::fillSquare(const Extra &extra, ArrayRef<Value> rows,
                             Value key, Value count, Value at) {
  SmallVector<Value> square;
  Value column = extra.isPerQuery ? e.index(0) : key;
  for (Value row : rows)
    square.push_back(
        loadExtra(extra, e.at(row, column, extra.rows.element), count));
  for (auto [i, line] : llvm::enumerate(vectors.transpose(square)))
    e.store(line, e.at(at, i * width), e.lanes);
}

/// exp(score - maximum) in the room; its sums are returned.
SmallVector<Value> StepEmitter::emitExponentials(const Panel &panel,
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
void StepEmitter::emitValues(const Panel &panel, ArrayRef<Value> factors) {
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

void StepEmitter::emitSingleValues(const Panel &panel, Value factors) {
  Value factor = vector::ExtractOp::create(e.b, e.loc, factors, 0);
  addWeighted(e, {panel.accumulators, valueSize, width}, factor, room,
              e.at(v.pointer, e.mul(panel.firstKey, v.stride)), v.stride,
              e.sub(panel.endKey, panel.firstKey),
              e.at(singleRoom, llvm::alignTo(size, e.lanes)));
}

void StepEmitter::valueTile(const Panel &panel, Value component, int64_t rows,
                            ArrayRef<Value> factors) {
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
Value StepEmitter::exponential(Value x) {
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

struct LowerTileAttentionPass
    : tw::impl::LowerTileAttentionBase<LowerTileAttentionPass> {
  using LowerTileAttentionBase::LowerTileAttentionBase;

  void runOnOperation() override {
    auto lower = [](auto tag) {
      return [](auto op, OpBuilder &b, const CpuTarget &target) {
        typename decltype(tag)::type(op, b, target).emit();
      };
    };
    if (failed(lowerTileOps<tile::PackQueriesOp>(
            getOperation(), cpu, lower(std::type_identity<PackEmitter>()))) ||
        failed(lowerTileOps<tile::AttentionStepOp>(
            getOperation(), cpu, lower(std::type_identity<StepEmitter>()))) ||
        failed(lowerTileOps<tile::AttentionFinishOp>(
            getOperation(), cpu, lower(std::type_identity<FinishEmitter>()))))
      signalPassFailure();
  }
};

} // namespace
