// What ops along the lines of a tensor share: its middle dim, of three.
#pragma once

#include "dialects/interfaces/ShapeBuilder.h"

#include "mlir/IR/Builders.h"

namespace tw::tile {

/// Lines of `length` elements that lie `inner` apart; there are `outer` times
/// `inner` of them.
struct Lines {
  Dim outer, length, inner;
};

/// Those of a buffer of rank 3, with sizes as they were where it was made.
Lines linesOf(OpBuilder &b, Location loc, Value buffer);

/// Whether a size is computed from a kernel's index arguments alone, so that
/// the host can compute it too.
bool isHostKnown(Dim size);

/// What a running sum or product ("add", "mul") starts from, and its step; on
/// signless integers or floats.
Value scanNeutral(OpBuilder &b, Location loc, StringRef kind, Type type);
Value scanStep(OpBuilder &b, Location loc, StringRef kind, Value x, Value y);

/// An integer as wide as `value`, such that smaller ones, unsigned, come first
/// in the order of tile.sort.
Value sortKey(OpBuilder &b, Location loc, Value value, bool isUnsigned,
              bool isDescending);

} // namespace tw::tile
