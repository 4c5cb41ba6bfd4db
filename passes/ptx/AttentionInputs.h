// Where the queries, keys, values and results of a block lie.
#pragma once

#include "passes/ptx/AttentionScores.h"
#include "passes/ptx/StagedRows.h"

namespace tw {

/// An operand of attention; dims in the order batch, head, length, component.
struct AttentionHeads {
  GlobalView view;
  unsigned head, length;

  AttentionHeads(ThreadEmitter &e, tile::AttentionOp op, Value buffer,
                 StringRef name);

  Value size(unsigned dim) const { return view.sizes[dim]; }
  /// The rows of one head, from column `first` on.
  GlobalRows rows(ThreadEmitter &e, Value batch, Value index,
                  Value first) const;
};

/// Inside of a block: of `rows` queries of a batch's head, what it reads and
/// what it writes.
class AttentionInputs {
public:
  /// `number`: which of the head's blocks; components of results from
  /// `firstValue` on are the block's. All i64.
  AttentionInputs(ThreadEmitter &e, tile::AttentionOp op, int64_t rows,
                  Value batch, Value head, Value number, Value firstValue);

  QueryBlock block;
  Value queryCount; ///< rows of the batch from the block's first one on (i32)
  Value queriesStart, keysStart; ///< rows of q and k before the batch's (i64)
  Value sharedBatch, sharedHead; ///< of k (i64)
  GlobalRows q, k, v, y;         ///< y's are aligned for `kStored` elements

  /// Results that a thread stores at once.
  static constexpr int64_t kStored = 4;

private:
  Value perBatch(Value tensor, Value missing);
  std::pair<Value, Value> rowsOfBatch(Value starts, Value all);
  void findKeys(const AttentionHeads &keys, const AttentionHeads &values);
  void placeRows(const AttentionHeads &queries, const AttentionHeads &keys,
                 const AttentionHeads &values, Value firstValue);
  GlobalRows keyRows(const AttentionHeads &of, Value first);

  ThreadEmitter &e;
  tile::AttentionOp op;
};

/// What a tensor of one element that is made for the op alone is given, or
/// null: no thread needs to read it from memory.
memref::StoreOp onlyStore(Value tensor, tile::AttentionOp op);

} // namespace tw
