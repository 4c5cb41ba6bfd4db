// The code of blocks of threads for running sums along lines.
#pragma once

#include "passes/ptx/ThreadEmitter.h"

#include "dialects/tile/Lines.h"

namespace tw {

/// What is scanned: element [o, p, i] of the lines, given as three indices.
struct LineScan {
  tile::Lines lines;
  Type type;      ///< of sums
  StringRef kind; ///< tile.scan's
  std::function<Value(ThreadEmitter &, ValueRange at)> load;
  /// Takes the sum up to and with the element, and the element.
  std::function<void(ThreadEmitter &, ValueRange at, Value sum, Value element)>
      store;
};

/// Launches that scan all lines, at `b`.
void emitLineScan(OpBuilder &b, Location loc, const LineScan &scan);

} // namespace tw
