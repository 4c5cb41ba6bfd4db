// A panel of one query: what one step of decoding asks for. Lanes are
// components here, so that keys and values stream from memory row by row.
#pragma once

#include "passes/cpu/PointerEmitter.h"

namespace tw {

/// One query's column of a panel's matrices, [size][width]: element i at
/// pointer + i * width.
struct Column {
  Value pointer;
  int64_t size, width;
};

/// `column`, one element right after the other at `target`, with zeros up to a
/// multiple of the lanes.
void gatherColumn(PointerEmitter &e, Column column, Value target);

/// query . row for each of `rows`, broadcast. `query`: as gatherColumn leaves
/// it, `size` elements.
SmallVector<Value> dotProducts(PointerEmitter &e, Value query, int64_t size,
                               ArrayRef<Value> rows);

/// sums = sums * factor + sum over i < count of weights[i * width] * row i of
/// `values`, row i at values + i * stride. `room`: as many floats as `sums` has
/// elements, up to a multiple of the lanes.
void addWeighted(PointerEmitter &e, Column sums, Value factor, Value weights,
                 Value values, Value stride, Value count, Value room);

} // namespace tw
