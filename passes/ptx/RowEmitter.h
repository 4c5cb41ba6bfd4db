// The code of a block of threads for a group of ops on the same rows.
#pragma once

#include "passes/ptx/RowGroup.h"

#include "dialects/interfaces/ShapeBuilder.h"

namespace tw {

/// How threads share rows: `lanes` of them have a row, `chunks` times `width`
/// neighbours each. More than a warp have it as a block of their own. With
/// `isLong` they go along the row once for every sum and once more.
struct RowShape {
  int64_t lanes, width, chunks, threads;
  bool isLong = false;

  int64_t perThread() const { return width * chunks; }
  int64_t capacity() const { return lanes * perThread(); }
  bool isBlock() const { return lanes == threads; }
};

/// For rows of `length` columns.
RowShape chooseRowShape(const RowGroup &group, int64_t length);
/// For rows of any length: by a warp each, by the largest block, and by one
/// that goes along them.
SmallVector<RowShape> chooseRowShapes(const RowGroup &group);

/// A scf.forall over blocks, at `b`. Where the number of columns is not known,
/// it has trips for more than `above` columns, and no more than fit.
void emitRows(OpBuilder &b, const RowGroup &group, const RowShape &shape,
              int64_t above);

} // namespace tw
