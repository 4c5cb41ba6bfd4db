// One block of keys and values against a block of queries, on registers. Lanes
// are queries: scores and results are computed transposed, s^T = k q^T and
// o^T = v^T p^T, so that keys and values are read in place, an element at a
// time, and maxima, sums and rescaling are lane by lane. Only queries are
// packed. A single query takes the first lane alone; its products are
// SingleQuery's.
#pragma once

#include "passes/cpu/AttentionParts.h"

namespace tw {

/// tile.attention_step.
class AttentionStepEmitter : PartEmitter {
public:
  AttentionStepEmitter(tile::AttentionStepOp op, OpBuilder &b,
                       const CpuTarget &target)
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

} // namespace tw
