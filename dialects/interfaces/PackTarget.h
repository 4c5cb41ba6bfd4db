// What ops ask of the target when they choose how their weights are laid out.
#pragma once

#include "dialects/interfaces/Base.h"

#include "mlir/IR/BuiltinTypes.h"

#include <optional>

namespace tw {

/// A block of results that stays in registers: `rows` x `vectors` vectors.
struct RegisterTile {
  int64_t rows;
  int64_t vectors;
};

/// The facts about a CPU that decide layouts.
struct PackTarget {
  int64_t vectorBytes = 16;
  int64_t registers = 16;
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 512 << 10;
  /// Whether convolutions may be computed by algorithms that round differently
  /// (Winograd).
  bool fastConv = true;
  /// How many columns of a matrix are packed together where only a GPU reads
  /// them: lines of the width that its copies like. 0: a register tile's.
  int64_t panelColumns = 0;
  /// GPUs copy images in chunks of so many bytes, which hold channels of one
  /// pixel only; 0: no such thing.
  int64_t chunkBytes = 0;

  /// Elements of `element`'s width in one vector.
  int64_t lanes(Type element) const;
  /// Register tiles, the most efficient first. Accumulators, one row of the
  /// streamed operand and a broadcast fit the registers.
  ArrayRef<RegisterTile> registerTiles() const;
  /// The tile that computes `columns` columns (none: unknown) with the least
  /// time, padding included. `accumulator` is the type that is summed in.
  RegisterTile registerTile(std::optional<int64_t> columns,
                            Type accumulator) const;
  /// How many of a matrix's `columns` are packed together.
  int64_t panelWidth(int64_t columns, Type accumulator) const;
  /// The tile whose width is `vectors`.
  RegisterTile registerTileOfWidth(int64_t vectors) const;
};

} // namespace tw
