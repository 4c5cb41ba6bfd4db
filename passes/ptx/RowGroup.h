// Ops on the same rows of a matrix: what each row's threads can compute
// without asking others.
#pragma once

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SetVector.h"

namespace tw {
using namespace mlir;

/// What an op makes of a row.
enum class RowKind {
  Element, ///< an element from elements: loops over rows and columns
  Sum,     ///< a value per row from elements: columns are reduced
  PerRow,  ///< a value per row from values per row
};

/// Neighbouring linalg ops on buffers whose outer loops are the same rows; the
/// inner loops, where they have them, are the same columns. A row's columns are
/// neighbours in memory.
class RowGroup {
public:
  /// The group around a reduction; nothing where it is not one over innermost
  /// dims. `run` is what may belong to it, in order.
  static std::optional<RowGroup> around(linalg::LinalgOp sum,
                                        ArrayRef<linalg::LinalgOp> run);

  ArrayRef<linalg::LinalgOp> getOps() const { return ops; }
  linalg::LinalgOp getSum() const { return sum; }
  unsigned getRowRank() const { return rowRank; }
  unsigned getColumnRank() const { return columnRank; }

  std::optional<RowKind> kindOf(linalg::LinalgOp op) const;
  /// Whether the operand is a buffer with an element per row and column (or
  /// per row), in the order of the loops.
  bool isFull(OpOperand &operand, RowKind kind) const;
  /// Whether something after the group reads what it wrote to `memory`.
  bool isStored(Value memory) const;
  /// How many elements of every column of a row are in use at once, in 32-bit
  /// registers.
  int64_t countLive() const;

private:
  RowGroup(linalg::LinalgOp sum, unsigned rowRank, unsigned columnRank)
      : sum(sum), rowRank(rowRank), columnRank(columnRank) {}

  bool hasSameSizes(linalg::LinalgOp op, RowKind kind) const;
  bool canJoin(linalg::LinalgOp op) const;
  void add(linalg::LinalgOp op, bool inFront);
  bool keepsToRows() const;

  linalg::LinalgOp sum;
  unsigned rowRank, columnRank;
  SmallVector<linalg::LinalgOp> ops;
  /// Buffers with an element per row and column, and with one per row.
  llvm::SmallSetVector<Value, 8> full, perRow;
};

/// Whether an op's code reads what `operand` holds.
bool isOperandRead(linalg::LinalgOp op, OpOperand &operand);

} // namespace tw
